"""kill -9 of Postgres and of Temporal in the middle of journeys; they are started again, and nothing has happened twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import IO

import pytest

from journeyman.agents.standin.server import serve_standin
from journeyman.embedded.postgres import Postgres
from journeyman.embedded.temporal import TemporalServer
from journeyman.project import Project
from tests.acceptance.durable.account import account, orphans, unfinished
from tests.acceptance.durable.double import Double
from tests.acceptance.durable.script import SCRIPTED
from tests.acceptance.durable.stage import Errands, errands_with
from tests.acceptance.durable.story import WHOLE_STORY, closed, tell, waiting_task

pytestmark = pytest.mark.slow

MOMENTS = (6, 14, 24, 34, 44, 54)
"""Counts of ledger entries at which a server dies: the story has some sixty."""


@pytest.fixture
async def own_temporal(server_folder: Path) -> AsyncIterator[TemporalServer]:
    """A Temporal that may die."""
    server = TemporalServer(server_folder / "mortal-temporal")
    await server.start()
    yield server
    server.kill()


@pytest.fixture
async def alone(
    tmp_path: Path,
    project: Project,
    double: Double,
    nursery: IO[bytes],
    own_postgres: Postgres,
    own_temporal: TemporalServer,
) -> AsyncIterator[Errands]:
    """Errands on servers of their own."""
    dsn = own_postgres.dsn("journeyman_app", "mortal")
    async with (
        serve_standin(scripts=SCRIPTED) as standin,
        errands_with(tmp_path, project, standin, double, nursery, dsn, await own_temporal.client()) as errands,
    ):
        yield errands


async def _dies_at_its_moments(errands: Errands, die: Callable[[], Awaitable[None]]) -> str:
    """Tell the story, while a server dies at every moment; returns the journey."""
    telling = asyncio.create_task(tell(errands))
    for moment in MOMENTS:

        async def come(moment: int = moment) -> bool | None:
            async with errands.database.connection() as conn:
                count = await conn.fetchval("select count(*) from entry where type <> 'task.viewed'")
            return True if count >= moment or telling.done() else None

        await errands.until(come, f"{moment} entries")
        assert not telling.done(), "the story was over before its last moment"
        await die()
    return await telling


async def _as_if_nothing_had_been(errands: Errands, journey: str) -> None:
    assert await account(errands, journey) == WHOLE_STORY
    left = await orphans(errands.database) | await unfinished(errands.database)
    assert not any(left.values()), left


async def test_postgres_dies_and_comes_back(alone: Errands, own_postgres: Postgres) -> None:
    async def die() -> None:
        own_postgres.kill()
        await own_postgres.start()

    await alone.start()
    journey = await _dies_at_its_moments(alone, die)
    await _as_if_nothing_had_been(alone, journey)
    assert alone.deaths == 0


async def test_temporal_dies_and_comes_back(alone: Errands, own_temporal: TemporalServer) -> None:
    async def die() -> None:
        own_temporal.kill()
        await own_temporal.start()

    await alone.start()
    journey = await _dies_at_its_moments(alone, die)
    await _as_if_nothing_had_been(alone, journey)
    assert alone.deaths == 0


async def test_people_and_customers_go_on_while_temporal_is_away(alone: Errands, own_temporal: TemporalServer) -> None:
    await alone.start()
    journey = await alone.asks("open", plan=["sign", "sign"])
    task = await waiting_task(alone, "work")
    own_temporal.kill()

    await alone.asks("finish", task=task, person="ada", output={"text": "signed"})
    other = await alone.asks("say", address="bob", text="I have an errand", id="m1")
    async with alone.database.connection() as conn:
        assert await conn.fetchval("select state from task where id = $1", task) == "completed"
        waiting = await conn.fetch("select journey_id, kind from outbox where settled_at is null order by created_at")
    assert [tuple(row) for row in waiting] == [(journey, "task_closed"), (other, "start"), (other, "message")]

    await own_temporal.start()
    task = await waiting_task(alone, "work")
    await alone.asks("finish", task=task, person="ada", output={"text": "signed"})
    await alone.until(lambda: _asked(alone), "the runner's question")
    await alone.asks("say", address="bob", text="Box 7, and the PIN is 4711", id="m2")
    for kind, output in (("work", {"text": "signed"}), ("review", None), ("approval", None)):
        await alone.asks("finish", task=await waiting_task(alone, kind), person="ada", output=output)
    await closed(alone, other)
    await closed(alone, journey)


async def _asked(errands: Errands) -> bool | None:
    async with errands.database.connection() as conn:
        found: bool | None = await conn.fetchval("select true from message where author_kind = 'ai' limit 1")
    return found
