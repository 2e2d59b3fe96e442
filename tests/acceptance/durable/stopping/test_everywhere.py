"""Stop an AI agent: in every process, caches warm, in the middle of its work, it begins nothing more."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from journeyman.agents.standin.app import Standin
from journeyman.agents.standin.faults import Fault
from journeyman.agents.standin.server import serve_standin
from journeyman.customers.keys import Keyring, load_master_key, new_master_key
from journeyman.embedded.postgres import Postgres
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.project import Project
from journeyman.publishing import Published, put_in_force
from journeyman.store import Database
from journeyman.tasks import roster, stops
from journeyman.tasks.cases import open_case
from journeyman.tasks.desk import Desk
from journeyman.tasks.permission import OPERATOR, Permission
from journeyman.testing.pending import end_pending
from tests.acceptance.durable.double import Double
from tests.acceptance.durable.errand import DOUBLE
from tests.acceptance.durable.project import STAFF
from tests.acceptance.durable.script import SCRIPTED
from tests.integration.cli.waiting import until

REPOSITORY = Path(__file__).parents[4]
AUTHOR = Actor(kind="system", id="test")
ENOUGH = 10
AT_ONCE = 1.0
"""Seconds after the stop is committed."""


class Timed(Double):
    """A double that knows when it was called, by the clock that all processes of the machine share."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[float] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.moments.append(time.time())
        await super().serve(reader, writer)


@asynccontextmanager
async def worker(environment: dict[str, str]) -> AsyncIterator[int]:
    """A worker process, up while the block runs; its id."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.acceptance.durable.stopping.worker"),
        cwd=REPOSITORY,
        env=os.environ | environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"ready\n"
        yield process.pid
    finally:
        process.stdin.close()
        process.kill()
        await process.wait()


class Ground:
    """The database behind the workers, and what comes from outside."""

    def __init__(self, database: Database, keyring: Keyring, project: Project, temporal: Client) -> None:
        self.database = database
        self.project = project
        self.temporal = temporal
        self.desk = Desk(database, keyring, Published().authorizer, project.step)

    async def prepare(self) -> None:
        """Publish and staff."""
        now = datetime.now(UTC)
        async with recording(self.database, self.desk.keyring) as tx:
            await put_in_force(tx, self.project.bundle(), self.project.agents.values(), AUTHOR, now)
        await roster.apply(self.desk, STAFF, AUTHOR, now)

    async def open(self, *plan: str) -> str:
        """Errands: `talk` begins with a sentence, `stamp-it` with a tool call."""
        row = await open_case(
            self.desk,
            self.project.definition("errand"),
            address="plan",
            input={"plan": list(plan)},
            permitted=Permission(OPERATOR),
            now=datetime.now(UTC),
        )
        return row.id

    async def keep_opening(self, opened: list[str]) -> None:
        """One after another, without end."""
        for number in count():
            opened.append(await self.open(("talk", "stamp-it")[number % 2]))
            await asyncio.sleep(0.05)

    async def value(self, statement: str, *args: Any) -> Any:
        async with self.database.connection() as conn:
            return await conn.fetchval(statement, *args)

    async def begun_after(self, moment: datetime, journeys: list[str] | None = None) -> list[str]:
        """What the runner was let do, and what was said, by entries recorded after a moment, of all or some journeys."""
        async with self.database.connection() as conn:
            rows = await conn.fetch(
                "select type, convert_from(body, 'UTF8')::jsonb -> 'facts' ->> 'verdict' as verdict from entry"
                " where recorded_at > $1 and convert_from(body, 'UTF8')::jsonb -> 'actor' ->> 'kind' = 'ai'"
                " and ($2::text[] is null or journey_id = any($2)) order by id",
                moment,
                journeys,
            )
        return [row["type"] for row in rows if row["verdict"] != "deny"]

    async def has_gone_to_people(self, journeys: list[str]) -> bool:
        """Whether each of these journeys has an open task."""
        waiting = "select count(distinct journey_id) from task where journey_id = any($1) and closed_at is null"
        found: int = await self.value(waiting, journeys)
        return found == len(journeys)

    async def served_by(self, journeys: list[str]) -> set[int]:
        """The processes that have done something of these journeys."""
        found = set()
        for id in journeys:
            history = await self.temporal.get_workflow_handle(id).fetch_history()
            for event in history.events:
                if event.HasField("activity_task_started_event_attributes"):
                    found.add(int(event.activity_task_started_event_attributes.identity.partition("@")[0]))
        return found


@pytest.fixture
async def double_timed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Timed]:
    """What the tools act on."""
    timed = Timed()
    server = await asyncio.start_server(timed.serve, "127.0.0.1")
    timed.port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv(DOUBLE, str(timed.port))
    yield timed
    server.close()


async def test_a_stop_is_in_force_everywhere_within_a_second(
    double_timed: Timed,
    project: Project,
    errand_policies: Path,
    postgres: Postgres,
    database_name: str,
    temporal: Client,
) -> None:
    dsn, key = postgres.dsn("journeyman_app", database_name), new_master_key()
    async with AsyncExitStack() as stack:
        database = await Database.connect(dsn)
        stack.push_async_callback(database.close)
        ground = Ground(database, Keyring(load_master_key(key)), project, temporal)
        await ground.prepare()
        standin = await stack.enter_async_context(serve_standin(scripts=SCRIPTED))
        environment = {
            "JOURNEYMAN_DATABASE_URL": dsn,
            "JOURNEYMAN_MASTER_KEY": key,
            "JOURNEYMAN_TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
            "JOURNEYMAN_MODEL": "stand-in",
            "OPENAI_BASE_URL": standin.base_url,
            "ERRAND_POLICIES": str(errand_policies),
        }
        pids = {await stack.enter_async_context(worker(environment)) for _ in range(2)}
        stack.push_async_callback(end_pending, temporal, database)

        busy = [await ground.open(*["think"] * 400) for _ in range(4)]
        opened: list[str] = []
        opening = asyncio.create_task(ground.keep_opening(opened))
        stack.callback(opening.cancel)

        async def is_warm() -> bool:
            said = await ground.value("select count(*) from message where author_kind = 'ai'")
            called = len(double_timed.moments)
            return said > ENOUGH and called > ENOUGH and pids <= await ground.served_by(busy)

        await until(is_warm)
        await stops.stop(ground.desk, "agent:runner", reason="it goes astray", now=datetime.now(UTC))
        stopped = datetime.now(UTC)
        before = len(opened)

        async def has_gone_on() -> bool:
            return len(opened) > before + ENOUGH

        await until(has_gone_on)
        opening.cancel()
        later = opened[before + 1 :]

        await until(lambda: ground.has_gone_to_people(busy + later))
        calls = [moment - stopped.timestamp() for moment in double_timed.moments]
        assert await ground.begun_after(stopped + timedelta(seconds=AT_ONCE)) == []
        assert [call for call in calls if call > AT_ONCE] == []
        assert await ground.begun_after(stopped - timedelta(seconds=AT_ONCE)), "it was at work"
        heard = await ground.value(
            "select count(*) from message where journey_id = any($1) and author_kind = 'ai'", later
        )
        assert heard == 0

        await stops.resume(ground.desk, "agent:runner", now=datetime.now(UTC))
        await nothing_comes_of_what_was_under_way(ground, double_timed, standin.standin)


async def nothing_comes_of_what_was_under_way(ground: Ground, double: Timed, standin: Standin) -> None:
    """A sentence, a call and a result that the model thinks of when the stop comes, and a call that was permitted before it."""
    double.held, double.reached = asyncio.Event(), asyncio.Event()
    permitted = await ground.open("fetch")  # two calls of one turn: the second waits for the first
    await double.reached.wait()
    thinking, asked = 1.5, len(standin.requests)
    standin.faults.add(Fault(kind="slow", count=None, seconds=thinking))
    journeys = [permitted, *[await ground.open(step) for step in ("talk", "stamp-it", "think")]]

    async def are_thought_of() -> bool:
        return len(standin.requests) >= asked + 3

    await until(are_thought_of)
    calls = len(double.calls)
    await stops.stop(ground.desk, "agent:runner", reason="it goes astray again", now=datetime.now(UTC))
    stopped = datetime.now(UTC)
    double.held.set()
    await until(lambda: ground.has_gone_to_people(journeys))
    assert await ground.begun_after(stopped, journeys) == []
    intents = "select count(*) from entry where type = 'tool.intent' and recorded_at > $1 and journey_id = any($2)"
    assert await ground.value(intents, stopped, journeys) == 0
    refused = "select count(*) from entry where type = 'tool.stopped' and journey_id = any($1)"
    assert await ground.value(refused, journeys) == 1, "the second call was permitted before the stop"
    assert len(double.calls) == calls
    said = "select count(*) from message where journey_id = any($1) and author_kind = 'ai'"
    assert await ground.value(said, journeys) == 0
