"""What is told live, and to whom."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2
import pytest

from journeyman.console import identity
from journeyman.console.api import events
from journeyman.console.app import build
from journeyman.console.live.feed import Feed
from journeyman.tasks import working
from tests.integration.console.site import Site
from tests.integration.tasks.world import NOW

EVENTS = "/api/v1/events"


@dataclass
class Stream:
    """A response that goes on: its status, and its events as they come."""

    status: int = 0
    received: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)
    left: str = ""

    async def begun(self) -> None:
        """It says where it stands."""
        while "\nid: " not in f"\n{self.left}":
            self.left += await self._more()

    async def claim(self) -> Any:
        """The next claim. Fails where the stream ends first."""
        while True:
            block, found, rest = self.left.partition("\n\n")
            if not found:
                self.left += await self._more()
                continue
            self.left = rest
            fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
            if fields.get("event") == "change" and (told := json.loads(fields["data"]))["type"] == "task.claimed":
                return told

    async def ended(self) -> None:
        """It ends."""
        async with asyncio.timeout(5):
            while await self.received.get() is not None:
                pass

    async def _more(self) -> str:
        async with asyncio.timeout(5):
            chunk = await self.received.get()
        assert chunk is not None, "it has ended"
        return chunk.decode()


@pytest.fixture
async def live(site: Site) -> AsyncIterator[Site]:
    """A console that tells what changes."""
    feed = Feed(site.world.database)
    running = asyncio.create_task(feed.run())
    site.console = replace(site.console, feed=feed)
    site.app = build(site.console)
    yield site
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def listening(site: Site, query: str, *headers: tuple[str, str]) -> AsyncIterator[Stream]:
    """Listen as a browser or a program does, until the block is left."""
    stream, gone = Stream(), asyncio.Event()
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "path": EVENTS,
        "raw_path": EVENTS.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in (("host", "console.test"), *headers)],
        "client": None,
        "server": None,
    }
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            stream.status = message["status"]
        elif message.get("body"):
            stream.received.put_nowait(message["body"])
        if message["type"] == "http.response.body" and not message.get("more_body"):
            stream.received.put_nowait(None)

    serving = asyncio.create_task(site.app(scope, receive, send))
    try:
        yield stream
    finally:
        gone.set()
        async with asyncio.timeout(5):
            await asyncio.gather(serving, return_exceptions=True)


async def cookie(site: Site, person: str) -> tuple[str, str]:
    secret = await identity.sign_in(site.world.desk, person, auth="picker", now=site.now)
    return "cookie", f"{site.console.cookie}={secret}"


async def claim(site: Site, task: str, person: str) -> None:
    await working.claim(site.world.desk, task, person, now=NOW, auth="token")


async def test_one_hears_of_one_s_own_and_of_the_queue_that_one_asks_for(live: Site) -> None:
    mine, theirs = await live.world.task(), await live.world.task()
    async with (
        listening(live, "queue=claims", await cookie(live, "ana")) as queue,
        listening(live, "", await cookie(live, "ana")) as own,
    ):
        await queue.begun()
        await own.begun()
        await claim(live, theirs.id, "bea")
        await claim(live, mine.id, "ana")
        heard = await queue.claim()
        assert (heard["task"], heard["queue"], heard["person"]) == (theirs.id, "claims", "bea")
        assert (await queue.claim())["task"] == mine.id
        assert (await own.claim())["task"] == mine.id


async def test_of_a_journey_and_of_everything_hears_who_may_view_it(live: Site) -> None:
    task = await live.world.task()
    async with (
        listening(live, f"journey={task.journey_id}", await cookie(live, "ana")) as journey,
        listening(live, "all=true", await cookie(live, "sue")) as everything,
    ):
        await journey.begun()
        await everything.begun()
        await claim(live, task.id, "bea")
        assert (await journey.claim())["journey"] == task.journey_id
        assert (await everything.claim())["task"] == task.id


async def test_what_is_not_theirs_nobody_listens_to(live: Site) -> None:
    task = await live.world.task()
    for person, query in (
        ("out", "queue=claims"),
        ("ana", "queue=claims&queue=billing"),
        ("out", f"journey={task.journey_id}"),
        ("ana", "all=true"),
    ):
        async with live.signed_in(person) as client:
            refused = await client.get(f"{EVENTS}?{query}")
            assert (refused.status_code, refused.json()["type"]) == (403, "urn:journeyman:problem:denied"), query
    async with live.signed_in("ana") as client:
        assert (await client.get(f"{EVENTS}?queue=none")).status_code == 404
        assert (await client.get(f"{EVENTS}?journey=none")).status_code == 404
        assert (await client.get(f"{EVENTS}?queue=%00")).status_code == 422
    async with live.client() as nobody:
        assert (await nobody.get(EVENTS)).status_code == 401
    async with live.program("ana", "tasks:read") as program:
        assert (await program.get(EVENTS)).status_code == 403


async def test_a_program_listens_with_a_token_for_events(live: Site) -> None:
    task = await live.world.task()
    _, secret = await identity.make_token(
        live.world.desk,
        "ana",
        "t",
        frozenset({"events:read"}),
        by=identity.Caller("ana", "", frozenset(), "cli").actor,
        now=live.now,
    )
    async with listening(live, "queue=claims", ("authorization", f"Bearer {secret}")) as stream:
        await stream.begun()
        await claim(live, task.id, "bea")
        assert (await stream.claim())["task"] == task.id


@pytest.mark.parametrize(
    "change",
    [
        "update person set teams = '{billing}' where id = 'ana'",
        "update person set roles = '{}' where id = 'ana'",
        "update session set ended_at = now()",
    ],
    ids=["team", "role", "session"],
)
async def test_a_stream_ends_with_what_permitted_it(live: Site, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    monkeypatch.setattr(events, "ASKED_AGAIN", 0.05)
    async with listening(live, "queue=claims", await cookie(live, "ana")) as stream:
        await stream.begun()
        await live.world.execute(change)
        await stream.ended()


async def test_who_signs_out_hears_no_more(live: Site) -> None:
    header = await cookie(live, "ana")
    async with listening(live, "", header) as stream:
        await stream.begun()
        async with live.client(headers=[header, ("sec-fetch-site", "same-origin")]) as client:
            assert (await client.post("/signout")).status_code == 303
        await stream.ended()


async def test_where_nothing_is_told_live_no_browser_comes_again(ana: httpx2.AsyncClient) -> None:
    assert (await ana.get(EVENTS)).status_code == 204
