from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, JsonValue

from journeyman.errors import ConflictError, DeniedError, InputError
from journeyman.journey.step import DataClass, Step
from journeyman.ledger.log import Recording, recording
from journeyman.tasks import closing, speaking, working
from journeyman.tasks.lifecycle import Action, State
from journeyman.tasks.models import Outcome, Task
from journeyman.tasks.opening import accept_return, outcome
from journeyman.views import contents
from tests.integration.tasks.world import ASSESS, NOW, World

GOOD: JsonValue = {"amount_minor": 12_000, "outcome": "pay"}
DRAFT: JsonValue = {"amount_minor": 9_000, "outcome": "reduce"}
HOW: dict[str, Any] = {"now": NOW, "auth": "token"}


async def outcome_of(world: World, task: Task) -> Outcome:
    """What the engine reads."""
    async with recording(world.database, world.desk.keyring) as tx:
        tx.unchanged()
        return await outcome(tx, task.id)
    raise AssertionError("a block that changes nothing ends quietly")


async def events(world: World, task: Task) -> list[tuple[str, str]]:
    rows = await world.rows(
        "select kind, reference from outbox where journey_id = $1 order by sequence", task.journey_id
    )
    return [(row["kind"], row["reference"]) for row in rows]


async def review(world: World, **fields: Any) -> Task:
    return await world.claimed(kind="review", draft=DRAFT, **fields)


async def approval(world: World) -> Task:
    journey = await world.journey()
    call = await world.tool_call(journey)
    return await world.claimed(
        kind="approval", journey_id=journey, draft={"tool": "pay", "args": {"amount_minor": 5}}, tool_call=call
    )


async def test_a_submitted_result_reaches_the_journey_once(world: World) -> None:
    task = await world.claimed()
    done = await closing.complete(world.desk, task.id, "ana", GOOD, comment="all fine", **HOW)
    assert (done.state, done.action, done.closed_at, done.started_at) == (State.COMPLETED, Action.COMPLETE, NOW, NOW)
    assert await events(world, task) == [("task_closed", task.id)]
    found = await outcome_of(world, task)
    assert (found.output, found.person, found.comment, found.open) == (GOOD, "ana", "all fine", False)
    assert await world.entries(task.id) == ["task.opened", "task.claimed", "task.completed"]


async def test_a_task_is_not_completed_twice(world: World) -> None:
    task = await world.claimed()
    await closing.complete(world.desk, task.id, "ana", GOOD, **HOW)
    with pytest.raises(ConflictError, match="is closed"):
        await closing.complete(world.desk, task.id, "ana", GOOD, **HOW)
    assert len(await events(world, task)) == 1


@pytest.mark.parametrize(
    ("output", "field"),
    [
        ({"outcome": "pay"}, "amount_minor"),
        ({"amount_minor": "much", "outcome": "pay"}, "amount_minor"),
        ("nothing", "output"),
        (None, "output"),
        ({"amount_minor": 1, "outcome": None}, "outcome"),
    ],
)
async def test_a_result_that_does_not_fit_names_the_field_and_loses_nothing(
    world: World, output: JsonValue, field: str
) -> None:
    task = await world.claimed()
    before = await world.everything()
    with pytest.raises(InputError, match="correct it and submit again") as wrong:
        await closing.complete(world.desk, task.id, "ana", output, **HOW)
    assert wrong.value.field == field
    assert await world.everything() == before
    await closing.complete(world.desk, task.id, "ana", GOOD, **HOW)


async def test_what_is_too_large_for_a_journey_is_refused_and_nothing_is_lost(world: World) -> None:
    task, draft = await world.claimed(), await review(world, draft_kind="message")
    desk, far, long = world.desk, NOW + timedelta(hours=1), "x" * 10_001
    huge: JsonValue = {"text": "x" * 200_000}
    deeds: list[tuple[str, Coroutine[Any, Any, Any]]] = [
        ("output", closing.complete(desk, task.id, "ana", huge, **HOW)),
        ("comment", closing.complete(desk, task.id, "ana", GOOD, comment=long, **HOW)),
        ("output", closing.edit(desk, draft.id, "ana", long, **HOW)),
        ("summary", closing.hand_back(desk, task.id, "ana", reason="go on", summary="x" * 200_000, **HOW)),
        ("text", speaking.say(desk, task.id, "ana", long, **HOW)),
        ("text", working.comment(desk, task.id, "ana", long, **HOW)),
        ("reason", working.suspend(desk, task.id, "ana", until=far, reason=long, **HOW)),
    ]
    for field, deed in deeds:
        with pytest.raises(InputError, match=r"shorten it to 10000|200000 are taken at most") as refused:
            await deed
        assert refused.value.field == field
    assert (await world.read(task.id)).revision == task.revision
    assert await events(world, task) == []


async def test_a_disposition_closes_without_a_result(world: World) -> None:
    task = await world.claimed()
    with pytest.raises(InputError, match="it has `unreachable`"):
        await closing.dispose(world.desk, task.id, "ana", "bored", **HOW)
    await closing.dispose(world.desk, task.id, "ana", "unreachable", comment="rang twice", **HOW)
    found = await outcome_of(world, task)
    assert (found.state, found.disposition, found.output, found.comment) == (
        State.COMPLETED,
        "unreachable",
        None,
        "rang twice",
    )


async def test_work_that_cannot_be_done_fails_with_its_reason(world: World) -> None:
    task = await world.claimed()
    with pytest.raises(InputError, match="`comment` is empty"):
        await closing.fail(world.desk, task.id, "ana", comment="", **HOW)
    failed = await closing.fail(world.desk, task.id, "ana", comment="no policy found", **HOW)
    assert failed.state is State.FAILED
    assert (await outcome_of(world, task)).comment == "no policy found"


async def test_an_accepted_draft_is_the_output(world: World) -> None:
    task = await review(world)
    await closing.accept(world.desk, task.id, "ana", **HOW)
    found = await outcome_of(world, task)
    assert (found.action, found.output) == (Action.ACCEPT, DRAFT)


async def test_an_edited_draft_must_fit_too(world: World) -> None:
    task = await review(world)
    with pytest.raises(InputError, match="`amount_minor`"):
        await closing.edit(world.desk, task.id, "ana", {"outcome": "pay"}, **HOW)
    await closing.edit(world.desk, task.id, "ana", GOOD, **HOW)
    assert (await outcome_of(world, task)).output == GOOD


async def test_a_message_is_reviewed_as_text(world: World) -> None:
    task = await world.claimed(kind="review", draft="We will pay.", draft_kind="message")
    with pytest.raises(InputError, match="what the customer shall read"):
        await closing.edit(world.desk, task.id, "ana", "  ", **HOW)
    await closing.edit(world.desk, task.id, "ana", "We will look into it.", **HOW)
    assert (await outcome_of(world, task)).output == "We will look into it."


async def test_a_rejected_draft_has_no_output(world: World) -> None:
    task = await review(world)
    await closing.reject(world.desk, task.id, "ana", comment="wrong customer", **HOW)
    found = await outcome_of(world, task)
    assert (found.action, found.output, found.comment) == (Action.REJECT, None, "wrong customer")


@pytest.mark.parametrize("kind", ["work", "review", "callback"])
async def test_handing_back_opens_a_handoff_that_the_agent_completes(world: World, kind: str) -> None:
    task = await world.claimed(kind=kind, draft=DRAFT)
    await closing.hand_back(
        world.desk, task.id, "ana", reason="photo is here now", tried=("called",), promises=("a call by noon",), **HOW
    )
    [row] = await world.rows("select * from handoff where direction = 'to_ai'")
    assert (row["giver"], row["accepted_at"]) == ("person:ana", None)
    async with recording(world.database, world.desk.keyring) as tx:
        packet: Any = await tx.open(task.customer_id, row["packet"])
        tx.unchanged()
    assert packet["summary"] == "A dent in the door"
    assert packet["promises"] == ["a call by noon"]
    async with world.database.transaction() as conn:
        accepted = await accept_return(Recording(conn, world.desk.keyring), task.journey_id, "assessor", NOW)
    assert accepted == [row["id"]]
    found = await outcome_of(world, task)
    assert (found.state, found.action, found.output) == (State.COMPLETED, Action.RETURN, None)


async def test_work_that_no_agent_could_take_is_not_handed_back(world: World) -> None:
    task = await world.claimed()
    alone = replace(world.desk, steps=lambda *_: replace(ASSESS, ai=None))
    with pytest.raises(ConflictError, match="has no AI agent to take it"):
        await closing.hand_back(alone, task.id, "ana", reason="go on", **HOW)
    shown = await contents.show(alone, task.id, "ana", **HOW)
    assert Action.RETURN not in shown.actions
    assert Action.COMPLETE in shown.actions


async def test_an_approval_permits_exactly_the_call_that_was_seen(world: World) -> None:
    task = await approval(world)
    with pytest.raises(ConflictError, match="other arguments"):
        await closing.approve(world.desk, task.id, "ana", args_hash="b2", **HOW)
    assert await world.value("select status from tool_call") == "proposed"
    await closing.approve(world.desk, task.id, "ana", args_hash="a1", **HOW)
    [call] = await world.rows("select status, task_id from tool_call")
    assert (call["status"], call["task_id"]) == ("permitted", task.id)
    assert (await outcome_of(world, task)).tool_call == "tc-1"


async def test_an_approval_is_spent_once(world: World) -> None:
    task = await approval(world)
    async with world.database.transaction() as conn:
        await conn.execute("update tool_call set status = 'done'")
    with pytest.raises(ConflictError, match="has been decided already"):
        await closing.approve(world.desk, task.id, "ana", args_hash="a1", **HOW)
    assert (await world.read(task.id)).state is State.RESERVED


async def test_a_denied_call_is_refused_with_the_reason(world: World) -> None:
    task = await approval(world)
    await closing.deny(world.desk, task.id, "ana", args_hash="a1", comment="too much", **HOW)
    assert await world.value("select status from tool_call") == "refused"
    assert (await outcome_of(world, task)).action is Action.DENY


async def test_nobody_approves_their_own_work_even_if_they_hold_it(world: World) -> None:
    task = await review(world)
    async with world.database.transaction() as conn:
        await conn.execute("update task set excluded = '{ana}' where id = $1", task.id)
    with pytest.raises(DeniedError, match="own work"):
        await closing.accept(world.desk, task.id, "ana", **HOW)


async def test_a_question_is_answered_in_words(world: World) -> None:
    task = await world.claimed(kind="question", draft="Is hail covered?", draft_kind="message")
    await closing.answer(world.desk, task.id, "ana", "Yes, from 500 euros.", **HOW)
    assert (await outcome_of(world, task)).output == "Yes, from 500 euros."


async def test_each_kind_is_closed_only_by_its_own_actions(world: World) -> None:
    task = await world.claimed()
    with pytest.raises(ConflictError, match="cannot `accept` a task of kind `work`; it is closed by `complete`"):
        await closing.accept(world.desk, task.id, "ana", **HOW)
    other = await review(world)
    with pytest.raises(ConflictError, match="kind `review`"):
        await closing.complete(world.desk, other.id, "ana", GOOD, **HOW)


async def test_a_waiting_task_cannot_be_closed(world: World) -> None:
    task = await world.task()
    with pytest.raises(ConflictError, match="cannot `complete` a task that is `ready`"):
        await closing.complete(world.desk, task.id, "ana", GOOD, **HOW)


async def test_a_closed_journey_is_told_nothing_but_the_work_is_kept(world: World) -> None:
    task = await world.claimed()
    async with world.database.transaction() as conn:
        await conn.execute("update journey set status = 'cancelled', closed_at = $1", NOW)
    await closing.complete(world.desk, task.id, "ana", GOOD, **HOW)
    assert await events(world, task) == []


async def test_what_people_wrote_stands_nowhere_in_clear(world: World) -> None:
    task = await world.claimed()
    await working.start(world.desk, task.id, "ana", **HOW)
    await closing.complete(
        world.desk, task.id, "ana", {"amount_minor": 7, "outcome": "SECRETWORD"}, comment="SECRETWORD", **HOW
    )
    for table in ("task", "task_comment", "entry", "entry_value", "outbox", "handoff"):
        text = "'SECRETWORD'"
        found = await world.value(
            f"select count(*) from {table} t where t::text like '%' || {text} || '%'"
            f" or t::text like '%' || encode({text}, 'hex') || '%'"
        )
        assert found == 0, table


class Sealed(BaseModel):
    """A result with a field that nobody sees."""

    amount_minor: int
    pin_check: Annotated[str, DataClass("secret")] = ""


async def test_an_edit_keeps_what_the_person_was_not_shown(world: World) -> None:
    desk = replace(world.desk, steps=lambda *_: Step("assess", output=Sealed, ai="assessor", queue="claims"))
    draft = {"amount_minor": 5, "pin_check": "as drafted"}
    both: tuple[JsonValue, ...] = ({"amount_minor": 7}, {"amount_minor": 7, "pin_check": "as drafted"})
    for edited in both:
        task = await world.claimed(kind="review", draft=draft)
        done = await closing.edit(desk, task.id, "ana", edited, **HOW)
        (row,) = await world.rows("select output from task where id = $1", done.id)
        async with world.database.connection() as conn:
            kept = await desk.keyring.open(conn, task.customer_id, row["output"])
        assert kept == {"amount_minor": 7, "pin_check": "as drafted"}
    task = await world.claimed(kind="review", draft=draft)
    with pytest.raises(InputError, match=r"`output\.pin_check` is not shown to you"):
        await closing.edit(desk, task.id, "ana", {"amount_minor": 7, "pin_check": "mine"}, **HOW)


async def test_who_sends_journeys_their_events_is_told_of_each_that_is_committed(world: World) -> None:
    told: list[str] = []
    desk = replace(world.desk, send=told.append)
    first, second = await world.claimed(), await world.claimed()
    await closing.complete(desk, first.id, "ana", GOOD, **HOW)
    await closing.dispose(desk, second.id, "ana", "unreachable", **HOW)
    with pytest.raises(ConflictError):
        await closing.complete(desk, second.id, "ana", GOOD, **HOW)
    await working.comment(desk, first.id, "ana", "all fine", **HOW)
    assert told == [first.journey_id, second.journey_id]
