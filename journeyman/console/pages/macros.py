"""Macros: keeping them, and finding one to insert where a customer is answered."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from starlette.responses import RedirectResponse, Response

from journeyman.console.asked import Asked, once
from journeyman.console.pages.explaining import explained
from journeyman.console.pages.page import Posted, Shown, render
from journeyman.console.problem import Problem
from journeyman.console.words import Name, Text
from journeyman.errors import InputError
from journeyman.tasks import macros

router = APIRouter(prefix="/desk", include_in_schema=False)

MacroId = Annotated[Name, Path()]
Given = Annotated[Text, Form()]


@router.get("/macros")
async def kept(asked: Shown) -> Response:
    """Those that the person may use; they change their own, and those of teams whose macros they keep."""
    return await _page(asked)


@router.get("/macros.part")
async def part(asked: Shown, q: str = "") -> Response:
    """A list of buttons. Each has in `data-macro` the text to insert, `{me}` filled; `{customer}` and `{task}` are for whoever
    inserts it to fill."""
    found = await macros.macros(asked.desk, asked.person, q[:200])
    return render(asked, "desk/macros.html", macros=found)


@router.post("/macros")
async def add(asked: Posted, name: Given = "", text: Given = "", keys: Given = "", team: Given = "") -> Response:
    """Keep a new one."""
    given: dict[str, Any] = {"name": name, "text": text, "keys": keys}
    try:
        await once(lambda: macros.add(asked.desk, asked.person, **given, team=team or None, **asked.deed))
    except InputError as error:
        return await _page(asked, problem=await explained(asked.console, error), given={**given, "team": team})
    return RedirectResponse("/desk/macros", 303)


@router.post("/macros/{macro}")
async def change(asked: Posted, macro: MacroId, name: Given = "", text: Given = "", keys: Given = "") -> Response:
    """Give it other words."""
    given: dict[str, Any] = {"name": name, "text": text, "keys": keys}
    try:
        await once(lambda: macros.change(asked.desk, asked.person, macro, **given, **asked.deed))
    except InputError as error:
        return await _page(asked, problem=await explained(asked.console, error), given={**given, "id": macro})
    return RedirectResponse("/desk/macros", 303)


@router.post("/macros/{macro}/remove")
async def remove(asked: Posted, macro: MacroId) -> Response:
    """Take it away."""
    await once(lambda: macros.remove(asked.desk, asked.person, macro, **asked.deed))
    return RedirectResponse("/desk/macros", 303)


async def _page(asked: Asked, *, problem: Problem | None = None, given: dict[str, Any] | None = None) -> Response:
    """`given` is what was sent and did not fit: nothing that was typed is lost."""
    return render(
        asked,
        "macros.html",
        status=problem.status if problem else 200,
        here="/desk",
        macros=await macros.macros(asked.desk, asked.person),
        teams=await macros.kept_teams(asked.desk, asked.person),
        places=macros.PLACES,
        problem=problem,
        given=given or {},
    )
