"""What a customer's request comes with: whose chat session it is, and whether there were too many."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from starlette.responses import Response

from journeyman.console.asked import Console, IdempotencyKey, asks, console_of, once_of
from journeyman.console.bucket import Buckets
from journeyman.console.limits import limit, limits_of
from journeyman.console.problem import RefusedError
from journeyman.conversation import chat
from journeyman.conversation.chat import ChatSession

_bearer = HTTPBearer(auto_error=False, scheme_name="Chat token", description="A customer's chat session, as a token.")
_cookie = APIKeyCookie(
    name="journeyman-chat", scheme_name="Chat cookie", auto_error=False, description="A customer's chat session."
)


_RECENT: Final = timedelta(minutes=2)  # what came before has been made up for by whoever keeps to the limit


@dataclass(frozen=True)
class Chatting:
    """A customer's request."""

    console: Console
    session: ChatSession
    now: datetime


async def offered(console: Annotated[Console, Depends(console_of)]) -> Console:
    """The console, where it offers the chat. Raises RefusedError."""
    if not console.chat:
        raise RefusedError(404, "no customer chat is offered here", remedy="set JOURNEYMAN_CHAT where it should be")
    return console


async def chatting(
    request: Request,
    console: Annotated[Console, Depends(offered)],
    token: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    _: Annotated[str | None, Security(_cookie)],
) -> Chatting:
    """Whose chat it is. Raises RefusedError: 401 where it is nobody's or over, 429 where too much comes."""
    now = console.clock()
    limit(limits_of(request).address, _peer(request), now)
    secret = token.credentials if token is not None else request.cookies.get(console.chat_cookie)
    session = None
    if secret:
        async with console.database.connection() as conn:
            session = await chat.session_of(console.desk, conn, secret, now)
    if session is None:
        raise RefusedError(401, "there is no chat, or it is over", remedy="begin one")
    return Chatting(console, session, now)


async def chatting_again(request: Request, console: Console) -> Chatting:
    """The same of a request that lasts, at this moment."""
    return await chatting(request, console, await _bearer(request), None)


async def sending(request: Request, chatting: Annotated[Chatting, Depends(chatting)]) -> Chatting:
    """The same of a request that writes."""
    await limit_sending(request, chatting)
    return chatting


async def beginning(
    request: Request, console: Annotated[Console, Depends(offered)], idempotency_key: IdempotencyKey = None
) -> Console:
    """A chat is begun by whoever comes; with a key, once. Keys of all who come are in one place: a fresh UUID meets no other."""
    limit_beginning(request, console)
    if idempotency_key is None:
        return console
    once = once_of(request, "", idempotency_key, await request.body(), console.clock())
    return replace(console, desk=replace(console.desk, once=once))


Reading = Annotated[Chatting, Depends(chatting)]
Sending = Annotated[Chatting, Depends(sending)]
Beginning = Annotated[Console, Depends(beginning)]
Offered = Annotated[Console, Depends(offered)]


def converses(resource: str = "Journey", *, by: str = "customer") -> dict[str, Any]:
    """What a customer's route asks Cedar, as `asks`. `by`: the customer whose session it is, or anyone, who becomes one."""
    return asks("converse", resource, by=by)


async def limit_sending(request: Request, chatting: Chatting) -> None:
    """Raises RefusedError where a session sends too much here, or its customer by all processes together."""
    here, now = limits_of(request).messages, chatting.now
    limit(here, chatting.session.digest, now)
    everywhere = Buckets(here.burst, here.every)
    async with chatting.console.database.connection() as conn:
        for at in await chat.sent(conn, chatting.session, now - _RECENT):
            everywhere.take(None, at)
    limit(everywhere, None, now)


def limit_beginning(request: Request, console: Console) -> None:
    """Raises RefusedError where too many chats are begun."""
    limit(limits_of(request).begun, _peer(request), console.clock())


def keep(answer: Response, console: Console, secret: str) -> None:
    """Give a browser its session. In a frame of another site the cookie is that frame's alone (CHIPS)."""
    framed = console.secure and bool(console.settings.chat_origins)
    attributes: Mapping[str, str] = {"Path": "/", "Max-Age": str(int(chat.LIFE.total_seconds()))}
    answer.headers.append("Set-Cookie", _written(console, secret, attributes, framed))


def forget(answer: Response, console: Console) -> None:
    """Take it away."""
    framed = console.secure and bool(console.settings.chat_origins)
    answer.headers.append("Set-Cookie", _written(console, "", {"Path": "/", "Max-Age": "0"}, framed))


def _written(console: Console, value: str, attributes: Mapping[str, str], framed: bool) -> str:
    """Starlette writes `Partitioned` on Python 3.14 alone."""
    flags = ["HttpOnly", "SameSite=None" if framed else "SameSite=Lax"]
    flags += ["Secure"] if console.secure else []
    flags += ["Partitioned"] if framed else []
    return "; ".join([f"{console.chat_cookie}={value}", *(f"{name}={of}" for name, of in attributes.items()), *flags])


def _peer(request: Request) -> str:
    """Who is connected: behind a proxy, the proxy."""
    return request.client.host if request.client else ""
