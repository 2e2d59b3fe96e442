"""What a person finds: their own tasks, what waits for them, and what they look for."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from pydantic import JsonValue

from journeyman.customers import record
from journeyman.errors import ConflictError, DeniedError
from journeyman.governance import Authorizer, Bundle
from journeyman.ledger.log import recording
from journeyman.tasks import closing, moving, routing
from journeyman.tasks.clocks import sweep
from journeyman.tasks.desk import Desk
from journeyman.tasks.lifecycle import State
from journeyman.tasks.models import Task
from journeyman.tasks.routing import Ranked
from journeyman.views import contents, inbox
from journeyman.views.inbox import Search
from tests.integration.tasks.world import AUTHORIZER, CLI, NOW, World

HOW: dict[str, Any] = {"now": NOW, "auth": "token"}
RESULT: JsonValue = {"amount_minor": 1, "outcome": "pay"}


async def found(world: World, person: str = "ana", **wanted: Any) -> list[str]:
    return [task.id for task in await inbox.search(world.desk, person, Search(**wanted), now=NOW)]


async def best_for(desk: Desk, person: str, *, now: datetime) -> Ranked | None:
    return next(iter(await inbox.waiting(desk, person, now=now, limit=1)), None)


async def test_what_waits_comes_in_order_with_the_why(world: World) -> None:
    low = await world.task(priority=20)
    vip = await world.task(journey_id=await world.journey(tier="vip"))
    plain = await world.task()
    ranked = await inbox.waiting(world.desk, "ana", now=NOW)
    assert [each.task.id for each in ranked] == [vip.id, plain.id, low.id]
    assert "vip customer" in ranked[0].why


async def test_only_what_a_person_may_take_waits_for_them(world: World) -> None:
    await world.task("billing")
    await world.task(skills=["german"])
    await world.task(kind="review", draft=RESULT, excluded=["ana"])
    await world.claimed("bea")
    assert await inbox.waiting(world.desk, "ana", now=NOW) == []
    assert len(await inbox.waiting(world.desk, "bea", now=NOW)) == 2
    assert len(await inbox.waiting(world.desk, "out", now=NOW)) == 1


async def test_what_is_offered_to_someone_is_theirs_alone_to_see(world: World) -> None:
    task = await world.task("pushed")
    await sweep(world.desk, now=NOW)
    offered = (await world.read(task.id)).offered_to
    assert offered
    others = {"ana", "bea", "sue"} - {offered}
    assert [each.id for each in await inbox.mine(world.desk, offered, now=NOW)] == [task.id]
    for other in others:
        assert await inbox.waiting(world.desk, other, now=NOW) == []


async def test_one_s_own_goes_on_page_by_page_the_offers_first(world: World) -> None:
    offered = (await world.task("pushed", skills=["german"])).id
    await sweep(world.desk, now=NOW)
    late, early = [(await world.claimed("bea", now=world.later(minutes=minute))).id for minute in (2, 1)]
    assert [task.id for task in await inbox.mine(world.desk, "bea", now=NOW)] == [offered, early, late]
    pages: list[str] = []
    page = await inbox.mine(world.desk, "bea", now=NOW, limit=1)
    while page:
        pages += [task.id for task in page]
        page = await inbox.mine(world.desk, "bea", now=NOW, after=page.after, limit=1)
    assert pages == [offered, early, late]


async def test_what_others_must_take_hides_nothing(world: World) -> None:
    """However much waits before it that this person cannot take."""
    async with world.database.transaction() as conn:
        [mine, theirs] = [await world.task(priority=1), await world.task(priority=99, skills=["german"])]
        columns = ", ".join(
            row["column_name"]
            for row in await conn.fetch(
                "select column_name from information_schema.columns where table_name = 'task' and column_name not in"
                " ('id', 'effect')"
            )
        )
        await conn.execute(
            f"insert into task (id, effect, {columns})"
            f" select 'theirs-' || n, 'theirs:' || n, {columns} from task, generate_series(1, 300) n where id = $1",
            theirs.id,
        )
    assert [each.task.id for each in await inbox.waiting(world.desk, "ana", now=NOW)] == [mine.id]
    assert len(await inbox.waiting(world.desk, "bea", now=NOW)) == 50


async def test_what_is_due_soonest_is_found_behind_all_that_is_important(world: World) -> None:
    for _ in range(60):
        await world.task("pushed", priority=90)
    due = await world.task("claims", priority=55, now=world.later(minutes=-1))
    best = await best_for(world.desk, "ana", now=world.later(minutes=1))
    assert best
    assert (best.task.id, best.why[0]) == (due.id, "should have been started under a minute ago")


async def test_a_page_asks_policy_about_each_task_and_shows_none_that_it_hides(world: World) -> None:
    seen, hidden = await world.claimed("bea"), await world.claimed("bea")
    waits, secret = await world.task(), await world.task()
    policy = "\n".join(
        f'// Hidden.\n@id("hide-{number}") @serves("test")\n'
        f'forbid (principal is Person, action in Action::"work", resource == Task::"{task.id}");'
        for number, task in enumerate((hidden, secret))
    )
    files = dict(AUTHORIZER.bundle.files) | {"hidden.cedar": policy}
    strict = Authorizer(Bundle.from_files(files))

    async def policies(_: Any, current: str | None = None) -> Authorizer:
        return strict

    desk = replace(world.desk, policies=policies)
    assert [task.id for task in await inbox.mine(desk, "bea", now=NOW)] == [seen.id]
    assert [each.task.id for each in await inbox.waiting(desk, "bea", now=NOW)] == [waits.id]
    assert {task.id for task in await inbox.search(desk, "bea", Search(), now=NOW)} == {seen.id, waits.id}
    assert await inbox.search(desk, "bea", Search(task_id=hidden.id), now=NOW) == []
    best = await best_for(desk, "bea", now=NOW)
    assert best
    assert best.task.id == waits.id


async def test_a_page_is_filled_from_what_comes_after_the_hidden(world: World) -> None:
    """Policy shows simulated people rehearsals only; those come last here."""
    async with world.database.transaction() as conn:
        await conn.execute("update person set simulated = true where id = 'bea'")
    for _ in range(15):
        await world.task(priority=90)
    rehearsal = await world.task(journey_id=await world.journey(simulated=True), priority=1)
    best = await best_for(world.desk, "bea", now=NOW)
    assert best
    assert best.task.id == rehearsal.id


async def test_a_customer_who_speaks_of_cancelling_comes_before_others_with_the_why(world: World) -> None:
    first = await world.task()
    waits = await world.task(journey_id=await world.journey())
    assert (await inbox.waiting(world.desk, "ana", now=NOW))[0].task.id == first.id
    await world.says(waits.journey_id, "I want to cancel my policy")
    [best, _] = await inbox.waiting(world.desk, "ana", now=NOW)
    assert (best.task.id, best.why[1]) == (waits.id, "the customer may leave: speaks of cancelling")
    later = await world.task(journey_id=waits.journey_id)
    places = {row["id"]: row["as_if_since"] for row in await world.rows("select id, as_if_since from task")}
    assert places[waits.id] == places[later.id] == routing.as_if_since(later) < places[first.id]


async def test_a_customer_who_gets_another_tier_has_another_place_at_once(world: World) -> None:
    first, task = await world.task(), await world.task()
    closed = await world.claimed(journey_id=task.journey_id)
    await closing.fail(world.desk, closed.id, "ana", comment="cannot be done", **HOW)

    async def places() -> dict[str, datetime]:
        return {row["id"]: row["as_if_since"] for row in await world.rows("select id, as_if_since from task")}

    before = await places()
    opened: asyncio.Task[Task] | None = None
    for tier, best in (("premium", task.id), ("vip", task.id), ("standard", first.id), ("vip", task.id)):
        async with recording(world.database, world.desk.keyring) as tx:
            await record.change(tx, task.customer_id, tier=tier, by=CLI, now=NOW)
            if opened is None:  # what is opened meanwhile waits for the tier
                opened = asyncio.create_task(world.task(journey_id=task.journey_id))
                await world.waits(opened)
        later = (await opened).id
        ranked = [each.task for each in await inbox.waiting(world.desk, "ana", now=NOW)]
        assert ranked[0].id == best
        after = await places()
        assert {each.id: after[each.id] for each in ranked} == {each.id: routing.as_if_since(each) for each in ranked}
        assert {each.id for each in ranked} == {first.id, task.id, later}
        assert after[closed.id] == before[closed.id]


async def test_the_next_task_is_shown_and_then_taken(world: World) -> None:
    await world.task(priority=20)
    best = await world.task(priority=80)
    shown = await best_for(world.desk, "ana", now=NOW)
    assert shown
    assert (shown.task.id, shown.why[0]) == (best.id, "priority 80")
    taken = await inbox.take_next(world.desk, "ana", **HOW)
    assert taken
    assert (taken.task.id, taken.task.assignee) == (best.id, "ana")
    assert [task.id for task in await inbox.mine(world.desk, "ana", now=NOW)] == [best.id]


async def test_whoever_is_away_gets_no_next_task(world: World) -> None:
    await world.task()
    await world.presence("ana", "away")
    with pytest.raises(ConflictError, match="go online"):
        await inbox.take_next(world.desk, "ana", **HOW)


async def test_nothing_waiting_is_no_error(world: World) -> None:
    assert await best_for(world.desk, "ana", now=NOW) is None
    assert await inbox.take_next(world.desk, "ana", **HOW) is None


async def test_search_finds_by_what_people_know(world: World) -> None:
    waiting, held = await world.task(), await world.claimed("bea")
    done = await world.claimed("bea")
    await closing.complete(world.desk, done.id, "bea", RESULT, **HOW)
    review = await world.task(kind="review", draft=RESULT)
    assert set(await found(world)) == {waiting.id, held.id, review.id}
    assert await found(world, assignee="bea") == [held.id]
    assert await found(world, kind="review") == [review.id]
    assert await found(world, state=State.RESERVED) == [held.id]
    assert await found(world, closed=True) == [done.id]
    assert await found(world, state=State.COMPLETED) == [done.id]
    assert await found(world, closed=True, assignee="bea") == [done.id]
    assert await found(world, closed=True, assignee="bea", kind="review") == []
    assert await found(world, task_id=held.id) == [held.id]
    assert await found(world, journey_id=held.journey_id) == [held.id]
    assert await found(world, queue="billing") == []
    assert set(await found(world, late_at=world.later(minutes=3))) == {waiting.id, held.id, review.id}
    assert set(await found(world, late_at=world.later(minutes=1))) == set()


async def test_search_pages_through_everything_once(world: World) -> None:
    tasks = [await world.task(now=world.later(seconds=number // 2)) for number in range(7)]
    seen: list[str] = []
    before = None
    while page := await inbox.search(world.desk, "ana", Search(limit=3, before=before), now=NOW):
        seen += [task.id for task in page]
        before = (page[-1].created_at, page[-1].id)
    assert len(seen) == 7
    assert set(seen) == {task.id for task in tasks}


async def test_search_shows_nobody_what_is_not_theirs(world: World) -> None:
    task = await world.task()
    assert await found(world, "out") == []
    assert await found(world, "out", task_id=task.id) == []
    assert await found(world, "out", journey_id=task.journey_id) == []
    with pytest.raises(DeniedError):
        await contents.show(world.desk, task.id, "out", **HOW)


async def test_a_supervisor_finds_the_tasks_of_every_queue(world: World) -> None:
    task = await world.claimed("ana")
    await moving.transfer(world.desk, task.id, "ana", to_queue="billing", reason="money", **HOW)
    assert await found(world, "ana") == []
    assert await found(world, "sue") == [task.id]


async def test_who_sees_every_queue_filters_and_pages_as_others_do(world: World) -> None:
    billed = await world.task("billing", kind="question")
    held = await world.claimed("bea")
    waiting = [await world.task(now=world.later(seconds=number)) for number in range(1, 4)]
    assert await found(world, "sue", kind="question") == [billed.id]
    assert await found(world, "sue", state=State.RESERVED) == [held.id]
    assert await found(world, "sue", assignee="bea") == [held.id]
    assert await found(world, "sue", assignee="bea", queue="billing") == []
    assert await found(world, "sue", queue="billing") == [billed.id]
    assert await found(world, "sue", step="other") == []
    assert set(await found(world, "sue", late_at=world.later(minutes=3))) == {held.id, *(task.id for task in waiting)}
    first = await found(world, "sue", limit=2)
    assert first == [waiting[2].id, waiting[1].id]
    rest = await found(world, "sue", before=(waiting[1].created_at, waiting[1].id))
    assert [rest[0], set(rest[1:])] == [waiting[0].id, {billed.id, held.id}]
