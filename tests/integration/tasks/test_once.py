"""A request with a key is carried out once."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from journeyman.customers.journeys import JourneyRow
from journeyman.errors import ConflictError, NotFoundError, RepeatedError
from journeyman.ledger.log import Recording
from journeyman.tasks import cases, closing, speaking, working
from journeyman.tasks.clocks import forget_requests
from journeyman.tasks.desk import Desk
from journeyman.tasks.once import KEPT, Once
from tests.integration.tasks.world import NOW, World


def desk_of(world: World, key: str, fingerprint: bytes = b"f", person: str = "ana") -> Desk:
    return replace(world.desk, once=Once(person, key, fingerprint, NOW))


async def test_a_request_that_is_sent_again_does_nothing(world: World) -> None:
    task = await world.claimed()
    desk = desk_of(world, "k")
    await working.comment(desk, task.id, "ana", "called", now=NOW, auth="token")
    with pytest.raises(RepeatedError, match="carried out before"):
        await working.comment(desk, task.id, "ana", "called", now=NOW, auth="token")
    assert len(await world.rows("select from task_comment")) == 1


async def test_of_two_at_the_same_moment_one_is_carried_out(world: World) -> None:
    task = await world.claimed()
    desk = desk_of(world, "k")
    both = (working.comment(desk, task.id, "ana", "called", now=NOW, auth="token") for _ in range(2))
    done = await asyncio.gather(*both, return_exceptions=True)
    assert [type(each) for each in done if each is not None] == [RepeatedError]
    assert len(await world.rows("select from task_comment")) == 1


async def test_a_request_that_failed_may_be_sent_again(world: World) -> None:
    task = await world.claimed()
    desk = desk_of(world, "k")
    with pytest.raises(NotFoundError):
        await working.comment(desk, "task-none", "ana", "called", now=NOW, auth="token")
    await working.comment(desk, task.id, "ana", "called", now=NOW, auth="token")


async def test_a_key_is_known_for_a_week(world: World) -> None:
    task = await world.claimed()
    desk = desk_of(world, "k")
    await working.comment(desk, task.id, "ana", "called", now=NOW, auth="token")
    assert await forget_requests(world.desk, now=NOW + KEPT) == 0
    assert await forget_requests(world.desk, now=NOW + KEPT + timedelta(seconds=1)) == 1
    await working.comment(desk, task.id, "ana", "called", now=NOW, auth="token")


async def test_a_key_is_one_request_s_and_one_person_s(world: World) -> None:
    task = await world.claimed()
    later = NOW + timedelta(seconds=1)
    await working.comment(desk_of(world, "k"), task.id, "ana", "called", now=NOW, auth="token")
    with pytest.raises(ConflictError, match="the key `k` was used for another request; use a new one for each"):
        await working.comment(desk_of(world, "k", b"other"), task.id, "ana", "called", now=later, auth="token")
    await working.comment(desk_of(world, "k", person="bea"), task.id, "bea", "called", now=later, auth="token")


@pytest.mark.parametrize("deed", ["comment", "complete"])
async def test_of_two_requests_with_one_key_at_the_same_moment_the_second_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    task = await world.claimed()
    how: dict[str, Any] = {"now": NOW, "auth": "token"}
    lock, others = cases.lock_open, list[asyncio.Task[object]]()

    async def late(tx: Recording, journey_id: str) -> JourneyRow:
        desk = desk_of(world, "k", b"other")
        comes = (
            working.comment(desk, task.id, "ana", "called", **how)
            if deed == "comment"
            else closing.complete(desk, task.id, "ana", {"amount_minor": 1, "outcome": "pay"}, **how)
        )
        others.append(asyncio.create_task(comes))
        await world.waits(others[0])
        return await lock(tx, journey_id)

    monkeypatch.setattr("journeyman.tasks.speaking.lock_open", late)
    await speaking.say_in(desk_of(world, "k"), task.journey_id, "sue", "I am on it.", **how)
    with pytest.raises(ConflictError, match="the key `k` was used for another request"):
        await others[0]
    assert (await world.read(task.id)).open
    assert await world.rows("select from task_comment") == []
