"""Events that come at the very moment at which a journey begins to wait, or ends: none of them is missed."""

from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType

from journeyman.conversation.inbound import Inbound, receive
from journeyman.journey import limits, names
from journeyman.journey.contract import View
from journeyman.tasks import stops
from journeyman.tasks.cases import cancel
from journeyman.temporal import handover
from journeyman.testing import Rehearsal
from journeyman.testing.story import RehearsedJourney
from journeyman.testing.waiting import eventually
from tests.acceptance.durable.conftest import Rehearse
from tests.acceptance.durable.double import Double
from tests.acceptance.durable.errand import Errand, Note
from tests.acceptance.durable.generations import build
from tests.acceptance.durable.script import QUESTION
from tests.acceptance.durable.starting import history, start

PAID = Note(text="paid")


async def _scheduled(rehearsal: Rehearsal, journey: RehearsedJourney) -> None:
    async def found() -> bool | None:
        events = (await history(rehearsal, journey.id)).events
        return any(each.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED for each in events) or None

    await eventually(found, "the turn to wait for an agent worker")


async def _entered(journey: RehearsedJourney, entry: str) -> None:
    async def found() -> bool | None:
        return entry in await journey.entries() or None

    await eventually(found, f"the entry `{entry}`", journey.story)


async def test_a_stop_that_comes_with_the_end_of_a_turn_is_not_waited_out(rehearse: Rehearse) -> None:
    async with rehearse(roles=()) as rehearsal:
        async with build(rehearsal, Errand, roles=("journeys", "engine")):
            journey = await start(rehearsal, "talk", address="bob")
            await _scheduled(rehearsal, journey)
        async with build(rehearsal, Errand, roles=("agents",)):
            await journey.told(QUESTION)
        await stops.stop(rehearsal.desk, f"journey:{journey.id}", reason="doubt", now=rehearsal.engine.clock())
        await rehearsal.deliver(journey.id)
        async with build(rehearsal, Errand):
            assert (await rehearsal.person("ada").takes("talk")).reason == "stopped"


async def test_a_cancellation_that_comes_with_the_last_result_is_not_a_completion(rehearse: Rehearse) -> None:
    async with rehearse(roles=()) as rehearsal:
        async with build(rehearsal, Errand, roles=("journeys", "engine")):
            journey = await start(rehearsal, "think")
            await _scheduled(rehearsal, journey)
        async with build(rehearsal, Errand, roles=("agents",)):
            await _entered(journey, "decision.complete")
        await cancel(rehearsal.desk, journey.id, "customer_request", now=rehearsal.engine.clock())
        await rehearsal.deliver(journey.id)
        async with build(rehearsal, Errand):
            assert await journey.outcome() == "customer_request"
            assert (await journey.row()).status == "cancelled"


@pytest.mark.parametrize("told", [True, False], ids=["the journey knows", "its event is still on its way"])
async def test_a_journey_does_not_end_over_what_the_customer_wrote_last(rehearse: Rehearse, told: bool) -> None:
    async with rehearse(roles=()) as rehearsal:
        async with build(rehearsal, Errand, roles=("journeys", "engine")):
            journey = await start(rehearsal, "think", address="bob")
            await _scheduled(rehearsal, journey)
        async with build(rehearsal, Errand, roles=("agents",)):
            await _entered(journey, "decision.complete")
        engine = rehearsal.engine
        last = Inbound("chat", "bob", "Wait, there is something else", "m1")
        await receive(engine.database, engine.keyring, last, opens=None, now=engine.clock())
        if told:
            await rehearsal.deliver(journey.id)
        async with build(rehearsal, Errand):
            ada = rehearsal.person("ada")
            task = await ada.takes("think")
            assert task.reason == "customer_wrote"
            await ada.disposes(task, "unreachable")
            assert await journey.outcome() == "done"
            assert (await journey.row()).status == "completed"
            assert (await journey.entries()).count("task.opened") == 1


async def test_a_withdrawn_task_is_read_before_the_cancellation_and_fails_nothing(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "_LOOK_AGAIN", timedelta(milliseconds=500))
    async with rehearse() as rehearsal:
        journey = await start(rehearsal, "sign")
        await rehearsal.person("ada").takes("sign")
        await cancel(rehearsal.desk, journey.id, "customer_request", now=rehearsal.engine.clock())
        handle = rehearsal.temporal.get_workflow_handle(journey.id)

        async def waits() -> bool | None:
            view: View = await handle.query(names.SHOW_QUERY, result_type=View)
            return view.waiting_for == "cancellation" or None

        await eventually(waits, "the journey to wait for the cancellation")
        await rehearsal.deliver(journey.id)
        assert await journey.outcome() == "customer_request"
        assert (await journey.row()).status == "cancelled"


@pytest.mark.parametrize(
    ("begun", "reason", "status"), [(False, "ai_unavailable", "refused"), (True, "tool_uncertain", "uncertain")]
)
async def test_a_permitted_call_that_no_agent_worker_takes_goes_to_a_person(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch, double: Double, begun: bool, reason: str, status: str
) -> None:
    monkeypatch.setattr(limits, "LIMITS", limits.Limits(agents_away=1))
    async with rehearse(roles=("journeys", "engine")) as rehearsal:
        ada = rehearsal.person("ada")
        async with build(rehearsal, Errand, roles=("agents",)):
            journey = await start(rehearsal, "pay-for-it")
            task = await ada.takes("pay-for-it", kind="approval")
        await ada.approves(task)
        async with rehearsal.engine.database.transaction() as conn:
            if begun:
                await conn.execute("update tool_call set status = 'started' where journey_id = $1", journey.id)
        work = await ada.takes("pay-for-it")
        async with rehearsal.engine.database.connection() as conn:
            found = await conn.fetchval("select status from tool_call where journey_id = $1", journey.id)
        assert (work.reason, found, double.calls) == (reason, status, [])
        await ada.completes(work, PAID)
        assert await journey.outcome() == "done"


async def test_a_turn_that_no_agent_worker_takes_goes_to_a_person(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LIMITS", limits.Limits(agents_away=1))
    async with rehearse(roles=("journeys", "engine")) as rehearsal:
        journey = await start(rehearsal, "think")
        ada = rehearsal.person("ada")
        work = await ada.takes("think")
        assert (work.reason, rehearsal.ai["runner"].requests) == ("ai_unavailable", [])
        await ada.completes(work, Note(text="done by me"))
        assert await journey.outcome() == "done"
