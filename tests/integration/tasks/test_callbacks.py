"""Callbacks: agreed from a held task, moved, called off, kept."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from journeyman.customers import record
from journeyman.errors import ConflictError, DeniedError, InputError, NotFoundError
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.tasks import callbacks, clocks, closing, slots, working
from journeyman.tasks.callbacks import Callback
from journeyman.tasks.desk import Desk
from journeyman.views import callbacks as lists
from tests.integration.tasks.world import NOW, World

SLOT = NOW + timedelta(hours=2)
NIGHT = NOW.replace(hour=3)
CALLED = {"title": "Called", "teams": ["claims"], "calendar": "office", "respond": "15m", "fallback": "callback"}


async def listed(world: World, person: str = "ana") -> list[tuple[str, datetime]]:
    found = await lists.callbacks(world.desk, person, now=NOW)
    return [(each.task_id, each.slot) for each in found]


async def schedule(world: World, task: str, slot: datetime = SLOT, person: str = "ana") -> Callback:
    return await callbacks.schedule(world.desk, task, person, slot, now=NOW, auth="token")


async def entry(world: World, type: str) -> dict[str, object]:
    body: dict[str, object] = await world.value(
        "select convert_from(body, 'UTF8')::jsonb from entry where type = $1 order by id desc limit 1", type
    )
    return body


async def test_whoever_holds_a_task_agrees_a_callback_and_it_wakes_with_them(world: World) -> None:
    task = await world.claimed("ana")
    agreed = await schedule(world, task.id)
    assert (agreed.task_id, agreed.slot, agreed.state, agreed.assignee) == (task.id, SLOT, "suspended", "ana")
    assert await listed(world) == [(task.id, SLOT)]
    written = await entry(world, "task.suspended")
    assert written["refs"]["callback"] == agreed.id  # type: ignore[index]  # JSON
    assert written["policies"] == ["assignee-schedules"]
    await clocks.sweep(world.desk, now=SLOT)
    woken = await world.read(task.id)
    assert (woken.state, woken.assignee) == ("reserved", "ana")
    await closing.dispose(world.desk, task.id, "ana", "unreachable", now=SLOT, auth="token")
    assert await listed(world) == []
    assert await world.value("select closed_at from callback") == SLOT


async def test_who_waits_longer_than_promised_is_called_back_once_on_the_number_that_is_known_of_them(
    world: World,
) -> None:
    await world.roster(called=CALLED)
    task = await world.task("called")
    async with recording(world.database, world.desk.keyring) as tx:
        by = Actor(kind="system", id="test")
        await record.add_address(tx, task.customer_id, channel="phone", address="+44 20 7946 0000", by=by, now=NOW)
    late = NOW + timedelta(minutes=15)
    assert await clocks.put_off(world.desk, now=late - timedelta(seconds=1)) == 0
    assert (await clocks.sweep(world.desk, now=late))["put_off"] == 1
    asleep = await world.read(task.id)
    slot = late + timedelta(minutes=30)
    assert (asleep.state, asleep.follow_up_date, asleep.escalations) == ("created", slot, 1)
    assert (asleep.respond_by, asleep.escalate_at) == (slot + timedelta(minutes=15), None)
    assert asleep.notice
    assert (asleep.notice.reason, asleep.notice.callback_at) == ("late", slot)
    assert await listed(world) == [(task.id, slot)]
    assert (await entry(world, "task.put_off"))["facts"]["callback_at"] == slot.isoformat()  # type: ignore[index]  # JSON
    told = await world.rows("select kind, reference from outbox where journey_id = $1", task.journey_id)
    assert [tuple(row) for row in told][-1:] == [("task_put_off", task.id)]
    async with recording(world.database, world.desk.keyring) as tx:
        assert await slots.number(tx, asleep) == "+44 20 7946 0000"
        tx.unchanged()
    await clocks.sweep(world.desk, now=slot)
    assert (await world.read(task.id)).state == "ready"
    await clocks.sweep(world.desk, now=slot + timedelta(minutes=15))
    again = await world.read(task.id)
    assert (again.state, again.escalations) == ("ready", 2)


@pytest.mark.parametrize(
    ("queue", "kind"), [(CALLED | {"fallback": "wait"}, "work"), (CALLED, "review"), (CALLED, "question")]
)
async def test_where_no_callback_is_declared_or_no_customer_waits_it_is_escalated_in_its_place(
    world: World, queue: dict[str, Any], kind: str
) -> None:
    await world.roster(called=queue)
    task = await world.task("called", kind=kind, draft={"text": "x"} if kind == "review" else None)
    await clocks.sweep(world.desk, now=NOW + timedelta(minutes=15))
    after = await world.read(task.id)
    assert (after.state, after.escalations) == ("ready", 1)


async def test_what_somebody_has_begun_is_not_put_off(world: World) -> None:
    await world.roster(called=CALLED)
    task = await world.claimed("ana", queue="called")
    await working.start(world.desk, task.id, "ana", now=NOW, auth="token")
    assert await clocks.put_off(world.desk, now=NOW + timedelta(hours=1)) == 0


async def test_a_number_is_given_with_a_callback_and_changed(world: World) -> None:
    task = await world.claimed("ana")
    with pytest.raises(InputError, match="is no number to call"):
        await callbacks.schedule(world.desk, task.id, "ana", SLOT, number="ask him", now=NOW, auth="token")
    for deed, number in ((callbacks.schedule, "020 7946 0001"), (callbacks.move, "020 7946 0002")):
        await deed(world.desk, task.id, "ana", SLOT, number=number, now=NOW, auth="token")
        async with recording(world.database, world.desk.keyring) as tx:
            assert await slots.number(tx, task) == number
            tx.unchanged()
    assert "020 7946" not in str(await entry(world, "callback.moved"))


async def test_a_callback_that_a_queue_has_put_off_is_moved_by_its_team_and_its_promise_with_it(world: World) -> None:
    await world.roster(called=CALLED)
    task = await world.task("called", now=NIGHT)
    opens = NOW.replace(hour=7)
    assert (task.state, task.follow_up_date) == ("created", opens)
    moved = await callbacks.move(world.desk, task.id, "bea", SLOT, now=NIGHT, auth="token", revision=task.revision)
    assert moved.slot == SLOT
    after = await world.read(task.id)
    assert (after.follow_up_date, after.respond_by) == (SLOT, SLOT + timedelta(minutes=15))
    assert after.revision == task.revision + 1
    written = await entry(world, "callback.moved")
    assert written["actor"] == {"kind": "person", "id": "bea", "auth": "token"}
    assert written["policies"] == ["members-reschedule"]
    await clocks.sweep(world.desk, now=opens)
    assert (await world.read(task.id)).state == "created"
    await clocks.sweep(world.desk, now=SLOT)
    assert (await world.read(task.id)).state == "ready"
    with pytest.raises(ConflictError, match="waits for no callback"):
        await callbacks.move(world.desk, task.id, "bea", SLOT + timedelta(hours=1), now=SLOT, auth="token")


async def test_a_callback_that_is_called_off_leaves_the_work(world: World) -> None:
    await world.roster(called=CALLED)
    put_off, held = await world.task("called", now=NIGHT), await world.claimed("ana")
    await schedule(world, held.id)
    assert (await callbacks.cancel(world.desk, put_off.id, "bea", now=NOW, auth="token")).state == "ready"
    again = await callbacks.cancel(world.desk, held.id, "ana", now=NOW, auth="token")
    assert (again.state, again.assignee) == ("reserved", "ana")
    assert await listed(world) == []
    assert (await entry(world, "callback.cancelled"))["policies"] == ["assignee-schedules"]
    assert (await entry(world, "task.woken"))["actor"] == {"kind": "person", "id": "ana", "auth": "token"}
    with pytest.raises(ConflictError, match="waits for no callback"):
        await callbacks.cancel(world.desk, held.id, "ana", now=NOW, auth="token")


async def test_only_those_whom_policy_lets_touch_a_callback(world: World) -> None:
    await world.roster(called=CALLED)
    put_off, held = await world.task("called", now=NIGHT), await world.claimed("ana")
    free = await world.task()
    await schedule(world, held.id)
    before = await world.everything()
    with pytest.raises(DeniedError):
        await callbacks.move(world.desk, put_off.id, "out", SLOT, now=NOW, auth="token")
    with pytest.raises(DeniedError):
        await callbacks.cancel(world.desk, held.id, "bea", now=NOW, auth="token")  # ana holds it
    with pytest.raises(ConflictError):
        await schedule(world, free.id)  # nobody holds it
    with pytest.raises(NotFoundError):
        await schedule(world, "task-0")
    assert await world.everything() == before
    assert await listed(world, "out") == []
    assert len(await listed(world, "sue")) == 2
    await callbacks.move(world.desk, held.id, "sue", SLOT + timedelta(hours=1), now=NOW, auth="token")


async def test_a_slot_lies_ahead_in_the_queue_s_hours_and_has_room(world: World) -> None:
    await world.roster(called=CALLED)
    tasks = [await world.claimed("sue", "called") for _ in range(4)]
    for wrong in (NOW, NOW.replace(tzinfo=None)):
        with pytest.raises(InputError):
            await schedule(world, tasks[0].id, wrong, "sue")
    for wrong in (NOW.replace(hour=20), SLOT + timedelta(minutes=7)):
        with pytest.raises(ConflictError, match="the next free slot is `2026-06-0"):
            await schedule(world, tasks[0].id, wrong, "sue")
    for task in tasks[:3]:  # as many as the queue has people
        await schedule(world, task.id, SLOT, "sue")
    with pytest.raises(ConflictError, match="is taken"):
        await schedule(world, tasks[3].id, SLOT, "sue")
    free = await callbacks.slots(world.desk, "ana", "called", since=SLOT, now=NOW, limit=2)
    assert free == [SLOT + timedelta(minutes=15), SLOT + timedelta(minutes=30)]
    with pytest.raises(DeniedError):
        await callbacks.slots(world.desk, "out", "called", now=NOW)


async def test_a_page_is_full_although_policy_hides_some(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [(await world.claimed("sue")).id for _ in range(4)]
    for number, task in enumerate(tasks):
        await schedule(world, task, SLOT + timedelta(minutes=15 * number), "sue")
    permitted = Desk.permitted

    async def hides(self: Desk, conn: Any, by: Any, person: Any, action: Any, found: Any, *more: Any) -> list[bool]:
        may = await permitted(self, conn, by, person, action, found, *more)
        return [allowed and task.id != tasks[0] for task, allowed in zip(found, may, strict=True)]

    monkeypatch.setattr(Desk, "permitted", hides)
    page = await lists.callbacks(world.desk, "ana", now=NOW, limit=2)
    assert [each.task_id for each in page] == tasks[1:3]
    last = await lists.callbacks(world.desk, "ana", now=NOW, limit=2, after=page.after)
    assert ([each.task_id for each in last], last.after) == (tasks[3:], None)


async def test_callbacks_are_listed_by_slot_page_by_page(world: World) -> None:
    tasks = [await world.claimed("ana") for _ in range(3)]
    for number, task in enumerate(tasks):
        await schedule(world, task.id, SLOT - timedelta(minutes=15 * number))
    first = await lists.callbacks(world.desk, "ana", now=NOW, limit=2)
    assert [each.task_id for each in first] == [tasks[2].id, tasks[1].id]
    rest = await lists.callbacks(world.desk, "ana", now=NOW, after=first.after)
    assert [each.task_id for each in rest] == [tasks[0].id]
    assert await lists.callbacks(world.desk, "ana", queue="office", now=NOW) == []
    bounded = await lists.callbacks(world.desk, "ana", since=SLOT, until=SLOT + timedelta(minutes=1), now=NOW)
    assert [each.task_id for each in bounded] == [tasks[0].id]
    assert await working.resume(world.desk, tasks[0].id, "ana", now=NOW, auth="token")
    assert len(await listed(world)) == 3  # until the work is closed
