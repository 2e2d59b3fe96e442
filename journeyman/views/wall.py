"""What a supervisor watches: AI agents with their journeys, customers who grow unhappy, AI that fails, how its endpoint stands.

People and queues are `colleagues` and `queues`. Nothing here is sealed, and nothing is recorded.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from journeyman.agents.agent import AIAgent
from journeyman.governance import Facts, Resource
from journeyman.store.database import Connection
from journeyman.tasks.desk import Desk
from journeyman.tasks.stops import ALL, Stop, stops
from journeyman.tasks.viewing import Viewer, viewer
from journeyman.views.agents import AgentState, agents
from journeyman.views.endpoints import EndpointState, endpoints, sql

RECENT: Final = timedelta(hours=1)
"""How far back trouble is looked for."""
_MOST: Final = 20


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Served(_Frozen):
    """A journey that somebody works on, or nobody: `performer` is `ai:NAME`, `queue:ID`, `person:ID` or None."""

    id: str
    kind: str
    stage: str
    performer: str | None


class Held(Served):
    """A journey that an AI agent has now."""

    opened_at: datetime


class Working(_Frozen):
    """An AI agent and the journeys that it has now, those first that were opened first."""

    agent: AgentState
    journeys: tuple[Held, ...]


class Falling(Served):
    """A journey whose customer grows unhappy: the `sentiments` of their last texts, from -100 to 100, the oldest first."""

    sentiments: tuple[int, ...]
    at: datetime


class Failing(Served):
    """A journey in which turns of an AI agent failed within the last hour."""

    agent: str
    failures: int
    at: datetime


class Wall(_Frozen):
    """All of it, at a moment."""

    working: tuple[Working, ...]
    falling: tuple[Falling, ...]
    failing: tuple[Failing, ...]
    endpoints: tuple[EndpointState, ...]
    stops: tuple[Stop, ...]
    """In force: of all, of AI agents, of journeys."""

    @property
    def all_stopped(self) -> bool:
        return any(each.scope == ALL for each in self.stops)


async def wall(desk: Desk, declared: Mapping[str, AIAgent], person_id: str, *, now: datetime) -> Wall:
    """What there is to watch. Raises DeniedError for whoever may not view the whole deployment."""
    states = await agents(desk, declared, person_id)
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)
        looking.require(Resource.deployment(), "wall", facts=Facts(simulated=looking.person.simulated))
        served = await _served(conn, looking)
        falling = await conn.fetch(sql["falling"], now - RECENT, _MOST)
        failing = await conn.fetch(sql["failing"], now - RECENT, _MOST)
        return Wall(
            working=tuple(Working(agent=each, journeys=tuple(served.get(each.name, ()))) for each in states),
            falling=tuple(Falling.model_validate(_plain(row)) for row in falling if _may_see(looking, row)),
            failing=tuple(Failing.model_validate(_plain(row)) for row in failing if _may_see(looking, row)),
            endpoints=tuple(await endpoints(conn, now)),
            stops=tuple(await stops(conn)),
        )


async def _served(conn: Connection, looking: Viewer) -> dict[str, list[Held]]:
    found: dict[str, list[Held]] = {}
    for row in await conn.fetch(sql["ai_journeys"], _MOST):
        if _may_see(looking, row):
            plain = {name: row[name] for name in Held.model_fields}
            found.setdefault(row["performer"].removeprefix("ai:"), []).append(Held.model_validate(plain))
    return found


def _may_see(looking: Viewer, row: Any) -> bool:
    facts = Facts(simulated=row["simulated"], channel=row["channel"], language=row["language"])
    return looking.shown("journey", [(Resource.journey(row["id"], kind=row["kind"]), facts)])[0]


def _plain(row: Any) -> dict[str, Any]:
    return {name: value for name, value in dict(row).items() if name not in ("simulated", "channel", "language")}
