"""Writing to the ledger: a transaction that must record what it changes. No entry, no effect."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from journeyman.customers.keys import Keyring
from journeyman.errors import EffectStoredError, ErasedError, JourneyMovedError, UnrecordedEffectError
from journeyman.identifiers import new_id
from journeyman.killpoints import kill_point
from journeyman.ledger.entry import SALT_BYTES, Entry, body, commitment
from journeyman.ledger.merkle import leaf_hash
from journeyman.store import Database
from journeyman.store.database import Connection, UniqueViolation
from journeyman.store.sql import Part, joined, load

sql = load("ledger")

_ANYHOW: Part = (sql["anyhow"], ())
_FREE: Part = (sql["free"], ())
_STRICT = "select count(*) from recorded"
_LAX = "select count(*) from recorded cross join lax"


@dataclass(frozen=True)
class _Written:
    entry: Entry
    body: bytes
    leaf_hash: bytes
    salts: dict[str, bytes]


@dataclass(frozen=True)
class _Kept:
    key: str
    phase: str
    journey: str
    subject: str
    result: JsonValue
    at: datetime


class _Unchanged(Exception):  # noqa: N818 - no fault: how a block that changed nothing rolls back
    pass


class Recording:
    """A transaction under way. `leaves` are the hex leaf hashes of what it recorded, in order, known once it has committed, and
    `told` the journeys for which something stands in the outbox then."""

    def __init__(self, conn: Connection, keyring: Keyring, *, at_once: bool = False) -> None:
        self.conn = conn
        self.keyring = keyring
        self.at_once = at_once
        self.leaves: list[str] = []
        self.told: set[str] = set()
        self._only_if: Part | None = None
        self._claims: Part | None = None
        self._pending: list[_Written] = []
        self._kept: list[_Kept] = []
        self._beside: list[Part] = []
        self._tells: str | None = None
        self._projected: tuple[Any, ...] = ()
        self._performer: str | None = None
        self._lax = False
        self._unchanged = False

    def record(self, entry: Entry) -> None:
        """Add an entry. It is written when the block ends. Raises InputError if it cannot be written in canonical form."""
        salts = {name: os.urandom(SALT_BYTES) for name in entry.values}
        made = body(entry, {name: commitment(salts[name], value) for name, value in entry.values.items()})
        self._pending.append(_Written(entry, made, leaf_hash(made), salts))

    def keep(self, key: str, phase: str, *, journey: str, subject: str, result: JsonValue, at: datetime) -> None:
        """Store what an effect led to, with the entries, when the block ends.

        The key is unique a phase: of two runners of the same effect the second commits nothing, and the block raises
        EffectStoredError.
        """
        self._kept.append(_Kept(key, phase, journey, subject, result, at))

    def tell(self, journey: str, kind: str, reference: str, *, at: datetime) -> None:
        """Tell a journey of this, when the block ends: by the outbox, at least once and in order.

        A closed journey is told nothing. A transaction tells one thing; a second one raises AssertionError.
        """
        if self._tells is not None:  # under `python -O` too: it would be lost
            raise AssertionError(f"the transaction tells `{self._tells}` something already: use a second one")
        self._tells = journey
        self.told.add(journey)
        self.beside(sql["told"], journey, new_id("evt"), kind, reference, at)

    def project(self, journey: str, *, stage: str, run_id: str, settled: int, at: datetime) -> None:
        """Show, when the block ends, how far a journey has come: its stage, and its events up to `settled`."""
        self._projected = journey, stage, run_id, settled, at

    def performs(self, performer: str) -> None:
        """Show with it who works on the journey now, such as `ai:NAME`."""
        self._performer = performer

    def only_if(self, unmoved: str, *arguments: Any) -> None:
        """Write only if this CTE, `unmoved`, has a row. Else the block raises JourneyMovedError, and nothing is written."""
        self._only_if = unmoved, arguments

    def claims(self, claimed: Part) -> None:
        """The same of this CTE, `claimed`, which may write, and only where `unmoved` has a row."""
        self._claims = claimed

    def beside(self, part: str, *arguments: Any) -> None:
        """Write this too, when the block ends: a CTE that hangs on the entries, `recorded`."""
        self._beside.append((part, arguments))

    def look(
        self,
        id: str,
        person: str,
        *,
        task: str | None = None,
        journey: str | None = None,
        auth: str,
        position: int,
        at: datetime,
    ) -> None:
        """Begin with it a person's look at a task or a journey, of which they were shown the conversation up to a position."""
        self.beside(sql["looked"], id, task, journey, person, auth, position, at)

    def lax(self) -> None:
        """Let the commit wait for no disk. A crash of Postgres within the next second may take it back, and nothing that comes
        after it: so whoever goes on from it looks, in their own transaction, whether it is still there.
        """
        self._lax = True

    def unchanged(self) -> None:
        """Say that this transaction turned out to have nothing to change, such as a rerun that found its effect stored.

        It may then end without an entry, and is rolled back, so that nothing can slip through. Entries already recorded
        are dropped with it. (What is recorded at once has nothing to roll back: its block only reads.)
        """
        self._unchanged = True

    async def seal(self, subject: str, value: JsonValue) -> bytes:
        """Encrypt under the subject's key. Of a subject who was erased nothing is kept: what goes in its place never opens."""
        try:
            return await self.keyring.seal(self.conn, subject, value)
        except ErasedError:
            return b""

    async def open(self, subject: str, sealed: bytes) -> JsonValue:
        """Decrypt. Raises ErasedError once the subject's key is destroyed."""
        return await self.keyring.open(self.conn, subject, sealed)

    async def _finish(self) -> None:
        if self._unchanged:
            raise _Unchanged
        if not self._pending:
            raise UnrecordedEffectError(
                "the transaction recorded nothing and was rolled back: call `record`, or `unchanged` if it changed nothing"
            )
        parts = [self._only_if or _ANYHOW, self._claims or _FREE, (sql["recorded"], await self._entries())]
        if self._kept:
            parts.append((sql["kept"], await self._effects()))
        if self._projected:
            parts.append((sql["projected"], (*self._projected, self._performer)))
        if self._lax:
            parts.append((sql["lax"], ()))
        statement, arguments = joined([*parts, *self._beside], _LAX if self._lax else _STRICT)
        try:
            recorded = await self.conn.fetchval(statement, *arguments)
        except UniqueViolation as error:
            if error.constraint_name != "effect_pkey":
                raise
            raise EffectStoredError("this effect was stored before; what is stored counts") from error
        if recorded < len(self._pending):
            raise JourneyMovedError("what was decided on has changed meanwhile; decide anew, and hold the journey")

    async def _entries(self) -> tuple[list[Any], ...]:
        owners: list[bytes] = []
        names: list[str] = []
        subjects: list[str] = []
        sealed: list[bytes] = []
        # In the order of subjects: sealing makes a key where there is none, which waits for others who make the same one,
        # and two transactions that waited for each other would both be lost. Who has effects has a key already.
        for written in sorted(self._pending, key=lambda written: written.entry.subject):
            subject = written.entry.subject
            for name, value in written.entry.values.items():
                owners.append(written.leaf_hash)
                names.append(name)
                subjects.append(subject)
                sealed.append(await self.seal(subject, {"salt": written.salts[name].hex(), "value": value}))
        return (
            [written.entry.journey for written in self._pending],
            [written.entry.type for written in self._pending],
            [written.entry.at for written in self._pending],
            [written.body for written in self._pending],
            [written.leaf_hash for written in self._pending],
            owners,
            names,
            subjects,
            sealed,
        )

    async def _effects(self) -> tuple[list[Any], ...]:
        return (
            [kept.key for kept in self._kept],
            [kept.phase for kept in self._kept],
            [kept.journey for kept in self._kept],
            [await self.seal(kept.subject, kept.result) for kept in self._kept],
            [kept.at for kept in self._kept],
        )


@asynccontextmanager
async def recording(database: Database, keyring: Keyring, *, at_once: bool = False) -> AsyncIterator[Recording]:
    """A transaction that commits with its entries, or not at all.

    Leaving the block with no entry raises UnrecordedEffectError and rolls back. To only read, use `database.connection()`.
    `at_once`: the block itself only reads, and nothing is held meanwhile; what it records is written by one statement.
    """
    try:
        async with database.connection() if at_once else database.transaction() as conn:
            record = Recording(conn, keyring, at_once=at_once)
            yield record
            kill_point("entry.committing")
            await record._finish()  # the two halves of one noun
    except _Unchanged:
        return
    kill_point("entry.committed")
    record.leaves = [written.leaf_hash.hex() for written in record._pending]
