"""A journey's side that touches the world: events in, activities out. Deterministic; the I/O is theirs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar, cast

from pydantic import BaseModel, JsonValue
from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutType
from temporalio.exceptions import TimeoutError as ActivityTimeoutError

from journeyman.errors import JourneyCancelled
from journeyman.journey import contract, names
from journeyman.journey.definition import Definition
from journeyman.journey.inbox import Event, Inbox

ResultT = TypeVar("ResultT", bound=BaseModel)

_STAGE = SearchAttributeKey.for_keyword(names.STAGE_ATTRIBUTE)
_PERFORMER = SearchAttributeKey.for_keyword(names.PERFORMER_ATTRIBUTE)

# Long enough for a commit, short enough that an outage moves the work to a regular activity before its retries fill history.
_LOCAL_LIMIT = timedelta(seconds=5)
_SETTLING = RetryPolicy(initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=10))
_TURN = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10))
_TURN_LIMIT = timedelta(minutes=5)
_TOOL_LIMIT = timedelta(minutes=5)
_HEARTBEAT = timedelta(seconds=10)
# No agent worker took the turn: people get the work.
_AGENTS_AWAY = timedelta(minutes=2)


class AgentsAway(Exception):  # noqa: N818 - a route, not a fault
    """No agent worker took the turn in time."""

    def __init__(self, effect: str) -> None:
        super().__init__("no agent worker took the turn")
        self.effect = effect


class Effects:
    """The inbox, the counters that make effect keys, and one method an activity."""

    definition: Definition
    customer: str

    def __init__(self) -> None:
        self.inbox = Inbox()
        self.stage = ""
        self.performer: str | None = None
        self.waiting_for: str | None = None
        self.spoken = 0  # position of the customer's newest message
        self.left = False  # the customer hung up, and has not written since
        self.interruptions = 0  # stops and reassignments so far
        self.cancelled: str | None = None
        self.unwinding = False
        self.closed_tasks: list[str] = []
        self._ordinal = 0
        self._moves: list[contract.Move] = []

    # Events ------------------------------------------------------------------------------------------------------------

    def receive(self, event: Event) -> None:
        """Apply what can be applied, each event once and in sequence."""
        for ready in self.inbox.receive(event):
            match ready.kind:
                case "message":
                    self.spoken = max(self.spoken, int(ready.reference))
                    self.left = False
                case "left":
                    self.left = True
                case "task_closed":
                    self.closed_tasks.append(ready.reference)
                case "stop" | "reassign":
                    self.interruptions += 1
                case "cancel":
                    self.cancelled = ready.reference

    @property
    def idle(self) -> bool:
        """Nothing is pending, so the journey may continue as new."""
        return (
            not self.inbox.early
            and not self.closed_tasks
            and self.cancelled is None
            and workflow.all_handlers_finished()
        )

    async def until(self, ready: Callable[[], bool], limit: timedelta | None, waiting_for: str) -> bool:
        """Wait; False when the limit came first. Raises JourneyCancelled."""
        self.waiting_for = waiting_for
        try:
            await workflow.wait_condition(
                lambda: ready() or self._must_stop, timeout=limit, timeout_summary=waiting_for
            )
        except TimeoutError:
            return False
        finally:
            self.waiting_for = None
        self.check_cancelled()
        return True

    @property
    def _must_stop(self) -> bool:
        return self.cancelled is not None and not self.unwinding

    def check_cancelled(self) -> None:
        """Raise JourneyCancelled if the journey is to stop."""
        if self._must_stop:
            raise JourneyCancelled(cast(str, self.cancelled))

    # Stage and performer -----------------------------------------------------------------------------------------------

    def begin(self, definition: Definition, customer: str, carried: contract.Carried | None) -> None:
        """Take up the run: as new, or as continue-as-new left it."""
        self.definition, self.customer = definition, customer
        if carried is None:
            self.stage = definition.initial.name
            return
        self.stage, self.performer, self._ordinal = carried.stage, carried.performer, carried.ordinal
        self._moves = list(carried.moves)
        self.spoken, self.left = max(self.spoken, carried.spoken), carried.left
        early, self.inbox = self.inbox, carried.inbox
        for event in early.early:
            self.receive(event)

    def enter(self, stage: str) -> None:
        """Move to a stage; the next activity records it."""
        self.stage = stage
        self._moves.append(contract.Move(to=stage, at=workflow.now()))
        workflow.upsert_search_attributes([_STAGE.value_set(stage)])

    def performs(self, performer: str) -> None:
        """Show who works on it now."""
        if performer != self.performer:
            self.performer = performer
            workflow.upsert_search_attributes([_PERFORMER.value_set(performer)])

    # Activities --------------------------------------------------------------------------------------------------------

    async def turn(self, step: str, input: JsonValue, progress: contract.Progress) -> contract.TurnOutcome:
        """One turn of the step's AI agent. Raises AgentsAway."""
        request = contract.TurnRequest(situation=self._situation(), step=step, input=input, progress=progress)
        try:
            outcome: contract.TurnOutcome = await workflow.execute_activity(
                names.AGENT_TURN,
                request,
                result_type=contract.TurnOutcome,
                task_queue=names.AGENTS_QUEUE,
                schedule_to_start_timeout=_AGENTS_AWAY,
                start_to_close_timeout=_TURN_LIMIT,
                heartbeat_timeout=_HEARTBEAT,
                retry_policy=_TURN,
                summary=step,
            )
        except ActivityError as failure:
            if isinstance(failure.cause, ActivityTimeoutError) and failure.cause.type == TimeoutType.SCHEDULE_TO_START:
                raise AgentsAway(request.situation.effect) from failure
            raise
        self._recorded(request.situation)
        return outcome

    async def call_tool(self, step: str, call: str, progress: contract.Progress) -> contract.ToolOutcome:
        """Make one permitted tool call."""
        request = contract.ToolRequest(situation=self._situation(), step=step, call=call, progress=progress)
        outcome: contract.ToolOutcome = await workflow.execute_activity(
            names.CALL_TOOL,
            request,
            result_type=contract.ToolOutcome,
            task_queue=names.AGENTS_QUEUE,
            start_to_close_timeout=_TOOL_LIMIT,
            heartbeat_timeout=_HEARTBEAT,
            retry_policy=_TURN,
            summary=step,
        )
        self._recorded(request.situation)
        return outcome

    async def open_task(
        self,
        step: str,
        kind: str,
        reason: str,
        input: JsonValue,
        progress: contract.Progress,
        supersedes: str | None = None,
    ) -> contract.OpenedTask:
        """Give the step to people."""
        request = contract.OpenTaskRequest(
            situation=self._situation(),
            step=step,
            kind="callback" if kind == "callback" else "work",
            reason=reason,
            input=input,
            progress=progress,
            supersedes=supersedes,
        )
        return (await self._commit(names.OPEN_TASK, request, contract.TaskOutcome, step)).task

    async def settle(self, step: str, task: str, withdraw: str | None = None) -> contract.Settlement:
        """Read what became of a task."""
        request = contract.SettleRequest(situation=self._situation(), step=step, task=task, withdraw=withdraw)
        return await self._commit(names.SETTLE_TASK, request, contract.Settlement, step)

    async def link(self, kind: str, input: JsonValue) -> str:
        """Open a linked journey."""
        request = contract.LinkRequest(situation=self._situation(), kind=kind, input=input)
        return (await self._commit(names.OPEN_LINKED, request, contract.LinkOutcome, kind)).journey

    async def close(self, status: str, outcome: str, detail: str = "") -> None:
        """Record the end; open tasks become obsolete."""
        request = contract.CloseRequest.model_validate(
            {"situation": self._situation(), "status": status, "outcome": outcome, "detail": detail}
        )
        await self._commit(names.CLOSE_JOURNEY, request, contract.Recorded, outcome)

    async def _commit(self, activity: str, request: Any, result: type[ResultT], summary: str) -> ResultT:
        """A commit in Postgres: a local activity, and when that cannot end in time, the same function as a regular one."""
        try:
            outcome = await workflow.execute_local_activity(
                activity,
                request,
                result_type=result,
                schedule_to_close_timeout=_LOCAL_LIMIT,
                retry_policy=_SETTLING,
                summary=summary,
            )
        except ActivityError as failure:
            if isinstance(failure.cause, ApplicationError) and failure.cause.non_retryable:
                raise
            outcome = await workflow.execute_activity(
                activity,
                request,
                result_type=result,
                task_queue=names.ENGINE_QUEUE,
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=_SETTLING,
                summary=summary,
            )
        self._recorded(request.situation)
        return cast(ResultT, outcome)

    def _situation(self) -> contract.Situation:
        info = workflow.info()
        self._ordinal += 1
        return contract.Situation(
            journey=info.workflow_id,
            kind=self.definition.kind,
            version=self.definition.version,
            customer=self.customer,
            effect=f"{info.first_execution_run_id}:{self._ordinal}",
            settled=self.inbox.applied,
            stage=self.stage,
            moves=list(self._moves),
            at=workflow.now(),
        )

    def _recorded(self, situation: contract.Situation) -> None:
        self._moves = self._moves[len(situation.moves) :]

    def carried(
        self, state: JsonValue, performances: dict[str, int], compensations: list[contract.Compensation], heard: int
    ) -> contract.Carried:
        """What continue-as-new takes along."""
        return contract.Carried(
            stage=self.stage,
            state=state,
            ordinal=self._ordinal,
            performances=performances,
            inbox=self.inbox,
            spoken=self.spoken,
            left=self.left,
            heard=heard,
            performer=self.performer,
            moves=self._moves,
            compensations=compensations,
        )
