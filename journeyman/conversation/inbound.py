"""From a channel to a journey: an inbound message finds the customer by address, then the open journey, or starts one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel

from journeyman.conversation import churn, transcript
from journeyman.conversation.masking import fill, mask
from journeyman.conversation.sentiment import sentiment
from journeyman.conversation.transcript import NewMessage, Signals
from journeyman.conversation.triggers import triggers
from journeyman.customers import journeys, record
from journeyman.customers.journeys import JourneyRow, NewJourney
from journeyman.customers.keys import Keyring
from journeyman.customers.record import Customer, NewCustomer
from journeyman.errors import ConflictError, InputError
from journeyman.identifiers import new_id
from journeyman.journey.definition import Definition
from journeyman.killpoints import kill_point
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import Recording, recording
from journeyman.store.database import Database
from journeyman.words import LONGEST

LONGEST_MESSAGE = LONGEST
"""Characters; a longer message is refused whole, so that nothing of it is lost unseen."""

SECRET_LIFE = timedelta(minutes=30)
"""How long a typed PIN or password waits for the tool that it is for."""


@dataclass(frozen=True)
class Inbound:
    """What a channel delivers. `provider_id` is the channel's own id of the message: a second delivery is recognised.

    Two addresses may use the same ids: a message is told by channel, address and id together.
    """

    channel: str
    address: str
    text: str
    provider_id: str
    left: bool = False
    """The customer hung up or closed the chat; `text` is empty."""


class Received(BaseModel):
    """Where the message went."""

    journey: str
    message: str
    position: int
    opened: bool
    """It started this journey."""
    repeated: bool = False
    """The channel had delivered it before; nothing was written."""


async def receive(
    database: Database,
    keyring: Keyring,
    inbound: Inbound,
    *,
    opens: Definition | None,
    newcomer: NewCustomer | None = None,
    known: str | None = None,
    now: datetime,
) -> Received:
    """Take one message in. `opens` is the kind that a message outside any open journey starts; None refuses it.

    `known`: the customer whose address it is; no other is found there or made, such as after they were erased. Raises InputError
    for a message that is too long or empty, ConflictError when there is no journey and none may start, or it is another's.
    """
    _check(inbound)
    async with recording(database, keyring) as tx:
        sender = await record.hold_address(tx.conn, keyring, inbound.channel, inbound.address)
        if repeated := await _delivered(tx, inbound, sender):
            return repeated
        customer = await _customer(tx, inbound, newcomer, known, now)
        await record.hold_messages(tx.conn, customer.id)
        author = Actor(kind="customer", id=customer.id, auth=inbound.channel)
        journey = await journeys.newest_open(tx.conn, customer.id)
        opened = journey is None
        if journey is None:
            journey = await _open(tx, customer, inbound, opens, author, now)
        message = await _write(tx, journey, inbound, sender, author, now)
        tx.tell(journey.id, "left" if inbound.left else "message", str(message.position), at=now)
        kill_point("inbound.receiving")
    kill_point("inbound.received")
    return Received(journey=journey.id, message=message.id, position=message.position, opened=opened)


def _check(inbound: Inbound) -> None:
    if len(inbound.text) > LONGEST_MESSAGE:
        raise InputError(
            f"the message has {len(inbound.text)} characters and at most {LONGEST_MESSAGE} are taken; send it in parts",
            field="text",
        )
    if not inbound.left and not inbound.text.strip():
        raise InputError("the message is empty; write something", field="text")
    if not inbound.address.strip():
        raise InputError("the message has no address, so its customer cannot be found; give one", field="address")


async def _delivered(tx: Recording, inbound: Inbound, sender: bytes) -> Received | None:
    """Where the message went when the channel delivered it before; then nothing is written."""
    row = await tx.conn.fetchrow(transcript.sql["delivered"], inbound.channel, sender, inbound.provider_id)
    if row is None:
        return None
    tx.unchanged()
    return Received(journey=row["journey_id"], message=row["id"], position=row["position"], opened=False, repeated=True)


async def _customer(
    tx: Recording, inbound: Inbound, newcomer: NewCustomer | None, known: str | None, now: datetime
) -> Customer:
    found = await record.find(tx.conn, tx.keyring, inbound.channel, inbound.address)
    if known is not None and (found is None or found.id != known):
        raise ConflictError("this address is not that customer's any more; begin anew", field="address")
    if found is not None:
        return found
    by = Actor(kind="system", id=f"channel:{inbound.channel}")
    return await record.add(
        tx, newcomer or NewCustomer(), channel=inbound.channel, address=inbound.address, by=by, now=now
    )


async def _open(
    tx: Recording, customer: Customer, inbound: Inbound, opens: Definition | None, by: Actor, now: datetime
) -> JourneyRow:
    if inbound.left:
        raise ConflictError(
            "this customer has no open journey, so nobody waits for them; nothing was written, and nothing need be done",
            field="customer",
        )
    if opens is None:
        raise ConflictError(
            "this customer has no open journey; name the kind that their words begin, as `journeyman say --kind KIND` does, "
            "or start one with `journeyman start KIND`",
            field="customer",
        )
    new = NewJourney(
        customer=customer.id, channel=inbound.channel, language=customer.language, simulated=customer.simulated
    )
    return await journeys.open_journey(tx, opens, new, by=by, now=now)


async def _write(
    tx: Recording, journey: JourneyRow, inbound: Inbound, sender: bytes, author: Actor, now: datetime
) -> transcript.Message:
    """Mask first, then write: what a customer should not have typed is never committed."""
    asked = await transcript.last_told(tx.conn, tx.keyring, journey.id, journey.customer_id)
    masked = mask(inbound.text, asked=asked)
    handles = [await _keep(tx, journey, secret.kind, secret.value, now) for secret in masked.handled]
    text = fill(masked, handles)
    new = NewMessage(
        author=author,
        text=text,
        kind="left" if inbound.left else "text",
        channel=inbound.channel,
        sender=sender,
        provider_id=inbound.provider_id,
        signals=Signals(triggers=triggers(text), sentiment=sentiment(text)),
    )
    message = await transcript.write(tx, journey, new, now=now)
    await _look_for_churn(tx, message, journey.id)
    return message


async def _look_for_churn(tx: Recording, message: transcript.Message, journey_id: str) -> None:
    """Show on the journey, and in the places of its waiting tasks, whether the customer may leave."""
    moods = await tx.conn.fetchrow(transcript.sql["moods"], journey_id, churn.WINDOW)
    before = frozenset(moods["churn"])
    after = churn.signs(before, message.signals.triggers, moods["scores"][::-1])
    if after != before:
        ahead = churn.ahead(after) - churn.ahead(before)
        await tx.conn.execute(transcript.sql["churn"], journey_id, sorted(after), ahead)


async def _keep(tx: Recording, journey: JourneyRow, kind: str, value: str, now: datetime) -> str:
    handle = new_id("sec")
    sealed = await tx.seal(journey.customer_id, value)
    await tx.conn.execute(transcript.sql["keep_secret"], handle, journey.id, kind, sealed, now, now + SECRET_LIFE)
    return handle
