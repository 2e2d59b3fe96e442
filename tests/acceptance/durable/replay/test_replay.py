"""Histories of journeys as earlier builds ran them, replayed against this one.

`JOURNEYMAN_RECORD_HISTORIES=1 pytest tests/acceptance/durable/replay` tells the stories anew and writes those that are not
recorded yet. A file is never rewritten: as long as a journey of that build may be running, this one must go on with it.
"""

import os
import platform
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, WorkflowReplayResult

from journeyman.agents.endpoint import Endpoint
from journeyman.customers.keys import Keyring
from journeyman.journey import Journey
from journeyman.project import Project
from journeyman.store import Database
from journeyman.temporal.engine import Engine
from journeyman.temporal.plugin import JourneymanPlugin, converter
from journeyman.testing import Rehearsal
from journeyman.testing.story import RehearsedJourney
from tests.acceptance.durable.changed import Signed, SignedBroken, SignedPatched
from tests.acceptance.durable.conftest import Rehearse
from tests.acceptance.durable.errand import Errand, Note
from tests.acceptance.durable.generations import build
from tests.acceptance.durable.project import errands
from tests.acceptance.durable.replay import stories
from tests.acceptance.durable.replay.recorded import HISTORIES, plain, read
from tests.acceptance.durable.shipped import Shipped
from tests.acceptance.durable.starting import history, start
from tests.integration.journey.conftest import Rehearse as RehearseParcels
from tests.integration.journey.parcel import Parcel
from workflows.bank_service.journey import BankService
from workflows.insurance_claim.journey import InsuranceClaim

JOURNEYS: tuple[type[Journey[Any]], ...] = (Errand, Parcel, BankService, InsuranceClaim)
RECORDED = sorted(HISTORIES.glob("*.json"))

SHIPPED = [
    stories.bank_service_tells_a_balance,
    stories.bank_service_left_to_a_person,
    stories.insurance_claim_settled,
]

PARCELS = [
    stories.parcel_found_after_an_approval,
    stories.parcel_left_to_a_person_before_an_approval,
    stories.parcel_compensated_after_a_call_back,
]

Story = Callable[[Rehearsal], Awaitable[RehearsedJourney]]


@pytest.fixture
def engine(project: Project, database: Database, keyring: Keyring) -> Engine:
    """One that calls nothing: a replay only reads."""
    return Engine(database, keyring, project, Endpoint("http://127.0.0.1:9/v1", "none", "stand-in"))


async def _replayed(engine: Engine, history: WorkflowHistory, *journeys: type[Journey[Any]]) -> WorkflowReplayResult:
    """Replay a history against these journeys."""
    replayer = Replayer(
        workflows=journeys or JOURNEYS,
        data_converter=converter(engine),
        plugins=[JourneymanPlugin(engine, roles=("replay",))],
    )
    return await replayer.replay_workflow(history, raise_on_replay_failure=False)


async def _recorded(rehearsal: Rehearsal, told: Story) -> WorkflowHistory:
    """Tell a story; its history, anonymous and in plain."""
    journey = await told(rehearsal)
    await rehearsal.temporal.get_workflow_handle(journey.id).describe()
    codec = converter(rehearsal.engine).payload_codec
    assert codec is not None
    told_now = await plain(await history(rehearsal, journey.id), codec)
    version = (await journey.row()).version
    name = f"{(await journey.row()).kind}.v{version}-{told.__name__}.json"
    if os.environ.get("JOURNEYMAN_RECORD_HISTORIES") and not (HISTORIES / name).exists():
        (HISTORIES / name).write_text(told_now.to_json() + "\n", encoding="utf-8")
    assert f"@{platform.node()}" not in told_now.to_json()
    assert (HISTORIES / name).exists(), f"`{name}` is not recorded; run this with JOURNEYMAN_RECORD_HISTORIES=1"
    return told_now


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_this_build_goes_on_with_journeys_of_earlier_ones(path: Path, engine: Engine) -> None:
    assert (await _replayed(engine, read(path))).replay_failure is None


@pytest.mark.parametrize("told", PARCELS)
async def test_the_parcel_s_stories_are_recorded(
    told: Story, rehearse_parcels: RehearseParcels, engine: Engine
) -> None:
    async with rehearse_parcels() as rehearsal:
        fresh = await _recorded(rehearsal, told)
    assert (await _replayed(engine, fresh)).replay_failure is None


@pytest.mark.parametrize("told", SHIPPED)
async def test_the_shipped_journeys_stories_are_recorded(told: Story, shipped: Shipped, engine: Engine) -> None:
    async with shipped() as rehearsal:
        fresh = await _recorded(rehearsal, told)
    assert (await _replayed(engine, fresh)).replay_failure is None


@pytest.mark.parametrize("told", SHIPPED)
async def test_a_shipped_journey_replays_when_its_customer_is_erased(
    told: Story, shipped: Shipped, engine: Engine
) -> None:
    async with shipped() as rehearsal:
        journey = await told(rehearsal)
        sealed = await history(rehearsal, journey.id)
        customer = (await journey.row()).customer_id
        async with rehearsal.engine.database.transaction() as conn:
            await rehearsal.engine.keyring.destroy(conn, customer, rehearsal.engine.clock())
        assert (await _replayed(rehearsal.engine, sealed)).replay_failure is None
        ended = await rehearsal.temporal.get_workflow_handle(journey.id).result()
        assert (ended["outcome"], ended["state"]["journeyman.erased"]) == ((await journey.row()).outcome, customer)


async def test_the_errand_s_story_is_recorded(rehearse: Rehearse, engine: Engine) -> None:
    async with rehearse() as rehearsal:
        fresh = await _recorded(rehearsal, stories.errand_cancelled_and_undone)
    assert (await _replayed(engine, fresh)).replay_failure is None


async def test_a_journey_changed_without_a_patch_is_found_out(
    rehearse: Rehearse, errand_policies: Path, engine: Engine
) -> None:
    both = errands(errand_policies, (Errand, Signed))
    async with rehearse(both, roles=()) as rehearsal, build(rehearsal, Signed) as signed:
        ada = rehearsal.person("ada")
        journey = await start(rehearsal, kind="signed", project=signed)
        await ada.completes(await ada.takes("sign"), Note(text="signed"))
        await ada.takes("sign")
        codec = converter(rehearsal.engine).payload_codec
        assert codec is not None
        running = await plain(await history(rehearsal, journey.id), codec)
    assert (await _replayed(engine, running, Signed)).replay_failure is None
    assert (await _replayed(engine, running, SignedPatched)).replay_failure is None
    assert "Nondeterminism" in str((await _replayed(engine, running, SignedBroken)).replay_failure)
