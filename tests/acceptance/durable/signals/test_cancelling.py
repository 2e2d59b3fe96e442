"""Ends before the end: cancelled by a person or in Temporal, or failed; what was done is undone, the newest first."""

import asyncio

import pytest
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError

from journeyman.journey import names
from journeyman.journey.contract import View
from journeyman.tasks import closing
from journeyman.tasks.cases import cancel
from journeyman.testing import Rehearsal
from journeyman.testing.story import RehearsedJourney
from tests.acceptance.durable.conftest import Rehearse
from tests.acceptance.durable.double import Double
from tests.acceptance.durable.errand import Note
from tests.acceptance.durable.starting import start

UNDONE = Note(text="undone")


async def _undo(rehearsal: Rehearsal, journey: RehearsedJourney, outcome: str) -> None:
    """A person performs the two compensations."""
    ada, told = rehearsal.person("ada"), []
    for _ in range(2):
        task = await ada.takes("undo")
        async with rehearsal.engine.database.connection() as conn:
            sealed = await conn.fetchval("select input from task where id = $1", task.id)
            told.append(await rehearsal.engine.keyring.open(conn, task.customer_id, sealed))
        await ada.completes(task, UNDONE)
    assert told == [{"text": "undo 2"}, {"text": "undo 0"}]
    assert await journey.outcome() == outcome


async def _tasks(rehearsal: Rehearsal) -> list[tuple[str, str]]:
    async with rehearsal.engine.database.connection() as conn:
        return [
            (row["step"], row["state"]) for row in await conn.fetch("select step, state from task order by created_at")
        ]


async def test_a_cancelled_journey_undoes_what_it_did_newest_first(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey = await start(rehearsal, "promise", "think", "promise", "sign")
        await rehearsal.person("ada").takes("sign")
        await cancel(rehearsal.desk, journey.id, "customer_request", now=rehearsal.engine.clock())
        await rehearsal.deliver(journey.id)
        await _undo(rehearsal, journey, "customer_request")
        assert (await journey.row()).status == "cancelled"
        assert await _tasks(rehearsal) == [("sign", "obsolete"), ("undo", "completed"), ("undo", "completed")]


async def test_what_cannot_be_undone_does_not_keep_the_rest_from_being_undone(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey = await start(rehearsal, "promise", "think", "promise", "sign")
        ada = rehearsal.person("ada")
        await ada.takes("sign")
        await cancel(rehearsal.desk, journey.id, "customer_request", now=rehearsal.engine.clock())
        await rehearsal.deliver(journey.id)
        now, first = rehearsal.engine.clock(), await ada.takes("undo")
        await closing.fail(rehearsal.desk, first.id, "ada", comment="it is gone", now=now, auth="test")
        await rehearsal.deliver(journey.id)
        await ada.completes(await ada.takes("undo"), UNDONE)
        assert await journey.outcome() == "customer_request"
        assert await _tasks(rehearsal) == [("sign", "obsolete"), ("undo", "failed"), ("undo", "completed")]


async def test_a_journey_cancelled_in_temporal_undoes_what_it_did_too(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey = await start(rehearsal, "promise", "think", "promise", "sign")
        await rehearsal.person("ada").takes("sign")
        await rehearsal.temporal.get_workflow_handle(journey.id).cancel()
        await _undo(rehearsal, journey, "cancelled_in_temporal")
        assert (await journey.row()).status == "cancelled"
        assert await _tasks(rehearsal) == [("sign", "obsolete"), ("undo", "completed"), ("undo", "completed")]


async def test_a_tool_under_way_comes_to_its_end_before_its_journey_does(rehearse: Rehearse, double: Double) -> None:
    async with rehearse() as rehearsal:
        double.held = asyncio.Event()
        journey = await start(rehearsal, "stamp-it")
        await double.reached.wait()
        handle = rehearsal.temporal.get_workflow_handle(journey.id)
        await handle.cancel()
        assert (await handle.query(names.SHOW_QUERY, result_type=View)).performer == "ai:runner"
        assert (await journey.row()).status == "open"
        double.held.set()
        assert await journey.outcome() == "cancelled_in_temporal"
        assert len(double.calls) == 1
        assert (await journey.entries())[-2:] == ["tool.outcome", "journey.cancelled"]


async def test_a_step_that_nobody_can_do_fails_the_journey_and_undoes_what_it_did(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey = await start(rehearsal, "promise", "think", "promise", "sign")
        task = await rehearsal.person("ada").takes("sign")
        await closing.fail(rehearsal.desk, task.id, "ada", comment="no pen", now=rehearsal.engine.clock(), auth="test")
        await rehearsal.deliver(journey.id)
        await _undo(rehearsal, journey, "StepFailed")
        assert (await journey.row()).status == "failed"
        handle = rehearsal.temporal.get_workflow_handle(journey.id)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        assert (await handle.describe()).status == WorkflowExecutionStatus.FAILED
