"""How a page is made: its template, its words, and what every page has."""

import hashlib
import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

from fastapi import Depends, Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse, Response

from journeyman.console.asked import Asked, Console, reads, writing
from journeyman.console.pages.explaining import explained
from journeyman.console.pages.telling import reason
from journeyman.console.pages.wording import ENDINGS, JOURNEYS, PRESENCES, standing
from journeyman.customers.journeys import Status
from journeyman.tasks.routing import in_words

_SKEW: Final = timedelta(seconds=5)  # by which clocks may be apart
_AI: Final = re.compile(r"\bai\b")
_HANDLE: Final = re.compile(r"\[(pin|password):sec-\w+\]")

STATIC = Path(__file__).parents[1] / "static"

PAGES: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("/desk", "Desk", frozenset({"agent", "supervisor"})),
    ("/customers", "Customers", frozenset({"agent", "supervisor"})),
    ("/wall", "Supervise", frozenset({"supervisor"})),
    ("/journeys", "Journeys", frozenset({"agent", "supervisor", "auditor", "author"})),
    ("/traces", "Audit", frozenset({"auditor", "supervisor"})),
    ("/policies", "Policies", frozenset({"auditor", "supervisor", "author"})),
)
"""The way through the console: path, title, and the roles that it is for. What a page shows, policy says."""


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("journeyman.console"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "when": _when,
        "state": standing,
        "status": _status,
        "ending": ENDINGS.__getitem__,
        "presence": PRESENCES.__getitem__,
        "words": words,
        "duration": in_words,
        "masked": _masked,
        "cited": _cited,
        "reason": reason,
        "sentence": _sentence,
    }
    made.globals |= {"static": static, "key": lambda: uuid4().hex}
    made.globals["sheet"] = made.get_template(
        "task/parts.html"
    ).module  # each of a page's many parts would import it anew
    return made


@cache
def static(name: str) -> str:
    """The address of a static file: it changes with the file, so that browsers may keep it for ever."""
    return f"/static/{name}?{hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def render(asked: Asked, template: str, *, status: int = 200, **more: Any) -> Response:
    """A page, or a part of one, for whoever asks."""
    told = {"me": asked.caller, "now": asked.now, "pages": _pages_of(asked), **_common(asked.console), **more}
    return HTMLResponse(_environment().get_template(template).render(told), status)


def render_for_anyone(console: Console, template: str, *, status: int = 200, **more: Any) -> Response:
    """A page for someone who is not signed in."""
    told = {"me": None, "pages": (), **_common(console), **more}
    return HTMLResponse(_environment().get_template(template).render(told), status)


def is_part(request: Request) -> bool:
    """Whether a script of a page asks: it is answered with a part of the page."""
    return "hx-request" in request.headers


def live_of(console: Console, *topics: tuple[str, str], after: int | None = None) -> str:
    """Where a page hears of what changes from now on, or `after` a position: take it before anything is read."""
    return "/api/v1/events?" + urlencode([*topics, ("after", console.position if after is None else after)])


def go(request: Request, path: str) -> Response:
    """To another page, after a form was taken."""
    if is_part(request):
        return Response(headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


async def fault(request: Request, error: Exception) -> Response:
    """What a browser is shown in the place of a page. Who is not signed in is taken to where they can."""
    console: Console = request.app.state.console
    problem = await explained(console, error)
    if problem.status == 401:
        part = is_part(request)
        page = _path(request.headers.get("hx-current-url", "/")) if part else request.url.path
        there = f"/signin?next={quote(page, safe='/')}"
        return Response(status_code=401 if part else 303, headers={"HX-Redirect" if part else "Location": there})
    template = "parts/problem.html" if is_part(request) else "problem.html"
    answer = render_for_anyone(console, template, status=problem.status, problem=problem)
    if problem.status == 503:
        answer.headers["Retry-After"] = "2"
    return answer


Shown = Annotated[Asked, Depends(reads)]
"""A request for a page."""
Posted = Annotated[Asked, Depends(writing)]
"""A form that was sent: its fields `once` and `revision` are its key and what was read."""


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return "/"


def _common(console: Console) -> dict[str, Any]:
    return {"picker": console.picker, "standin": console.settings.model == "stand-in", "chat": console.chat}


def _pages_of(asked: Asked) -> list[tuple[str, str]]:
    return [(path, title) for path, title, roles in PAGES if roles & asked.caller.roles]


def words(name: str) -> str:
    """A stable word or a field's name, to be read: `ai-disclosure` is `AI disclosure`."""
    return _AI.sub("AI", name.replace("_", " ").replace("-", " "))


def _sentence(words: str) -> str:
    """As a sentence begins."""
    return words[:1].upper() + words[1:]


def _status(status: Status, outcome: str | None = None) -> str:
    """How a journey stands, and as what it ended: `Finished, settled`."""
    return f"{JOURNEYS[status]}, {words(outcome)}" if outcome else JOURNEYS[status]


def _masked(text: str) -> str:
    """What was said, without the handle of a secret that was taken out of it: `[pin:sec-…]` is `[pin]`."""
    return _HANDLE.sub(r"[\1]", text)


def _cited(citation: str) -> str:
    """A citation to be read: `bank/balance.md#when-no-balance-comes@8a887f` is `balance: when no balance comes`."""
    file, _, passage = citation.partition("@")[0].partition("#")
    named = dict.fromkeys(words(part) for part in (file.rpartition("/")[2].removesuffix(".md"), passage) if part)
    return ": ".join(named)


def _when(moment: datetime, now: datetime) -> str:
    """`just now`, `5 min ago`, `in under a minute`, `in 2 h`; further off, the day."""
    apart = now - moment
    if -_SKEW < apart < timedelta(minutes=1):
        return "just now"
    if abs(apart) > timedelta(days=2):
        return f"{moment:%d %b %Y %H:%M} UTC"
    return f"{in_words(apart)} ago" if apart > timedelta() else f"in {in_words(-apart)}"
