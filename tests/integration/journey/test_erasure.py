"""A customer who is erased while their journey runs: it ends, in Temporal too, and nobody else's is held up."""

import asyncio

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from journeyman.conversation.inbound import Inbound, receive
from journeyman.customers import erasing
from journeyman.temporal.dispatcher import dispatch
from journeyman.testing import Rehearsal, ask, say
from journeyman.testing.story import RehearsedJourney
from tests.integration.journey.conftest import Rehearse


async def _ended(rehearsal: Rehearsal, journey: RehearsedJourney) -> WorkflowExecutionStatus | None:
    """The status of its run, once it has one that is not running."""
    handle = rehearsal.temporal.get_workflow_handle(journey.id)
    async with asyncio.timeout(10):
        while (status := (await handle.describe()).status) == WorkflowExecutionStatus.RUNNING:
            pass
    return status


async def test_an_open_journey_whose_customer_is_erased_ends_and_others_go_on(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(ask("Is depot 3 open?"), say("Which number has it?"))
        journey = await rehearsal.customer("ann").says("Send my parcel 4711 on", kind="parcel")
        anna = rehearsal.person("anna")
        await anna.takes("look-for-parcel", kind="question")
        other = await rehearsal.customer("bob").says("Where is mine?", kind="parcel")
        await other.told("Which number")
        row, engine = await journey.row(), rehearsal.engine
        erased = await erasing.erase(rehearsal.desk, row.customer_id, person="sue", now=engine.clock())
        assert erased.journeys == [journey.id]
        await dispatch(engine.database, engine.keyring, rehearsal.temporal, now=engine.clock())
        assert await _ended(rehearsal, journey) == WorkflowExecutionStatus.TERMINATED
        row = await journey.row()
        assert (row.status, row.outcome) == ("cancelled", "customer_erased")
        assert (await other.row()).status == "open"
        async with engine.database.connection() as conn:
            assert (
                await conn.fetchval("select count(*) from outbox where journey_id = $1 and settled_at is null", row.id)
                == 0
            )


async def test_a_journey_that_was_not_started_yet_never_is(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        engine = rehearsal.engine
        definition = engine.project.definition("parcel")
        inbound = Inbound("chat", "ann", "Where is it?", "1")
        got = await receive(engine.database, engine.keyring, inbound, opens=definition, now=engine.clock())
        row = await rehearsal.journey(got.journey).row()
        await erasing.erase(rehearsal.desk, row.customer_id, person="sue", now=engine.clock())
        await dispatch(engine.database, engine.keyring, rehearsal.temporal, now=engine.clock())
        with pytest.raises(RPCError, match="not found"):
            await rehearsal.temporal.get_workflow_handle(got.journey).describe()
        async with engine.database.connection() as conn:
            assert await conn.fetchval("select count(*) from outbox where settled_at is null") == 0
