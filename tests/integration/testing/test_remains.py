"""A rehearsal leaves nothing behind for the next one's workers."""

from temporalio.client import WorkflowExecutionStatus

from tests.integration.journey.conftest import Rehearse


async def test_a_journey_whose_end_temporal_has_not_heard_of_ends_with_its_rehearsal(rehearse: Rehearse) -> None:
    async with rehearse(roles=()) as rehearsal:
        journey = await rehearsal.customer().says("Where is it?", kind="parcel")
        async with rehearsal.engine.database.transaction() as conn:
            await conn.execute("update journey set status = 'completed', closed_at = now() where id = $1", journey.id)
    left = await rehearsal.temporal.get_workflow_handle(journey.id).describe()
    assert left.status == WorkflowExecutionStatus.TERMINATED
