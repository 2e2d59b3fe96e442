"""What stands before every request: how long it may be, where it may come from, and what a browser may do with the answer.

Pure ASGI, so that a stream of events passes through it unbuffered.
"""

from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from journeyman.console.problem import RefusedError, problem_of, response_of

LARGEST_BODY = 1_000_000
"""Bytes."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
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
    """Middleware. `cookie` is the name of the session's."""

    def __init__(self, app: ASGIApp, cookie: str) -> None:
        self._app = app
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        taken = 0

        async def measured() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:  # as FastAPI lets it pass
                raise HTTPException(413, f"the body is longer than {LARGEST_BODY} bytes")
            return message

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    answered.setdefault(name, value)
                answered.setdefault("Cache-Control", "no-store")
            await send(message)

        if (refused := self._refused(scope["method"], headers)) is not None:
            await response_of(problem_of(refused))(scope, receive, guarded)
            return
        await self._app(scope, measured, guarded)

    def _refused(self, method: str, headers: Headers) -> RefusedError | None:
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            return RefusedError(400, "`Content-Length` is no number", remedy="send the length of the body, or none")
        if int(length) > LARGEST_BODY:
            return _too_large()
        if method not in _SAFE and self._signed_in(headers) and not _from_here(headers):
            return RefusedError(
                403,
                "the request comes from another site",
                remedy="send it from the console's own pages; programs use a token, not a session",
            )
        return None

    def _signed_in(self, headers: Headers) -> bool:
        return any(self._cookie in SimpleCookie(line) for line in headers.getlist("cookie"))


def _from_here(headers: Headers) -> bool:
    """Whether a page of ours sent it: browsers tell. A request that tells nothing is not believed."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")


def _too_large() -> RefusedError:
    return RefusedError(413, f"the body is longer than {LARGEST_BODY} bytes", remedy="send it in parts")
