"""A customer's own conversation, from a browser: begin, write, read, ask for a person, leave.

A chat session is one customer's. It stands for an address of a channel, by which messages are taken in as from any other channel
(`journeyman.conversation.inbound`), and lets whoever has its secret do nothing else: what a customer asks for, policy is asked
about that customer (`converse`). Postgres keeps the hash of the secret, and the address sealed under the customer's key.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from journeyman.conversation import transcript
from journeyman.conversation.inbound import Inbound, Received, receive
from journeyman.conversation.masking import scrub
from journeyman.conversation.transcript import MessageKind
from journeyman.customers import identifiers, journeys, record
from journeyman.customers.journeys import JourneyRow
from journeyman.customers.record import Customer, NewCustomer
from journeyman.errors import ErasedError, NotFoundError
from journeyman.governance import Decision, Facts, Principal, Question, Resource
from journeyman.identifiers import new_id
from journeyman.journey.definition import Definition
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks.desk import Desk
from journeyman.tasks.models import Notice
from journeyman.tasks.permission import facts_of, permission, refused
from journeyman.views.queues import PACE

sql = load("chat")

CHANNEL: Final = "chat"
LIFE: Final = timedelta(hours=24)
"""Of a chat session."""
MOST: Final = 200
"""Lines that are read at once."""

From = Literal["customer", "ai", "person", "system"]
Answers = Literal["nobody", "ai", "waiting", "person", "closed"]


@dataclass(frozen=True)
class ChatSession:
    """A customer's browser. `kind` is that of the journey which a message outside any open one begins."""

    digest: bytes
    customer: str
    channel: str
    kind: str
    language: str
    time_zone: str
    expires_at: datetime
    address: str = field(repr=False)

    @property
    def actor(self) -> Actor:
        """The customer, as the ledger names them."""
        return Actor(kind="customer", id=self.customer, auth=self.channel)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(_Frozen):
    """What a customer reads of the conversation. `name` is what a person is called; of all others it is empty."""

    id: str
    position: int
    author: From
    name: str
    ai: str
    """Of an AI agent: its stable name."""
    kind: MessageKind
    text: str
    at: datetime


class Place(_Frozen):
    """Where a customer waits: so many are before them in the queue. `minutes` is what that takes at the pace of the last half
    hour, in which `begun` were; None where none was, or people are away."""

    before: int
    begun: int
    minutes: int | None
    opens_at: datetime | None = None
    """People are away until then."""
    callback_at: datetime | None = None
    """Somebody calls then."""
    emergency: str | None = None


class Standing(_Frozen):
    """Who answers. Never ambiguous: an AI agent, a person, nobody yet, or one waits for a person."""

    journey: str | None
    """None: nothing has been said yet."""
    answers: Answers
    ai: str = ""
    """The stable name of the AI agent that answers."""
    person: str = ""
    """What the person who answers is called."""
    place: Place | None = None


async def begin(
    desk: Desk,
    definition: Definition,
    newcomer: NewCustomer,
    *,
    name: str = "",
    address: str | None = None,
    person: str | None = None,
    auth: str = "",
    now: datetime,
) -> tuple[str, ChatSession]:
    """Begin a session; returns its secret, which nobody can read again.

    Without an address the customer is a new one, whom nobody has identified. With one, which a `person`'s program vouches for, it
    is whoever has that address; policy is asked about the person (`open_case`). Raises InputError, DeniedError, ConflictError.
    """
    secret = secrets.token_urlsafe(32)
    async with desk.recording() as tx:
        given = address or new_id("web")
        await record.hold_address(tx.conn, tx.keyring, CHANNEL, given)
        by = Actor(kind="system", id=f"channel:{CHANNEL}")
        known = await record.find(tx.conn, tx.keyring, CHANNEL, given)
        customer = known or await record.add(tx, newcomer, channel=CHANNEL, address=given, by=by, now=now)
        if person is not None:
            whose, facts = Resource.customer(customer.id), facts_of(customer, now)
            permitted = await permission(desk, tx.conn, person, "open_case", whose, auth=auth, facts=facts)
            by, bundle, policies = permitted.actor, permitted.facts, permitted.policies
        else:
            decision = await _begins(desk, tx.conn, customer, definition.kind, now)
            bundle, policies = {"bundle": decision.bundle}, list(decision.policies)
        if name.strip():
            await identifiers.identify(tx, customer.id, identifiers.NAME, scrub(name.strip()), by=by, now=now)
        session = ChatSession(
            digest=_digest(secret),
            customer=customer.id,
            channel=CHANNEL,
            kind=definition.kind,
            language=customer.language,
            time_zone=customer.time_zone,
            expires_at=now + LIFE,
            address=given,
        )
        sealed = await tx.seal(customer.id, given)
        await tx.conn.execute(
            sql["begin"], session.digest, customer.id, CHANNEL, sealed, definition.kind, now, session.expires_at
        )
        _record(tx, "chat.begun", session, by, now, bundle | {"kind": definition.kind}, policies)
    return secret, session


async def session_of(desk: Desk, conn: Connection, secret: str, now: datetime) -> ChatSession | None:
    """Whose browser it is, while the session lasts."""
    row = await conn.fetchrow(sql["session"], _digest(secret), now)
    if row is None:
        return None
    try:
        address = str(await desk.keyring.open(conn, row["customer"], row["address"]))
    except ErasedError:
        return None
    return ChatSession(**{**dict(row), "address": address})


async def say(
    desk: Desk, session: ChatSession, text: str, *, opens: Definition, provider_id: str, now: datetime
) -> Received:
    """Write something; sent again with the same id, it is the same message. Raises InputError, DeniedError."""
    async with desk.database.connection() as conn:
        row = await _current(conn, session)
        if row is not None and row.status == "open":
            await _require(desk, conn, session, row)
        else:
            await _begins(desk, conn, await record.read(conn, session.customer), opens.kind, now)
    message = _inbound(session, text, provider_id)
    return await _receive(desk, session, message, opens, now)


async def leave(desk: Desk, session: ChatSession, *, now: datetime) -> None:
    """Close the chat: whoever works on it hears that the customer left, and the session is over."""
    async with desk.database.connection() as conn:
        row = await _current(conn, session)
        if row is not None:
            await _require(desk, conn, session, row)
    if row is not None and row.status == "open":
        inbound = _inbound(session, "", f"left:{session.digest.hex()[:32]}", left=True)
        await _receive(desk, session, inbound, None, now)
    async with desk.recording() as tx:
        if await tx.conn.fetchval(sql["end"], session.digest, now) is None:
            tx.unchanged()
        else:
            _record(tx, "chat.ended", session, session.actor, now, {}, [])


async def lines(desk: Desk, session: ChatSession, journey: str, *, after: int = 0) -> list[Line]:
    """What is said to and by the customer in a journey of theirs after a position, at most MOST lines of it.

    Raises NotFoundError, for a journey of somebody else too.
    """
    async with desk.database.connection() as conn:
        await _require(desk, conn, session, await _theirs(conn, journey))
        rows = await conn.fetch(sql["lines"], journey, after, MOST)
        messages = await transcript.opened(conn, desk.keyring, session.customer, rows)
    return [
        Line(
            id=message.id,
            position=message.position,
            author=message.author_kind,
            name=_called(row["name"]),
            ai=message.author if message.author_kind == "ai" else "",
            kind=message.kind,
            text=message.text,
            at=message.at,
        )
        for row, message in zip(rows, messages, strict=True)
    ]


async def standing(desk: Desk, session: ChatSession, *, now: datetime) -> Standing:
    """Who answers the customer now, and where they wait."""
    async with desk.database.connection() as conn:
        journey = await _current(conn, session)
        if journey is None:
            return Standing(journey=None, answers="nobody")
        await _require(desk, conn, session, journey)
        row = await conn.fetchrow(sql["standing"], journey.id, now, PACE)
    if row["status"] != "open":
        return Standing(journey=journey.id, answers="closed")
    if row["person"] is not None:
        return Standing(journey=journey.id, answers="person", person=_called(row["person"]))
    if row["state"] is not None:
        return Standing(journey=journey.id, answers="waiting", place=_place(row, now))
    kind, _, name = (row["performer"] or "").partition(":")
    return Standing(journey=journey.id, answers="ai" if kind == "ai" else "nobody", ai=name if kind == "ai" else "")


async def listens(desk: Desk, session: ChatSession, journey: str) -> None:
    """May they listen to what happens in this journey? Raises NotFoundError, for a journey of somebody else too."""
    async with desk.database.connection() as conn:
        await _require(desk, conn, session, await _theirs(conn, journey))


async def sent(conn: Connection, session: ChatSession, since: datetime) -> list[datetime]:
    """When the customer wrote after this moment, of the last MOST messages of their conversation."""
    return [row["at"] for row in await conn.fetch(sql["sent"], session.customer, since, MOST)]


def _place(row: Mapping[str, Any], now: datetime) -> Place:
    notice = Notice.model_validate(row["notice"]) if row["notice"] else None
    opens_at = notice.opens_at if notice and notice.opens_at and notice.opens_at > now else None
    slot = row["follow_up_date"] if row["state"] == "created" else None
    minutes = None
    if row["begun"] and opens_at is None and slot is None:
        minutes = max(1, round((row["before"] + 1) * PACE.total_seconds() / 60 / row["begun"]))
    return Place(
        before=row["before"],
        begun=row["begun"],
        minutes=minutes,
        opens_at=opens_at,
        callback_at=slot,
        emergency=notice.emergency if notice else None,
    )


def _called(name: str | None) -> str:
    """What customers know a person by: the first of their names."""
    return name.split()[0] if name and name.strip() else ""


async def _receive(
    desk: Desk, session: ChatSession, message: Inbound, opens: Definition | None, now: datetime
) -> Received:
    received = await receive(desk.database, desk.keyring, message, opens=opens, known=session.customer, now=now)
    desk.send(received.journey)
    return received


async def _current(conn: Connection, session: ChatSession) -> JourneyRow | None:
    id = await conn.fetchval(sql["journey"], session.customer)
    return None if id is None else await journeys.read(conn, id)


async def _theirs(conn: Connection, journey: str) -> JourneyRow:
    try:
        return await journeys.read(conn, journey)
    except NotFoundError as error:
        raise _nowhere(journey) from error


async def _require(desk: Desk, conn: Connection, session: ChatSession, row: JourneyRow) -> None:
    """Ask policy whether the customer may read and write there. Whose it is not hears that there is none: raises NotFoundError,
    and DeniedError where it is theirs and policy says no."""
    resource = Resource.journey(row.id, kind=row.kind, customer=row.customer_id)
    facts = Facts(simulated=row.simulated, channel=row.channel, language=row.language)
    decision = await _ask(desk, conn, session.customer, resource, facts)
    if row.customer_id != session.customer:
        raise _nowhere(row.id)
    if not decision.allowed:
        raise refused(session.customer, decision, resource)


async def _begins(desk: Desk, conn: Connection, customer: Customer, kind: str, now: datetime) -> Decision:
    """Ask policy whether the customer may begin a journey of this kind. Raises DeniedError."""
    resource = Resource.kind(kind)
    decision = await _ask(desk, conn, customer.id, resource, facts_of(customer, now))
    if not decision.allowed:
        raise refused(customer.id, decision, resource)
    return decision


async def _ask(desk: Desk, conn: Connection, customer: str, resource: Resource, facts: Facts) -> Decision:
    authorizer = await desk.policies(conn)
    question = Question(principal=Principal.customer(customer), action="converse", resource=resource, facts=facts)
    return authorizer.decide(question)


def _nowhere(journey: str) -> NotFoundError:
    return NotFoundError(f"there is no journey `{journey}` of yours; read `/api/v1/chat` for the one", field="journey")


def _inbound(session: ChatSession, text: str, provider_id: str, *, left: bool = False) -> Inbound:
    return Inbound(session.channel, session.address, text, provider_id, left)


def _record(
    tx: Recording,
    type: str,
    session: ChatSession,
    by: Actor,
    now: datetime,
    facts: Mapping[str, str | bool | int],
    policies: list[str],
) -> None:
    refs = {"customer": session.customer}
    entry = Entry(
        type=type, at=now, actor=by, subject=session.customer, refs=refs, facts=dict(facts), policies=policies
    )
    tx.record(entry)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
