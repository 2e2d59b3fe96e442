"""Why a journey does not go on although Temporal and a worker are there: its own code fails, and is tried again."""

from datetime import timedelta
from typing import Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client
from temporalio.converter import WorkflowSerializationContext
from temporalio.exceptions import FailureError

_LAST: Final = 20  # events to look at: what came in since, and the attempts
_PATIENCE: Final = timedelta(seconds=3)
_IN_ORDER: Final = frozenset(  # a task that ends so is only begun again
    {
        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
        WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
    }
)


async def failure_of(client: Client, journey: str) -> str | None:
    """What the journey's code failed with the last time; None if it did not fail then. Raises RPCError."""
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=journey), maximum_page_size=_LAST
    )
    answer = await client.workflow_service.get_workflow_execution_history_reverse(request, timeout=_PATIENCE)
    for event in answer.history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            return None
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            failed = event.workflow_task_failed_event_attributes
            if failed.cause in _IN_ORDER:
                return None
            context = WorkflowSerializationContext(namespace=client.namespace, workflow_id=journey)
            error = await client.data_converter.with_context(context).decode_failure(failed.failure)
            return error.message if isinstance(error, FailureError) else str(error)
    return None
