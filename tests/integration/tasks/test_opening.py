import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import JsonValue

from journeyman.errors import ConflictError, InputError, NotFoundError
from journeyman.ledger.log import recording
from journeyman.tasks import closing, opening, working
from journeyman.tasks.clocks import follow_up
from journeyman.tasks.lifecycle import State
from journeyman.tasks.models import NewTask, ServiceLevel, Task
from journeyman.tasks.opening import open_task
from tests.integration.tasks.world import NOW, World

HOW: dict[str, Any] = {"now": NOW, "auth": "token"}
SUNDAY = datetime(2026, 6, 7, 12, 0, tzinfo=ZoneInfo("Europe/Berlin"))
MONDAY = datetime(2026, 6, 8, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
SMALL = {"title": "Small", "teams": ["claims"], "max_waiting": 2}


async def test_an_opened_task_waits_with_its_service_level(world: World) -> None:
    task = await world.task()
    assert (task.state, task.notice) == (State.READY, None)
    assert task.respond_by == NOW + timedelta(minutes=2)
    assert task.due_date == NOW + timedelta(minutes=20)
    assert await world.entries(task.id) == ["task.opened"]


async def test_a_journey_shows_the_queue_that_its_work_waits_in_not_one_that_only_judges(world: World) -> None:
    performer = "select performer from journey where id = $1"
    asked = await world.task(kind="question")
    assert await world.value(performer, asked.journey_id) is None
    task = await world.task(journey_id=asked.journey_id)
    assert await world.value(performer, task.journey_id) == "queue:claims"


async def test_the_step_overrides_the_queue_s_service_level(world: World) -> None:
    task = await world.task(service_level=ServiceLevel(complete=timedelta(hours=1)))
    assert task.respond_by == NOW + timedelta(minutes=2)
    assert task.due_date == NOW + timedelta(hours=1)


async def test_a_rerun_returns_what_the_first_run_opened(world: World) -> None:
    journey = await world.journey()
    first = await world.task(journey_id=journey, effect="run:7")
    claimed = await working.claim(world.desk, first.id, "ana", **HOW)
    async with recording(world.database, world.desk.keyring) as tx:
        again = await open_task(
            tx,
            NewTask(
                journey_id=journey,
                effect="run:7",
                step="assess",
                kind="work",
                title="Otherwise now",
                reason="x",
                queue="billing",
            ),
            now=world.later(hours=1),
        )
        tx.unchanged()
    assert again == claimed
    assert await world.value("select count(*) from task") == 1


async def test_two_runs_of_one_effect_at_once_open_one_task(world: World) -> None:
    journey = await world.journey()

    async def run() -> Task:
        async with recording(world.database, world.desk.keyring) as tx:
            new = NewTask(
                journey_id=journey, effect="run:8", step="assess", kind="work", title="T", reason="x", queue="claims"
            )
            task = await open_task(tx, new, now=NOW)
            if not tx._pending:
                tx.unchanged()
        return task

    tasks = await asyncio.gather(*(run() for _ in range(6)))
    assert len({task.id for task in tasks}) == 1
    assert await world.value("select count(*) from entry where type = 'task.opened'") == 1


async def test_out_of_hours_the_customer_hears_when_it_opens_and_what_to_do_in_need(world: World) -> None:
    task = await world.task("office", now=SUNDAY)
    assert task.state is State.READY
    assert task.notice
    assert (task.notice.reason, task.notice.opens_at, task.notice.emergency) == ("closed", MONDAY, "Call 112")
    assert task.respond_by == MONDAY + timedelta(hours=2)


async def test_out_of_hours_a_callback_waits_for_its_slot(world: World) -> None:
    await world.roster(calls={"title": "C", "teams": ["claims"], "calendar": "office", "fallback": "callback"})
    task = await world.task("calls", now=SUNDAY)
    assert (task.state, task.follow_up_date) == (State.CREATED, MONDAY)
    assert task.notice
    assert task.notice.callback_at == MONDAY
    with pytest.raises(ConflictError, match="nobody can act on it yet"):
        await working.claim(world.desk, task.id, "ana", **HOW)
    assert await follow_up(world.desk, now=MONDAY - timedelta(seconds=1)) == 0
    assert await follow_up(world.desk, now=MONDAY) == 1
    ready = await world.read(task.id)
    assert (ready.state, ready.priority) == (State.READY, 80)
    await working.claim(world.desk, task.id, "ana", now=MONDAY, auth="token")
    await closing.dispose(world.desk, task.id, "ana", "unreachable", now=MONDAY, auth="token")
    assert await world.value("select closed_at from callback") == MONDAY


async def test_callbacks_spread_over_the_slots(world: World) -> None:
    await world.roster(calls={"title": "C", "teams": ["billing"], "calendar": "office", "fallback": "callback"})
    slots = [(await world.task("calls", now=SUNDAY)).follow_up_date for _ in range(4)]
    assert slots == [MONDAY + timedelta(minutes=15 * step) for step in range(4)]


async def test_a_full_queue_calls_back_later_in_the_day(world: World) -> None:
    await world.roster(small=SMALL | {"fallback": "callback", "max_waiting": 0})
    task = await world.task("small")
    assert task.state is State.CREATED
    assert task.follow_up_date == NOW + timedelta(minutes=30)
    assert task.notice
    assert (task.notice.reason, task.notice.opens_at) == ("full", None)


async def test_a_full_queue_sends_to_the_other_queue(world: World) -> None:
    await world.roster(small=SMALL | {"fallback": "queue", "fallback_queue": "billing"})
    queues = [(await world.task("small")).queue for _ in range(4)]
    assert queues == ["small", "small", "billing", "billing"]


async def test_where_the_other_queue_is_full_too_its_own_fallback_happens(world: World) -> None:
    await world.roster(
        last={"title": "L", "teams": ["claims"], "max_waiting": 0, "fallback": "callback"},
        small=SMALL | {"max_waiting": 0, "fallback": "queue", "fallback_queue": "last"},
    )
    task = await world.task("small")
    assert (task.queue, task.state) == ("last", State.CREATED)


@pytest.mark.parametrize("kind", ["work", "review", "approval", "question", "callback"])
@pytest.mark.parametrize("fallback", ["wait", "callback", "queue"])
async def test_a_full_queue_never_approves(world: World, kind: str, fallback: str) -> None:
    rest = {"fallback": fallback} | ({"fallback_queue": "billing"} if fallback == "queue" else {})
    await world.roster(small=SMALL | {"max_waiting": 0} | rest)
    journey = await world.journey()
    call = await world.tool_call(journey) if kind == "approval" else None
    task = await world.task("small", kind=kind, journey_id=journey, draft={"a": 1}, tool_call=call)
    assert task.open
    assert task.action is None
    assert task.state in (State.READY, State.CREATED)
    assert await world.value("select count(*) from outbox") == 0
    assert await world.value("select count(*) from tool_call where status <> 'proposed'") == 0


async def test_openings_at_once_do_not_overfill_a_queue(world: World) -> None:
    await world.roster(small=SMALL | {"max_waiting": 3, "fallback": "queue", "fallback_queue": "billing"})
    journeys = [await world.journey() for _ in range(8)]
    await asyncio.gather(*(world.task("small", journey_id=journey) for journey in journeys))
    assert await world.value("select count(*) from task where queue = 'small'") == 3


async def test_withdrawing_makes_every_open_task_of_the_journey_obsolete(world: World) -> None:
    journey = await world.journey()
    waiting = await world.task(journey_id=journey)
    held = await world.claimed(journey_id=journey)
    done = await world.claimed(journey_id=journey)
    other = await world.task()
    await closing.complete(world.desk, done.id, "ana", {"amount_minor": 1, "outcome": "pay"}, **HOW)
    async with recording(world.database, world.desk.keyring) as tx:
        ended = await opening.withdraw(tx, journey, "journey_cancelled", NOW)
    assert set(ended) == {waiting.id, held.id}
    states = {task.id: (await world.read(task.id)).state for task in (waiting, held, done, other)}
    assert list(states.values()) == [State.OBSOLETE, State.OBSOLETE, State.COMPLETED, State.READY]
    with pytest.raises(ConflictError, match="is closed"):
        await closing.complete(world.desk, held.id, "ana", {"amount_minor": 1, "outcome": "pay"}, **HOW)


async def test_withdrawing_while_people_submit_ends_each_task_once(world: World) -> None:
    journey = await world.journey()
    held = [await world.claimed(person, journey_id=journey) for person in ("ana", "bea", "sue")]

    async def submit(task: Task) -> bool:
        try:
            output: JsonValue = {"amount_minor": 1, "outcome": "pay"}
            await closing.complete(world.desk, task.id, task.assignee or "", output, **HOW)
        except ConflictError:
            return False
        return True

    async def withdraw() -> list[str]:
        ended: list[str] = []
        async with recording(world.database, world.desk.keyring) as tx:
            ended = await opening.withdraw(tx, journey, "journey_cancelled", NOW)
            if not ended:
                tx.unchanged()
        return ended

    *submitted, ended = await asyncio.gather(*(submit(task) for task in held), withdraw())
    assert sum(bool(each) for each in submitted) + len(ended if isinstance(ended, list) else []) == 3
    rows = await world.rows("select state, revision from task")
    assert {row["revision"] for row in rows} == {3}


async def test_a_journey_that_closes_and_a_person_who_submits_do_not_wait_for_each_other(world: World) -> None:
    task = await world.claimed()

    async def submit() -> str:
        try:
            await closing.dispose(world.desk, task.id, "ana", "unreachable", **HOW)
        except ConflictError as refused:
            return str(refused)
        return "done"

    async with recording(world.database, world.desk.keyring) as tx:
        await opening.withdraw(tx, task.journey_id, "journey_cancelled", NOW)
        submitted = asyncio.create_task(submit())
        await world.waits(submitted)
        await tx.conn.execute("update journey set stage = 'over' where id = $1", task.journey_id)
    assert "is closed" in await submitted


async def test_withdrawing_what_a_person_has_just_closed_changes_nothing(world: World) -> None:
    task = await world.claimed()
    done = await closing.dispose(world.desk, task.id, "ana", "unreachable", **HOW)
    async with recording(world.database, world.desk.keyring) as tx:
        assert await opening.withdraw_task(tx, task.id, "customer_returned", NOW) == done
        tx.unchanged()


async def test_what_cannot_be_opened_says_why(world: World) -> None:
    with pytest.raises(NotFoundError, match="no queue `nowhere`"):
        await world.task("nowhere")
    with pytest.raises(InputError, match="no journey `jrn-x`"):
        await world.task(journey_id="jrn-x")
    with pytest.raises(InputError, match="needs the tool call"):
        await world.task(kind="approval", draft={"a": 1})
    with pytest.raises(InputError, match="what the person decides on"):
        await world.task(kind="review")
