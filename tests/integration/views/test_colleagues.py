import pytest

from journeyman.errors import DeniedError, NotFoundError
from journeyman.tasks import roster, working
from journeyman.views.colleagues import colleague, colleagues
from tests.integration.tasks.world import CLI, NOW, World


async def test_a_colleague_of_the_team_sees_who_is_there_and_no_more(world: World) -> None:
    await world.claimed("bea")
    found = {each.id: each for each in await colleagues(world.desk, "ana")}
    assert found.keys() == {"ana", "bea", "sue"}  # `out` is of another team
    bea = found["bea"]
    assert (bea.name, bea.presence, bea.presence_at, bea.teams) == ("Bea", "online", NOW, ("claims",))
    assert (bea.load, bea.capacity, bea.skills, bea.holding) == (None, None, None, None)


async def test_everyone_sees_themselves_whole(world: World) -> None:
    task = await world.claimed("ana")
    await working.start(world.desk, task.id, "ana", now=NOW, auth="token")
    ana = await colleague(world.desk, "ana", "ana")
    assert (ana.load, ana.capacity, ana.skills) == (1, 3, ())
    assert ana.holding
    assert [(held.task, held.title, held.state) for held in ana.holding] == [
        (task.id, "Assess the claim", "in_progress")
    ]


async def test_supervisors_and_auditors_see_everyone(world: World) -> None:
    people = {"eve": {"name": "Eve", "roles": ["auditor"]}}
    await roster.apply(world.desk, {"people": people}, CLI, NOW)
    for looking in ("sue", "eve"):
        found = {each.id: each for each in await colleagues(world.desk, looking)}
        assert found.keys() == {"ana", "bea", "eve", "out", "sue"}
        assert found["bea"].skills == ("german",)
        assert all(each.holding is not None for each in found.values())


async def test_someone_of_another_team_is_not_shown(world: World) -> None:
    with pytest.raises(DeniedError, match="`out` may not `view` person `ana`"):
        await colleague(world.desk, "out", "ana")
    with pytest.raises(NotFoundError):
        await colleague(world.desk, "ana", "nobody")


async def test_a_simulated_person_sees_only_simulated_ones(world: World) -> None:
    people = {
        "sim-1": {"name": "Sim", "teams": ["claims"], "simulated": True},
        "sim-2": {"name": "Sam", "teams": ["claims"], "simulated": True},
    }
    await roster.apply(world.desk, {"teams": ["claims"], "people": people}, CLI, NOW)
    assert [each.id for each in await colleagues(world.desk, "sim-1")] == ["sim-1", "sim-2"]
