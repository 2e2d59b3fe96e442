"""The customer record: a pseudonym, addresses, language, tier, consents, verification, support needs."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, JsonValue, field_validator

from journeyman.customers.keys import Keyring
from journeyman.customers.tier import ahead
from journeyman.errors import ConflictError, ErasedError, InputError, NotFoundError
from journeyman.identifiers import new_id
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.words import zone

sql = load("customers")

_WORD = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # of BCP 47 what is used

Verification = Literal["none", "basic", "strong"]


class Customer(BaseModel):
    """What people and AI agents alike work from. Names and addresses stay sealed beside it."""

    id: str
    language: str
    time_zone: str
    tier: str
    verification: Verification
    verified_until: datetime | None
    support_needs: list[str]
    consents: dict[str, Any]
    simulated: bool
    erased_at: datetime | None = None

    def verification_at(self, now: datetime) -> Verification:
        """The level that holds now: an expired one is none."""
        return self.verification if self.verified_until is not None and self.verified_until > now else "none"

    @property
    def given_consents(self) -> frozenset[str]:
        return frozenset(name for name, consent in self.consents.items() if consent.get("given"))


class NewCustomer(BaseModel):
    """What is known of someone who writes for the first time. Raises InputError for a time zone that there is not."""

    language: str = "en"
    time_zone: str = "UTC"
    tier: str = "standard"
    support_needs: list[str] = Field(default_factory=list)
    consents: dict[str, Any] = Field(default_factory=dict)
    simulated: bool = False

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        return zone(name)


async def digest(conn: Connection, keyring: Keyring, channel: str, address: str) -> bytes:
    """The keyed digest by which an address is found: without the key nobody can try numbers against it."""
    return await keyring.index(conn, f"{channel}\0{''.join(address.split()).casefold()}")


async def hold_address(conn: Connection, keyring: Keyring, channel: str, address: str) -> bytes:
    """Wait until nobody else acts on this address, and keep it so until the transaction ends; returns its digest.

    Two who write for the first time at once are so one customer.
    """
    digested = await digest(conn, keyring, channel, address)
    await conn.execute(sql["one_at_a_time"], f"address:{digested.hex()}")
    return digested


async def hold_messages(conn: Connection, customer_id: str) -> None:
    """As `hold_address`, of all addresses of a customer: two messages at once open one journey. Not the row, which is held
    after journeys."""
    await conn.execute(sql["one_at_a_time"], f"customer:{customer_id}")


async def find(conn: Connection, keyring: Keyring, channel: str, address: str) -> Customer | None:
    """The customer with this address."""
    row = await conn.fetchrow(sql["find"], channel, await digest(conn, keyring, channel, address))
    return None if row is None else Customer.model_validate(dict(row))


async def read(conn: Connection, customer_id: str) -> Customer:
    """One customer. Raises NotFoundError."""
    row = await conn.fetchrow(sql["read"], customer_id)
    if row is None:
        raise _nobody(customer_id)
    return Customer.model_validate(dict(row))


async def hold(tx: Recording, customer_id: str) -> datetime | None:
    """Hold a customer until the transaction ends; when they were erased, or None. Raises NotFoundError."""
    row = await tx.conn.fetchrow(sql["hold"], customer_id)
    if row is None:
        raise _nobody(customer_id)
    erased_at: datetime | None = row["erased_at"]
    return erased_at


async def hold_all(tx: Recording, customer_id: str) -> tuple[datetime | None, list[str]]:
    """As `hold`, and all their journeys, whose ids are the second. Journeys first, as everyone does who holds both."""
    await tx.conn.fetch(sql["hold_journeys"], customer_id)
    erased_at = await hold(tx, customer_id)
    # Now that nobody opens another one: with those that were opened meanwhile.
    return erased_at, [found["id"] for found in await tx.conn.fetch(sql["hold_journeys"], customer_id)]


def _word(text: str, field: str) -> str:
    if not _WORD.fullmatch(text):
        raise InputError(
            f"`{text}` is no {field.replace('_', ' ')}; write one word such as `vip`, `large-print`", field=field
        )
    return text


def _language(tag: str) -> str:
    if not _LANGUAGE.fullmatch(tag):
        raise InputError(f"`{tag}` is no language; write a tag such as `en`, `de-CH`", field="language")
    return tag


def _nobody(customer_id: str) -> NotFoundError:
    return NotFoundError(
        f"there is no customer `{customer_id}`; `journeyman customers list` shows them", field="customer"
    )


async def newest(conn: Connection, limit: int) -> list[Customer]:
    """Customers, the newest first."""
    return [Customer.model_validate(dict(row)) for row in await conn.fetch(sql["list"], limit)]


async def add(tx: Recording, new: NewCustomer, *, channel: str, address: str, by: Actor, now: datetime) -> Customer:
    """Create a customer who is reached at this address. The caller holds the address, and has found nobody."""
    customer_id = new_id("cus")
    await tx.keyring.ensure(tx.conn, customer_id, now)
    sealed = await tx.seal(customer_id, address)
    row = await tx.conn.fetchrow(
        sql["add"],
        customer_id,
        new.language,
        new.time_zone,
        new.tier,
        new.support_needs,
        new.consents,
        new.simulated,
        now,
    )
    await tx.conn.execute(
        sql["add_address"], channel, await digest(tx.conn, tx.keyring, channel, address), customer_id, sealed
    )
    tx.record(
        Entry(
            type="customer.added",
            at=now,
            actor=by,
            subject=customer_id,
            facts={"channel": channel, "tier": new.tier, "simulated": new.simulated},
            refs={"customer": customer_id},
            values={"address": address},
        )
    )
    return Customer.model_validate(dict(row))


async def add_address(tx: Recording, customer_id: str, *, channel: str, address: str, by: Actor, now: datetime) -> None:
    """One more address of a customer: what comes from it belongs to them.

    Raises NotFoundError, InputError for an empty one, and ConflictError if it is somebody's already, or they are erased.
    """
    if not address.strip() or not channel.strip():
        raise InputError("an address has a channel and a text; give both", field="address")
    if await hold(tx, customer_id) is not None:
        raise ConflictError(f"customer `{customer_id}` is erased; who writes again is a new customer", field="customer")
    sealed = await tx.seal(customer_id, address)
    digested = await hold_address(tx.conn, tx.keyring, channel, address)
    if await tx.conn.fetchval(sql["add_address"], channel, digested, customer_id, sealed) is None:
        raise ConflictError(
            f"this address of `{channel}` is known already, and leads to one customer; `journeyman say` from it shows which",
            field="address",
        )
    tx.record(
        Entry(
            type="customer.address_added",
            at=now,
            actor=by,
            subject=customer_id,
            refs={"customer": customer_id},
            facts={"channel": channel},
            values={"address": address},
        )
    )


async def change(
    tx: Recording,
    customer_id: str,
    *,
    language: str | None = None,
    time_zone: str | None = None,
    tier: str | None = None,
    support_needs: Collection[str] | None = None,
    by: Actor,
    now: datetime,
) -> Customer:
    """Change what is given; support needs are all that they have from now on. Policies read it at their next decision, and what
    waits for them has its new place at once.

    Raises NotFoundError, InputError for words and zones that there are not, and ConflictError if the customer is erased.
    """
    needs = None if support_needs is None else sorted({_word(each, "support_need") for each in support_needs})
    given: dict[str, Any] = {
        "language": _language(language) if language is not None else None,
        "time_zone": zone(time_zone) if time_zone is not None else None,
        "tier": _word(tier, "tier") if tier is not None else None,
        "support_needs": needs,
    }
    changed: dict[str, JsonValue] = {name: value for name, value in given.items() if value is not None}
    if not changed:
        raise InputError("nothing is given to change; give a language, a time zone, a tier or support needs")
    erased_at, _ = await hold_all(tx, customer_id)
    if erased_at is not None:
        raise ConflictError(f"customer `{customer_id}` is erased; nothing is kept of them any more", field="customer")
    before = await read(tx.conn, customer_id)
    after = Customer.model_validate(dict(await tx.conn.fetchrow(sql["change"], customer_id, *given.values())))
    if sooner := ahead(after.tier) - ahead(before.tier):
        await tx.conn.execute(sql["come_sooner"], customer_id, sooner)
    tx.record(
        Entry(
            type="customer.changed",
            at=now,
            actor=by,
            subject=customer_id,
            refs={"customer": customer_id},
            facts={"changed": " ".join(changed)},
            values=changed,
        )
    )
    return after


async def phone(conn: Connection, keyring: Keyring, customer_id: str) -> str | None:
    """A number on which a customer can be called, where one of their addresses is one. None of an erased customer."""
    sealed = await conn.fetchval(sql["phone"], customer_id)
    try:
        return None if sealed is None else str(await keyring.open(conn, customer_id, sealed))
    except ErasedError:
        return None


async def verified(
    tx: Recording, customer_id: str, level: Verification, *, until: datetime, by: Actor, journey: str, now: datetime
) -> None:
    """Raise the verification of a customer until a moment; what established it is in `by` and the entry before."""
    await tx.conn.execute(sql["verified"], customer_id, level, until)
    tx.record(
        Entry(
            type="customer.verified",
            at=now,
            actor=by,
            journey=journey,
            subject=customer_id,
            refs={"customer": customer_id},
            facts={"level": level, "until": until.isoformat()},
        )
    )


async def consent(tx: Recording, customer_id: str, name: str, given: bool, *, by: Actor, now: datetime) -> None:
    """Record that a customer gave a consent, or took it back."""
    await tx.conn.execute(sql["consent"], customer_id, {name: {"given": given, "at": now.isoformat()}})
    tx.record(
        Entry(
            type="customer.consent",
            at=now,
            actor=by,
            subject=customer_id,
            refs={"customer": customer_id},
            facts={"consent": name, "given": given},
        )
    )
