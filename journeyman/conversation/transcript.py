"""One transcript a journey: what customer, AI agents, people and the system said, in order, over any channel."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from journeyman.customers import journeys
from journeyman.customers.journeys import JourneyRow
from journeyman.customers.keys import Keyring
from journeyman.errors import ErasedError, UnreadableError
from journeyman.identifiers import new_id
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.store.sql import load

sql = load("conversation")

AuthorKind = Literal["customer", "ai", "person", "system"]
Audience = Literal["customer", "internal"]
MessageKind = Literal["text", "notice", "announcement", "left", "question", "answer", "whisper"]
"""A `whisper` is a supervisor's to whoever works on the journey: neither colleagues nor AI agents are shown it."""


class Signals(BaseModel):
    """What was heard in a message, by rules that no speaker can talk to."""

    triggers: frozenset[str] = frozenset()
    sentiment: int = 0
    asks: frozenset[str] = frozenset()


class Message(BaseModel):
    """One line of the transcript, secrets masked."""

    id: str
    position: int
    author_kind: AuthorKind
    author: str
    audience: Audience
    kind: MessageKind
    text: str
    signals: Signals
    at: datetime


class NewMessage(BaseModel):
    """What is to be written."""

    author: Actor
    text: str
    kind: MessageKind = "text"
    audience: Audience = "customer"
    channel: str | None = None
    """The one that it came by; None is the journey's."""
    sender: bytes | None = None
    provider_id: str | None = None
    signals: Signals = Field(default_factory=Signals)
    refs: dict[str, str] = Field(default_factory=dict)
    facts: dict[str, str | bool | int] = Field(default_factory=dict)
    policies: list[str] = Field(default_factory=list)


async def write(tx: Recording, journey: JourneyRow, new: NewMessage, *, now: datetime) -> Message:
    """Write a message and its entry. Its position is one of its kind: the journey's row is held until the transaction ends."""
    message_id = new_id("msg")
    sealed = await tx.seal(journey.customer_id, new.text)
    position = await tx.conn.fetchval(
        sql["write"],
        message_id,
        journey.id,
        new.author.kind,
        new.author.id,
        new.audience,
        new.kind,
        new.channel or journey.channel,
        new.sender,
        new.provider_id,
        journey.language,
        sealed,
        new.signals.model_dump(mode="json"),
        now,
    )
    tx.record(
        Entry(
            type="message.said" if new.audience == "customer" else "message.noted",
            at=now,
            actor=new.author,
            journey=journey.id,
            subject=journey.customer_id,
            refs={"message": message_id} | new.refs,
            facts={"kind": new.kind, "audience": new.audience, "position": position} | new.facts,
            policies=new.policies,
            values={"text": new.text},
        )
    )
    return Message(
        id=message_id,
        position=position,
        author_kind=new.author.kind,
        author=new.author.id,
        audience=new.audience,
        kind=new.kind,
        text=new.text,
        signals=new.signals,
        at=now,
    )


async def give_notice(tx: Recording, journey: JourneyRow, version: str, new: NewMessage, *, now: datetime) -> Message:
    """Write a mandated notice, `name@version`; that they were given it is known of the journey from then on."""
    notice = new.model_copy(update={"kind": "notice", "facts": new.facts | {"notice": version}})
    await tx.conn.execute(journeys.sql["add_notice"], journey.id, version)
    journey.notices.append(version)
    return await write(tx, journey, notice, now=now)


async def read(conn: Connection, keyring: Keyring, journey_id: str, customer_id: str) -> list[Message]:
    """The whole transcript; lines that were erased, or cannot be read, say so."""
    return await opened(conn, keyring, customer_id, await conn.fetch(sql["read"], journey_id))


async def read_after(
    conn: Connection, keyring: Keyring, journey_id: str, customer_id: str, position: int
) -> list[Message]:
    """What was said after a position."""
    return await opened(conn, keyring, customer_id, await conn.fetch(sql["read_after"], journey_id, position))


def without_whispers(messages: Iterable[Message]) -> tuple[Message, ...]:
    """The transcript as it is shown to everyone else."""
    return tuple(message for message in messages if message.kind != "whisper")


async def opened(
    conn: Connection, keyring: Keyring, customer_id: str, rows: Iterable[Any], *, whole: bool = False
) -> list[Message]:
    """Rows of messages, however they were read, as messages. A line that cannot be read says so; where the transcript is wanted
    `whole`, it raises UnreadableError.
    """
    return [await _open(conn, keyring, customer_id, row, whole=whole) for row in rows]


async def newest(conn: Connection, journey_id: str) -> int:
    """Position of the last message; 0 before there is one."""
    return int(await conn.fetchval(sql["newest_position"], journey_id))


async def unheard(conn: Connection, journey_id: str, heard: int) -> int:
    """Position of the customer's last message, if it came after `heard` and after a person last closed work; else 0."""
    return await conn.fetchval(sql["unheard"], journey_id, heard) or 0


async def asks_for_person(conn: Connection, journey_id: str, heard: int) -> bool:
    """Whether the customer has asked for a person after `heard`."""
    return bool(await conn.fetchval(sql["asks_for_person"], journey_id, heard))


async def last_told(conn: Connection, keyring: Keyring, journey_id: str, customer_id: str) -> str | None:
    """What the customer was last told: the context in which a bare number is a PIN."""
    row = await conn.fetchrow(sql["last_told"], journey_id)
    return None if row is None else (await _open(conn, keyring, customer_id, row)).text


async def _open(conn: Connection, keyring: Keyring, customer_id: str, row: Any, *, whole: bool = False) -> Message:
    try:
        text = str(await keyring.open(conn, customer_id, row["body"]))
    except ErasedError:
        text = "(erased)"
    except UnreadableError:
        if whole:
            raise
        text = "(unreadable)"
    return Message(
        id=row["id"],
        position=row["position"],
        author_kind=row["author_kind"],
        author=row["author"],
        audience=row["audience"],
        kind=row["kind"],
        text=text,
        signals=Signals.model_validate(row["signals"]),
        at=row["at"],
    )
