"""What stands before every request: how long it may be, where it may come from, and what a browser may do with the answer.

Pure ASGI, so that a stream of events passes through it unbuffered.
"""

import asyncio
from collections.abc import Collection, Sequence
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journeyman.console.problem import RefusedError, problem_of, response_of

LARGEST_BODY = 1_000_000
"""Bytes."""
PATIENCE = 30.0
"""Seconds in which a body has to come."""

_YEAR = 365 * 24 * 3600
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CHAT = ("/chat", "/chat/")
_SIGN_IN = ("/signin", "/signin/")
_CHAT_API = "/api/v1/chat"
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


class Guard:
    """Middleware. `cookies` are the names of those that sign somebody in: a person, or a customer who chats. Pages of the sites
    `embedding` may have the chat in a frame, and their scripts may call its API, with tokens. `secure`: browsers come by HTTPS,
    and are told to come by nothing else (RFC 6797)."""

    def __init__(
        self, app: ASGIApp, cookies: Collection[str], embedding: Sequence[str] = (), *, secure: bool = False
    ) -> None:
        self._cookies = frozenset(cookies)
        self._app = app
        self._embedded = CORSMiddleware(
            app,
            allow_origins=embedding,
            allow_methods=("GET", "POST"),
            allow_headers=("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"),
            expose_headers=("Retry-After",),
        )
        ancestors = " ".join(embedding)
        self._headers = _HEADERS | ({"Strict-Transport-Security": f"max-age={_YEAR}"} if secure else {})
        self._in_frames = dict(self._headers)
        if embedding:
            del self._in_frames["X-Frame-Options"]  # which knows no list
            policy = _POLICY.replace("frame-ancestors 'none'", f"frame-ancestors 'self' {ancestors}")
            self._in_frames |= {"Content-Security-Policy": policy, "Cross-Origin-Opener-Policy": "unsafe-none"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path: str = scope["path"]
        taken, whole, until = 0, False, asyncio.get_running_loop().time() + PATIENCE

        async def measured() -> Message:
            nonlocal taken, whole
            try:
                async with asyncio.timeout_at(None if whole else until):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(408, f"the body did not come within {PATIENCE:g} seconds") from None
            whole = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:  # as FastAPI lets it pass
                raise HTTPException(413, f"the body is longer than {LARGEST_BODY} bytes")
            return message

        answered_whole = False

        async def guarded(message: Message) -> None:
            nonlocal answered_whole
            answered_whole = message["type"] == "http.response.body" and not message.get("more_body", False)
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                for name, value in (self._in_frames if _is(path, _CHAT) else self._headers).items():
                    answered.setdefault(name, value)
                answered.setdefault("Cache-Control", "no-store")
            await send(message)

        if (refused := self._refused(scope, path, headers)) is not None:
            await response_of(problem_of(refused))(scope, receive, guarded)
            return
        called = self._embedded if _is(path, (_CHAT_API, f"{_CHAT_API}/")) else self._app
        try:
            await called(scope, measured, guarded)
        except Exception:
            if not answered_whole:
                raise
            # A fault that is logged and told: the server need not log it again, nor cut the connection.

    def _refused(self, scope: Scope, path: str, headers: Headers) -> RefusedError | None:
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            return RefusedError(400, "`Content-Length` is no number", remedy="send the length of the body, or none")
        if int(length) > LARGEST_BODY:
            return _too_large()
        begins = _is(path, _CHAT) or _is(path, _SIGN_IN)  # a form there begins what a cookie then stands for
        # By the very parser that requests are read with: where another saw no cookie, this guard would not stand.
        guarded = begins or not self._cookies.isdisjoint(HTTPConnection(scope).cookies)
        if scope["method"] not in _SAFE and guarded and not _from_here(headers):
            return RefusedError(
                403,
                "the request comes from another site",
                remedy="send it from the console's own pages; programs use a token, not a session",
            )
        return None


def _is(path: str, places: tuple[str, str]) -> bool:
    """Whether it is a place, or something in it."""
    return path == places[0] or path.startswith(places[1])


def _from_here(headers: Headers) -> bool:
    """Whether a page of ours sent it: browsers tell. A request that tells nothing is not believed."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    try:
        origin = urlsplit(headers.get("origin", "")).netloc
    except ValueError:
        return False
    return origin != "" and origin == headers.get("host")


def _too_large() -> RefusedError:
    return RefusedError(413, f"the body is longer than {LARGEST_BODY} bytes", remedy="send it in parts")
