"""The wall: AI agents and people side by side, what waits, and where it goes wrong; and what a supervisor does about it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from journeyman.console.api.agents import scope_of
from journeyman.console.asked import Asked, once
from journeyman.console.pages.page import Posted, Shown, go, is_part, live_of, render
from journeyman.console.pages.telling import teller
from journeyman.console.words import AgentName, Name, Text
from journeyman.tasks import staffing, stops
from journeyman.tasks.models import Presence
from journeyman.views import agents, colleagues, queues
from journeyman.views.colleagues import Colleague
from journeyman.views.wall import wall

router = APIRouter(prefix="/wall", include_in_schema=False)

Reason = Annotated[Text, Form()]


@router.get("")
async def show(asked: Shown) -> Response:
    """The page."""
    live = live_of(asked.console, ("all", "true"))
    return render(asked, "wall.html", here="/wall", live=live, **await _board(asked))


@router.get("/board.part")
async def board(asked: Shown) -> Response:
    """All that moves, read again."""
    return render(asked, "wall/board.html", **await _board(asked))


@router.get("/stop")
async def ask_all(asked: Shown) -> Response:
    """Whether all AI agents shall be stopped, and why."""
    return await _ask(asked, None)


@router.post("/stop")
async def stop_all(request: Request, asked: Posted, reason: Reason = "") -> Response:
    """Stop all AI agents."""
    return await _stop(request, asked, stops.ALL, reason)


@router.post("/resume")
async def resume_all(request: Request, asked: Posted) -> Response:
    """Take the stop of all away."""
    return await _resume(request, asked, stops.ALL)


@router.get("/agents/{agent}/stop")
async def ask(asked: Shown, agent: AgentName) -> Response:
    """Whether one shall be stopped, and why."""
    return await _ask(asked, agent)


@router.post("/agents/{agent}/stop")
async def stop(request: Request, asked: Posted, agent: AgentName, reason: Reason = "") -> Response:
    """Stop one everywhere, at once."""
    return await _stop(request, asked, scope_of(asked, agent), reason)


@router.post("/agents/{agent}/resume")
async def resume(request: Request, asked: Posted, agent: AgentName) -> Response:
    """Take its stop away."""
    return await _resume(request, asked, scope_of(asked, agent))


@router.post("/people/{person}/presence")
async def presence(request: Request, asked: Posted, person: Name, presence: Annotated[Presence, Form()]) -> Response:
    """Say whether somebody is there."""
    await once(lambda: staffing.set_presence(asked.desk, person, presence, by=asked.person, **asked.deed))
    return await _changed(request, asked)


async def _changed(request: Request, asked: Asked) -> Response:
    """The wall as it now is: where scripts run without a new page, so that the focus and the place stay."""
    return await board(asked) if is_part(request) else go(request, "/wall")


async def _board(asked: Asked) -> dict[str, Any]:
    seen = await wall(asked.desk, asked.console.project.agents, asked.person, now=asked.now)
    named = [*(each.set_by for each in seen.stops), *(each.performer for each in (*seen.falling, *seen.failing))]
    return {
        "wall": seen,
        "told": await teller(asked, named),
        "people": sorted(await colleagues.colleagues(asked.desk, asked.person), key=_busy_first),
        "queues": await queues.overviews(asked.desk, asked.person, now=asked.now),
    }


def _busy_first(person: Colleague) -> tuple[bool, int, str]:
    """Who holds work, then who is there, then the others."""
    order = ("online", "away")
    there = order.index(person.presence) if person.presence in order else len(order)
    return not person.holding, there, person.name


async def _ask(asked: Asked, name: str | None) -> Response:
    known = asked.console.project.agents
    agent = None if name is None else agents.declared_agent(known, name)
    await wall(asked.desk, known, asked.person, now=asked.now)  # for those alone who may see what they would stop
    return render(asked, "wall/stop.html", here="/wall", agent=agent)


async def _stop(request: Request, asked: Asked, scope: str, reason: str) -> Response:
    await once(lambda: stops.stop(asked.desk, scope, reason=reason, person=asked.person, **asked.deed))
    return go(request, "/wall")


async def _resume(request: Request, asked: Asked, scope: str) -> Response:
    await once(lambda: stops.resume(asked.desk, scope, person=asked.person, **asked.deed))
    return await _changed(request, asked)
