"""Signing in and out: by an identity provider, or on a developer's machine by choosing who to be."""

import base64
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from journeyman.console import identity
from journeyman.console.asked import Console, console_of
from journeyman.console.pages.page import PAGES, Shown, render_for_anyone
from journeyman.console.problem import RefusedError, problem_of
from journeyman.console.provider import Begun
from journeyman.errors import JourneymanError
from journeyman.tasks.people import everyone

router = APIRouter(include_in_schema=False)

_BEGUN_LIFE = 600  # seconds: a sign-in that takes longer begins again

Deployment = Annotated[Console, Depends(console_of)]


@router.get("/")
async def start(asked: Shown) -> Response:
    """To the first page that is for whoever comes."""
    path = next((path for path, _, roles in PAGES if roles & asked.caller.roles), "/desk")
    return RedirectResponse(path, 303)


@router.get("/signin")
async def choose(console: Deployment, next: str = "/") -> Response:
    """The ways to sign in."""
    return await _ways(console, _local(next))


@router.get("/signin/provider")
async def go(console: Deployment, next: str = "/") -> Response:
    """To the identity provider, who sends the browser back to `/signin/back`."""
    if console.provider is None:
        raise RefusedError(404, "no identity provider is configured", remedy="set JOURNEYMAN_OIDC_ISSUER")
    address, begun = await console.provider.begin(_local(next), console.clock())
    answer = RedirectResponse(address, 303)
    kept = base64.urlsafe_b64encode(begun.model_dump_json().encode()).decode()
    answer.set_cookie(_begun(console), kept, secure=console.secure, httponly=True, samesite="lax", max_age=_BEGUN_LIFE)
    return answer


@router.get("/signin/back")
async def back(request: Request, console: Deployment, code: str = "", state: str = "", error: str = "") -> Response:
    """From the identity provider, with a code for who it was."""
    if console.provider is None:
        raise RefusedError(404, "no identity provider is configured", remedy="set JOURNEYMAN_OIDC_ISSUER")
    try:
        begun = Begun.model_validate_json(base64.urlsafe_b64decode(request.cookies.get(_begun(console), "")))
    except ValueError:
        return await _ways(console, "/", _lapsed())
    try:
        person = await console.provider.finish(begun, code, state, console.clock(), error=error)
        answer = await begin(request, console, person, auth="oidc", next=begun.next)
    except (RefusedError, JourneymanError) as refused:
        answer = await _ways(console, begun.next, refused)
    answer.delete_cookie(_begun(console), secure=console.secure, httponly=True, samesite="lax")
    return answer


@router.post("/signin")
async def pick(
    request: Request, console: Deployment, person: Annotated[str, Form()], next: Annotated[str, Form()] = "/"
) -> Response:
    """Be someone: on a developer's machine alone."""
    if not console.picker:
        raise RefusedError(404, "nobody is picked here", remedy="sign in with the identity provider")
    return await begin(request, console, person, auth="picker", next=next)


@router.post("/signout")
async def leave(request: Request, asked: Shown, everywhere: Annotated[bool, Form()] = False) -> Response:
    """End the session, or all that the person has."""
    console = asked.console
    if everywhere:
        await identity.sign_out_everywhere(console.desk, asked.caller, now=asked.now)
    else:
        await identity.sign_out(console.desk, request.cookies[console.cookie], asked.caller, now=asked.now)
    if console.feed is not None:
        console.feed.close(asked.person)
    answer = RedirectResponse("/signin", 303)
    answer.delete_cookie(console.cookie, secure=console.secure, httponly=True, samesite="lax")
    return answer


async def begin(request: Request, console: Console, person: str, *, auth: str, next: str) -> Response:
    """Begin a fresh session, whatever the browser had before, and go on where it wanted to go."""
    now = console.clock()
    if before := request.cookies.get(console.cookie):
        async with console.database.connection() as conn:
            caller = await identity.by_cookie(conn, before, now)
        if caller is not None:
            await identity.sign_out(console.desk, before, caller, now=now)
    secret = await identity.sign_in(console.desk, person, auth=auth, now=now)
    answer = RedirectResponse(_local(next), 303)
    answer.set_cookie(
        console.cookie,
        secret,
        secure=console.secure,
        httponly=True,
        samesite="lax",
        max_age=int(identity.LIFE.total_seconds()),
    )
    return answer


async def _ways(console: Console, next: str, refused: Exception | None = None) -> Response:
    people = []
    if console.picker:
        async with console.database.connection() as conn:
            people = await everyone(conn)
    problem = problem_of(refused) if refused is not None else None
    return render_for_anyone(
        console,
        "signin.html",
        status=problem.status if problem is not None else 200,
        people=people,
        next=next,
        provider=console.settings.oidc_issuer,
        problem=problem,
    )


def _begun(console: Console) -> str:
    return f"{console.cookie}-signin"


def _lapsed() -> RefusedError:
    return RefusedError(401, "no sign-in has begun in this browser, or it took too long", remedy="sign in again")


def _local(path: str) -> str:
    """A path of ours, or the start: never another site."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if plain else "/"
