"""AI agents, as people see them: which version is in force, whether anyone has stopped it, how many journeys it has now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from journeyman.agents.agent import AIAgent
from journeyman.errors import NotFoundError
from journeyman.governance import Resource
from journeyman.publishing import all_in_force
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks.desk import Desk
from journeyman.tasks.stops import ALL, Stop, stops
from journeyman.tasks.viewing import Viewer, viewer

sql = load("agents")


class AgentState(BaseModel):
    """An AI agent at a moment."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    version: str | None
    """The hash of what is in force: none, and it does nothing."""
    published_by: str | None
    published_at: datetime | None
    current: bool
    """Whether what is in force is what this build has."""
    stopped: bool
    stop: Stop | None
    """Who stopped it, or all, and why: for those who may see that."""
    journeys: int
    """Open ones that it works on now."""


async def agents(desk: Desk, declared: Mapping[str, AIAgent], person_id: str) -> list[AgentState]:
    """Those that this person may see, of those that the project declares, by name."""
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)
        return await _states(conn, looking, [declared[name] for name in sorted(declared)])


async def agent(desk: Desk, declared: Mapping[str, AIAgent], person_id: str, name: str) -> AgentState:
    """One of them. Raises NotFoundError, DeniedError."""
    known = declared_agent(declared, name)
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)
        looking.require(_resource(known), "version")
        return (await _states(conn, looking, [known]))[0]


def declared_agent(declared: Mapping[str, AIAgent], name: str) -> AIAgent:
    """Raises NotFoundError."""
    if name not in declared:
        raise NotFoundError(f"there is no AI agent `{name}`; there are {', '.join(sorted(declared))}", field="agent")
    return declared[name]


async def _states(conn: Connection, looking: Viewer, wanted: list[AIAgent]) -> list[AgentState]:
    published = await all_in_force(conn)
    stopped = {each.scope: each for each in await stops(conn)}
    working = {row["agent"]: row["journeys"] for row in await conn.fetch(sql["working"])}
    told = looking.decide(Resource.deployment(), "stops").allowed
    found = []
    for each in wanted:
        if not looking.decide(_resource(each), "version").allowed:
            continue
        row: Mapping[str, Any] = published.get(f"agent:{each.name}", {})
        stop = stopped.get(f"agent:{each.name}") or stopped.get(ALL)
        found.append(
            AgentState(
                name=each.name,
                title=each.title,
                version=row.get("hash"),
                published_by=row.get("published_by"),
                published_at=row.get("at"),
                current=row.get("hash") == each.hash,
                stopped=stop is not None,
                stop=stop if told else None,
                journeys=working.get(each.name, 0),
            )
        )
    return found


def _resource(agent: AIAgent) -> Resource:
    return Resource.bundle(agent.hash, kind="agent", checked=False)
