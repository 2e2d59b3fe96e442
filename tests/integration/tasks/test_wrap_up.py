"""A moment for notes after a task is closed, in which nothing new arrives."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from journeyman.errors import ConflictError, DeniedError
from journeyman.tasks import closing, moving, offers, working, wrap_up
from journeyman.tasks.clocks import sweep
from journeyman.tasks.models import Task
from journeyman.tasks.offering import make_offers
from journeyman.tasks.people import person_of
from tests.integration.tasks.world import NOW, World

RESULT: dict[str, JsonValue] = {"amount_minor": 100, "outcome": "paid"}
PUSHED = {"title": "Pushed", "teams": ["claims"], "push": True, "wrap_up": "90s"}
OVER = NOW + timedelta(seconds=90)


@pytest.fixture
async def closed(world: World) -> Task:
    """Ana has closed a task of a queue with a wrap-up, and is the only one there."""
    await world.roster(pushed=PUSHED)
    for person in ("bea", "sue", "out"):
        await world.presence(person, "away")
    task = await world.claimed(queue="pushed")
    return await closing.complete(world.desk, task.id, "ana", RESULT, now=NOW, auth="token")


async def end(world: World, by: str | None = "ana") -> None:
    await wrap_up.end(world.desk, "ana", by=by, now=world.later(seconds=20), auth="token")


async def load(world: World) -> int:
    async with world.database.connection() as conn:
        return (await person_of(conn, "ana")).load


async def test_nothing_is_offered_until_they_say_that_they_are_done(world: World, closed: Task) -> None:
    waiting = await world.task("pushed")
    assert await load(world) == 1
    assert await make_offers(world.desk, now=NOW) == 0
    await end(world)
    assert await load(world) == 0
    assert await make_offers(world.desk, now=NOW) == 1
    assert (await world.read(waiting.id)).offered_to == "ana"


async def test_it_ends_by_itself_when_its_time_is_over(world: World, closed: Task) -> None:
    waiting = await world.task("pushed")
    assert (await sweep(world.desk, now=OVER - timedelta(seconds=1)))["lapse_wrap_ups"] == 0
    made = await sweep(world.desk, now=OVER)
    assert (made["lapse_wrap_ups"], made["make_offers"]) == (1, 1)
    assert (await world.read(waiting.id)).offered_to == "ana"
    assert (await sweep(world.desk, now=OVER))["lapse_wrap_ups"] == 0


async def test_it_is_on_the_record(world: World, closed: Task) -> None:
    assert (await world.entries(closed.id))[-1] == "task.completed"
    await end(world)
    await end(world)
    assert (await world.entries(closed.id))[-2:] == ["task.completed", "person.wrapped_up"]
    bodies = await world.rows("select convert_from(body, 'UTF8') as body from entry order by id desc limit 2")
    assert '"why":"done"' in bodies[0]["body"]
    assert '"wrap_up":"2026-06-01T10:01:30' in bodies[1]["body"]


async def test_notes_are_written_meanwhile(world: World, closed: Task) -> None:
    await working.comment(world.desk, closed.id, "ana", "She will send the photo.", now=NOW, auth="token")
    assert (await world.entries(closed.id))[-1] == "task.commented"


async def test_a_colleague_is_not_asked_to_take_over_meanwhile(world: World, closed: Task) -> None:
    await world.presence("bea", "online")
    held = await world.claimed("bea")
    give: dict[str, Any] = {"reason": "knows it", "to_person": "ana", "warm": True, "now": NOW, "auth": "token"}
    with pytest.raises(ConflictError, match="wraps up"):
        await moving.transfer(world.desk, held.id, "bea", **give)
    await end(world)
    await moving.transfer(world.desk, held.id, "bea", **give)
    assert (await offers.accept(world.desk, held.id, "ana", now=NOW, auth="token")).assignee == "ana"


async def test_it_takes_a_place_of_what_they_can_take(world: World, closed: Task) -> None:
    await world.claimed()
    await world.claimed()
    more = await world.task()
    with pytest.raises(ConflictError, match="say that the wrap-up is done first"):
        await working.claim(world.desk, more.id, "ana", now=NOW, auth="token")
    await end(world)
    await working.claim(world.desk, more.id, "ana", now=NOW, auth="token")


async def test_a_supervisor_ends_it_and_a_colleague_does_not(world: World, closed: Task) -> None:
    with pytest.raises(DeniedError):
        await end(world, by="bea")
    assert await load(world) == 1
    await end(world, by="sue")
    assert await load(world) == 0


async def test_by_default_there_is_none(world: World) -> None:
    await world.roster()
    task = await world.claimed()
    await closing.complete(world.desk, task.id, "ana", RESULT, now=NOW, auth="token")
    assert await load(world) == 0
