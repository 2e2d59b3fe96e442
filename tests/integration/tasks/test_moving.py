from typing import Any

import pytest

from journeyman.errors import ConflictError, DeniedError, InputError
from journeyman.tasks import moving, offers, working
from journeyman.tasks.clocks import lapse_offers
from journeyman.tasks.lifecycle import State
from tests.integration.tasks.world import NOW, World

HOW: dict[str, Any] = {"now": NOW, "auth": "token"}


async def test_a_cold_transfer_goes_to_the_other_queue_with_its_packet(world: World) -> None:
    task = await world.claimed()
    moved = await moving.transfer(
        world.desk, task.id, "ana", to_queue="billing", reason="a question of money", summary="asks for a refund", **HOW
    )
    assert (moved.state, moved.queue, moved.assignee) == (State.READY, "billing", None)
    assert moved.candidate_groups == {"billing"}
    assert moved.due_date == task.due_date  # promised to the customer, whoever does it
    assert await world.value("select count(*) from handoff where accepted_at is null and giver = 'person:ana'") == 1
    await working.claim(world.desk, task.id, "out", **HOW)
    assert await world.value("select receiver from handoff where giver = 'person:ana'") == "person:out"


async def test_a_queue_with_promises_keeps_them_for_what_came_without_any(world: World) -> None:
    task = await world.claimed(queue="pushed")
    moved = await moving.transfer(world.desk, task.id, "ana", to_queue="claims", reason="a claim", **HOW)
    assert (moved.respond_by, moved.due_date) == (world.later(minutes=2), world.later(minutes=20))
    await working.claim(world.desk, task.id, "bea", **HOW)
    begun = await working.start(world.desk, task.id, "bea", **HOW)
    assert begun.escalate_at == begun.due_date


async def test_a_cold_transfer_to_a_person_waits_for_them(world: World) -> None:
    task = await world.claimed()
    moved = await moving.transfer(world.desk, task.id, "ana", to_person="bea", reason="speaks german", **HOW)
    assert (moved.state, moved.offered_to, moved.assignee) == (State.READY, "bea", None)
    with pytest.raises(ConflictError, match="offered to `bea`"):
        await working.claim(world.desk, task.id, "ana", **HOW)
    assert (await offers.accept(world.desk, task.id, "bea", **HOW)).assignee == "bea"


async def test_a_warm_transfer_stays_with_the_giver_until_it_is_accepted(world: World) -> None:
    task = await world.claimed()
    await working.start(world.desk, task.id, "ana", **HOW)
    asked = await moving.transfer(world.desk, task.id, "ana", to_person="bea", warm=True, reason="german", **HOW)
    assert (asked.state, asked.assignee, asked.offered_to) == (State.IN_PROGRESS, "ana", "bea")
    taken = await offers.accept(world.desk, task.id, "bea", **HOW)
    assert (taken.state, taken.assignee, taken.offered_to) == (State.IN_PROGRESS, "bea", None)
    [handoff] = await world.rows("select * from handoff where giver = 'person:ana'")
    assert (handoff["receiver"], handoff["reason"], handoff["accepted_at"]) == ("person:bea", "transferred", NOW)


async def test_a_declined_warm_transfer_changes_no_holder(world: World) -> None:
    task = await world.claimed()
    await moving.transfer(world.desk, task.id, "ana", to_person="bea", warm=True, reason="german", **HOW)
    kept = await offers.decline(world.desk, task.id, "bea", **HOW)
    assert (kept.state, kept.assignee, kept.offered_to) == (State.RESERVED, "ana", None)
    assert await world.value("select count(*) from handoff where giver = 'person:ana'") == 0


async def test_an_unanswered_warm_transfer_changes_no_holder(world: World) -> None:
    task = await world.claimed()
    await moving.transfer(world.desk, task.id, "ana", to_person="bea", warm=True, reason="german", **HOW)
    assert await lapse_offers(world.desk, now=world.later(minutes=1)) == 1
    kept = await world.read(task.id)
    assert (kept.assignee, kept.offered_to) == ("ana", None)
    with pytest.raises(ConflictError, match="not offered to `bea`"):
        await offers.accept(world.desk, task.id, "bea", **HOW)


async def test_nothing_is_transferred_to_someone_who_cannot_take_it(world: World) -> None:
    task = await world.claimed()
    with pytest.raises(DeniedError, match="`out` may not `claim`"):
        await moving.transfer(world.desk, task.id, "ana", to_person="out", reason="x", **HOW)
    await world.presence("bea", "away")
    with pytest.raises(ConflictError, match="`bea` is away"):
        await moving.transfer(world.desk, task.id, "ana", to_person="bea", reason="x", **HOW)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({}, "to a person or to a queue"),
        ({"to_person": "bea", "to_queue": "billing"}, "to a person or to a queue"),
        ({"to_queue": "billing", "warm": True}, "warm transfer goes to a person"),
        ({"to_person": "ana"}, "someone else"),
        ({"to_queue": "nowhere"}, "no queue `nowhere`"),
    ],
)
async def test_a_transfer_needs_one_sensible_receiver(world: World, where: dict[str, Any], words: str) -> None:
    task = await world.claimed()
    with pytest.raises(InputError, match=words):
        await moving.transfer(world.desk, task.id, "ana", reason="x", **where, **HOW)


async def test_an_escalated_task_waits_at_the_top(world: World) -> None:
    task = await world.claimed()
    up = await moving.escalate(world.desk, task.id, "ana", reason="wants a supervisor", **HOW)
    assert (up.state, up.assignee, up.priority, up.escalations) == (State.READY, None, 90, 1)
    assert "ana" in up.refused_by
    assert (await working.claim(world.desk, task.id, "sue", **HOW)).assignee == "sue"


async def test_escalation_goes_to_the_fallback_queue_where_there_is_one(world: World) -> None:
    await world.roster(
        special={"title": "Special", "teams": ["claims"], "fallback": "queue", "fallback_queue": "experts"}
    )
    task = await world.claimed(queue="special")
    assert (await moving.escalate(world.desk, task.id, "ana", reason="hard", **HOW)).queue == "experts"


async def test_a_supervisor_takes_over(world: World) -> None:
    task = await world.claimed()
    await working.start(world.desk, task.id, "ana", **HOW)
    with pytest.raises(DeniedError):
        await moving.take_over(world.desk, task.id, "out", reason="x", **HOW)
    with pytest.raises(ConflictError, match="a supervisor to take it over"):
        await moving.take_over(world.desk, task.id, "bea", reason="x", **HOW)
    taken = await moving.take_over(world.desk, task.id, "sue", reason="the customer is upset", **HOW)
    assert (taken.state, taken.assignee) == (State.RESERVED, "sue")
    assert await world.value("select performer from journey where id = $1", task.journey_id) == "person:sue"
    await working.start(world.desk, task.id, "sue", **HOW)
