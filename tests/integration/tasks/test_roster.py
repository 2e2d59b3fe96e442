"""The roster: a document sets what it names, whole or not at all."""

import copy
from typing import Any

import pytest

from journeyman.errors import InputError
from journeyman.tasks import roster
from journeyman.tasks.people import all_queues, everyone, person_of
from tests.integration.tasks.world import CLI, NOW, ROSTER, World


async def apply(world: World, document: dict[str, Any]) -> roster.Applied:
    return await roster.apply(world.desk, document, CLI, NOW)


async def entries(world: World, type: str) -> int:
    return int(await world.value("select count(*) from entry where type = $1", type))


async def test_a_document_in_force_changes_nothing(world: World) -> None:
    before = await world.everything()
    applied = await apply(world, copy.deepcopy(ROSTER))
    assert not applied.changed
    assert await world.everything() == before
    assert await entries(world, "roster.applied") == 1


async def test_a_change_is_one_entry_that_names_what_changed(world: World) -> None:
    document = copy.deepcopy(ROSTER)
    document["people"]["ana"]["capacity"] = 5
    document["queues"]["claims"]["complete"] = "30m"
    applied = await apply(world, document)
    assert (applied.people, applied.queues, applied.calendars) == (("ana",), ("claims",), ())
    assert await entries(world, "roster.applied") == 2
    async with world.database.connection() as conn:
        ana = await person_of(conn, "ana")
    assert (ana.capacity, ana.presence) == (5, "online")  # who is there stays there


async def test_names_of_people_stand_in_no_entry(world: World) -> None:
    await apply(world, {"teams": ["claims"], "people": {"zoe": {"name": "Zoe Quibble", "teams": ["claims"]}}})
    assert await world.value("select count(*) from entry where convert_from(body, 'UTF8') like '%Quibble%'") == 0


async def test_simulated_people_are_marked(world: World) -> None:
    await apply(world, {"teams": ["claims"], "people": {"sim": {"name": "S", "teams": ["claims"], "simulated": True}}})
    async with world.database.connection() as conn:
        assert [person.id for person in await everyone(conn) if person.simulated] == ["sim"]


async def test_a_part_leaves_the_rest_as_it_is(world: World) -> None:
    async with world.database.connection() as conn:
        before = await all_queues(conn)
    await apply(world, {"teams": ["claims"], "people": {"zoe": {"name": "Z", "teams": ["claims"]}}})
    async with world.database.connection() as conn:
        assert await all_queues(conn) == before
        assert len(await everyone(conn)) == 5


QUEUE = {"title": "Q", "teams": ["claims"]}


@pytest.mark.parametrize(
    ("document", "field", "words"),
    [
        ({"people": {"x": {"name": "X", "teams": ["ghosts"]}}}, "roster", "`ghosts`, which is not in `teams`"),
        ({"people": {"x": {"teams": []}}}, "people.x.name", "field required"),
        ({"people": {"x": {"name": "X", "capacity": -1}}}, "people.x.capacity", "greater than or equal to 0"),
        ({"people": {"x": {"name": "X", "roles": ["king"]}}}, "people.x.roles.0", "'agent', 'supervisor'"),
        ({"people": {"Big Name": {"name": "X"}}}, "people.Big Name.[key]", "should match pattern"),
        ({"people": {"system": {"name": "X"}}}, "roster", "the engine's own id"),
        ({"poeple": {}}, "poeple", "not permitted"),
        ({"queues": {"q": QUEUE | {"respond": "soon"}}}, "queues.q.respond", "write it as `90s`"),
        ({"queues": {"q": QUEUE | {"respond": "0s"}}}, "queues.q.respond", "greater than"),
        ({"queues": {"q": QUEUE | {"teams": []}}}, "queues.q.teams", "at least 1"),
        ({"queues": {"q": QUEUE | {"calendar": "moon"}}}, "queues.q.calendar", "no calendar `moon`"),
        ({"queues": {"q": QUEUE | {"fallback": "queue"}}}, "queues.q", "go together"),
        (
            {"queues": {"q": QUEUE | {"fallback": "queue", "fallback_queue": "none"}}},
            "queues.q.fallback_queue",
            "no queue `none`",
        ),
        ({"calendars": {"c": {"time_zone": "Mars", "hours": {}}}}, "calendars.c.time_zone", "no IANA time zone"),
        ({"calendars": {"c": {"time_zone": "UTC", "hours": {}}}}, "calendars.c", "never open"),
    ],
)
async def test_a_wrong_document_names_the_place_and_the_remedy_and_changes_nothing(
    world: World, document: dict[str, Any], field: str, words: str
) -> None:
    before = await world.everything()
    with pytest.raises(InputError) as wrong:
        await apply(world, {"teams": ["claims"]} | document)
    assert wrong.value.field == field
    assert words in str(wrong.value)
    assert await world.everything() == before


async def test_queues_that_fall_back_to_each_other_are_refused(world: World) -> None:
    circle = {
        "one": QUEUE | {"fallback": "queue", "fallback_queue": "two"},
        "two": QUEUE | {"fallback": "queue", "fallback_queue": "one"},
    }
    with pytest.raises(InputError, match="end the circle"):
        await apply(world, {"teams": ["claims"], "queues": circle})
    await apply(world, {"teams": ["claims"], "queues": {"one": QUEUE, "two": circle["two"]}})
    with pytest.raises(InputError, match="lead back"):
        await apply(world, {"teams": ["claims"], "queues": {"one": circle["one"]}})


async def test_a_delegate_whom_nobody_knows_is_refused(world: World) -> None:
    ana = {"name": "Ana", "teams": ["claims"], "delegates": ["nobody"]}
    with pytest.raises(InputError, match="no person `nobody`"):
        await apply(world, {"teams": ["claims"], "people": {"ana": ana}})
