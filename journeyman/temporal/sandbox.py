"""The sandbox in which journeys run: contracts pass through it, and what is asked of every payload is answered outside.

The SDK asks each run, several times a task, whose a payload is; the sandbox compiles a line of code for every answer, and that
took a tenth of an autonomous step. What a run's own payloads and those of its activities belong to is known outside.
"""

from typing import Any

from temporalio import workflow
from temporalio.api.enums.v1 import CommandType
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import (
    SerializationContext,
    StorageDriverStoreContext,
    StorageDriverWorkflowInfo,
    WorkflowSerializationContext,
)
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

# Passed through, because they are contracts: pure declarations without state, the same object in and outside the sandbox.
# A journey's own module is loaded anew for every run, as Temporal wants it.
PASSED_THROUGH = ("journeyman", "pydantic", "pydantic_core", "annotated_types", "typing_extensions")


class JourneyRunner(SandboxedWorkflowRunner):
    """Temporal's sandbox, whose instances know whose their payloads are."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A new run of a journey."""
        return _Run(super().create_instance(det), det)


class _Run(WorkflowInstance):
    def __init__(self, inside: WorkflowInstance, details: WorkflowInstanceDetails) -> None:
        self._inside = inside
        info = details.info
        self._own = WorkflowSerializationContext(namespace=info.namespace, workflow_id=info.workflow_id)
        self._stored = StorageDriverStoreContext(
            target=StorageDriverWorkflowInfo(
                id=info.workflow_id, run_id=info.run_id, type=info.workflow_type, namespace=info.namespace
            )
        )

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._inside.activate(act)

    def get_info(self) -> workflow.Info:
        return self._inside.get_info()

    def get_thread_id(self) -> int | None:
        return self._inside.get_thread_id()

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:
        """Of the run itself and of its activities: the run. The codec asks an activity's payload for no more."""
        return self._own if _is_own(command_info) else self._inside.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> StorageDriverStoreContext:
        return self._stored if _is_own(command_info) else self._inside.get_external_store_context(command_info)


def runner(given: WorkflowRunner | None) -> WorkflowRunner:
    """The runner for journeys, with the restrictions of a given sandbox."""
    before = given if isinstance(given, SandboxedWorkflowRunner) else SandboxedWorkflowRunner()
    restrictions = before.restrictions.with_passthrough_modules(*PASSED_THROUGH)
    return JourneyRunner(restrictions=restrictions, runner_class=before.runner_class)


def _is_own(command_info: Any) -> bool:
    """Whether a payload is the run's: not one of a child, of a signal to another run, or of Nexus."""
    return command_info is None or command_info.command_type == CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK
