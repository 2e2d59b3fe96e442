"""Journeys: the machine of each kind with how many stand where, lists, and one with its conversation and who works on it."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from operator import itemgetter
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from journeyman.console.asked import Asked, once
from journeyman.console.cursor import after, goes_on
from journeyman.console.drawing import draw
from journeyman.console.pages.page import Posted, Shown, go, live_of, render, words
from journeyman.console.pages.telling import agents_of, teller
from journeyman.console.pages.wording import JOURNEYS
from journeyman.console.words import JourneyId, Name, TaskId, Text
from journeyman.customers.journeys import Status
from journeyman.errors import ConflictError, DeniedError, InputError, NotFoundError
from journeyman.tasks import cases, looks, moving, speaking, stops
from journeyman.tasks.change import tasks_of_journey
from journeyman.views import colleagues, customers, following, journeys
from journeyman.views.journeys import Kind, Search

router = APIRouter(prefix="/journeys", include_in_schema=False)

Typed = Annotated[Text, Form()]

CANCELLED: Final[Mapping[str, str]] = {
    "customer_request": "The customer wants it so",
    "duplicate": "Another journey is about the same",
    "opened_by_mistake": "It was opened by mistake",
    "other": "Something else",
}
"""Why a journey is cancelled: its outcome from then on, in words."""

_SHOWN = 50
_LOOKS, _LOOK_EVERY = 20, 0.15  # seconds


@router.get("")
async def kinds(asked: Shown) -> Response:
    """Each kind's machine."""
    return render(
        asked, "journeys/kinds.html", here="/journeys", kinds=await _kinds(asked), told=await teller(asked, ())
    )


@router.get("/kinds.part")
async def kinds_again(asked: Shown) -> Response:
    """The same, read again."""
    return render(asked, "journeys/machines.html", kinds=await _kinds(asked), told=await teller(asked, ()))


@router.get("/list")
async def some(
    asked: Shown,
    kind: str = "",
    status: Status | Literal[""] = "",
    stage: str = "",
    agent: str = "",
    person: str = "",
    cursor: str = "",
) -> Response:
    """Those that fit, the newest first."""
    given = {"kind": kind, "status": status, "stage": stage, "agent": agent, "person": person}
    wanted = {name: value.replace("\0", "") or None for name, value in given.items()}
    search = Search.model_validate(wanted | {"before": after(cursor or None), "limit": _SHOWN})
    found = await journeys.search(asked.desk, asked.person, search)
    kept = {name: value for name, value in wanted.items() if value}
    last = goes_on(found.after)
    more = "/journeys/list?" + urlencode(kept | {"cursor": last}) if last else None
    return render(
        asked,
        "journeys/list.html",
        here="/journeys",
        found=found,
        given=given,
        more=more,
        choices=await _choices(asked, given),
        told=await teller(asked, [each.performer for each in found]),
    )


@router.get("/{journey}")
async def show(asked: Shown, journey: JourneyId) -> Response:
    """One of them. A look at it begins, which lasts as long as the page is open."""
    live = live_of(asked.console, ("journey", journey))
    look, page = await following.begin(asked.desk, journey, asked.person, **asked.deed)
    told = await _told(asked, page)
    whose = await customers.is_shown(asked.desk, page.journey.customer_id, asked.person, now=asked.now)
    return render(
        asked, "journeys/one.html", here="/journeys", live=live, look=look, cancelled=CANCELLED, whose=whose, **told
    )


@router.get("/{journey}/now.part")
async def again(asked: Shown, journey: JourneyId, look: Name) -> Response:
    """The same, read again."""
    page = await following.go_on(asked.desk, look, journey, asked.person, **asked.deed)
    return render(asked, "journeys/now.html", **await _told(asked, page))


@router.get("/{journey}/seen", status_code=204)
async def seen(asked: Shown, journey: JourneyId, look: Name) -> None:
    """The page is open still."""
    await following.go_on(asked.desk, look, journey, asked.person, **asked.deed)


@router.post("/{journey}/left", status_code=204)
async def left(asked: Shown, journey: JourneyId, look: Name) -> None:
    """The page was closed."""
    await looks.end(asked.desk, look, journey, asked.person, **asked.deed)


@router.post("/{journey}/whisper")
async def tell(request: Request, asked: Posted, journey: JourneyId, text: Typed = "") -> Response:
    """Tell whoever works on it something."""
    await once(lambda: speaking.whisper(asked.desk, journey, asked.person, text, **asked.deed))
    return _back(request, journey)


@router.post("/{journey}/say")
async def say(request: Request, asked: Posted, journey: JourneyId, text: Typed = "") -> Response:
    """Tell the customer something, whoever works on it."""
    await once(lambda: speaking.say_in(asked.desk, journey, asked.person, text, **asked.deed))
    return _back(request, journey)


@router.post("/{journey}/cancel")
async def cancel(
    request: Request, asked: Posted, journey: JourneyId, reason: Typed = "", comment: Typed = ""
) -> Response:
    """Cancel it."""
    if reason not in CANCELLED:
        raise InputError("choose why; `reason` is none of the choices", field="reason")
    await once(lambda: cases.cancel(asked.desk, journey, reason, comment=comment, person=asked.person, **asked.deed))
    return _back(request, journey)


@router.post("/{journey}/stop")
async def stop(
    request: Request,
    asked: Posted,
    journey: JourneyId,
    reason: Typed = "",
    mine: Annotated[Literal["", "yes"], Form()] = "",
) -> Response:
    """Take it away from AI agents: its work comes to people; `mine`, to whoever asks, once there is a task of it."""
    scope = f"journey:{journey}"
    await once(lambda: stops.stop(asked.desk, scope, reason=reason, person=asked.person, **asked.deed))
    if mine and (task := await _opened(asked, journey)):
        desk = replace(asked.desk, once=None)  # this request's key has been used for the stop
        with suppress(DeniedError, ConflictError):  # it is their own work, or someone was faster: the page tells
            await moving.take_over(desk, task, asked.person, reason=reason, **asked.deed)
            return go(request, f"/desk/tasks/{task}")
    return _back(request, journey)


@router.post("/{journey}/resume")
async def resume(request: Request, asked: Posted, journey: JourneyId) -> Response:
    """Let AI agents work on it again."""
    await once(lambda: stops.resume(asked.desk, f"journey:{journey}", person=asked.person, **asked.deed))
    return _back(request, journey)


@router.post("/{journey}/reassign")
async def reassign(request: Request, asked: Posted, journey: JourneyId) -> Response:
    """Ask policy anew who works on it."""
    await once(lambda: cases.reassign(asked.desk, journey, person=asked.person, **asked.deed))
    return _back(request, journey)


@router.post("/{journey}/tasks/{task}/take-over")
async def take_over(request: Request, asked: Posted, journey: JourneyId, task: TaskId, reason: Typed = "") -> Response:
    """Step in: the task is theirs, whoever had it."""
    await once(lambda: moving.take_over(asked.desk, task, asked.person, reason=reason, **asked.change))
    return go(request, f"/desk/tasks/{task}")


@router.post("/{journey}/tasks/{task}/transfer")
async def transfer(
    request: Request,
    asked: Posted,
    journey: JourneyId,
    task: TaskId,
    to: Annotated[Name, Form()],
    reason: Typed = "",
) -> Response:
    """Give a task of it to another person."""
    await once(lambda: moving.transfer(asked.desk, task, asked.person, reason=reason, to_person=to, **asked.change))
    return _back(request, journey)


async def _kinds(asked: Asked) -> list[dict[str, Any]]:
    """Those of this build, and those that journeys are still of."""
    counted = {each.kind: each for each in await journeys.kinds(asked.desk, asked.person, now=asked.now)}
    found = []
    for name in sorted({*asked.console.project.newest, *counted}):
        counts = counted.get(name) or Kind(kind=name, open=(), ended=())
        stages: Counter[str] = Counter()
        for each in counts.open:
            stages[each.stage] += each.journeys
        try:
            definition = asked.console.project.definition(name)
        except NotFoundError:
            definition = None
        drawing = draw(definition, stages) if definition else None
        found.append({"name": name, "definition": definition, "drawing": drawing, "counts": counts, "stages": stages})
    return found


async def _choices(asked: Asked, given: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """What a list can be narrowed to, by field: (value, words). What was asked for is among it, known or not."""
    project = asked.console.project
    definitions = [project.definition(kind) for kind in project.newest]
    found: dict[str, list[tuple[str, str]]] = {
        "kind": [(kind, words(kind)) for kind in sorted(project.newest)],
        "status": [*JOURNEYS.items()],
        "stage": [(name, words(name)) for name in dict.fromkeys(name for each in definitions for name in each.stages)],
        "agent": sorted(agents_of(asked.console).items(), key=itemgetter(1)),
        "person": [(each.id, each.name) for each in await colleagues.colleagues(asked.desk, asked.person)],
    }
    for field, value in given.items():
        if value and value not in dict(found[field]):
            found[field].append((value, value))
    return found


async def _told(asked: Asked, page: journeys.JourneyPage) -> dict[str, Any]:
    async with asked.console.database.connection() as conn:
        stop = next((each for each in await stops.stops(conn) if each.scope == f"journey:{page.journey.id}"), None)
    leads = "supervisor" in asked.caller.roles  # what is offered; what is done, policy decides
    others = [
        each
        for each in (await colleagues.colleagues(asked.desk, asked.person) if leads else ())
        if each.presence == "online" and each.id != asked.person
    ]
    named = [page.journey.performer, stop.set_by if stop else None, *(task.assignee for task in page.tasks)]
    named += [each.author for each in page.conversation if each.author_kind == "person"]
    told = await teller(asked, named)
    return {"page": page, "journey": page.journey, "stop": stop, "leads": leads, "others": others, "told": told}


async def _opened(asked: Asked, journey: str) -> str | None:
    """The task that a stopped journey becomes for people: its AI agent's turn may have to end first."""
    for _ in range(_LOOKS):
        async with asked.console.database.connection() as conn:
            for task in await tasks_of_journey(conn, journey):
                if task.open and task.assignee is None:
                    return task.id
        await asyncio.sleep(_LOOK_EVERY)
    return None


def _back(request: Request, journey: str) -> Response:
    return go(request, f"/journeys/{journey}")
