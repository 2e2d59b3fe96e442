"""The page of a task, and the parts of it that it reads again while it is open."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from journeyman.console.pages.deeds import DEEDS
from journeyman.console.pages.page import Shown, render
from journeyman.console.pages.sheet import FOUND, HIDDEN, WORDS, WORK, choices, items_of, sheet
from journeyman.console.pages.telling import teller_of
from journeyman.console.words import Name, TaskId
from journeyman.errors import NotFoundError
from journeyman.tasks import drafts, looks
from journeyman.views import contents, looking

router = APIRouter(prefix="/desk/tasks/{task}", include_in_schema=False)

Place = Annotated[int, Query(ge=0, le=2**31 - 1)]


@router.get("")
async def show(asked: Shown, task: TaskId, open: Name | None = None) -> Response:
    """The page. `open` names a deed whose form stands open."""
    return await sheet(asked, task, opened=open)


@router.get("/messages")
async def messages(asked: Shown, task: TaskId, look: Name, position: Place = 0, revision: Place = 0) -> Response:
    """What was said since the position that the page shows; nothing, if nothing was."""
    again = await looking.go_on(
        asked.desk, look, task, asked.person, position=position, revision=revision, **asked.deed
    )
    if not again.messages:
        return Response(status_code=204)
    told = await teller_of(asked, again.names)
    return render(asked, "task/more.html", task=again.task, look=look, messages=again.messages, told=told, fresh=True)


@router.get("/head")
async def head(asked: Shown, task: TaskId, look: Name, revision: Place, position: Place = 0) -> Response:
    """How the task stands, who else has it open, and its notes."""
    again = await looking.go_on(
        asked.desk, look, task, asked.person, position=position, revision=revision, **asked.deed
    )
    return render(
        asked,
        "task/head.html",
        task=again.task,
        others=again.others,
        steps=again.steps,
        comments=again.comments or (),
        told=await teller_of(asked, again.names),
        fresh=True,
    )


@router.get("/choices/{form}")
async def found(asked: Shown, task: TaskId, form: Name) -> Response:
    """What there is to choose in a form that is unfolded."""
    if form not in FOUND:
        raise NotFoundError(f"there is nothing to choose in a form `{form}`; open the task again", field="form")
    there, actions = await contents.could(asked.desk, task, asked.person, now=asked.now)
    options = (await choices(asked, there, actions, {form}))[FOUND[form]]
    return render(asked, "task/choices.html", options=options, chosen="")


@router.post("/left", status_code=204)
async def left(asked: Shown, task: TaskId, look: Name) -> None:
    """The page was closed."""
    await looks.end(asked.desk, look, task, asked.person, **asked.deed)


@router.post("/draft")
async def draft(request: Request, asked: Shown, task: TaskId, form: Name) -> Response:
    """Keep what was typed into a form of the page, until it is sent."""
    if form not in (WORK, *WORDS, *DEEDS):
        raise NotFoundError(f"the page has no form `{form}`; open the task again", field="form")
    typed = [(name, text) for name, text in await items_of(request) if isinstance(text, str) and name not in HIDDEN]
    await drafts.keep(asked.desk, task, asked.person, form, typed, now=asked.now)
    return render(asked, "task/saved.html")
