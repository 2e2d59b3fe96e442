"""Events: what changes, told live, as Server-Sent Events (their form: `console.live.stream`). They carry no content.

One always hears what concerns oneself; of a queue, a journey or everything, who may view it. Policy, and the session or token,
are asked again every minute: a stream ends when one of them says no.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from journeyman.console.asked import Asked, Reads, asks, caller_again
from journeyman.console.live.change import ALL, Topic
from journeyman.console.live.fanout import News, Subscription
from journeyman.console.live.stream import EventStream, resumes_after
from journeyman.console.problem import RefusedError
from journeyman.console.words import Name
from journeyman.customers import journeys
from journeyman.errors import JourneymanError
from journeyman.governance import Facts, Resource
from journeyman.tasks.cases import resource_of
from journeyman.tasks.people import queue_of
from journeyman.tasks.viewing import viewer

router = APIRouter(prefix="/events", tags=["events"])

ASKED_AGAIN: Final = 60.0
"""Seconds."""
_MOST: Final = 50

_STREAM: dict[int | str, dict[str, object]] = {
    200: {
        "description": "Events `change`, `seen` and `reset`, for as long as the connection lasts.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: {"description": "Nothing is told live here."},
}


class Permitted(EventStream):
    """A stream that ends once it is no longer permitted."""

    def __init__(
        self,
        subscription: Subscription,
        still: Callable[[], Awaitable[object]],
        *,
        write: Callable[[News], bytes] | None = None,
    ) -> None:
        super().__init__(subscription, write=write)
        self._listening = subscription
        self._still = still

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asking = asyncio.create_task(self._ask())
        try:
            await super().__call__(scope, receive, send)
        finally:
            asking.cancel()

    async def _ask(self) -> None:
        try:
            while True:
                await asyncio.sleep(ASKED_AGAIN)
                await self._still()
        except (JourneymanError, RefusedError):
            self._listening.end()  # whoever may still listen connects again


@router.get("", response_class=Response, responses=_STREAM, **asks("view", "Person", narrows=True))
async def events(
    request: Request,
    asked: Reads,
    queue: Annotated[list[Name], Query(default_factory=list, max_length=_MOST, description="Queues to listen to.")],
    journey: Annotated[list[Name], Query(default_factory=list, max_length=_MOST, description="Journeys to listen to.")],
    everything: Annotated[bool, Query(alias="all", description="All of the deployment.")] = False,
    after: Annotated[str | None, Query(description="Resume after this position, as `Last-Event-ID` does.")] = None,
) -> Response:
    """Listen. `Last-Event-ID` resumes where a connection was lost; without one it begins now.

    A change names its queue and person to whom they concern: who listens to that queue or to all, and that person.
    """

    async def permitted(asked: Asked) -> frozenset[Topic]:
        return await _topics(asked, queue, journey, everything)

    async def still() -> None:
        caller = await caller_again(request, asked.console)
        if caller.id != asked.person:
            raise RefusedError(401, "someone else is signed in", remedy="connect again")
        await permitted(Asked(asked.console, caller, asked.desk, asked.console.clock()))

    topics, feed = await permitted(asked), asked.console.feed
    if feed is None:
        return Response(status_code=204)
    return Permitted(feed.subscribe(topics, person=asked.person, after=resumes_after(request)), still)


async def _topics(asked: Asked, queues: list[str], journey_ids: list[str], everything: bool) -> frozenset[Topic]:
    """What the person may listen to, of what they ask for. Raises NotFoundError, DeniedError."""
    topics = {Topic("person", asked.person)}
    async with asked.console.database.connection() as conn:
        looking = await viewer(asked.desk, conn, asked.person)
        for id in queues:
            found = await queue_of(conn, id)
            looking.require(Resource.queue(id, teams=found.teams), "events")
            topics.add(Topic("queue", id))
        for id in journey_ids:
            row = await journeys.read(conn, id)
            facts = Facts(simulated=row.simulated, channel=row.channel, language=row.language)
            looking.require(await resource_of(conn, row), "events", facts=facts)
            topics.add(Topic("journey", id))
        if everything:
            looking.require(Resource.deployment(), "events")
            topics.add(ALL)
    return frozenset(topics)
