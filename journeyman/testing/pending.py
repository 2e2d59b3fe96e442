"""What a journey has under way, read from Temporal: its timers, what is at work now, what keeps failing; and its end."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from journeyman.store import Database
from journeyman.store.sql import load

sql = load("testing")

_ENDS = frozenset(
    f"workflow_execution_{end}_event_attributes"
    for end in ("completed", "failed", "timed_out", "terminated", "canceled", "continued_as_new")
)


@dataclass
class Pending:
    """What a workflow's history has begun and not ended."""

    task: bool = False
    activities: dict[int, str] = field(default_factory=dict)
    timers: dict[int, datetime] = field(default_factory=dict)
    trouble: str = ""
    """Why its newest workflow task failed; empty once one has succeeded."""

    @property
    def at_work(self) -> bool:
        """Something goes on now that waits for nobody."""
        return self.task or bool(self.activities) or bool(self.trouble)

    def apply(self, event: HistoryEvent) -> None:
        """Take in the next event."""
        match event.WhichOneof("attributes"):
            case "workflow_task_scheduled_event_attributes":
                self.task = True
            case "workflow_task_completed_event_attributes":
                self.task, self.trouble = False, ""
            case "workflow_task_failed_event_attributes":
                self.task, self.trouble = False, event.workflow_task_failed_event_attributes.failure.message
            case "workflow_task_timed_out_event_attributes":
                self.task = False
            case "activity_task_scheduled_event_attributes":
                self.activities[event.event_id] = event.activity_task_scheduled_event_attributes.activity_type.name
            case "activity_task_completed_event_attributes":
                self.activities.pop(event.activity_task_completed_event_attributes.scheduled_event_id, None)
            case "activity_task_failed_event_attributes":
                self.activities.pop(event.activity_task_failed_event_attributes.scheduled_event_id, None)
            case "activity_task_timed_out_event_attributes":
                self.activities.pop(event.activity_task_timed_out_event_attributes.scheduled_event_id, None)
            case "activity_task_canceled_event_attributes":
                self.activities.pop(event.activity_task_canceled_event_attributes.scheduled_event_id, None)
            case "timer_started_event_attributes":
                after = event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
                self.timers[event.event_id] = event.event_time.ToDatetime(UTC) + after
            case "timer_fired_event_attributes":
                self.timers.pop(event.timer_fired_event_attributes.started_event_id, None)
            case "timer_canceled_event_attributes":
                self.timers.pop(event.timer_canceled_event_attributes.started_event_id, None)
            case str(name) if name in _ENDS:
                self.task, self.activities, self.timers = False, {}, {}


async def pending_of(client: Client, workflow: str) -> Pending:
    """What a workflow's newest run has under way. Nothing for one that Temporal does not know."""
    pending = Pending()
    try:
        async for event in client.get_workflow_handle(workflow).fetch_history_events():
            pending.apply(event)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
    return pending


async def end_pending(client: Client, database: Database) -> None:
    """End all workflows of this database's journeys, so that no other test's workers get them: by other keys they cannot be read.

    Those of closed journeys too: Postgres knows of an end before Temporal does, and a worker that is stopped in between leaves
    a task behind, which Temporal gives to whoever asks ten seconds later.
    """

    async def end(id: str) -> None:
        with suppress(RPCError):
            await client.get_workflow_handle(id).terminate("the test has ended")

    async with database.connection() as conn:
        ids = [row["id"] for row in await conn.fetch(sql["journeys"])]
    await asyncio.gather(*(end(id) for id in ids))
