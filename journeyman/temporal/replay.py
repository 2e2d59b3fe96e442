"""Replaying running journeys against this build: whether it could go on with each of them."""

from dataclasses import dataclass

from temporalio.client import Client, WorkflowExecution
from temporalio.worker import Replayer

from journeyman.agents.endpoint import Endpoint
from journeyman.customers.keys import Keyring
from journeyman.journey import names
from journeyman.project import Project
from journeyman.store.database import Database
from journeyman.temporal.engine import Engine
from journeyman.temporal.plugin import JourneymanPlugin


@dataclass(frozen=True)
class Replayed:
    """One journey. `problem` says why this build cannot go on with it; None: it can."""

    journey: str
    run: str
    type: str
    events: int
    problem: str | None


async def replay_running(
    project: Project,
    keyring: Keyring,
    database: Database,
    temporal: Client,
    *,
    kind: str,
    closed: bool = False,
    limit: int = 100,
) -> list[Replayed]:
    """Fetch the histories of a kind's running journeys, and replay each against the project's classes."""
    engine = Engine(database, keyring, project, Endpoint.nowhere())
    # a version that this build lacks cannot be replayed, and says so
    replayer = Replayer(
        workflows=list(project.journeys.values()),
        data_converter=temporal.data_converter,
        namespace=temporal.namespace,
        plugins=[JourneymanPlugin(engine, roles=("replay",))],
    )
    query = f"{names.KIND_ATTRIBUTE} = '{kind}'" + ("" if closed else " AND ExecutionStatus = 'Running'")
    results = []
    async for execution in temporal.list_workflows(query, limit=limit):
        results.append(await _replay(replayer, project, temporal, execution))
    await engine.endpoint.close()
    return results


async def _replay(replayer: Replayer, project: Project, temporal: Client, execution: WorkflowExecution) -> Replayed:
    handle = temporal.get_workflow_handle(execution.id, run_id=execution.run_id)
    history = await handle.fetch_history()
    problem: str | None = None
    if execution.workflow_type not in project.journeys:
        problem = (
            f"this build has no `{execution.workflow_type}`: keep the class registered until its journeys have ended"
        )
    else:
        result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        problem = " ".join(str(result.replay_failure).split()) if result.replay_failure else None
    return Replayed(execution.id, execution.run_id, execution.workflow_type, len(history.events), problem)
