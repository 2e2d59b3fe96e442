"""The ordinary submit holds nothing: one statement writes it, if all still stands as it was read."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from journeyman.errors import ConflictError, DatabaseUnavailableError, DeniedError, RepeatedError
from journeyman.ledger.log import Recording
from journeyman.store import Database
from journeyman.tasks import closing, moving
from journeyman.tasks.desk import Desk
from journeyman.tasks.lifecycle import State
from journeyman.tasks.once import Once
from tests.integration.conftest import Meanwhile
from tests.integration.tasks.world import NOW, World

RESULT: JsonValue = {"amount_minor": 12_000, "outcome": "pay"}
HOW: dict[str, Any] = {"now": NOW, "auth": "token"}
ORDINARY = ["task.opened", "task.claimed", "task.completed"]


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that were held."""
    found, before = list[str](), Desk.held

    async def hold(desk: Desk, conn: Any, task_id: str, *more: Any) -> Any:
        found.append(task_id)
        return await before(desk, conn, task_id, *more)

    monkeypatch.setattr(Desk, "held", hold)
    return found


def sending(world: World, key: str, fingerprint: bytes = b"f") -> Desk:
    return replace(world.desk, once=Once("ana", key, fingerprint, NOW))


@pytest.mark.parametrize("key", [None, "k"])
async def test_it_takes_no_transaction(world: World, monkeypatch: pytest.MonkeyPatch, key: str | None) -> None:
    task = await world.claimed()

    def none(_: Database) -> None:
        raise AssertionError("a transaction")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "transaction", none)
        desk = sending(world, key) if key else world.desk
        assert (await closing.complete(desk, task.id, "ana", RESULT, **HOW)).state is State.COMPLETED
    assert await world.entries(task.id) == ORDINARY
    assert await world.value("select count(*) from request") == (1 if key else 0)
    assert [row["reference"] for row in await world.rows("select reference from outbox")] == [task.id]


async def test_what_the_journey_is_told_meanwhile_is_decided_on(
    world: World, meanwhile: Meanwhile, held: list[str]
) -> None:
    task = await world.claimed()
    held.clear()
    meanwhile.append(lambda: world.says(task.journey_id, "Wait, it was a friend's car"))
    done = await closing.complete(world.desk, task.id, "ana", RESULT, **HOW)
    assert (done.state, held) == (State.COMPLETED, [task.id])
    assert await world.entries(task.id) == ORDINARY
    assert await world.value("select heard from task where id = $1", task.id) == 1


async def test_what_the_journey_is_told_while_it_waits_for_it_is_decided_on_too(world: World, held: list[str]) -> None:
    task = await world.claimed()
    held.clear()
    async with world.database.transaction() as conn:
        await conn.execute("update journey set next_message = next_message + 1 where id = $1", task.journey_id)
        submit = asyncio.create_task(closing.complete(world.desk, task.id, "ana", RESULT, **HOW))
        await world.waits(submit)
    assert ((await submit).state, held) == (State.COMPLETED, [task.id])


async def test_a_note_that_comes_with_it_is_kept_once(world: World, meanwhile: Meanwhile) -> None:
    task = await world.claimed()
    meanwhile.append(lambda: world.says(task.journey_id, "Wait, it was a friend's car"))
    await closing.complete(world.desk, task.id, "ana", RESULT, comment="as agreed", **HOW)
    assert len(await world.rows("select from task_comment")) == 1


async def test_who_loses_the_task_meanwhile_has_submitted_nothing(world: World, meanwhile: Meanwhile) -> None:
    task = await world.claimed()
    meanwhile.append(lambda: moving.transfer(world.desk, task.id, "sue", to_person="bea", reason="she knows", **HOW))
    with pytest.raises(ConflictError, match="ready"):
        await closing.complete(world.desk, task.id, "ana", RESULT, **HOW)
    assert "task.completed" not in await world.entries(task.id)
    assert await world.value("select output from task where id = $1", task.id) is None
    assert await world.rows("select from outbox where kind = 'task_closed'") == []


async def test_of_many_at_the_same_moment_one_counts(world: World) -> None:
    task = await world.claimed()
    submits = [closing.complete(world.desk, task.id, "ana", RESULT, **HOW) for _ in range(8)]
    done = await asyncio.gather(*submits, return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == [*["ConflictError"] * 7, "Task"]
    assert await world.entries(task.id) == ORDINARY


async def test_of_many_with_one_key_one_is_carried_out_and_the_others_hear_that_it_was(world: World) -> None:
    task = await world.claimed()
    desk = sending(world, "k")
    submits = [closing.complete(desk, task.id, "ana", RESULT, **HOW) for _ in range(8)]
    done = await asyncio.gather(*submits, return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == [*["RepeatedError"] * 7, "Task"]
    assert await world.entries(task.id) == ORDINARY


async def test_a_key_of_another_request_writes_nothing(world: World) -> None:
    first, second = await world.claimed(), await world.claimed()
    await closing.complete(sending(world, "k"), first.id, "ana", RESULT, **HOW)
    with pytest.raises(ConflictError, match="another request"):
        await closing.complete(sending(world, "k", b"g"), second.id, "ana", RESULT, **HOW)
    assert "task.completed" not in await world.entries(second.id)
    assert (await world.read(second.id)).open


async def test_a_request_that_wrote_nothing_is_no_repeated_one(world: World, meanwhile: Meanwhile) -> None:
    task = await world.claimed()
    meanwhile.append(lambda: moving.transfer(world.desk, task.id, "sue", to_person="bea", reason="she knows", **HOW))
    with pytest.raises(ConflictError, match="ready"):
        await closing.complete(sending(world, "k"), task.id, "ana", RESULT, **HOW)
    assert await world.rows("select from request") == []


async def test_a_repeated_request_is_told_so_before_anything_else(world: World) -> None:
    task = await world.claimed()
    await closing.complete(sending(world, "k"), task.id, "ana", RESULT, **HOW)
    with pytest.raises(RepeatedError):
        await closing.complete(sending(world, "k"), task.id, "ana", RESULT, **HOW)


async def test_how_the_task_stands_is_told_before_what_is_wrong_with_the_result(world: World) -> None:
    task = await world.claimed()
    with pytest.raises(ConflictError, match="is with `ana`, and only they can do this"):
        await closing.complete(world.desk, task.id, "bea", {}, **HOW)
    await closing.complete(world.desk, task.id, "ana", RESULT, **HOW)
    with pytest.raises(ConflictError, match="it is closed"):
        await closing.complete(world.desk, task.id, "ana", {}, **HOW)


async def test_whom_policy_refuses_writes_nothing(world: World) -> None:
    task = await world.claimed()
    before = await world.everything()
    with pytest.raises(DeniedError):
        await closing.complete(world.desk, task.id, "out", RESULT, **HOW)
    assert await world.everything() == before


async def test_a_lost_database_is_told_at_once(world: World, monkeypatch: pytest.MonkeyPatch, held: list[str]) -> None:
    task = await world.claimed()
    held.clear()

    async def away(_: Recording) -> None:
        raise DatabaseUnavailableError("away")

    monkeypatch.setattr(Recording, "_finish", away)
    with pytest.raises(DatabaseUnavailableError):
        await closing.complete(world.desk, task.id, "ana", RESULT, **HOW)
    assert held == []


async def test_wrapping_up_begins_with_it(world: World) -> None:
    await world.roster(claims={"title": "Claims", "teams": ["claims"], "wrap_up": "5m"})
    task = await world.claimed()
    await closing.complete(world.desk, task.id, "ana", RESULT, **HOW)
    row = (await world.rows("select wrap_up_task, wrap_up_until from person where id = 'ana'"))[0]
    assert (row["wrap_up_task"], row["wrap_up_until"]) == (task.id, NOW + timedelta(minutes=5))
