"""AI agents: which versions are in force and what they have in hand, and the stop button, for one or for all."""

from fastapi import APIRouter

from journeyman.console.asked import Asked, Reads, Writes, asks, once
from journeyman.console.cursor import Listed, PageSize, page_of
from journeyman.console.words import AgentName, Why
from journeyman.tasks import stops
from journeyman.views import agents
from journeyman.views.agents import AgentState

router = APIRouter(prefix="/agents", tags=["agents"])


@router.get("", **asks("view", "Bundle", narrows=True))
async def everyone(asked: Reads, cursor: str | None = None, limit: PageSize = 50) -> Listed[AgentState]:
    """All of them that the person may see, by name."""
    found = await agents.agents(asked.desk, asked.console.project.agents, asked.person)
    return page_of(found, lambda each: each.name, cursor, limit)


@router.post("/stop", status_code=204, **asks("stop", "Deployment"))
async def stop_all(asked: Writes, given: Why) -> None:
    """Stop all of them: none begins another step, tool call or sentence, and people get the work."""
    await _stop(asked, stops.ALL, given)


@router.post("/resume", status_code=204, **asks("resume", "Deployment"))
async def resume_all(asked: Writes) -> None:
    """Take the stop of all away. One that is stopped by itself stays so."""
    await _resume(asked, stops.ALL)


@router.get("/{agent}", **asks("view", "Bundle"))
async def one(asked: Reads, agent: AgentName) -> AgentState:
    """One of them."""
    return await agents.agent(asked.desk, asked.console.project.agents, asked.person, agent)


@router.post("/{agent}/stop", status_code=204, **asks("stop", "AIAgent"))
async def stop(asked: Writes, agent: AgentName, given: Why) -> None:
    """Stop one everywhere, at once."""
    await _stop(asked, scope_of(asked, agent), given)


@router.post("/{agent}/resume", status_code=204, **asks("resume", "AIAgent"))
async def resume(asked: Writes, agent: AgentName) -> None:
    """Take its stop away. What went to people meanwhile stays with them."""
    await _resume(asked, scope_of(asked, agent))


def scope_of(asked: Asked, agent: str) -> str:
    """Of a stop of one AI agent. Raises NotFoundError."""
    return f"agent:{agents.declared_agent(asked.console.project.agents, agent).name}"


async def _stop(asked: Asked, scope: str, given: Why) -> None:
    await once(lambda: stops.stop(asked.desk, scope, reason=given.reason, person=asked.person, **asked.deed))


async def _resume(asked: Asked, scope: str) -> None:
    await once(lambda: stops.resume(asked.desk, scope, person=asked.person, **asked.deed))
