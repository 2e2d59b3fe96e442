"""What went wrong, as problem details that name the field and the remedy.

Source: RFC 9457. `type` is `urn:journeyman:problem:WORD`, one for each of our errors; a message of ours says first what is wrong
and then, after a semicolon, what to do about it.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match

from journeyman import errors
from journeyman.misfit import in_words

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_STATUS: Mapping[type[errors.JourneymanError], tuple[int, str, str, str]] = {
    errors.NotFoundError: (404, "not-found", "There is no such thing", "check its id"),
    errors.RepeatedError: (409, "repeated", "It was carried out before", "read how things stand"),
    errors.ConflictError: (409, "conflict", "It does not stand as this needs it", "read how things stand"),
    errors.InputError: (422, "input", "What was sent cannot be used", "mend it, and send it again"),
    errors.DeniedError: (403, "denied", "Policy does not permit this", "do it otherwise, or ask someone who may"),
    errors.ErasedError: (410, "erased", "It was erased", "go on without it"),
    errors.UnavailableError: (503, "unavailable", "A service is away", "try again in a moment"),
    errors.PolicyError: (
        503,
        "policy",
        "The policies cannot be used, so nothing is permitted",
        "ask whoever runs this to publish some that can",
    ),
    errors.ConfigurationError: (503, "configuration", "The deployment is not set up for this", "ask whoever runs this"),
}
"""Of an error of ours: what it is, and what to do where it does not say so itself."""
_WORDS: Mapping[int, tuple[str, str, str]] = {
    400: ("request", "The request cannot be read", "check how it is written"),
    401: ("signed-out", "Nobody is signed in", "sign in"),
    403: ("denied", "This is not permitted", "ask someone who may"),
    404: ("not-found", "There is no such page", "check the address"),
    405: ("method", "This cannot be done here", "ask by a method that `Allow` names"),
    408: ("slow", "The request came too slowly", "send it again, or less of it at once"),
    412: ("changed", "It was changed since it was read", "read it again"),
    413: ("too-large", "That is too large", "send it in parts"),
    415: ("media-type", "The body is of another type", "send JSON, and say so: `Content-Type: application/json`"),
    429: ("too-many", "Too many at once", "wait a moment"),
    503: ("unavailable", "A service is away", "try again in a moment"),
}
"""Of a status: its word, its title, and what to do where nothing better is known."""
_API = "/api/"
_RETRY_AFTER = "2"  # seconds: how soon a server that is started again answers


class Misfit(BaseModel):
    """One field that does not fit."""

    field: str
    detail: str


class Problem(BaseModel):
    """Problem details."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str | None = None
    """What to do about it."""
    field: str | None = None
    """The field of the request that it is about."""
    policies: list[str] = Field(default_factory=list)
    """Of a refusal: the policies that decided."""
    retry_after: int | None = None
    """Seconds until it may be sent again."""
    errors: list[Misfit] = Field(default_factory=list)
    """Of a body that does not fit: every field that is wrong."""


class RefusedError(Exception):
    """The request is refused before any operation: `status` and the words for it."""

    def __init__(
        self, status: int, detail: str, *, remedy: str, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.remedy, self.field = status, detail, remedy, field
        self.retry_after = retry_after


def problem_of(error: Exception, message: str | None = None) -> Problem:
    """The problem that an error is to a caller, by its own message or in these words. What is not ours says nothing of itself."""
    match error:
        case RefusedError():
            word, title, _ = _WORDS[error.status]
            told = _problem(word, title, error.status, error.detail, remedy=error.remedy, field=error.field)
            return told.model_copy(update={"retry_after": error.retry_after})
        case RequestValidationError():
            return _misfits(error)
        case HTTPException():
            word, title, remedy = _WORDS.get(error.status_code, _WORDS[400])
            return _problem(word, title, error.status_code, str(error.detail).lower(), remedy=remedy)
        case errors.DatabaseUnavailableError():  # where it is concerns whoever runs it: see `register`
            return _problem(
                "unavailable",
                "A service is away",
                503,
                "the database is away, and the console waits for it",
                remedy="try again in a moment: what is sent again is done once",
            )
        case errors.ConflictError() if error.field == "revision":
            return _told(error, message, 412, *_WORDS[412])
        case errors.JourneymanError():
            for kind in type(error).__mro__:
                if kind in _STATUS:
                    return _told(error, message, *_STATUS[kind])
    return _problem(
        "fault", "Something broke", 500, "the console has a fault, and it is logged", remedy="try again later"
    )


def response_of(problem: Problem) -> Response:
    """As it is sent."""
    headers = {"Retry-After": _RETRY_AFTER} if problem.status == 503 else {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    body = problem.model_dump(exclude_none=True, exclude_defaults=True)
    return JSONResponse(body, problem.status, headers, MEDIA_TYPE)


def register(app: FastAPI, page: Callable[[Request, Exception], Awaitable[Response]]) -> None:
    """Answer every error: programs with its problem, browsers with a page that says it."""

    async def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, RequestValidationError) and _is_no_json(request, error):
            error = HTTPException(415, f"the body is `{request.headers.get('content-type', 'of no type')}`")
        problem = problem_of(error)
        if problem.status == 500:
            log.error("a request broke: %s %s", request.method, request.url.path, exc_info=error)
        elif problem.status == 503:
            log.warning("%s", error)
        told = response_of(problem) if request.url.path.startswith(_API) else await page(request, error)
        told.headers.update(getattr(error, "headers", None) or {})
        if problem.status == 405:
            told.headers["Allow"] = ", ".join(sorted(_methods(request)))
        return told

    async def gone(request: Request, error: Exception) -> Response:
        return Response(status_code=400)  # nobody hears it; to go away while one is asked is no fault of ours

    app.add_exception_handler(ClientDisconnect, gone)
    for kind in (errors.JourneymanError, RefusedError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, answer)


def _is_no_json(request: Request, error: RequestValidationError) -> bool:
    """Whether there is a body that was not read, because it is not said to be JSON."""
    named = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    unread = any(each["loc"] == ("body",) and each["type"] != "missing" for each in error.errors())
    return unread and request.url.path.startswith(_API) and not named.endswith(("/json", "+json"))


def _methods(request: Request) -> set[str]:
    """What may be asked of an address, by all the routes that it has. The error names those of the first alone."""
    found = [
        each for each in iter_route_contexts(request.app.routes) if each.matches(request.scope)[0] is not Match.NONE
    ]
    named = min((each.path or "" for each in found), key=lambda path: path.count("{"), default="")  # `next`, not an id
    return {method for each in found if each.path == named for method in each.methods or ()}


def _told(
    error: errors.JourneymanError, message: str | None, status: int, word: str, title: str, else_: str
) -> Problem:
    detail, _, remedy = (message or str(error)).partition("; ")
    return _problem(
        word,
        title,
        status,
        detail,
        remedy=remedy or else_,
        field=getattr(error, "field", None),
        policies=list(getattr(error, "policies", ())),
    )


def _misfits(error: RequestValidationError) -> Problem:
    found = [_misfit(each) for each in error.errors()]
    first = found[0]
    problem = _problem(
        "input", "What was sent cannot be used", 422, f"`{first.field}`: {first.detail}", field=first.field
    )
    return problem.model_copy(update={"errors": found, "remedy": "mend the fields that are named, and send it again"})


def _misfit(wrong: Mapping[str, Any]) -> Misfit:
    """One of the framework's errors, which tells of what is no JSON only a character for its place."""
    where, *path = wrong["loc"]
    if wrong["type"] == "json_invalid":
        why = in_words({"msg": wrong["ctx"]["error"]})
        return Misfit(field=where, detail=f"it is no JSON from character {path[0]} on: {why}")
    return Misfit(field=".".join(map(str, path)) or where, detail=in_words(wrong))


def _problem(word: str, title: str, status: int, detail: str, **more: Any) -> Problem:
    return Problem(type=f"urn:journeyman:problem:{word}", title=title, status=status, detail=detail, **more)
