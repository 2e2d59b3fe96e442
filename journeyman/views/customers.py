"""Customers as people look for them and see them. Each search, and each page that is opened, is on the record."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, JsonValue, SkipValidation

from journeyman.conversation.masking import scrub
from journeyman.customers import identifiers, record
from journeyman.customers.record import Customer
from journeyman.errors import ConflictError, ErasedError
from journeyman.governance import Facts, Resource
from journeyman.ledger.entry import Entry
from journeyman.ledger.log import Recording
from journeyman.tasks.desk import Desk
from journeyman.tasks.people import person_of
from journeyman.tasks.permission import facts_of, permission
from journeyman.tasks.viewing import Viewer, viewer

_FIELDS: Final = {
    "language": "ordinary",
    "time_zone": "ordinary",
    "tier": "ordinary",
    "verification": "ordinary",
    "consents": "ordinary",
    "support_needs": "special",
    "identifiers": "personal",
    "addresses": "personal",
    "journeys": "personal",
    "notices": "personal",
    "promises": "personal",
    "callbacks": "personal",
}
_CHAT: Final = "chat"
_MOST: Final = 100  # journeys, handoffs and callbacks that a page looks at, the newest


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FoundCustomer(_Frozen):
    """A customer who was found. `by` are the kinds that the text is of them."""

    id: str
    by: tuple[str, ...]
    tier: str
    language: str
    simulated: bool


class Opening(_Frozen):
    """What opening a case for a customer needs to know of them."""

    channels: tuple[str, ...]
    """On which they can be answered, the chat first: those of their addresses, as far as policy shows them."""
    time_zone: str


class CustomerPage(_Frozen):
    """A customer, as far as this person may see them: `fields` by name, and the names of those `withheld`.

    Lists, the newest first (callbacks by slot): `identifiers` of `{kind, text}`, `addresses` of `{channel, text}`, `journeys` of
    `{id, kind, status, stage, outcome, opened_at, closed_at}`, `notices` of `{journey, at, notice}`, `promises` of
    `{journey, at, giver, text}`, `callbacks` of `{id, task, journey, slot, number, queue, state}`.
    """

    id: str
    simulated: bool
    erased_at: datetime | None
    fields: dict[str, SkipValidation[JsonValue]]
    withheld: tuple[str, ...]


async def find(
    desk: Desk, person_id: str, text: str, *, kind: str | None = None, auth: str, now: datetime
) -> list[FoundCustomer]:
    """The customers with this name, number or address whom this person may see, at most twenty.

    The record tells that they searched, of what kind, and how many were found. What they typed is sealed for each customer who
    was found, and goes with them; for the person where nobody was. Raises DeniedError, InputError.
    """
    async with desk.recording() as tx:
        acting = await person_of(tx.conn, person_id)
        facts = Facts(simulated=acting.simulated)
        permitted = await permission(desk, tx.conn, person_id, "find", Resource.deployment(), auth=auth, facts=facts)
        looking = await viewer(desk, tx.conn, person_id, auth)
        found: list[FoundCustomer] = []
        for customer_id, kinds in (await identifiers.found_by(tx.conn, tx.keyring, text, kind=kind)).items():
            customer = await record.read(tx.conn, customer_id)
            shown = looking.decide(Resource.customer(customer_id), "record", facts=facts_of(customer, now))
            if shown.allowed:
                by = tuple(sorted(kinds))
                plain = customer.model_dump(include={"id", "tier", "language", "simulated"})
                found.append(FoundCustomer(by=by, **plain))
        typed: dict[str, JsonValue] = {"text": scrub(text.strip())}
        tx.record(
            permitted.entry(
                "customer.searched",
                now,
                subject="system" if found else person_id,
                facts={"kind": kind or "any", "found": len(found)},
                values={} if found else typed,
            )
        )
        for each in found:
            tx.record(
                Entry(
                    type="customer.found",
                    at=now,
                    actor=permitted.actor,
                    subject=each.id,
                    refs={"customer": each.id},
                    facts={"by": " ".join(each.by)} | permitted.facts,
                    policies=permitted.policies,
                    values=typed,
                )
            )
    return found


async def show(desk: Desk, customer_id: str, person_id: str, *, auth: str, now: datetime) -> CustomerPage:
    """A customer's page, field by field as policy allows; recorded. Raises NotFoundError, DeniedError if it shows nothing."""
    async with desk.recording() as tx:
        looking = await viewer(desk, tx.conn, person_id, auth)
        return await open_page(tx, await record.read(tx.conn, customer_id), looking, now=now)


async def is_shown(desk: Desk, customer_id: str, person_id: str, *, now: datetime) -> bool:
    """Whether policy shows this person the customer's page. Raises NotFoundError."""
    async with desk.database.connection() as conn:
        customer, looking = await record.read(conn, customer_id), await viewer(desk, conn, person_id)
        return looking.decide(Resource.customer(customer_id), "record", facts=facts_of(customer, now)).allowed


async def opening(desk: Desk, customer_id: str, person_id: str, *, auth: str, now: datetime) -> Opening:
    """What a person who opens a case for a customer chooses from. Raises NotFoundError, DeniedError if they may open none, and
    ConflictError if the customer is erased."""
    async with desk.database.connection() as conn:
        customer = await record.read(conn, customer_id)
        resource, facts = Resource.customer(customer_id), facts_of(customer, now)
        await permission(desk, conn, person_id, "open_case", resource, auth=auth, facts=facts)
        if customer.erased_at is not None:
            raise ConflictError("this customer is erased; who writes again is a new customer", field="customer")
        looking = await viewer(desk, conn, person_id)
        channels = []
        if looking.decide(resource, "addresses", _FIELDS["addresses"], facts=facts).allowed:
            channels = [row["channel"] for row in await conn.fetch(record.sql["channels_of"], customer_id)]
    channels = sorted(channels or [_CHAT], key=lambda each: each != _CHAT)
    return Opening(channels=tuple(channels), time_zone=customer.time_zone)


async def open_page(tx: Recording, customer: Customer, looking: Viewer, *, now: datetime) -> CustomerPage:
    """The same in the caller's transaction, which then has the entry of it."""
    facts, resource = facts_of(customer, now), Resource.customer(customer.id)
    decision = looking.require(resource, "record", facts=facts)
    may = looking.among(resource, _FIELDS, facts=facts)
    fields = {name: value for name, value in (await _fields(tx, customer, may, now)).items() if name in may}
    withheld = tuple(name for name in _FIELDS if name not in may)
    tx.record(
        Entry(
            type="customer.viewed",
            at=now,
            actor=looking.actor,
            refs={"customer": customer.id},
            facts={"fields": " ".join(fields), "withheld": " ".join(withheld), "bundle": decision.bundle},
            policies=list(decision.policies),
        )
    )
    return CustomerPage(
        id=customer.id,
        simulated=customer.simulated,
        erased_at=customer.erased_at,
        fields=fields,
        withheld=withheld,
    )


async def _fields(tx: Recording, customer: Customer, may: frozenset[str], now: datetime) -> dict[str, JsonValue]:
    """The fields that may be seen; sealed ones are opened only then."""
    plain = customer.model_dump(mode="json")
    found: dict[str, JsonValue] = {
        name: plain[name] for name in ("language", "time_zone", "tier", "consents", "support_needs")
    }
    found["verification"] = customer.verification_at(now)
    if {"identifiers", "addresses"} & may:
        known: Mapping[str, Any] = await identifiers.of_customer(tx.conn, tx.keyring, customer.id)
        found.update(known)
    if {"journeys", "notices", "callbacks"} & may:
        dealings = await tx.conn.fetchrow(record.sql["dealings"], customer.id, _MOST)
        found |= dict(dealings)
        found["callbacks"] = [await _callback(tx, customer.id, each) for each in dealings["callbacks"]]
        found["notices"] = [
            {"journey": each["id"], "at": each["opened_at"], "notice": notice}
            for each in dealings["journeys"]
            for notice in sorted(each["notices"])
        ]
        found["journeys"] = [
            {name: value for name, value in each.items() if name != "notices"} for each in dealings["journeys"]
        ]
    if "promises" in may:
        found["promises"] = await _promises(tx, customer.id)
    return found


async def _callback(tx: Recording, customer_id: str, row: dict[str, Any]) -> JsonValue:
    number = None
    if row["number"] is not None:
        with suppress(ErasedError):
            number = await tx.open(customer_id, bytes.fromhex(row["number"].removeprefix("\\x")))
    return row | {"number": number}


async def _promises(tx: Recording, customer_id: str) -> list[JsonValue]:
    """What handoffs say that the customer was promised, each once a journey, as it was first written down."""
    first: dict[tuple[str, str], JsonValue] = {}
    for row in reversed(await tx.conn.fetch(record.sql["packets"], customer_id, _MOST)):
        try:
            packet: Any = await tx.open(customer_id, row["packet"])
        except ErasedError:
            continue
        for text in packet.get("promises") or ():
            promise = {"journey": row["journey"], "at": row["at"].isoformat(), "giver": row["giver"], "text": text}
            first.setdefault((row["journey"], text), promise)
    return list(reversed(first.values()))
