"""Signing in and out: by an identity provider, or on a developer's machine by choosing who to be."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from journeyman.console import identity
from journeyman.console.asked import Console, console_of
from journeyman.console.pages.page import PAGES, Shown, render_for_anyone
from journeyman.console.problem import RefusedError
from journeyman.tasks.people import everyone

router = APIRouter(include_in_schema=False)

Deployment = Annotated[Console, Depends(console_of)]


@router.get("/")
async def start(asked: Shown) -> Response:
    """To the first page that is for whoever comes."""
    path = next((path for path, _, roles in PAGES if roles & asked.caller.roles), "/desk")
    return RedirectResponse(path, 303)


@router.get("/signin")
async def choose(console: Deployment, next: str = "/") -> Response:
    """The ways to sign in."""
    people = []
    if console.picker:
        async with console.database.connection() as conn:
            people = await everyone(conn)
    return render_for_anyone(
        console, "signin.html", people=people, next=_local(next), provider=console.settings.oidc_issuer, problem=None
    )


@router.post("/signin")
async def pick(
    request: Request, console: Deployment, person: Annotated[str, Form()], next: Annotated[str, Form()] = "/"
) -> Response:
    """Be someone: on a developer's machine alone."""
    if not console.picker:
        raise RefusedError(404, "nobody is picked here", remedy="sign in with the identity provider")
    return await begin(request, console, person, auth="picker", next=next)


@router.post("/signout")
async def leave(request: Request, asked: Shown) -> Response:
    """End the session."""
    console = asked.console
    await identity.sign_out(console.desk, request.cookies[console.cookie], asked.caller, now=asked.now)
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


def _local(path: str) -> str:
    """A path of ours, or the start: never another site."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if plain else "/"
