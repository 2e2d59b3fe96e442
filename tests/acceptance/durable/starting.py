"""Starting errands with a plan, and looking at what Temporal keeps of them."""

from collections import Counter
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from journeyman.project import Project
from journeyman.tasks.cases import open_case
from journeyman.tasks.permission import OPERATOR, Permission
from journeyman.testing import Rehearsal
from journeyman.testing.story import RehearsedJourney


async def start(
    rehearsal: Rehearsal, *plan: str, kind: str = "errand", project: Project | None = None, **more: Any
) -> RehearsedJourney:
    """Start errands with this plan: the newest version that `project` has, or the rehearsal's own."""
    row = await open_case(
        rehearsal.desk,
        (project or rehearsal.engine.project).definition(kind),
        input={"plan": list(plan)},
        permitted=Permission(OPERATOR),
        now=rehearsal.engine.clock(),
        **({"address": "plan"} | more),
    )
    await rehearsal.deliver(row.id)
    return rehearsal.journey(row.id)


async def history(rehearsal: Rehearsal, journey: str) -> WorkflowHistory:
    """The events of a journey's last run."""
    return await rehearsal.temporal.get_workflow_handle(journey).fetch_history()


def kinds(of: WorkflowHistory) -> Counter[str]:
    """How many events there are of each type."""
    return Counter(EventType.Name(event.event_type).removeprefix("EVENT_TYPE_") for event in of.events)
