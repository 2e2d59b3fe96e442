"""What a request comes with: who asks, by which desk, when, and on which revision."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar, overload
from urllib.parse import urlencode

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from journeyman.agents.endpoint import Endpoint
from journeyman.console import identity
from journeyman.console.identity import Caller
from journeyman.console.live.feed import Feed
from journeyman.console.problem import RefusedError
from journeyman.console.provider import Provider
from journeyman.copilot import Copilot
from journeyman.errors import RepeatedError
from journeyman.project import Project
from journeyman.settings import Settings
from journeyman.store.database import Database
from journeyman.tasks.change import task_of
from journeyman.tasks.desk import Desk
from journeyman.tasks.models import Task
from journeyman.tasks.once import Once
from journeyman.tasks.operation import Change, Deed
from journeyman.tasks.viewing import seen

COOKIE = "journeyman"
"""Of the session; over HTTPS it is `__Host-journeyman`."""

UNATTENDED = "journeyman-unattended"
"""The header of a request that nobody made: a page read again what has changed."""

T = TypeVar("T")

_KEY = r"^[!-~]{1,200}$"  # of an Idempotency-Key
_TAG = r'^(\*|"[0-9]{1,9}")$'  # as RFC 9110 writes them
IdempotencyKey = Annotated[
    str | None, Header(pattern=_KEY, description="Sent again with the same key, the request changes nothing.")
]
_bearer = HTTPBearer(auto_error=False, description="A token with scopes.")
_cookie = APIKeyCookie(name=COOKIE, auto_error=False, description="A session of the console.")


@dataclass(frozen=True)
class Console:
    """One a process."""

    settings: Settings
    project: Project
    desk: Desk
    picker: bool = False
    """Whoever comes may choose who they are: on one machine, for development, and never elsewhere."""
    chat: bool = False
    """Customers may chat here, in pages and by the API."""
    provider: Provider | None = None
    """Whom people sign in with."""
    feed: Feed | None = None
    """What changes, told live: of a console that is served."""
    endpoint: Callable[[], Endpoint | None] = lambda: None
    """The model's, opened when it is needed; None where none is set up."""
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @property
    def database(self) -> Database:
        return self.desk.database

    @property
    def copilot(self) -> Copilot:
        """Who helps the people who work here."""
        return Copilot(self.desk, self.project.agents, self.endpoint)

    @property
    def position(self) -> int:
        """Up to where it was told what changes. A page takes it before it reads anything: what changes meanwhile is told it."""
        return self.feed.position if self.feed is not None else 0

    @property
    def secure(self) -> bool:
        """Whether browsers come by HTTPS."""
        return self.settings.console_url.startswith("https://")

    @property
    def cookie(self) -> str:
        """The name of the session's cookie."""
        return f"__Host-{COOKIE}" if self.secure else COOKIE

    @property
    def chat_cookie(self) -> str:
        """That of a customer's."""
        return f"{self.cookie}-chat"


@dataclass(frozen=True)
class Asked:
    """A request. What it asks for is done through `desk`, in the name of `person`."""

    console: Console
    caller: Caller
    desk: Desk
    now: datetime
    revision: int | None = None

    @property
    def person(self) -> str:
        return self.caller.id

    async def task(self, id: str) -> Task:
        """A task as it stands, whoever may see it. Raises NotFoundError."""
        async with self.console.database.connection() as conn:
            return await task_of(conn, id)

    async def shown(self, id: str) -> Task:
        """A task that policy shows to the person, without its content. Raises NotFoundError, DeniedError."""
        async with self.console.database.connection() as conn:
            task, _, _ = await seen(self.desk, conn, id, self.person, self.now)
            return task

    @property
    def deed(self) -> Deed:
        """The keywords that every operation takes."""
        return {"now": self.now, "auth": self.caller.auth}

    @property
    def change(self) -> Change:
        """Those of a change of a task: with the revision that was read, if the request names one."""
        return {"now": self.now, "auth": self.caller.auth, "revision": self.revision}


async def console_of(request: Request) -> Console:
    """The process's. (FastAPI calls what is not `async` in a thread, which costs a request a millisecond.)"""
    console: Console = request.app.state.console
    return console


async def caller_of(
    request: Request,
    console: Annotated[Console, Depends(console_of)],
    token: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    _: Annotated[str | None, Security(_cookie)],
) -> Caller:
    """Who asks. Raises RefusedError: 401 where nobody is signed in, 403 where the token is not for this."""
    now = console.clock()
    async with console.database.connection() as conn:
        if token is not None:
            caller = await identity.by_token(conn, token.credentials, now)
        elif secret := request.cookies.get(console.cookie):
            caller = await identity.by_cookie(conn, secret, now, attended=_attended(request))
        else:
            caller = None
    if caller is None:
        raise RefusedError(401, "nobody is signed in", remedy="sign in, or send a token that counts")
    if not caller.scoped(request.method, request.url.path):
        raise RefusedError(
            403, f"the token is not for {request.method} of `{request.url.path}`", remedy="make one with that scope"
        )
    return caller


def _attended(request: Request) -> bool:
    """Whether somebody is there: pages say of what they read by themselves that it is not so (`static/console.js`)."""
    return UNATTENDED not in request.headers and request.headers.get("accept") != "text/event-stream"


async def caller_again(request: Request, console: Console) -> Caller:
    """The same of a request that lasts, at this moment."""
    return await caller_of(request, console, await _bearer(request), None)


async def reads(
    console: Annotated[Console, Depends(console_of)], caller: Annotated[Caller, Depends(caller_of)]
) -> Asked:
    """A request that changes nothing."""
    return Asked(console, caller, console.desk, console.clock())


async def writes(
    request: Request, asked: Annotated[Asked, Depends(reads)], idempotency_key: IdempotencyKey = None
) -> Asked:
    """A request that changes something."""
    return asked if idempotency_key is None else _once(request, asked, idempotency_key, await request.body())


async def changes(
    asked: Annotated[Asked, Depends(writes)],
    if_match: Annotated[
        str | None, Header(pattern=_TAG, description="The task's `ETag` as it was read: if it has changed since, 412.")
    ] = None,
) -> Asked:
    """A request that changes a task, or writes beside it."""
    return replace(asked, revision=int(if_match.strip('"')) if if_match and if_match != "*" else None)


async def writing(request: Request, asked: Annotated[Asked, Depends(reads)]) -> Asked:
    """A form of a page that changes something: its fields `once` and `revision` are what headers are to programs."""
    form = await request.form()  # kept by the request, for the route
    key, revision = form.get("once"), form.get("revision")
    if isinstance(key, str):
        fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
        asked = _once(request, asked, key, urlencode(fields).encode())
    return replace(asked, revision=int(revision) if isinstance(revision, str) and revision.isdecimal() else None)


def _once(request: Request, asked: Asked, key: str, body: bytes) -> Asked:
    if not re.fullmatch(_KEY, key):
        raise RefusedError(
            400,
            "`Idempotency-Key` is up to 200 visible ASCII characters",
            remedy="send a fresh UUID for each request",
            field="Idempotency-Key",
        )
    return replace(asked, desk=replace(asked.desk, once=once_of(request, asked.person, key, body, asked.now)))


def once_of(request: Request, person: str, key: str, body: bytes, now: datetime) -> Once:
    """The key that a request came with, and what it asks for. `person` is empty where anyone may ask."""
    told = b"\0".join((request.method.encode(), request.url.path.encode(), body))
    return Once(person, key, hashlib.sha256(told).digest(), now)


Reads = Annotated[Asked, Depends(reads)]
Writes = Annotated[Asked, Depends(writes)]
Changes = Annotated[Asked, Depends(changes)]


def asks(action: str, resource: str, *, narrows: bool = False, by: str | None = None) -> dict[str, Any]:
    """What a route asks Cedar, for the OpenAPI document: `@router.get(..., **asks("view", "Task"))`.

    The operation behind it is what asks; tests hold every route to it. `narrows`: a list, which leaves out what policy does not
    show, and refuses nobody. `by`: whom it is about where that is not a person with a session or a token.
    """
    told = {"action": action, "resource": resource, "narrows": narrows} | ({"by": by} if by else {})
    return {"openapi_extra": {"x-asks": told}}


@overload
async def once(deed: Callable[[], Awaitable[T]], found: Callable[[], Awaitable[T]]) -> T: ...
@overload
async def once(deed: Callable[[], Awaitable[T]]) -> T | None: ...
async def once(deed: Callable[[], Awaitable[T]], found: Callable[[], Awaitable[T]] | None = None) -> T | None:
    """Do it; where this very request was carried out before, tell what there is: nothing, if there is nothing to tell."""
    try:
        return await deed()
    except RepeatedError:
        return await found() if found is not None else None
