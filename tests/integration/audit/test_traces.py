"""Traces as people find and read them, and what is kept about each."""

import json
from datetime import timedelta

import pytest

from journeyman.audit import reading, traces
from journeyman.audit.traces import Search
from journeyman.errors import DeniedError, NotFoundError
from journeyman.store import Database
from journeyman.tasks import clocks, roster, staffing, stops
from tests.integration.tasks.world import CLI, NOW, World


async def found(world: World, who: str = "eve", /, **wanted: object) -> list[str]:
    return [row.id for row in await traces.search(world.desk, who, Search.model_validate(wanted))]


@pytest.fixture
async def audited(world: World) -> World:
    """The world with an auditor."""
    await roster.apply(world.desk, {"people": {"eve": {"name": "Eve", "roles": ["auditor"]}}}, CLI, NOW)
    return world


async def test_journeys_are_found_by_who_acted_and_which_policy_decided(audited: World) -> None:
    world = audited
    one, two = await world.claimed("ana"), await world.claimed("bea")
    other = await world.task("billing")
    await stops.stop(world.desk, f"journey:{two.journey_id}", reason="a doubt", person="sue", now=NOW)
    assert await found(world, person="ana") == [one.journey_id]
    assert await found(world, policy="members-take") == sorted([one.journey_id, two.journey_id], reverse=True)
    assert await found(world, policy="supervisors-stop") == [two.journey_id]
    assert await found(world, policy="supervisors-stop", person="bea") == [two.journey_id]
    assert await found(world, policy="supervisors-stop", person="ana") == []
    assert await found(world, agent="teller") == []
    assert len(await found(world)) == 3
    assert await found(world, "out") == [other.journey_id]
    assert await found(world, customer=one.customer_id, kind="motor", since=NOW, until=NOW + timedelta(1)) == [
        one.journey_id
    ]
    newest = (await found(world))[0]
    assert await found(world, before=(NOW, newest)) == (await found(world))[1:]
    for nothing in ({"until": NOW}, {"outcome": "x"}, {"kind": "x"}, {"customer": "x"}):
        assert await found(world, **nothing) == []


async def test_someone_to_whom_work_was_given_is_found_too(audited: World) -> None:
    task = await audited.task("pushed")
    await clocks.sweep(audited.desk, now=NOW)
    offered = (await audited.read(task.id)).offered_to
    assert offered is not None
    assert await found(audited, person=offered) == [task.journey_id]


async def test_reading_a_trace_is_itself_in_it(audited: World) -> None:
    world = audited
    task = await world.claimed("ana")
    first = await reading.read(world.desk, task.journey_id, "eve", auth="token", now=NOW)
    assert first.opened
    assert [line.what for line in first.lines] == ["task: opened at step assess", "task: claimed at step assess"]
    assert "a dent" in json.dumps([dict(line.said) for line in first.lines])
    again = await reading.read(world.desk, task.journey_id, "eve", auth="token", now=NOW)
    assert again.lines[:2] == first.lines
    assert (again.lines[2].what, again.lines[2].who) == ("trace: read", "person:eve (signed in by token)")
    assert "auditors-see-and-export" in again.lines[2].why


async def test_a_member_reads_who_did_what_and_not_what_is_in_it(audited: World) -> None:
    task = await audited.claimed("ana")
    trace = await reading.read(audited.desk, task.journey_id, "bea", auth="token", now=NOW)
    assert not trace.opened
    assert len(trace.lines) == 2
    assert "dent" not in json.dumps([[line.why, dict(line.said)] for line in trace.lines]).lower()
    with pytest.raises(DeniedError, match="`out` may not `view` journey"):
        await reading.read(audited.desk, task.journey_id, "out", auth="token", now=NOW)
    with pytest.raises(NotFoundError):
        await reading.read(audited.desk, "jrn-0", "eve", auth="token", now=NOW)


async def test_everyone_reads_what_is_kept_about_themselves(audited: World) -> None:
    world = audited
    task = await world.claimed("ana")
    await staffing.set_capacity(world.desk, "ana", 2, by="sue", now=NOW, auth="token")
    kept = await traces.about(world.desk, "ana", "ana", auth="token", now=NOW)
    assert [(each.journey, each.line.what) for each in kept] == [
        (None, "person: capacity"),
        (task.journey_id, "task: claimed at step assess"),
        (None, "person: presence"),
    ]
    assert all(not each.line.said for each in kept)
    again = await traces.about(world.desk, "ana", "ana", before=kept[0].line.entry, limit=1, auth="token", now=NOW)
    assert [each.line for each in again] == [kept[1].line]
    [newest, *_] = await traces.about(world.desk, "ana", "eve", auth="token", now=NOW)
    assert (newest.line.what, newest.line.who) == ("person: record read", "person:ana (signed in by token)")
    with pytest.raises(DeniedError, match="`bea` may not `view` person `ana`"):
        await traces.about(world.desk, "ana", "bea", auth="token", now=NOW)


async def test_a_body_that_was_tampered_with_names_nobody(database: Database) -> None:
    async with database.connection() as conn:
        for body in (b"\xff", b"[]", b"", b'{"actor": 1, "policies": {}}', b'{"policies": ["p"]}'):
            names = await conn.fetchval("select entry_mentions($1)", body)
            assert names == (["policy:p"] if body == b'{"policies": ["p"]}' else [])
