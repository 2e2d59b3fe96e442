"""A team's own client and worker, with workflows of its own beside the project's journeys."""

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import Worker

from journeyman.journey import names
from journeyman.temporal.codec import ENCODING
from journeyman.temporal.plugin import JourneymanPlugin
from tests.acceptance.durable.conftest import Rehearse
from tests.acceptance.durable.starting import history, start


@activity.defn
async def greeting(name: str) -> str:
    return f"Hello {name}"


@workflow.defn(sandboxed=False)  # it stands beside what does input and output
class Greets:
    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(greeting, name, start_to_close_timeout=timedelta(seconds=10))


async def test_a_client_that_has_the_plugin_hands_it_on_to_a_worker_that_runs_more(rehearse: Rehearse) -> None:
    async with rehearse(roles=()) as rehearsal:
        service = rehearsal.temporal.service_client
        client = Client(service, namespace=rehearsal.temporal.namespace, plugins=[JourneymanPlugin(rehearsal.engine)])
        async with Worker(client, task_queue=names.JOURNEYS_QUEUE, workflows=[Greets], activities=[greeting]):
            told = await client.execute_workflow(Greets.run, "Ann", id="greets-ann", task_queue=names.JOURNEYS_QUEUE)
            assert told == "Hello Ann"
            journey = await start(rehearsal, "sign")
            task = await rehearsal.person("ada").takes("sign")
            assert task.journey_id == journey.id
        begun = (await history(rehearsal, "greets-ann")).events[0].workflow_execution_started_event_attributes
        assert [payload.metadata["encoding"] for payload in begun.input.payloads] == [ENCODING]
