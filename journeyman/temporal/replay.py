"""Replaying running journeys against this build: whether it could go on with each of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

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


@dataclass
class Replay:
    """What was replayed, and how many journeys the limit left out."""

    replayed: list[Replayed] = field(default_factory=list)
    unread: int = 0


async def replay_running(
    project: Project,
    keyring: Keyring,
    database: Database,
    temporal: Client,
    *,
    kind: str,
    closed: bool = False,
    limit: int | None = None,
    told: Callable[[int], None] = lambda count: None,
) -> Replay:
    """Fetch the histories of a kind's running journeys, the newest first, and replay each against the project's classes.

    `told` hears after each how many that makes.
    """
    engine = Engine(database, keyring, project, Endpoint.nowhere())
    # a version that this build lacks cannot be replayed, and says so
    replayer = Replayer(
        workflows=list(project.journeys.values()),
        data_converter=temporal.data_converter,
        namespace=temporal.namespace,
        plugins=[JourneymanPlugin(engine, roles=("replay",))],
    )
    query = f"{names.KIND_ATTRIBUTE} = '{kind}'" + ("" if closed else " AND ExecutionStatus = 'Running'")
    found = Replay()
    async for execution in temporal.list_workflows(query):
        if limit is not None and len(found.replayed) >= limit:
            found.unread += 1
            continue
        found.replayed.append(await _replay(replayer, project, temporal, execution))
        told(len(found.replayed))
    await engine.endpoint.close()
    return found


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
