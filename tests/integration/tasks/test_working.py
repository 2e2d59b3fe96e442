from datetime import timedelta

import pytest

from journeyman.errors import ConflictError, DeniedError, InputError, NotFoundError
from journeyman.tasks import working
from journeyman.tasks.lifecycle import State
from tests.integration.tasks.world import NOW, World


async def test_a_claimed_task_is_held_and_its_handoff_complete(world: World) -> None:
    task = await world.claimed("ana")
    assert (task.state, task.assignee, task.revision) == (State.RESERVED, "ana", 2)
    [handoff] = await world.rows("select * from handoff where task_id = $1", task.id)
    assert (handoff["giver"], handoff["receiver"], handoff["accepted_at"]) == ("ai:assessor", "person:ana", NOW)
    assert await world.value("select performer from journey where id = $1", task.journey_id) == "person:ana"
    assert await world.entries(task.id) == ["task.opened", "task.claimed"]


async def test_what_is_read_back_is_what_was_returned(world: World) -> None:
    task = await world.claimed("ana")
    assert await world.read(task.id) == task
    assert await working.start(world.desk, task.id, "ana", now=NOW, auth="token") == await world.read(task.id)


async def test_the_second_who_claims_hears_who_has_it(world: World) -> None:
    task = await world.claimed("ana")
    with pytest.raises(ConflictError, match="is with `ana`; take another"):
        await working.claim(world.desk, task.id, "bea", now=NOW, auth="token")
    with pytest.raises(ConflictError, match="you have it already"):
        await working.claim(world.desk, task.id, "ana", now=NOW, auth="token")


async def test_nobody_takes_more_than_their_capacity(world: World) -> None:
    for _ in range(3):
        await world.claimed("ana")
    one_more = await world.task()
    with pytest.raises(ConflictError, match="3 of 3 tasks in hand"):
        await working.claim(world.desk, one_more.id, "ana", now=NOW, auth="token")


async def test_what_is_on_hold_leaves_room(world: World) -> None:
    tasks = [await world.claimed("ana") for _ in range(3)]
    await working.suspend(
        world.desk, tasks[0].id, "ana", until=world.later(hours=1), reason="waits for a photo", now=NOW, auth="token"
    )
    await world.claimed("ana")


async def test_someone_offline_takes_nothing(world: World) -> None:
    task = await world.task()
    await world.presence("ana", "offline")
    with pytest.raises(ConflictError, match="go online"):
        await working.claim(world.desk, task.id, "ana", now=NOW, auth="token")


async def test_a_supervisor_takes_work_whatever_their_presence_and_load(world: World) -> None:
    await world.presence("sue", "offline")
    for _ in range(4):
        await world.claimed("sue")


async def test_only_its_holder_works_on_it(world: World) -> None:
    task = await world.claimed("ana")
    with pytest.raises(ConflictError, match="is with `ana`, and only they"):
        await working.start(world.desk, task.id, "bea", now=NOW, auth="token")


async def test_a_released_task_waits_again(world: World) -> None:
    task = await world.claimed("ana")
    released = await working.release(world.desk, task.id, "ana", comment="not mine", now=NOW, auth="token")
    assert (released.state, released.assignee) == (State.READY, None)
    assert "ana" in released.refused_by
    assert await world.value("select performer from journey where id = $1", task.journey_id) == "queue:claims"
    await working.claim(world.desk, task.id, "bea", now=NOW, auth="token")


async def test_a_supervisor_releases_for_the_holder(world: World) -> None:
    task = await world.claimed("ana")
    assert (await working.release(world.desk, task.id, "sue", now=NOW, auth="token")).state is State.READY


async def test_time_on_hold_does_not_count(world: World) -> None:
    task = await world.claimed("ana")
    await working.start(world.desk, task.id, "ana", now=NOW, auth="token")
    at = world.later(minutes=5)
    held = await working.suspend(
        world.desk, task.id, "ana", until=world.later(days=1), reason="waits", now=at, auth="token"
    )
    assert held.escalate_at is None
    resumed = await working.resume(world.desk, task.id, "ana", now=at + timedelta(hours=3), auth="token")
    assert resumed.state is State.IN_PROGRESS
    assert task.due_date
    assert resumed.due_date == task.due_date + timedelta(hours=3)
    assert resumed.escalate_at == resumed.due_date


async def test_a_hold_needs_a_moment_ahead_and_a_reason(world: World) -> None:
    task = await world.claimed("ana")
    with pytest.raises(InputError, match="has passed"):
        await working.suspend(world.desk, task.id, "ana", until=NOW, reason="x", now=NOW, auth="token")
    with pytest.raises(InputError, match="`reason` is empty"):
        await working.suspend(world.desk, task.id, "ana", until=world.later(days=1), reason=" ", now=NOW, auth="token")


async def test_an_old_revision_is_refused(world: World) -> None:
    task = await world.claimed("ana")
    await working.start(world.desk, task.id, "ana", now=NOW, auth="token", revision=task.revision)
    with pytest.raises(ConflictError, match="was changed since you read it"):
        await working.release(world.desk, task.id, "ana", now=NOW, auth="token", revision=task.revision)


async def test_a_comment_is_kept_sealed_and_recorded(world: World) -> None:
    task = await world.claimed("ana")
    await working.comment(world.desk, task.id, "bea", "the customer is called Mr Dent", now=NOW, auth="token")
    [row] = await world.rows("select * from task_comment where task_id = $1", task.id)
    assert b"Dent" not in row["body"]
    assert (await world.entries(task.id))[-1] == "task.commented"
    assert await world.value("select count(*) from entry where convert_from(body, 'UTF8') like '%Dent%'") == 0
    assert (await world.read(task.id)).revision == task.revision


async def test_who_made_the_draft_does_not_take_the_review(world: World) -> None:
    task = await world.task(kind="review", draft={"amount_minor": 1, "outcome": "pay"}, excluded=["ana"])
    with pytest.raises(DeniedError, match="own work") as denied:
        await working.claim(world.desk, task.id, "ana", now=NOW, auth="token")
    assert denied.value.policies == ("never-own-work",)


async def test_what_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFoundError, match="no task `task-x`"):
        await working.claim(world.desk, "task-x", "ana", now=NOW, auth="token")
    task = await world.task()
    with pytest.raises(NotFoundError, match="no person `nobody`"):
        await working.claim(world.desk, task.id, "nobody", now=NOW, auth="token")


async def test_an_entry_names_who_how_and_by_which_policy(world: World) -> None:
    task = await world.claimed("ana")
    row = await world.value("select convert_from(body, 'UTF8')::jsonb from entry where type = 'task.claimed'")
    assert row["actor"] == {"kind": "person", "id": "ana", "auth": "token"}
    assert row["policies"] == ["members-take"]
    assert row["facts"]["verdict"] == "allow"
    assert row["facts"]["bundle"]
    assert row["refs"]["task"] == task.id
    assert set(row["values"]) == {"facts"}
