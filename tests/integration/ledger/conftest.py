"""A ledger on a real Postgres, filled by the roles that fill it in production."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from journeyman.customers.keys import Keyring
from journeyman.ledger.audit import read_pack
from journeyman.ledger.checkpoint import Checkpoint, SigningKey
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.integrator import integrate
from journeyman.ledger.log import recording
from journeyman.ledger.report import Report
from journeyman.ledger.verify import verify
from journeyman.store import Database

TIME = (datetime.now(UTC) + timedelta(minutes=10)).replace(microsecond=500_000)
"""Some minutes ahead of their collection: tests may run long after it, and what is told too late is a fault of its own."""
KEY = SigningKey("ledger.example/journeys", bytes(range(32)))
AI = Actor(kind="ai", id="form-filler")


def entry(number: int, **more: object) -> Entry:
    """The entry of this number: journey 0 or 1, customer 0 or 1."""
    fields: dict[str, object] = {
        "type": "message.said",
        "at": TIME + timedelta(seconds=number),
        "actor": AI,
        "journey": f"journey-{number % 2}",
        "subject": f"customer-{number % 2}",
        "facts": {"number": number},
        "values": {"text": f"message {number}"},
    }
    return Entry.model_validate(fields | more)


@dataclass
class Log:
    """The three parties of a test: the application, the integrator, and one who may do anything."""

    app: Database
    integrator: Database
    owner: Database
    keyring: Keyring
    leaves: list[str] = field(default_factory=list)
    number: int = 0

    async def record(self, count: int) -> None:
        """Entries, one a transaction."""
        for _ in range(count):
            async with recording(self.app, self.keyring) as tx:
                tx.record(entry(self.number))
            self.leaves += tx.leaves
            self.number += 1

    async def integrate(self, key: SigningKey = KEY) -> Checkpoint | None:
        """One round, now: Postgres's own clock says when an entry was recorded."""
        return await integrate(self.integrator, key, now=datetime.now(UTC))

    async def notes(self) -> list[str]:
        """All checkpoints there are, as somebody outside may have kept them."""
        async with self.app.connection() as conn:
            return [row[0] for row in await conn.fetch("select note from checkpoint order by size")]

    async def verify(
        self, kept: list[str], *, journey: str | None = None, witnessed: list[str] | None = None
    ) -> Report:
        """Export with values, and verify against what was kept outside."""
        sizes = [int(note.split("\n")[1]) for note in kept]
        pack = await read_pack(
            self.app,
            now=TIME,
            key=KEY.verifier,
            journey=journey,
            keyring=self.keyring,
            consistent_with=sizes,
        )
        return verify(type(pack).read(pack.lines()), kept=kept, trusted=[KEY.verifier], witnessed=witnessed or [])

    async def tamper(self, *statements: str) -> None:
        """As a superuser, with every trigger and foreign key off."""
        async with self.owner.transaction() as conn:
            await conn.execute("set local session_replication_role = replica")
            for statement in statements:
                await conn.execute(statement)


@pytest.fixture
async def log(database: Database, integrator_database: Database, owner_database: Database, keyring: Keyring) -> Log:
    """An empty ledger."""
    return Log(database, integrator_database, owner_database, keyring)


@pytest.fixture
async def filled(log: Log) -> Log:
    """22 entries: 20 integrated by three checkpoints (8, 13, 20), 2 waiting."""
    for count in (8, 5, 7):
        await log.record(count)
        assert await log.integrate()
    await log.record(2)
    return log
