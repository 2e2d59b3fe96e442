"""A journey with its ledger, for the tests of what auditors see."""

from datetime import UTC, datetime

from pydantic import JsonValue

from journeyman.ledger.checkpoint import SigningKey
from journeyman.ledger.integrator import integrate
from journeyman.ledger.log import recording
from journeyman.publishing import put_in_force
from journeyman.store import Database
from journeyman.tasks import closing, roster
from journeyman.tasks.models import Task
from journeyman.views import contents
from tests.integration.console.site import Site
from tests.integration.tasks.world import AUTHORIZER, CLI, NOW

KEY = SigningKey("ledger.example/console", bytes(range(32)))
VKEY = str(KEY.verifier)
TRACES = "/api/v1/traces"


class Audited:
    """A journey that a person worked on and whose draft they edited, integrated by two checkpoints, and an auditor."""

    def __init__(self, site: Site, integrator: Database, owner: Database) -> None:
        self.site, self.integrator, self.owner = site, integrator, owner
        self.world = site.world
        self.task: Task

    async def begin(self) -> None:
        world = self.world
        await roster.apply(world.desk, {"people": {"eve": {"name": "Eve", "roles": ["auditor"]}}}, CLI, NOW)
        async with recording(world.database, world.desk.keyring) as tx:
            await put_in_force(tx, AUTHORIZER.bundle, (), CLI, NOW)
        draft: JsonValue = {"amount_minor": 70_000, "outcome": "<script>alert(1)</script>"}
        self.task = await world.claimed(kind="review", draft=draft)
        await contents.show(world.desk, self.task.id, "ana", now=NOW, auth="token")
        await self.integrate()
        result: JsonValue = {"amount_minor": 50_000, "outcome": "paid"}
        await closing.edit(world.desk, self.task.id, "ana", result, now=NOW, auth="token")
        await self.integrate()

    async def integrate(self) -> None:
        assert await integrate(self.integrator, KEY, now=datetime.now(UTC))

    async def notes(self) -> list[str]:
        """The checkpoints, the first one first."""
        return [row["note"] for row in await self.world.rows("select note from checkpoint order by size")]

    async def tamper(self, statement: str, *args: object) -> None:
        """As a superuser, with every trigger and foreign key off."""
        async with self.owner.transaction() as conn:
            await conn.execute("set local session_replication_role = replica")
            await conn.execute(statement, *args)

    async def entry(self, type: str) -> int:
        found: int = await self.world.value(
            "select max(id) from entry where journey_id = $1 and type = $2", self.task.journey_id, type
        )
        return found

    @property
    def path(self) -> str:
        return f"{TRACES}/{self.task.journey_id}"
