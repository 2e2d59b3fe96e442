import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import JsonValue

from journeyman.errors import ConflictError, PolicyError
from journeyman.governance import Authorizer, Bundle
from journeyman.store.database import Connection
from journeyman.tasks import clock, closing, moving, offers, working
from journeyman.tasks.clocks import (
    escalate_breaches,
    follow_up,
    forget_secrets,
    lapse_offers,
    renew_unanswered,
    return_abandoned,
    sweep,
)
from journeyman.tasks.desk import Desk
from journeyman.tasks.lifecycle import Action, State
from journeyman.tasks.offering import make_offers
from journeyman.views import contents
from tests.integration.tasks.world import AUTHORIZER, NOW, World

HOW: dict[str, Any] = {"now": NOW, "auth": "token"}
RESULT: JsonValue = {"amount_minor": 1, "outcome": "pay"}


def berlin(*fields: int) -> datetime:
    return datetime(*fields, tzinfo=ZoneInfo("Europe/Berlin"))  # type: ignore[arg-type,misc]  # year to minute


async def alone(world: World, person: str = "ana") -> None:
    """Nobody else is there."""
    for other in {"ana", "bea", "sue"} - {person}:
        await world.presence(other, "offline")


# Offers ------------------------------------------------------------------------------------------------------------


async def test_waiting_work_is_offered_to_the_longest_idle(world: World) -> None:
    worked = await world.claimed("ana")
    await closing.complete(world.desk, worked.id, "ana", RESULT, **HOW)
    await world.presence("sue", "offline")
    task = await world.task("pushed")
    assert await make_offers(world.desk, now=NOW) == 1
    offered = await world.read(task.id)
    assert (offered.offered_to, offered.offer_expires_at) == ("bea", world.later(seconds=30))
    assert await make_offers(world.desk, now=NOW) == 0


async def test_a_passed_offer_goes_to_the_next_person(world: World) -> None:
    await world.presence("sue", "offline")
    task = await world.task("pushed")
    asked = []
    for step in range(2):
        await sweep(world.desk, now=world.later(seconds=31 * step))
        asked.append((await world.read(task.id)).offered_to)
    assert sorted(asked, key=str) == ["ana", "bea"]


async def test_a_declined_offer_goes_to_the_next_person(world: World) -> None:
    await world.presence("sue", "offline")
    task = await world.task("pushed")
    await sweep(world.desk, now=NOW)
    first = (await world.read(task.id)).offered_to
    assert first
    await offers.decline(world.desk, task.id, first, **HOW)
    await sweep(world.desk, now=NOW)
    assert (await world.read(task.id)).offered_to not in (None, first)


async def test_an_accepted_offer_is_held_and_completes_the_handoff(world: World) -> None:
    await alone(world)
    task = await world.task("pushed")
    await sweep(world.desk, now=NOW)
    assert (await offers.accept(world.desk, task.id, "ana", **HOW)).assignee == "ana"
    assert await world.value("select receiver from handoff where task_id = $1", task.id) == "person:ana"


async def test_nothing_is_offered_to_someone_who_is_not_there(world: World) -> None:
    for person in ("ana", "bea", "sue"):
        await world.presence(person, "away" if person == "bea" else "offline")
    task = await world.task("pushed")
    assert await make_offers(world.desk, now=NOW) == 0
    await world.presence("bea", "online")
    assert await make_offers(world.desk, now=NOW) == 1
    assert (await world.read(task.id)).offered_to == "bea"


async def test_an_offer_to_someone_who_leaves_goes_on_at_once(world: World) -> None:
    await alone(world)
    task = await world.task("pushed")
    await sweep(world.desk, now=NOW)
    await world.presence("bea", "online")
    await world.presence("ana", "offline")
    await sweep(world.desk, now=NOW)
    assert (await world.read(task.id)).offered_to == "bea"


async def test_work_is_offered_again_when_capacity_frees(world: World) -> None:
    await alone(world)
    held = [await world.claimed("ana") for _ in range(3)]
    task = await world.task("pushed")
    assert await make_offers(world.desk, now=NOW) == 0
    await closing.complete(world.desk, held[0].id, "ana", RESULT, **HOW)
    assert await make_offers(world.desk, now=NOW) == 1
    assert (await world.read(task.id)).offered_to == "ana"


async def test_offers_count_towards_capacity(world: World) -> None:
    await alone(world)
    for _ in range(5):
        await world.task("pushed")
    await sweep(world.desk, now=NOW)
    assert await world.value("select count(*) from task where offered_to = 'ana'") == 3


async def test_only_those_with_the_skills_are_asked(world: World) -> None:
    task = await world.task("pushed", skills=["german"])
    await sweep(world.desk, now=NOW)
    assert (await world.read(task.id)).offered_to == "bea"


async def test_the_maker_of_the_draft_is_not_asked(world: World) -> None:
    await alone(world)
    await world.task("pushed", kind="review", draft=RESULT, excluded=["ana"])
    assert await make_offers(world.desk, now=NOW) == 0


async def test_what_everyone_ignored_is_escalated_and_comes_back(world: World) -> None:
    await alone(world)
    task = await world.task("pushed")
    await sweep(world.desk, now=NOW)
    await sweep(world.desk, now=world.later(minutes=1))
    again = await world.read(task.id)
    assert (again.offered_to, again.escalations, again.priority) == ("ana", 1, 70)
    assert "task.breached" in await world.entries(task.id)


async def test_ignored_work_keeps_coming_back_and_stops_escalating(world: World) -> None:
    await alone(world)
    task = await world.task("pushed")
    for minute in range(12):
        await sweep(world.desk, now=world.later(minutes=minute))
    again = await world.read(task.id)
    assert (again.offered_to, again.escalations, again.priority) == ("ana", clock.MAX_ESCALATIONS, 100)


async def test_a_free_person_is_found_behind_work_that_nobody_can_take(world: World) -> None:
    await alone(world)
    for _ in range(30):
        await world.task("pushed", skills=["klingon"], priority=90)
    task = await world.task("pushed", priority=10)
    assert await make_offers(world.desk, now=NOW) == 1
    assert (await world.read(task.id)).offered_to == "ana"


async def test_two_sweepers_do_everything_once(world: World) -> None:
    for _ in range(12):
        await world.task("pushed")
    for _ in range(12):
        await world.task("claims")
    late = world.later(minutes=3)
    await asyncio.gather(*(sweep(world.desk, now=late, batch=5) for _ in range(4)))
    await sweep(world.desk, now=late)
    offered = await world.rows("select offered_to, count(*) as n from task where offered_to is not null group by 1")
    assert {row["offered_to"]: row["n"] for row in offered} == {"ana": 3, "bea": 3, "sue": 3}
    assert await world.value("select count(*) from entry where type = 'task.offered'") == 9
    assert await world.value("select count(*) from entry where type = 'task.breached'") == 12
    assert await world.value("select count(*) from task where escalations > 1") == 0
    made = await sweep(world.desk, now=late)
    assert set(made.values()) == {0}


# Service levels ----------------------------------------------------------------------------------------------------


async def test_what_nobody_begins_in_time_is_escalated_once_a_target(world: World) -> None:
    task = await world.task()
    assert await escalate_breaches(world.desk, now=world.later(seconds=119)) == 0
    assert await escalate_breaches(world.desk, now=world.later(minutes=2)) == 1
    assert await escalate_breaches(world.desk, now=world.later(minutes=2)) == 0
    late = await world.read(task.id)
    assert (late.escalations, late.priority, late.respond_by) == (1, 70, task.respond_by)
    assert late.escalate_at == task.due_date
    page = await contents.show(world.desk, task.id, "ana", now=NOW, auth="token")
    assert [(comment.author, comment.text) for comment in page.comments] == [
        ("clock", "nobody began in time; escalated for the 1. time")
    ]


async def test_what_is_taken_but_not_begun_comes_back(world: World) -> None:
    task = await world.claimed("ana")
    await escalate_breaches(world.desk, now=world.later(minutes=2))
    back = await world.read(task.id)
    assert (back.state, back.assignee) == (State.READY, None)
    with pytest.raises(ConflictError, match="is `ready`"):
        await working.suspend(
            world.desk, task.id, "ana", until=world.later(days=1), reason="x", now=world.later(minutes=2), auth="token"
        )


async def test_a_queue_without_promises_still_gets_back_what_nobody_begins(world: World) -> None:
    task = await world.claimed("ana", queue="pushed")
    await escalate_breaches(world.desk, now=world.later(minutes=29))
    assert (await world.read(task.id)).assignee == "ana"
    await escalate_breaches(world.desk, now=world.later(minutes=30))
    assert (await world.read(task.id)).state is State.READY


async def test_what_is_late_in_hand_stays_in_hand(world: World) -> None:
    task = await world.claimed("ana")
    await working.start(world.desk, task.id, "ana", **HOW)
    await escalate_breaches(world.desk, now=world.later(minutes=21))
    late = await world.read(task.id)
    assert (late.state, late.assignee, late.escalations) == (State.IN_PROGRESS, "ana", 1)


async def test_no_clock_ever_closes_a_task(world: World) -> None:
    tasks = [await world.task(), await world.task(kind="review", draft=RESULT), await world.claimed("ana")]
    for day in range(30):
        await sweep(world.desk, now=world.later(days=day))
    for task in tasks:
        seen = await world.read(task.id)
        assert (seen.open, seen.action, seen.escalations) == (True, None, clock.MAX_ESCALATIONS)


async def test_the_first_breach_moves_it_to_the_fallback_queue(world: World) -> None:
    special = {"title": "S", "teams": ["claims"], "respond": "2m", "fallback": "queue", "fallback_queue": "claims"}
    await world.roster(special=special)
    task = await world.task("special")
    await escalate_breaches(world.desk, now=world.later(minutes=2))
    moved = await world.read(task.id)
    assert (moved.queue, moved.respond_by) == ("claims", world.later(minutes=4))
    entry = await world.value("select convert_from(body, 'UTF8')::jsonb from entry where type = 'task.breached'")
    assert entry["policies"] == ["engine-falls-back"]


async def test_where_policy_does_not_let_the_engine_a_breach_moves_it_nowhere(world: World) -> None:
    special = {"title": "S", "teams": ["claims"], "respond": "2m", "fallback": "queue", "fallback_queue": "claims"}
    await world.roster(special=special)
    task = await world.task("special")
    stays = """// It stays.\n@id("stays") @serves("test")
        forbid (principal is System, action == Action::"transfer", resource is Task);"""
    strict = Authorizer(Bundle.from_files(dict(AUTHORIZER.bundle.files) | {"stays.cedar": stays}))

    async def policies(_: Connection, current: str | None = None) -> Authorizer:
        return strict

    await escalate_breaches(replace(world.desk, policies=policies), now=world.later(minutes=2))
    seen = await world.read(task.id)
    assert (seen.queue, seen.escalations, seen.open) == ("special", 1, True)


async def test_a_weekend_does_not_count(world: World) -> None:
    friday = berlin(2026, 6, 5, 16, 0)
    task = await world.task("office", now=friday)
    assert task.respond_by == berlin(2026, 6, 8, 10, 0)
    for hours in (12, 24, 48):
        assert await escalate_breaches(world.desk, now=friday + timedelta(hours=hours)) == 0
    assert await escalate_breaches(world.desk, now=berlin(2026, 6, 8, 10, 0)) == 1


async def test_a_holiday_does_not_count(world: World) -> None:
    task = await world.task("office", now=berlin(2026, 12, 24, 16, 0))
    assert task.respond_by == berlin(2026, 12, 28, 10, 0)


async def test_the_change_of_clocks_moves_the_hour_but_not_the_promise(world: World) -> None:
    task = await world.task("office", now=berlin(2026, 10, 23, 16, 0))  # the clocks go back on Sunday
    assert task.respond_by == berlin(2026, 10, 26, 10, 0)
    assert task.respond_by
    assert task.respond_by - berlin(2026, 10, 23, 16, 0).astimezone(UTC) == timedelta(hours=67)


async def test_closed_hours_on_hold_are_not_given_twice(world: World) -> None:
    monday = berlin(2026, 6, 1, 12, 0)
    task = await world.claimed("ana", queue="office")
    held_at, back_at = monday + timedelta(hours=3), berlin(2026, 6, 2, 10, 0)  # 15:00, then 10:00 the next day
    await working.start(world.desk, task.id, "ana", **HOW)
    await working.suspend(world.desk, task.id, "ana", until=back_at, reason="x", now=held_at, auth="token")
    resumed = await working.resume(world.desk, task.id, "ana", now=back_at, auth="token")
    assert task.due_date == berlin(2026, 6, 2, 12, 0)
    assert resumed.due_date == berlin(2026, 6, 2, 15, 0)  # 2 open hours on Monday and 1 on Tuesday


# On hold, gone -----------------------------------------------------------------------------------------------------


async def test_what_was_on_hold_wakes_with_its_holder(world: World) -> None:
    task = await world.claimed("ana")
    until = world.later(days=1)
    await working.suspend(world.desk, task.id, "ana", until=until, reason="x", **HOW)
    assert await follow_up(world.desk, now=until - timedelta(seconds=1)) == 0
    assert await follow_up(world.desk, now=until) == 1
    woken = await world.read(task.id)
    assert (woken.state, woken.assignee) == (State.RESERVED, "ana")
    assert woken.due_date == world.later(days=1, minutes=20)


async def test_what_was_on_hold_with_someone_gone_waits_for_anyone(world: World) -> None:
    task = await world.claimed("ana")
    await working.suspend(world.desk, task.id, "ana", until=world.later(days=1), reason="x", **HOW)
    await world.presence("ana", "offline")
    await follow_up(world.desk, now=world.later(days=1))
    woken = await world.read(task.id)
    assert (woken.state, woken.assignee) == (State.READY, None)


async def test_who_leaves_gives_back_what_they_have_not_begun_and_later_the_rest(world: World) -> None:
    reserved, begun = await world.claimed("ana"), await world.claimed("ana")
    await working.start(world.desk, begun.id, "ana", **HOW)
    await world.presence("ana", "offline")
    assert await return_abandoned(world.desk, now=NOW) == 1
    assert (await world.read(reserved.id)).state is State.READY
    assert (await world.read(begun.id)).assignee == "ana"
    assert await return_abandoned(world.desk, now=world.later(minutes=15)) == 1
    assert (await world.read(begun.id)).assignee is None


async def test_a_supervisor_who_steps_in_while_offline_keeps_it_for_as_long_as_they_work(world: World) -> None:
    await world.presence("sue", "offline")
    task, late = await world.task(), world.later(minutes=1)
    await moving.take_over(world.desk, task.id, "sue", reason="I do it", now=late, auth="token")
    assert await return_abandoned(world.desk, now=world.later(minutes=2)) == 0
    await working.start(world.desk, task.id, "sue", now=world.later(minutes=3), auth="token")
    assert await return_abandoned(world.desk, now=world.later(minutes=15)) == 0
    assert await return_abandoned(world.desk, now=world.later(minutes=20)) == 1


async def test_a_break_gives_nothing_back(world: World) -> None:
    task = await world.claimed("ana")
    await world.presence("ana", "away")
    assert await return_abandoned(world.desk, now=world.later(hours=2)) == 0
    assert (await world.read(task.id)).assignee == "ana"


async def test_expired_secrets_are_forgotten(world: World) -> None:
    journey = await world.journey()
    async with world.database.transaction() as conn:
        for id, minutes in (("sec-1", 5), ("sec-2", 15)):
            await conn.execute(
                "insert into secret_handle (id, journey_id, kind, sealed, created_at, expires_at)"
                " values ($1, $2, 'pin', 'x', $3, $4)",
                id,
                journey,
                NOW,
                world.later(minutes=minutes),
            )
    assert await forget_secrets(world.desk, now=world.later(minutes=10)) == 1
    assert await forget_secrets(world.desk, now=world.later(minutes=10)) == 0
    assert await world.value("select id from secret_handle where sealed is not null") == "sec-2"
    assert await world.value("select count(*) from entry where type = 'secret.expired'") == 1


async def test_a_clock_that_fails_does_not_stop_the_others(world: World) -> None:
    await world.task("pushed")
    task = await world.claimed("ana")
    await working.suspend(world.desk, task.id, "ana", until=world.later(days=1), reason="x", **HOW)

    async def nothing_published(_: Connection, current: str | None = None) -> Authorizer:
        raise PolicyError("no policies are published")

    broken = Desk(world.database, world.desk.keyring, nothing_published, world.desk.steps)
    with pytest.raises(PolicyError):
        await sweep(broken, now=world.later(days=1))
    assert (await world.read(task.id)).state is State.RESERVED
    assert AUTHORIZER  # and with policies the offers go on
    made = await sweep(world.desk, now=world.later(days=1))
    assert made["make_offers"] == 1


async def test_nobody_online_leaves_unanswered_work_alone(world: World) -> None:
    await alone(world)
    task = await world.task("pushed")
    await sweep(world.desk, now=NOW)
    await world.presence("ana", "offline")
    await lapse_offers(world.desk, now=NOW)
    await renew_unanswered(world.desk, now=NOW)
    assert await renew_unanswered(world.desk, now=NOW) == 0
    await world.presence("ana", "online")
    await sweep(world.desk, now=NOW)
    assert (await world.read(task.id)).offered_to == "ana"
    assert (await world.read(task.id)).action is not Action.EXIT
