"""The event stream on the wire: Server-Sent Events (the HTML standard, section 9.2), and the response that carries them.

    id: 4711
    event: change
    data: {"type":"task.claimed","journey":"jrn-1","task":"task-1","queue":"claims","person":"ana","at":"2026-06-01T10:00:00Z"}

`change`: something changed; read again what it concerns. `seen`, with the same members: somebody looked, such as
`task.viewed`; show who, and do not read again, since that is looking too. `reset`: changes were lost to this listener; read
everything again. `queue` and `person` are null for whom they do not concern: who listens neither to that queue nor to all, and
is not that person. `id` alone moves on where the browser resumes from (`Last-Event-ID`). Two events may have the same id, and
one may come twice after a reconnect.
"""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Callable
from functools import lru_cache, partial
from typing import Final

from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from journeyman.console.live.change import Change, Topic
from journeyman.console.live.fanout import News, Subscription

HEARTBEAT: Final = 15.0
"""Seconds of silence after which a comment is sent, so that proxies keep the connection and a dead one shows."""
LIFETIME: Final = 900.0
"""Seconds after which a stream ends. The page connects again, and is asked anew who it is and what it may listen to."""
_COME_BACK: Final = (500, 2500)  # milliseconds: not all at once, when a process is started again


def resumes_after(request: Request) -> int | None:
    """The position that a request resumes from: the browser's `Last-Event-ID`, else `after` in the query. None: just now.

    One that cannot be read is 0, which leads to a `reset`: a browser that is refused never comes back.
    """
    told = request.headers.get("last-event-id") or request.query_params.get("after")
    if not told:
        return None
    return int(told) if told.isascii() and told.isdigit() and len(told) < 19 else 0


class EventStream(StreamingResponse):
    """The response. It ends its subscription, however it ends itself."""

    def __init__(
        self,
        subscription: Subscription,
        *,
        heartbeat: float = HEARTBEAT,
        lifetime: float = LIFETIME,
        write: Callable[[News], bytes] | None = None,
    ) -> None:
        """`write`: how news are told, where not as `written`."""
        self._subscription = subscription
        self._events = events(subscription, heartbeat=heartbeat, lifetime=lifetime, write=write)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(self._events, media_type="text/event-stream", headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._subscription.end()
            await self._events.aclose()


async def events(
    subscription: Subscription, *, heartbeat: float, lifetime: float, write: Callable[[News], bytes] | None = None
) -> AsyncGenerator[bytes, None]:
    """The bytes of a stream, until its subscription or its lifetime ends."""
    clock = asyncio.get_running_loop().time
    until = clock() + lifetime
    yield b"retry: %d\n\n" % random.randint(*_COME_BACK)
    patience = 0.0  # at once what was missed, or where to resume from if nothing was
    tell = write or partial(written, topics=subscription.topics)
    while (news := await subscription.news(patience)) is not None:
        yield tell(news)
        if (left := until - clock()) <= 0:
            return
        patience = min(heartbeat, left)


def written(news: News, topics: frozenset[Topic]) -> bytes:
    """Its bytes, for who listens to these."""
    if news.reset:
        return b"id: %d\nevent: reset\ndata: {}\n\n" % news.position
    return b"".join(_written(each, each.names_to(topics)) for each in news.changes) or b":\nid: %d\n\n" % news.position


@lru_cache(maxsize=1024)  # all listeners are sent the same bytes
def _written(change: Change, named: bool) -> bytes:
    names = ("type", "journey", "task", "queue", "person", "at")
    hidden = () if named else ("queue", "person")
    data = json.dumps(
        {name: None if name in hidden else getattr(change, name) for name in names}, separators=(",", ":")
    )
    event = "seen" if change.looked else "change"
    return f"id: {change.position}\nevent: {event}\ndata: {data}\n\n".encode()
