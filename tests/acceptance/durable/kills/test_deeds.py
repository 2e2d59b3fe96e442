"""kill -9 in what is no part of the story: people's other deeds, clocks, the ends of runs, the tree."""

from datetime import UTC, datetime
from functools import partial

import pytest
from temporalio.client import WorkflowExecutionStatus

from journeyman.embedded.postgres import Postgres
from journeyman.ledger.audit import read_pack
from journeyman.ledger.publish import published
from journeyman.ledger.verify import verify
from journeyman.tasks import roster
from tests.acceptance.durable.kills.points import (
    OF_EVENTS,
    OF_RECORDS,
    OF_RUNS_ENDED,
    OF_RUNS_GONE,
    OF_THE_ARCHIVE,
    OF_THE_TREE,
)
from tests.acceptance.durable.mortal import KEY
from tests.acceptance.durable.project import STAFF
from tests.acceptance.durable.stage import AUTHOR, Errands
from tests.acceptance.durable.story import closed, waiting_task

pytestmark = pytest.mark.slow

DEEDS = {
    "start": "journey.opened",
    "offer": "task.offered",
    "lapse": "task.offer_lapsed",
    "speak": "message.said",
    "stop": "ai.stopped",
    "cancel": "journey.cancel_asked",
}
"""Each deed with the type of its entry."""


@pytest.mark.parametrize("point", OF_RECORDS)
async def test_a_deed_whose_process_dies_is_done_once_when_it_is_asked_for_again(mortals: Errands, point: str) -> None:
    journey = await _waits_for_a_person(mortals)
    for number, (deed, type) in enumerate(DEEDS.items(), start=1):
        before = await _count(mortals, type)
        await mortals.asks("aim", at=point)
        await mortals.asks("do", what=deed, key=deed, journey=journey)
        assert mortals.deaths == number, f"`{deed}` never came by `{point}`"
        assert await _count(mortals, type) == before + 1, deed


@pytest.mark.parametrize("point", OF_EVENTS)
async def test_an_event_that_is_applied_is_settled(mortals: Errands, point: str) -> None:
    journey = await _waits_for_a_person(mortals, kill_at=point)
    await mortals.asks("do", what="stop", key="stop", journey=journey)
    await mortals.until(partial(_died_and_settled, mortals), "the event to be settled")


async def test_the_run_of_a_journey_that_was_closed_here_goes(mortals: Errands) -> None:
    await mortals.start()
    for number, point in enumerate(OF_RUNS_ENDED, start=1):
        journey = await mortals.asks("open", plan=["sign"], address=point)
        await waiting_task(mortals, "work")
        async with mortals.database.connection() as conn:
            customer = await conn.fetchval("select customer_id from journey where id = $1", journey)
        await mortals.asks("aim", at=point)
        await mortals.asks("erase", customer=customer)
        await mortals.until(partial(_died_and_settled, mortals, number), f"the end, by `{point}`")
        run = await mortals.temporal.get_workflow_handle(journey).describe()
        assert run.status == WorkflowExecutionStatus.TERMINATED
        assert await _count(mortals, "customer.erased") == number


async def test_a_journey_whose_run_has_gone_is_closed_once(mortals: Errands) -> None:
    await mortals.start()
    for number, point in enumerate(OF_RUNS_GONE, start=1):
        journey = await mortals.asks("open", plan=["sign"], address=point)
        await waiting_task(mortals, "work")
        await mortals.temporal.get_workflow_handle(journey).terminate()
        await mortals.asks("aim", at=point)
        await mortals.asks("do", what="stop", key=point, journey=journey)
        await mortals.until(partial(_died_and_settled, mortals, number), f"the closing, by `{point}`")
        assert await _count(mortals, "journey.failed") == number
        async with mortals.database.connection() as conn:
            assert await conn.fetchval("select count(*) from task where closed_at is null") == 0


async def test_a_history_is_kept_once(mortals: Errands) -> None:
    await mortals.start()
    for number, point in enumerate(OF_THE_ARCHIVE, start=1):
        await closed(mortals, await mortals.asks("open", plan=[], address=point))
        await mortals.asks("aim", at=point)
        await mortals.asks("archive")
        assert mortals.deaths == number, f"nobody came by `{point}`"
        async with mortals.database.connection() as conn:
            assert await conn.fetchval("select count(*) from archived_history") == number


async def test_the_tree_grows_and_is_published_though_its_process_dies(
    mortals: Errands, postgres: Postgres, database_name: str
) -> None:
    await mortals.start()
    outside = mortals.folder / "outside"
    dsn = postgres.dsn("journeyman_integrator", database_name)
    for number, point in enumerate(OF_THE_TREE, start=1):
        await mortals.asks("open", plan=[], address=point)
        await mortals.asks("aim", at=point)
        await mortals.asks("integrate", dsn=dsn)
        await mortals.asks("publish", dsn=dsn, folder=str(outside))
        assert mortals.deaths == number, f"nobody came by `{point}`"
        notes = published(outside)
        assert len(notes) == number
        pack = await read_pack(mortals.database, now=datetime.now(UTC), key=KEY.verifier)
        report = verify(pack, trusted=[KEY.verifier], kept=notes)
        assert report.ok, report.faults


async def _waits_for_a_person(errands: Errands, kill_at: str | None = None) -> str:
    """A journey at rest, whose task is to be offered to a supervisor."""
    staff = STAFF | {"queues": {"errands": STAFF["queues"]["errands"] | {"push": True, "offer_for": "1m"}}}
    staff["people"] = STAFF["people"] | {"ada": STAFF["people"]["ada"] | {"roles": ["agent", "supervisor"]}}
    await roster.apply(errands.desk, staff, AUTHOR, datetime.now(UTC))
    await errands.start(kill_at=kill_at)
    journey = await errands.asks("open", plan=["sign"])
    await waiting_task(errands, "work")
    return journey


async def _died_and_settled(errands: Errands, deaths: int = 1) -> bool | None:
    async with errands.database.connection() as conn:
        left = await conn.fetchval("select count(*) from outbox where settled_at is null")
    return True if errands.deaths == deaths and not left else None


async def _count(errands: Errands, type: str) -> int:
    async with errands.database.connection() as conn:
        found: int = await conn.fetchval("select count(*) from entry where type = $1", type)
    return found
