"""Event streams over a real socket, from a real server."""

import asyncio
import json
import socket
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from journeyman.console.live.change import Topic
from journeyman.console.live.fanout import Subscription
from journeyman.console.live.feed import Feed
from journeyman.console.live.stream import EventStream, resumes_after
from journeyman.console.server import Server
from journeyman.store import Database
from tests.integration.console.test_feed import commit


class Events:
    """A client: one connection, the events that come on it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._blocks: deque[str] = deque()
        self.id = ""

    async def block(self) -> dict[str, str] | None:
        """The fields of the next block, be it an event or not; None: the response has ended in order."""
        while not self._blocks:
            size = int(await self._reader.readline(), 16)
            chunk = (await self._reader.readexactly(size + 2))[:-2]
            if not size:
                return None
            self._blocks.extend(chunk.decode().removesuffix("\n\n").split("\n\n"))
        fields = dict(line.split(": ", 1) for line in self._blocks.popleft().split("\n") if line != ":")
        self.id = fields.get("id", self.id)
        return fields

    async def next(self) -> dict[str, str] | None:
        """The fields of the next event; None: the response has ended in order."""
        while (fields := await self.block()) is not None and "event" not in fields:
            continue
        return fields

    async def journey(self) -> Any:
        """The journey of the next change."""
        event = await self.next()
        assert event is not None
        assert event["event"] == "change"
        return json.loads(event["data"])["journey"]

    async def begun(self) -> None:
        """Wait until it says where it stands."""
        while not self.id:
            await self.block()

    def gone(self) -> None:
        """Leave as a browser does."""
        self._writer.close()


class _Server(Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the process's signals to the tests."""
        yield


class Served:
    """A console that has nothing but streams."""

    def __init__(self, feed: Feed) -> None:
        app = Starlette(routes=[Route("/events", self.events)])
        config = uvicorn.Config(app, lifespan="off", access_log=False, log_config=None)
        self.feed = feed
        self.server = _Server(config, feed.end)
        self.subscriptions: list[Subscription] = []
        self.pages: list[Events] = []
        self.listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self.listening.bind(("127.0.0.1", 0))
        self.listening.listen()

    async def events(self, request: Request) -> Response:
        topics = [Topic.parse(text) for text in request.query_params.getlist("topic")]
        person = request.query_params["person"]
        subscription = self.feed.subscribe(topics, person=person, after=resumes_after(request))
        self.subscriptions.append(subscription)
        return EventStream(subscription, heartbeat=0.05)

    async def connect(self, query: str, last: str = "") -> Events:
        """A stream whose response has begun."""
        reader, writer = await asyncio.open_connection(*self.listening.getsockname())
        header = f"Last-Event-ID: {last}\r\n" if last else ""
        writer.write(f"GET /events?{query} HTTP/1.1\r\nHost: console\r\n{header}\r\n".encode())
        assert b"text/event-stream" in await reader.readuntil(b"\r\n\r\n")
        self.pages.append(Events(reader, writer))
        return self.pages[-1]


@pytest.fixture
async def feed(database: Database) -> AsyncIterator[Feed]:
    """A feed that knows the past, and runs."""
    made = Feed(database)
    await made.poll()
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.wait([running])


@asynccontextmanager
async def serving(feed: Feed) -> AsyncIterator[Served]:
    served = Served(feed)
    task = asyncio.create_task(served.server.serve(sockets=[served.listening]))
    try:
        yield served
    finally:
        served.server.should_exit = True
        await task
        served.listening.close()
        for page in served.pages:
            page.gone()


async def test_what_is_committed_arrives_and_a_lost_connection_loses_nothing(feed: Feed, database: Database) -> None:
    async with serving(feed) as served:
        page = await served.connect("person=ana&topic=journey:a&topic=journey:b")
        await page.begun()
        await commit(database, "a", "x", "b")
        assert [await page.journey() for _ in range(2)] == ["a", "b"]
        page.gone()
        await commit(database, "a", "b")
        again = await served.connect("person=ana&topic=journey:a&topic=journey:b", page.id)
        assert [await again.journey() for _ in range(2)] == ["a", "b"]


async def test_a_heartbeat_moves_on_where_a_browser_resumes_from(feed: Feed, database: Database) -> None:
    async with serving(feed) as served:
        page = await served.connect("person=ana&topic=journey:a")
        await page.begun()
        wall = await served.connect("person=sue&topic=all")
        await wall.begun()
        await commit(database, "x")
        assert await wall.journey() == "x"
        while page.id != wall.id:
            assert "event" not in (await page.block() or {})


async def test_a_position_from_too_long_ago_gets_one_reset(database: Database) -> None:
    await commit(database, "a", "b", "c")
    feed = Feed(database, kept=1)
    await feed.poll()
    async with serving(feed) as served:
        page = await served.connect("person=ana&topic=journey:a", "1")
        event = await page.next()
        assert event is not None
        assert (event["event"], event["data"], event["id"]) == ("reset", "{}", str(feed.position))


async def test_the_streams_of_a_person_end_in_order_and_others_stay(feed: Feed, database: Database) -> None:
    async with serving(feed) as served:
        ana, sue = await served.connect("person=ana&topic=all"), await served.connect("person=sue&topic=all")
        await ana.begun()
        await sue.begun()
        feed.close("ana")
        assert await ana.next() is None
        await commit(database, "a")
        assert await sue.journey() == "a"


async def test_a_client_that_has_gone_is_no_listener_any_more(feed: Feed) -> None:
    async with serving(feed) as served:
        page = await served.connect("person=ana&topic=all")
        await page.begun()
        assert feed.streams == 1
        page.gone()
        assert await served.subscriptions[0].news(60) is None
        assert feed.streams == 0


async def test_a_server_that_shuts_down_ends_its_streams_first(feed: Feed) -> None:
    async with serving(feed) as served:
        page = await served.connect("person=ana&topic=all")
        await page.begun()
        served.server.should_exit = True
        assert await page.next() is None
