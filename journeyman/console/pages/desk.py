"""The desk: what is offered to a person, what they hold and what waits for them; their queues; whether they are there.

The page is made of three parts, `board`, `me` and `queues`, which are read again when something changes.
"""

from asyncio import gather
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from journeyman.console.asked import Asked, once
from journeyman.console.pages.page import Posted, Shown, go, is_part, live_of, render
from journeyman.console.words import TaskId, Text
from journeyman.tasks import offers, staffing, working, wrap_up
from journeyman.tasks.lifecycle import State
from journeyman.tasks.models import Task
from journeyman.tasks.routing import Ranked
from journeyman.tasks.viewing import Viewer, looker
from journeyman.views import colleagues, consultations, inbox, queues
from journeyman.views.consultations import Consultation
from journeyman.views.labels import Labels, labels_of

router = APIRouter(prefix="/desk", include_in_schema=False)

SHOWN = 12
"""Waiting tasks: what fits on a screen. The search lists all."""

Part = Literal["board", "me", "queues"]
_NAMES: Final[dict[Part, str]] = {
    "board": "board",
    "me": "about_me",
    "queues": "queues",
}  # `me` is who asks, on every page


@dataclass(frozen=True)
class Board:
    """What there is to do."""

    asked: list[Consultation]
    offered: list[Task]
    held: list[Task]
    paused: list[Task]
    best: Ranked | None
    waiting: list[Ranked]
    labels: Labels


@router.get("")
async def desk(asked: Shown) -> Response:
    """The page."""
    position = asked.console.position
    looking = await looker(asked.desk, asked.person)
    told = dict(zip(_NAMES.values(), await gather(*(_told(asked, name, looking) for name in _NAMES)), strict=True))
    live = live_of(asked.console, *(("queue", queue.id) for queue in told["queues"]), after=position)
    return render(asked, "desk.html", here="/desk", live=live, notice="", **told)


@router.get("/board.part")
async def board(asked: Shown) -> Response:
    """What there is to do, read again."""
    return await _part(asked, "board")


@router.get("/me.part")
async def me(asked: Shown) -> Response:
    """Whether they are there, and how much they have in hand."""
    return await _part(asked, "me")


@router.get("/queues.part")
async def overviews(asked: Shown) -> Response:
    """Their queues."""
    return await _part(asked, "queues")


@router.post("/offers/{task}/accept")
async def accept(request: Request, asked: Posted, task: TaskId) -> Response:
    """Take what is offered, and go to it."""
    await once(lambda: offers.accept(asked.desk, task, asked.person, **asked.deed))
    return go(request, f"/desk/tasks/{task}")


@router.post("/offers/{task}/decline")
async def decline(request: Request, asked: Posted, task: TaskId) -> Response:
    """Leave what is offered to the next."""
    await once(lambda: offers.decline(asked.desk, task, asked.person, **asked.deed))
    return _changed(request)


@router.post("/waiting/{task}/claim")
async def claim(request: Request, asked: Posted, task: TaskId) -> Response:
    """Take a waiting task, and stay."""
    await once(lambda: working.claim(asked.desk, task, asked.person, **asked.deed))
    return _changed(request)


@router.post("/next")
async def take_next(request: Request, asked: Posted) -> Response:
    """Take the next best task, and go to it."""
    taken = await inbox.take_next(asked.desk, asked.person, **asked.deed)
    if taken is not None:
        return go(request, f"/desk/tasks/{taken.task.id}")
    return await _again(request, asked, "board", notice="Nothing waits for you.")


@router.post("/presence")
async def presence(
    request: Request, asked: Posted, presence: Annotated[Literal["online", "away", "offline"], Form()]
) -> Response:
    """Come, go, take a break."""
    await once(lambda: staffing.set_presence(asked.desk, asked.person, presence, by=asked.person, **asked.deed))
    return await _again(request, asked, "me")


@router.post("/wrapped-up")
async def wrapped_up(
    request: Request, asked: Posted, task: Annotated[str, Form()] = "", note: Annotated[Text, Form()] = ""
) -> Response:
    """Keep the notes of the task that was closed, if there are any, and be free for the next."""
    if note.strip():
        await once(lambda: working.comment(asked.desk, task, asked.person, note, **asked.deed))
    await wrap_up.end(asked.console.desk, asked.person, by=asked.person, **asked.deed)
    return await _again(request, asked, "me")


async def _part(asked: Asked, name: Part, notice: str = "") -> Response:
    told = await _told(asked, name, await looker(asked.desk, asked.person))
    return render(asked, f"desk/{name}.html", notice=notice, **{_NAMES[name]: told})


async def _again(request: Request, asked: Asked, name: Part, notice: str = "") -> Response:
    """How it stands now: the part alone where that is asked for."""
    return await _part(asked, name, notice) if is_part(request) else RedirectResponse("/desk", 303)


def _changed(request: Request) -> Response:
    """Nobody waits for the board to know that it is done: the page reads it again by itself."""
    if is_part(request):
        return Response(status_code=204, headers={"HX-Trigger": "changed"})
    return RedirectResponse("/desk", 303)


async def _told(asked: Asked, name: Part, looking: Viewer) -> Any:
    match name:
        case "board":
            return await _board(asked, looking)
        case "me":
            return await colleagues.colleague(asked.desk, asked.person, asked.person, looking=looking)
        case "queues":
            return await queues.overviews(asked.desk, asked.person, now=asked.now, looking=looking)


async def _board(asked: Asked, looking: Viewer) -> Board:
    mine, ranked, questions = await gather(
        inbox.mine(asked.desk, asked.person, now=asked.now, looking=looking),
        inbox.waiting(asked.desk, asked.person, now=asked.now, limit=SHOWN, looking=looking),
        consultations.asked_of(asked.desk, asked.person, now=asked.now),
    )
    offered = [task for task in mine if task.offered_to == asked.person and task.assignee != asked.person]
    held = [task for task in mine if task.assignee == asked.person and task.held]
    paused = [task for task in mine if task.assignee == asked.person and task.state is State.SUSPENDED]
    waiting = [each for each in ranked if each.task.offered_to is None]
    listed = [*mine, *(each.task for each in waiting), *(each.task for each in questions)]
    return Board(
        asked=questions,
        offered=sorted(offered, key=lambda task: task.offer_expires_at or asked.now),
        held=held,
        paused=sorted(paused, key=lambda task: task.follow_up_date or asked.now),
        best=waiting[0] if waiting else None,
        waiting=waiting[1:],
        labels=await labels_of(asked.desk, asked.person, listed, now=asked.now, looking=looking),
    )
