"""Whole journeys, as people handle them: open one, cancel one, have policy asked anew who works on one.

Each is one transaction with its entry and the event for the journey. Whoever calls it dispatches that event afterwards
(`journeyman.temporal.dispatcher`); while Temporal is away it waits in the outbox.
"""

import json
import re
from contextlib import suppress
from datetime import datetime

from pydantic import JsonValue, ValidationError

from journeyman.conversation.masking import scrub, scrubbed
from journeyman.customers import journeys, record
from journeyman.customers.journeys import JourneyRow, NewJourney
from journeyman.customers.record import Customer, NewCustomer
from journeyman.errors import ConflictError, InputError, NotFoundError
from journeyman.governance import Facts, Resource
from journeyman.journey.definition import Definition
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import Recording
from journeyman.misfit import misfit, unknown_fields
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks import opening
from journeyman.tasks.desk import Desk
from journeyman.tasks.permission import OPERATOR, Permission, facts_of, permission
from journeyman.words import short, small, stable

sql = load("cases")
engine_sql = load("engine")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


async def open_case(
    desk: Desk,
    definition: Definition,
    *,
    customer: str | None = None,
    address: str | None = None,
    channel: str = "chat",
    input: JsonValue = None,
    id: str | None = None,
    linked_from: str | None = None,
    reopens: str | None = None,
    newcomer: NewCustomer | None = None,
    permitted: Permission | None = None,
    person: str | None = None,
    auth: str = "cli",
    now: datetime,
) -> JourneyRow:
    """Open the newest version of a kind for a customer, who is named by id or by address (and made, if new there).

    Who opens it is `permitted`, or a person of whom policy is asked (`open_case`); without either, the operator. Raises
    InputError for an input that does not fit the journey's state or an id that cannot be one, NotFoundError, DeniedError, and
    ConflictError for an id that has been used or a customer who is erased.
    """
    if (customer is None) == (address is None):
        raise InputError(
            "a journey is of one customer; give `--customer` or `--address`, one of them", field="customer"
        )
    if id is not None and not _ID.fullmatch(id):
        raise InputError(f"`{id}` is no id; use up to 128 letters, digits, `.`, `_` and `-`", field="id")
    state = fitting_state(definition, input)
    async with desk.recording() as tx:
        by = (
            permitted.actor if permitted else OPERATOR if person is None else Actor(kind="person", id=person, auth=auth)
        )
        whose = await _customer(tx, customer, address, channel, newcomer, by, now)
        if whose.erased_at is not None:
            raise ConflictError(
                f"customer `{whose.id}` is erased; who writes again is a new customer", field="customer"
            )
        if permitted is None:
            resource, facts = Resource.customer(whose.id), facts_of(whose, now)
            permitted = await permission(desk, tx.conn, person, "open_case", resource, auth=auth, facts=facts)
        for field, before in (("linked_from", linked_from), ("reopens", reopens)):
            if before is not None and await _status(tx.conn, before, whose, field) == "open" and field == "reopens":
                raise ConflictError(f"journey `{before}` is open; only a closed one can reopen", field=field)
        new = NewJourney(
            customer=whose.id,
            input=state,
            id=id,
            channel=channel,
            language=whose.language,
            linked_from=linked_from,
            reopens=reopens,
            simulated=whose.simulated,
        )
        return await journeys.open_journey(
            tx, definition, new, by=by, now=now, facts=permitted.facts, policies=permitted.policies
        )


async def _status(conn: Connection, journey: str, whose: Customer, field: str) -> str:
    """How a journey of this customer stands. Raises NotFoundError, of another's as of one that there is not."""
    with suppress(NotFoundError):
        row = await journeys.read(conn, journey)
        if row.customer_id == whose.id:
            return row.status
    raise NotFoundError(f"customer `{whose.id}` has no journey `{journey}`; name one of theirs", field=field)


def fitting_state(definition: Definition, input: JsonValue) -> JsonValue:
    """The input, secrets cut out, as the journey's state, whole. Raises InputError naming the first field that does not fit."""
    try:
        state = definition.state.model_validate_json(
            json.dumps({} if input is None else scrubbed(input), allow_nan=False),
            extra=unknown_fields(definition.state),
        )
    except ValidationError as error:
        field, wrong = misfit(error, "input")
        raise InputError(f"`{field}`: {wrong}; `{definition.kind}` takes {_fields(definition)}", field=field) from error
    except ValueError as error:
        raise InputError(f"the input is no JSON: {error}; numbers must be finite", field="input") from error
    return small(state.model_dump(mode="json"), "input")


async def cancel(
    desk: Desk,
    journey_id: str,
    reason: str,
    *,
    comment: str = "",
    person: str | None = None,
    auth: str = "cli",
    now: datetime,
) -> JourneyRow:
    """Cancel a journey: no AI agent goes on, open tasks are withdrawn, its compensations are performed by people.

    `reason` is a stable word, such as `customer_request`: it becomes the outcome; `comment` may say more and is sealed.
    Raises NotFoundError, ConflictError if it is closed or being cancelled already, DeniedError, InputError.
    """
    stable(reason, "and the rest as `--comment`")
    async with desk.recording() as tx:
        row = await lock_open(tx, journey_id)
        if await tx.conn.fetchval(sql["cancelling"], journey_id):
            raise ConflictError(
                "journey `{journey}` is being cancelled already; `journeyman show` tells how far", journey=journey_id
            )
        permitted = await permission_for(desk, tx, row, person, "override", auth)
        await tx.conn.fetchval(engine_sql["set_stop"], f"journey:{journey_id}", permitted.actor.id, reason, now)
        withdrawn = await opening.withdraw(tx, journey_id, "journey_cancelled", now)
        tx.tell(journey_id, "cancel", reason, at=now)
        tx.record(
            permitted.entry(
                "journey.cancel_asked",
                now,
                journey=journey_id,
                subject=row.customer_id,
                facts={"reason": reason, "tasks_withdrawn": len(withdrawn)},
                values={"comment": scrub(short(comment, "comment"))} if comment else {},
            )
        )
    return row


async def reassign(
    desk: Desk, journey_id: str, *, person: str | None = None, auth: str = "cli", now: datetime
) -> JourneyRow:
    """Have policy asked anew, now, who works on a journey whose AI agent waits for the customer. Raises as `cancel` does."""
    async with desk.recording() as tx:
        row = await lock_open(tx, journey_id)
        permitted = await permission_for(desk, tx, row, person, "override", auth)
        tx.tell(journey_id, "reassign", "", at=now)
        tx.record(permitted.entry("journey.reassign_asked", now, journey=journey_id))
    return row


async def lock_open(tx: Recording, journey_id: str) -> JourneyRow:
    """An open journey, locked until the transaction ends. Raises NotFoundError, ConflictError."""
    found = await tx.conn.fetchrow(journeys.sql["lock"], journey_id)
    if found is None:
        raise NotFoundError(f"there is no journey `{journey_id}`; `journeyman list` shows them", field="journey")
    row = JourneyRow.model_validate(dict(found))
    if row.status != "open":
        raise ConflictError(
            f"journey `{journey_id}` is {row.status} as `{row.outcome}`; a closed one can only be reopened, with "
            f"`journeyman start {row.kind} --reopens {journey_id}`",
            field="journey",
        )
    return row


async def resource_of(conn: Connection, row: JourneyRow) -> Resource:
    """A journey, as policies know it."""
    teams = [found["team"] for found in await conn.fetch(sql["teams"], row.id)]
    return Resource.journey(row.id, kind=row.kind, teams=teams)


async def permission_for(
    desk: Desk, tx: Recording, row: JourneyRow, person: str | None, action: str, auth: str
) -> Permission:
    """Ask policy whether a person may do this to a journey."""
    resource = await resource_of(tx.conn, row)
    facts = Facts(simulated=row.simulated, channel=row.channel, language=row.language)
    return await permission(desk, tx.conn, person, action, resource, auth=auth, facts=facts)


async def _customer(
    tx: Recording,
    customer: str | None,
    address: str | None,
    channel: str,
    newcomer: NewCustomer | None,
    by: Actor,
    now: datetime,
) -> Customer:
    if customer is not None:
        return await record.read(tx.conn, customer)
    assert address is not None
    if not address.strip():
        raise InputError("the address is empty; give what the channel knows the customer by", field="address")
    await record.hold_address(tx.conn, tx.keyring, channel, address)
    found = await record.find(tx.conn, tx.keyring, channel, address)
    if found is not None:
        return found
    new = newcomer or NewCustomer()
    return await record.add(tx, new, channel=channel, address=address, by=by, now=now)


def _fields(definition: Definition) -> str:
    return ", ".join(f"`{name}`" for name in definition.state.model_fields) or "no fields"
