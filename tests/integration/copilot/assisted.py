"""The small world with a copilot in it: the stand-in model over its socket, and the step's AI agent in force."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from journeyman import copilot
from journeyman.agents.agent import AIAgent
from journeyman.agents.endpoint import Endpoint
from journeyman.agents.standin.app import Standin
from journeyman.agents.standin.faults import Fault
from journeyman.agents.standin.server import serve_standin
from journeyman.copilot import Copilot, Unavailable
from journeyman.publishing import publish_agent
from journeyman.tasks.models import Task
from journeyman.tasks.suggestions import Suggestion
from tests.integration.tasks.world import CLI, NOW, World

ASSESSOR = AIAgent(name="assessor", title="Assessor", instructions="You assess claims.")


class Assisted:
    """A copilot for the world's people, and short words for it."""

    def __init__(self, world: World, standin: Standin, endpoint: Endpoint) -> None:
        self.world, self.standin, self.endpoint = world, standin, endpoint
        self.copilot = Copilot(world.desk, {"assessor": ASSESSOR}, lambda: endpoint)

    def arm(self, kind: str, **members: Any) -> None:
        self.standin.faults.add(Fault.model_validate({"kind": kind, "count": None, **members}))

    async def ask(self, task: Task, kind: Any = "summary", person: str = "ana") -> Suggestion | Unavailable:
        return await copilot.suggest(self.copilot, task.id, person, kind, clock=lambda: NOW, auth="token")

    async def suggested(self, task: Task, kind: Any = "reply") -> Suggestion:
        found = await self.ask(task, kind)
        assert isinstance(found, Suggestion), found
        return found

    async def entries(self, prefix: str = "copilot.") -> list[dict[str, Any]]:
        """The bodies of what is on the record of it."""
        rows = await self.world.rows(
            "select convert_from(body, 'UTF8')::jsonb as body from entry where type like $1 || '%' order by id", prefix
        )
        return [row["body"] for row in rows]

    async def types(self) -> list[str]:
        return [each["type"] for each in await self.entries()]


async def _no_pause(_: float) -> None:
    pass


@asynccontextmanager
async def assisted_in(world: World) -> AsyncIterator[Assisted]:
    """Everything up, while the block runs."""
    async with world.desk.recording() as tx:
        await publish_agent(tx, ASSESSOR, CLI, NOW)
    async with serve_standin() as served:
        endpoint = Endpoint(served.base_url, "key", "stand-in", timeout=5, sleep=_no_pause)
        try:
            yield Assisted(world, served.standin, endpoint)
        finally:
            await endpoint.close()
