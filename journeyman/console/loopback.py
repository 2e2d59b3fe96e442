"""One machine's own console: it listens on loopback, and answers nobody who came by another name.

A page of another site can have its name lead to 127.0.0.1 (DNS rebinding), and a proxy brings the whole world; where whoever
comes may choose who they are, both would be everybody.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from journeyman.console.problem import RefusedError, problem_of, response_of

_BY_PROXY = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"})


def is_loopback(host: str | None) -> bool:
    """Whether a name or an address is this very machine, without asking anyone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


class Loopback:
    """Middleware: refuses what is not addressed to this machine, or was sent on by a proxy."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            if not _is_ours(headers) or not _BY_PROXY.isdisjoint(headers):
                refused = RefusedError(
                    403,
                    "whoever comes may choose who they are here, so it answers to this machine's own name alone",
                    remedy="open it as 127.0.0.1 or localhost, without a proxy",
                )
                await response_of(problem_of(refused))(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_ours(headers: Headers) -> bool:
    named = headers.getlist("host")
    try:
        return len(named) == 1 and is_loopback(urlsplit(f"//{named[0]}").hostname)
    except ValueError:
        return False
