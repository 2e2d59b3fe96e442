"""Events between Postgres and Temporal: doubled, out of order, lost, and to journeys that are no more."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from journeyman.conversation.inbound import Inbound, receive
from journeyman.errors import ConflictError
from journeyman.journey import names
from journeyman.journey.contract import View
from journeyman.journey.inbox import Event
from journeyman.tasks import closing
from journeyman.tasks.cases import reassign
from journeyman.temporal.dispatcher import dispatch
from journeyman.testing import Rehearsal
from tests.acceptance.durable.conftest import Rehearse
from tests.acceptance.durable.errand import Note
from tests.acceptance.durable.starting import start

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
        for late in (first, first, last):
            await _send(rehearsal, late)
        assert await journey.outcome() == "done"
        assert not await _events(rehearsal, journey.id, "settled_at is null")
        entries = await journey.entries()
        assert (entries.count("task.settled"), entries.count("journey.completed")) == (1, 1)


async def test_an_event_that_was_lost_is_sent_again(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        engine = rehearsal.engine
        journey = await start(rehearsal, "sign")
        ada = rehearsal.person("ada")
        task = await ada.takes("sign")
        await closing.complete(rehearsal.desk, task.id, "ada", {"text": "signed"}, now=engine.clock(), auth="test")
        async with engine.database.transaction() as conn:
            await conn.execute("update outbox set sent_at = $1 where journey_id = $2", engine.clock(), journey.id)
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


async def test_what_temporal_refuses_stops_nobody_else(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        with pytest.raises(RPCError):
            await start(rehearsal, "x" * 3_000_000, id="a-first-in-order")
        journey = await start(rehearsal, id="b-second-in-order", address="other")
        with pytest.raises(RPCError):
            await rehearsal.deliver()
        assert await journey.outcome() == "done"
        ended = await rehearsal.temporal.get_workflow_handle(journey.id).describe()
        assert ended.status in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED)
