"""Events between Postgres and Temporal: doubled, out of order, lost, and to journeys that are no more."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from journeyman.conversation.inbound import Inbound, receive
from journeyman.errors import ConflictError, TemporalUnavailableError
from journeyman.journey import names
from journeyman.journey.contract import View
from journeyman.journey.inbox import Event
from journeyman.tasks import closing
from journeyman.tasks.cases import reassign
from journeyman.temporal import dispatcher
from journeyman.temporal.dispatcher import dispatch
from journeyman.testing import Rehearsal
from journeyman.testing.waiting import eventually
from tests.acceptance.durable.conftest import Rehearse
from tests.acceptance.durable.errand import Note
from tests.acceptance.durable.starting import history, kinds, start

SIGNED = Note(text="signed")


async def _events(rehearsal: Rehearsal, journey: str, what: str = "sequence > 0") -> list[Any]:
    async with rehearsal.engine.database.connection() as conn:
        return list(
            await conn.fetch(f"select * from outbox where journey_id = $1 and {what} order by sequence", journey)
        )


async def _send(rehearsal: Rehearsal, row: Any) -> None:
    event = Event(event_id=row["event_id"], sequence=row["sequence"], kind=row["kind"], reference=row["reference"])
    await rehearsal.temporal.get_workflow_handle(row["journey_id"]).signal(names.EVENT_SIGNAL, event)


async def _applied(rehearsal: Rehearsal, journey: str) -> int:
    handle = rehearsal.temporal.get_workflow_handle(journey)
    view: View = await handle.query(names.SHOW_QUERY, result_type=View)
    return view.applied


async def test_doubled_and_disordered_events_are_applied_once_and_in_sequence(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey = await start(rehearsal, "sign")
        ada = rehearsal.person("ada")
        task = await ada.takes("sign")
        for _ in range(3):
            await reassign(rehearsal.desk, journey.id, now=rehearsal.engine.clock())
        await closing.complete(
            rehearsal.desk, task.id, "ada", {"text": "signed"}, now=rehearsal.engine.clock(), auth="test"
        )
        first, second, third, last = await _events(rehearsal, journey.id)
        for early in (last, third, third, second):
            await _send(rehearsal, early)
        assert await _applied(rehearsal, journey.id) == 0
        await _send(rehearsal, first)
        for late in (first, last):
            with suppress(RPCError):  # it may have come to its end
                await _send(rehearsal, late)
        assert await journey.outcome() == "done"
        assert not await _events(rehearsal, journey.id, "settled_at is null")
        entries = await journey.entries()
        assert (entries.count("task.completed"), entries.count("journey.completed")) == (1, 1)


async def test_an_event_that_was_lost_is_sent_again(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        engine = rehearsal.engine
        journey = await start(rehearsal, "sign")
        ada = rehearsal.person("ada")
        task = await ada.takes("sign")
        await closing.complete(rehearsal.desk, task.id, "ada", {"text": "signed"}, now=engine.clock(), auth="test")
        async with engine.database.transaction() as conn:
            lost = "update outbox set sent_at = $1, attempts = 1, again_at = $2 where journey_id = $3"
            again = engine.clock() + timedelta(seconds=30)
            await conn.execute(lost, engine.clock(), again, journey.id)
        assert await dispatch(engine.database, engine.keyring, rehearsal.temporal, now=engine.clock()) == 0
        later = engine.clock() + timedelta(seconds=31)
        assert await dispatch(engine.database, engine.keyring, rehearsal.temporal, now=later) == 1
        assert await journey.outcome() == "done"


async def test_a_journey_ended_in_temporal_gives_up_its_tasks_and_events(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        customer = rehearsal.customer("bob")
        journey = await start(rehearsal, "sign", address="bob")
        task = await rehearsal.person("ada").takes("sign")
        await rehearsal.temporal.get_workflow_handle(journey.id).terminate("an operator was sure")
        await customer.says("Are you still there?")
        row = await journey.row()
        assert (row.status, row.outcome) == ("failed", "terminated_in_temporal")
        assert not await _events(rehearsal, journey.id, "settled_at is null")
        with pytest.raises(ConflictError, match="obsolete"):
            await rehearsal.person("ada").completes(task, SIGNED)
        assert (await journey.entries())[-2:] == ["journey.failed", "task.withdrawn"]


async def test_a_closed_journey_takes_no_events(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey = await start(rehearsal, address="bob")
        assert await journey.outcome() == "done"
        with pytest.raises(ConflictError, match="no open journey"):
            await receive(
                rehearsal.engine.database,
                rehearsal.engine.keyring,
                Inbound("chat", "bob", "Hello?", "m1"),
                opens=None,
                now=rehearsal.engine.clock(),
            )
        assert await _events(rehearsal, journey.id) == []


async def test_what_temporal_refuses_stops_nobody_else(rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journeyman.words.LARGEST", 10_000_000)  # no input of today is too large for it
    async with rehearse() as rehearsal:
        with pytest.raises(RPCError):
            await start(rehearsal, "x" * 3_000_000, id="a-first-in-order")
        journey = await start(rehearsal, id="b-second-in-order", address="other")
        with pytest.raises(RPCError):
            await _later(rehearsal, timedelta(minutes=1))
        assert await journey.outcome() == "done"
        ended = await rehearsal.temporal.get_workflow_handle(journey.id).describe()
        assert ended.status in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED)


async def test_a_waiting_journey_settles_what_it_hears_and_is_not_told_again(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        customer = rehearsal.customer("bob")
        journey = await start(rehearsal, "sign", address="bob")
        ada = rehearsal.person("ada")
        task = await ada.takes("sign")
        before = kinds(await history(rehearsal, journey.id))
        for text in ("Hello?", "Is anybody there?", "Please hurry"):
            await customer.says(text)
        await eventually(lambda: _settled(rehearsal, journey.id), "the messages to be settled")
        for period in range(1, 11):
            await _later(rehearsal, timedelta(minutes=period))
        assert [row["attempts"] for row in await _events(rehearsal, journey.id)] == [1, 1, 1]
        heard = kinds(await history(rehearsal, journey.id))
        assert heard["WORKFLOW_EXECUTION_SIGNALED"] - before["WORKFLOW_EXECUTION_SIGNALED"] == 3
        # To settle each; beside them one that was under way already may have ended.
        assert heard["WORKFLOW_TASK_COMPLETED"] - before["WORKFLOW_TASK_COMPLETED"] <= 3 + 1
        await ada.completes(task, SIGNED)
        assert await journey.outcome() == "done"


async def test_a_resend_backs_off_and_a_journey_that_hears_again_settles_anew(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey = await start(rehearsal, "sign", address="bob")
        await rehearsal.person("ada").takes("sign")
        await rehearsal.customer("bob").says("Hello?")
        await eventually(lambda: _settled(rehearsal, journey.id), "the message to be settled")
        async with rehearsal.engine.database.transaction() as conn:
            await conn.execute("update outbox set settled_at = null where journey_id = $1 and sequence > 0", journey.id)
        await _later(rehearsal, timedelta(seconds=31))
        await eventually(lambda: _settled(rehearsal, journey.id), "the message to be settled again")
        (row,) = await _events(rehearsal, journey.id)
        assert row["attempts"] == 2
        assert row["again_at"] - row["sent_at"] == timedelta(minutes=1)


async def test_a_pause_between_resends_doubles_up_to_an_hour(rehearse: Rehearse) -> None:
    async with rehearse(roles=()) as rehearsal:
        journey, pauses = await start(rehearsal, "sign"), []
        for _ in range(10):
            (row,) = await _events(rehearsal, journey.id, "sequence = 0")
            pauses.append((row["again_at"] - row["sent_at"]).total_seconds())
            now = row["again_at"]
            assert await _dispatched(rehearsal, now - timedelta(seconds=1)) == 0
            assert await _dispatched(rehearsal, now) == 1
        assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


async def test_one_journey_that_cannot_be_sent_holds_up_no_other(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rehearse(roles=()) as rehearsal:
        busy = await start(rehearsal, id="a-busy", address="bob")
        other = await start(rehearsal, id="b-other", address="other")
        for each in (busy, other):
            await reassign(rehearsal.desk, each.id, now=rehearsal.engine.clock())
        real = dispatcher._signal

        async def refused(temporal: Client, row: Any) -> None:
            if row["journey_id"] == busy.id:
                raise RPCError("too many requests", RPCStatusCode.RESOURCE_EXHAUSTED, b"")
            await real(temporal, row)

        monkeypatch.setattr(dispatcher, "_signal", refused)
        engine = rehearsal.engine
        with pytest.raises(TemporalUnavailableError):  # whoever sends for one journey leaves it to the sweep as it is
            await dispatch(engine.database, engine.keyring, rehearsal.temporal, now=engine.clock(), journey=busy.id)
        assert [row["attempts"] for row in await _events(rehearsal, busy.id)] == [0]
        with pytest.raises(TemporalUnavailableError):
            await rehearsal.deliver()
        (waiting,), (sent,) = await _events(rehearsal, busy.id), await _events(rehearsal, other.id)
        assert (waiting["sent_at"], waiting["attempts"], sent["attempts"]) == (None, 1, 1)
        assert await _dispatched(rehearsal, rehearsal.engine.clock()) == 0, (
            "it is tried again at once, before all others"
        )


async def _settled(rehearsal: Rehearsal, journey: str) -> bool | None:
    return None if await _events(rehearsal, journey, "settled_at is null") else True


async def _dispatched(rehearsal: Rehearsal, now: datetime) -> int:
    return await dispatch(rehearsal.engine.database, rehearsal.engine.keyring, rehearsal.temporal, now=now)


async def _later(rehearsal: Rehearsal, passed: timedelta) -> None:
    """The engine worker's sweep, so much later."""
    await _dispatched(rehearsal, rehearsal.engine.clock() + passed)
