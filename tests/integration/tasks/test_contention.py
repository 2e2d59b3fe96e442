import asyncio
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from journeyman.errors import ConflictError
from journeyman.tasks import closing, moving, offers, roster, working
from journeyman.tasks.clocks import sweep
from journeyman.tasks.models import Task
from journeyman.views import inbox
from tests.integration.tasks.world import CLI, NOW, World

HOW: dict[str, Any] = {"now": NOW, "auth": "token"}


async def crowd(world: World, size: int, capacity: int) -> list[str]:
    people = {f"p{at}": {"name": f"P{at}", "teams": ["claims"], "capacity": capacity} for at in range(size)}
    await roster.apply(world.desk, {"teams": ["claims"], "people": people}, CLI, NOW)
    for person in people:
        await world.presence(person, "online")
    return list(people)


async def test_of_two_hundred_claims_on_fifty_tasks_each_task_has_one_winner(world: World) -> None:
    people = await crowd(world, 20, 100)
    tasks = [await world.task() for _ in range(50)]
    chance = random.Random(7)
    tries = [(task, person) for task in tasks for person in chance.sample(people, 4)]
    chance.shuffle(tries)

    async def attempt(task: Task, person: str) -> tuple[Task, str, ConflictError | None]:
        try:
            await working.claim(world.desk, task.id, person, **HOW)
        except ConflictError as lost:
            return task, person, lost
        return task, person, None

    results = await asyncio.gather(*(attempt(task, person) for task, person in tries))
    winners = {task.id: person for task, person, lost in results if lost is None}
    assert len(winners) == sum(lost is None for _, _, lost in results) == 50
    for task, _, lost in results:
        if lost is not None:
            assert f"is with `{winners[task.id]}`; take another" in str(lost)
    held = await world.rows("select id, assignee, revision from task")
    assert {row["id"]: row["assignee"] for row in held} == winners
    assert {row["revision"] for row in held} == {2}
    assert await world.value("select count(*) from entry where type = 'task.claimed'") == 50


async def test_one_person_s_claims_at_once_do_not_exceed_their_capacity(world: World) -> None:
    tasks = [await world.task() for _ in range(8)]

    async def attempt(task: Task) -> bool:
        try:
            await working.claim(world.desk, task.id, "ana", **HOW)
        except ConflictError:
            return False
        return True

    assert sum(await asyncio.gather(*(attempt(task) for task in tasks))) == 3


async def test_everyone_who_takes_the_next_task_gets_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "_TRIED", 2)  # others take what one saw, and there is more
    people = await crowd(world, 12, 1)
    for _ in range(12):
        await world.task()
    taken = await asyncio.gather(*(inbox.take_next(world.desk, person, **HOW) for person in people))
    assert len({ranked.task.id for ranked in taken if ranked}) == 12


async def test_a_result_submitted_twice_at_once_counts_once(world: World) -> None:
    task = await world.claimed()

    async def submit(amount: int) -> bool:
        try:
            await closing.complete(world.desk, task.id, "ana", {"amount_minor": amount, "outcome": "pay"}, **HOW)
        except ConflictError:
            return False
        return True

    assert sum(await asyncio.gather(*(submit(amount) for amount in range(6)))) == 1
    assert await world.value("select count(*) from outbox") == 1


async def test_people_and_clocks_at_once_never_wait_for_each_other_in_a_circle(world: World) -> None:
    """Everything at once on few tasks of few journeys: what is refused is refused in words, and nothing deadlocks."""
    people = await crowd(world, 6, 2)
    journeys = [await world.journey() for _ in range(3)]
    tasks = [await world.task(queue, journey_id=journey) for journey in journeys for queue in ("pushed", "claims")]
    chance = random.Random(11)
    done: Counter[str] = Counter()

    async def once(person: str, other: str, task: str, choice: int, how: dict[str, Any]) -> None:
        match choice:
            case 0 | 1:
                await working.claim(world.desk, task, person, **how)
            case 2:
                await offers.accept(world.desk, task, person, **how)
            case 3:
                await working.start(world.desk, task, person, **how)
            case 4:
                await working.release(world.desk, task, person, **how)
            case 5:
                await moving.escalate(world.desk, task, person, reason="x", **how)
            case 6:
                await moving.transfer(world.desk, task, person, to_person=other, warm=True, reason="x", **how)
            case _:
                await moving.take_over(world.desk, task, "sue", reason="x", **how)

    async def act(person: str) -> None:
        for step in range(25):
            how = HOW | {"now": world.later(seconds=20 * step)}
            other = chance.choice([each for each in people if each != person])
            try:
                await once(person, other, chance.choice(tasks).id, chance.randrange(8), how)
                done["changed"] += 1
            except ConflictError:
                done["refused"] += 1

    async def tick() -> None:
        for step in range(25):
            await sweep(world.desk, now=world.later(seconds=20 * step))

    await asyncio.gather(*(act(person) for person in people), tick(), tick())
    assert min(done["changed"], done["refused"]) > 5
    for row in await world.rows("select id, revision from task"):
        assert len(await world.entries(row["id"])) == row["revision"]


async def test_a_desk_in_another_process_sees_the_same(world: World) -> None:
    task = await world.claimed("ana")
    other = replace(world.desk)
    assert [each.id for each in await inbox.mine(other, "ana", now=NOW)] == [task.id]
