"""The console's application: REST API, sign-in and pages in one process that holds no state but sessions' rows."""

import os
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from journeyman.console import health, problem
from journeyman.console.api import (
    agents,
    callbacks,
    chat,
    copilot,
    customers,
    deeds,
    events,
    journeys,
    knowledge,
    people,
    policies,
    queues,
    tasks,
    traces,
)
from journeyman.console.asked import Console
from journeyman.console.guard import Guard
from journeyman.console.limits import Limits
from journeyman.console.pages import chat as chat_page
from journeyman.console.pages import copilot as copilot_page
from journeyman.console.pages import customers as customer_pages
from journeyman.console.pages import desk, doing, macros, page, search, signin, task, wall
from journeyman.console.pages import journeys as journey_pages
from journeyman.console.pages import policies as policy_pages
from journeyman.console.pages import traces as trace_pages

_API = (
    tasks.router,
    deeds.router,
    copilot.router,
    callbacks.router,
    journeys.router,
    customers.router,
    people.router,
    queues.router,
    agents.router,
    knowledge.router,
    events.router,
    chat.router,
    traces.router,
    policies.router,
)
PAGES = (
    signin.router,
    desk.router,
    search.router,
    customer_pages.router,
    macros.router,
    task.router,
    doing.router,
    trace_pages.router,
    policy_pages.router,
    chat_page.router,
    wall.router,
    journey_pages.router,
    copilot_page.router,
)

_DESCRIPTION = """
Journeys, the tasks of people in them, and the trace of both. Every route asks policy about the person whose session or token
it is (`x-asks` says what); nothing is done that policy does not permit, and every deed is in the ledger.

* **Errors** are problem details (RFC 9457) that name the field and the remedy.
* **Tasks** carry an `ETag`; a change with `If-Match` of another one is refused with 412.
* **Writes** with an `Idempotency-Key` are carried out once, however often they are sent within a week; a repeated
  one tells how things stand. Make each key a fresh UUID.
* **Secrets are told once**: a repeated request that began a chat is answered with 409 instead of its token.
* **No key** is taken by what needs none: `POST /chat/messages` and `/chat/person` have an `id` in the body, which is the
  same when they are sent again; `POST /chat/leave` ends what is over at most once; `POST /customers/find` and
  `/traces/{journey}/verify` read, and each reading is recorded; `POST /tasks/{task}/suggestions` has no effect until its
  text is used, and each asking is another, limited by 429.
* **Lists** go on at `cursor`, which is the `next` of the page before.
"""


class Api(APIRouter):
    """Routes of which all begin with the prefix: for the address of a page they are not tried one by one."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope) if scope["path"].startswith(self.prefix) else (Match.NONE, {})


class Static(StaticFiles):
    """Files whose address changes with their content."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


class Guarded(FastAPI):
    """Its guard stands before what answers faults, too: Starlette puts all other middleware behind that."""

    guard: Callable[[ASGIApp], ASGIApp] | None = None

    def openapi(self) -> dict[str, Any]:
        """The document of its routes, which all such applications have."""
        return self.openapi_schema or document()

    def build_middleware_stack(self) -> ASGIApp:
        """As it is, guarded."""
        stack = super().build_middleware_stack()
        return stack if self.guard is None else self.guard(stack)


def build(console: Console) -> FastAPI:
    """The application for one process. Whoever runs it opens and closes what `console` holds."""
    app = _routed()
    app.state.console = console
    app.state.limits = Limits()
    cookies, sites = (console.cookie, console.chat_cookie), console.settings.chat_origins if console.chat else ()
    app.guard = partial(Guard, cookies=cookies, embedding=sites, secure=console.secure)
    problem.register(app, page.fault)
    app.mount("/static", Static(directory=page.STATIC))
    return app


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, without a console. Shared, as the routes are: change a copy."""
    return FastAPI.openapi(_routed())


def _routed() -> Guarded:
    return Guarded(
        title="Journeyman",
        version="1",
        description=_DESCRIPTION.strip(),
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,  # to an address that the request's `Host` would choose
        docs_url=None,  # its page would take scripts from elsewhere
        redoc_url=None,
        routes=_routes(),
    )


@cache
def _routes() -> list[BaseRoute]:
    """Shared by all applications of a process: to make them of their functions' signatures takes most of a second."""
    api = Api(prefix="/api/v1", responses=_PROBLEMS)
    for router in _API:
        api.include_router(router)
    whole = APIRouter()
    for router in (api, health.router, *PAGES):
        whole.include_router(router)
    return whole.routes


_PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {
        "description": words,
        "model": problem.Problem,
        "content": {problem.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for status, words in (
        (400, "The request cannot be read."),
        (401, "Nobody is signed in, or the token does not count."),
        (403, "Policy does not permit it, or the token is not for it."),
        (404, "There is no such thing."),
        (408, "The body came too slowly."),
        (409, "It does not stand as this needs it; someone else was first."),
        (410, "It was erased."),
        (412, "It was changed since it was read."),
        (413, "The body is too large."),
        (415, "The body is not said to be JSON."),
        (422, "A field does not fit."),
        (429, "Too much at once; `Retry-After` says when there may be more."),
        (500, "The console has a fault; it is logged."),
        (503, "A service is away; nothing was done."),
    )
}
