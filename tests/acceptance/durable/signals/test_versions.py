"""Deployments while journeys run: each keeps its version, and a patched stage keeps to the way that it has begun."""

from pathlib import Path

from journeyman.testing.waiting import eventually
from tests.acceptance.durable.changed import ErrandOfVersion2, Signed, SignedPatched
from tests.acceptance.durable.conftest import Rehearse
from tests.acceptance.durable.errand import Errand, Note
from tests.acceptance.durable.generations import build
from tests.acceptance.durable.project import errands
from tests.acceptance.durable.starting import start

SIGNED = Note(text="signed")


async def test_a_running_journey_keeps_its_version_and_a_new_one_takes_the_newest(rehearse: Rehearse) -> None:
    async with rehearse(roles=()) as rehearsal:
        ada = rehearsal.person("ada")
        async with build(rehearsal, Errand) as project:
            old = await start(rehearsal, "sign", project=project)
            task = await ada.takes("sign")
        async with build(rehearsal, Errand, ErrandOfVersion2) as project:
            new = await start(rehearsal, "sign", project=project)
            assert await new.outcome() == "thought"
            await ada.completes(task, SIGNED)
            assert await old.outcome() == "done"
            assert ((await old.row()).version, (await new.row()).version) == (1, 2)
            described = [await rehearsal.temporal.get_workflow_handle(each.id).describe() for each in (old, new)]
            assert [each.workflow_type for each in described] == ["errand.v1", "errand.v2"]


async def test_a_step_that_a_worker_of_an_earlier_build_does_not_know_waits_for_one_that_does(
    rehearse: Rehearse,
) -> None:
    async with (
        rehearse(roles=()) as rehearsal,
        build(rehearsal, Errand, ErrandOfVersion2, roles=("journeys", "engine")) as project,
    ):
        async with build(rehearsal, Errand, roles=("agents",)):
            new = await start(rehearsal, "sign", project=project)

            async def is_tried() -> bool | None:
                described = await rehearsal.temporal.get_workflow_handle(new.id).describe()
                return any(each.attempt > 1 for each in described.raw_description.pending_activities) or None

            await eventually(is_tried, "an attempt of the earlier build")
        async with build(rehearsal, Errand, ErrandOfVersion2, roles=("agents",)):
            assert await new.outcome() == "thought"


async def test_a_patched_stage_leaves_running_journeys_as_they_were(rehearse: Rehearse, errand_policies: Path) -> None:
    async with rehearse(errands(errand_policies, (Errand, Signed)), roles=()) as rehearsal:
        ada = rehearsal.person("ada")
        async with build(rehearsal, Signed) as project:
            old = await start(rehearsal, kind="signed", project=project)
            first = await ada.takes("sign")
        async with build(rehearsal, SignedPatched) as project:
            await ada.completes(first, SIGNED)
            await ada.completes(await ada.takes("sign"), SIGNED)
            assert await old.outcome() == "signed"
            assert await old.decisions("perform") == []
            new = await start(rehearsal, kind="signed", project=project)
            for _ in range(2):
                await ada.completes(await ada.takes("sign"), SIGNED)
            assert await new.outcome() == "signed"
            assert len(await new.decisions("perform")) == 1
