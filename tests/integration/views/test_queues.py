from datetime import timedelta

import pytest

from journeyman.errors import DeniedError, NotFoundError
from journeyman.tasks import roster, staffing, working
from journeyman.views.queues import overview, overviews
from tests.integration.tasks.world import CLI, NOW, World


async def test_a_person_sees_the_queues_of_their_teams_and_a_supervisor_all(world: World) -> None:
    assert [each.id for each in await overviews(world.desk, "ana", now=NOW)] == ["claims", "office", "pushed"]
    assert [each.id for each in await overviews(world.desk, "out", now=NOW)] == ["billing"]
    assert len(await overviews(world.desk, "sue", now=NOW)) == 5
    with pytest.raises(DeniedError, match="`out` may not `view` queue `claims`"):
        await overview(world.desk, "out", "claims", now=NOW)
    with pytest.raises(NotFoundError):
        await overview(world.desk, "ana", "nowhere", now=NOW)


async def test_a_queue_tells_what_waits_and_who_is_there(world: World) -> None:
    await world.task(priority=80)
    await world.task(priority=10, now=world.later(minutes=-5))
    task = await world.claimed("ana")
    await working.start(world.desk, task.id, "ana", now=NOW, auth="token")
    await world.presence("bea", "away")
    await staffing.set_capacity(world.desk, "ana", 1, by="sue", now=NOW, auth="token")
    found = await overview(world.desk, "ana", "claims", now=NOW)
    assert (found.title, found.open, found.opens_at) == ("Claims", True, None)
    assert (found.waiting, found.oldest) == (2, timedelta(minutes=5))
    assert found.priorities == {"high": 1, "normal": 0, "low": 1}
    assert {state: number for state, number in found.states.items() if number} == {"ready": 2, "in_progress": 1}
    assert (found.online, found.free, found.begun) == (2, 1, 1)  # ana has enough, sue is free
    assert found.late == 1


async def test_an_empty_queue_is_all_zeros(world: World) -> None:
    found = await overview(world.desk, "sue", "experts", now=NOW)
    assert (found.waiting, found.oldest, found.online, found.begun, found.late, found.will_be_late) == (
        0,
        None,
        0,
        0,
        0,
        0,
    )


async def test_a_closed_queue_says_when_it_opens_and_forecasts_nothing(world: World) -> None:
    sunday = world.later(days=-1)
    await world.task("office", now=sunday)
    found = await overview(world.desk, "ana", "office", now=sunday)
    assert (found.open, found.waiting, found.will_be_late) == (False, 1, None)
    assert found.opens_at == NOW.replace(hour=7)  # nine in Berlin


async def test_whom_nobody_can_take_in_time_will_be_late(world: World) -> None:
    """Room for three; after those one each ten minutes, with a service level of half an hour: three more come in time."""
    claims = {"title": "Claims", "teams": ["claims"], "respond": "30m", "complete": "8h"}
    await roster.apply(world.desk, {"teams": ["claims"], "queues": {"claims": claims}}, CLI, NOW)
    for person in ("bea", "sue"):
        await world.presence(person, "offline")
    for _ in range(3):
        task = await world.claimed("ana")
        await working.start(world.desk, task.id, "ana", now=NOW, auth="token")
    await staffing.set_capacity(world.desk, "ana", 6, by="sue", now=NOW, auth="token")
    for _ in range(9):
        await world.task()
    assert (await overview(world.desk, "ana", "claims", now=NOW)).will_be_late == 3
    later = world.later(minutes=31)  # nobody has begun anything meanwhile, and those in line are late
    found = await overview(world.desk, "ana", "claims", now=later)
    assert (found.begun, found.late, found.will_be_late) == (0, 9, 0)


async def test_without_any_pace_all_beyond_the_room_will_be_late(world: World) -> None:
    for person in ("ana", "bea", "sue"):
        await world.presence(person, "offline")
    await world.task()
    assert (await overview(world.desk, "ana", "claims", now=NOW)).will_be_late == 1
    await world.presence("ana", "online")
    assert (await overview(world.desk, "ana", "claims", now=NOW)).will_be_late == 0
