"""A journey's side that touches the world: events in, activities out. Deterministic; the I/O is theirs."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar, cast

from pydantic import BaseModel, JsonValue
from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey, SearchAttributeUpdate
from temporalio.exceptions import ActivityError, ApplicationError, FailureError, TimeoutType
from temporalio.exceptions import TimeoutError as ActivityTimeoutError

from journeyman.errors import JourneyCancelled, StepFailed, never_retried
from journeyman.journey import contract, names
from journeyman.journey.definition import Definition
from journeyman.journey.inbox import Event, Inbox
from journeyman.journey.limits import LIMITS, limit
from journeyman.journey.step import steering_of

ResultT = TypeVar("ResultT", bound=BaseModel)

_STAGE = SearchAttributeKey.for_keyword(names.STAGE_ATTRIBUTE)
_PERFORMER = SearchAttributeKey.for_keyword(names.PERFORMER_ATTRIBUTE)


_FINAL = never_retried()


def _again(first: int, attempts: int = 0) -> RetryPolicy:
    """Try again from `first` milliseconds on, for as long as trying helps, or so many times."""
    return RetryPolicy(
        initial_interval=timedelta(milliseconds=first),
        maximum_interval=timedelta(seconds=10),
        maximum_attempts=attempts,
        non_retryable_error_types=_FINAL,
    )


_COMMIT, _TURN = _again(100), _again(200)
# Measured: `schedule_to_close_timeout` bounds one attempt of a local activity, not all of them. So their number is bounded
# too: the pauses between them, which double, come to no more than the limit.
_LOCAL = _again(100, int(math.log2(LIMITS.commit / 0.1 + 1)) + 1)


class AgentsAway(Exception):  # noqa: N818 - a route, not a fault
    """No agent worker took the turn, or the tool call, in time."""

    def __init__(self, effect: str) -> None:
        super().__init__("no agent worker took it")
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
        self.put_off_tasks: list[str] = []
        self._ordinal = 0
        self._moves: list[contract.Move] = []
        self._shown: list[SearchAttributeUpdate[str]] = []
        self._begun = False
        self._before: list[Event] = []
        self._told = 0  # events up to this sequence are settled by what has been committed, or is under way
        self._at_work = 0  # activities under way: what follows them may settle

    # Events ------------------------------------------------------------------------------------------------------------

    def receive(self, event: Event) -> None:
        """Apply what can be applied, each event once and in sequence."""
        if not self._begun:  # what has been applied is not known yet
            self._before.append(event)
            return
        if event.sequence <= self.inbox.applied:  # sent again, so it is not settled after all
            self._told = min(self._told, event.sequence - 1)
        for ready in self.inbox.receive(event):
            match ready.kind:
                case "message":
                    self.spoken = max(self.spoken, int(ready.reference))
                    self.left = False
                case "left":
                    self.left = True
                case "task_closed":
                    self.closed_tasks.append(ready.reference)
                case "task_put_off":
                    self.put_off_tasks.append(ready.reference)
                case "stop" | "reassign":
                    self.interruptions += 1
                case "cancel":
                    self.cancelled = ready.reference

    @property
    def idle(self) -> bool:
        """Nothing is pending, so the journey may continue as new."""
        return not self.inbox.early and self.cancelled is None and workflow.all_handlers_finished()

    async def settle_events(self) -> None:
        """Runs beside the stages: what is applied is settled, also while the journey waits and commits nothing else.

        An event that is not settled is sent again and again, and each sending costs history.
        """
        while True:
            await workflow.wait_condition(lambda: self._unsettled)
            # Conditions are looked at when all else has come to rest: whoever waited for the event commits first, if at all.
            await workflow.wait_condition(lambda: True)
            if self._unsettled:
                self._told = self.inbox.applied
                request = contract.SettleEventsRequest(
                    journey=workflow.info().workflow_id, settled=self._told, at=workflow.now()
                )
                try:
                    await self._committed(names.SETTLE_EVENTS, request, contract.Recorded, "settle events")
                except StepFailed:
                    continue  # it is sent again

    @property
    def _unsettled(self) -> bool:
        return self.inbox.applied > self._told and not self._at_work

    async def until(self, ready: Callable[[], bool], limit: timedelta | None, waiting_for: str) -> bool:
        """Wait; False when the limit came first. Raises JourneyCancelled."""
        self.waiting_for = waiting_for
        try:
            await workflow.wait_condition(lambda: ready() or self._must_stop, timeout=limit)
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

    async def cancellation(self) -> None:
        """Wait for a cancellation that is on its way; it is resent within an hour. Raises JourneyCancelled."""
        if not self.unwinding:
            await self.until(lambda: self.unwinding, timedelta(days=1), "cancellation")

    # Stage and performer -----------------------------------------------------------------------------------------------

    def begin(self, definition: Definition, customer: str, carried: contract.Carried | None) -> None:
        """Take up the run: as new, or as continue-as-new left it."""
        self.definition, self.customer = definition, customer
        if carried is None:
            self.stage = definition.initial.name
        else:
            self.stage, self.performer, self._ordinal = carried.stage, carried.performer, carried.ordinal
            self._moves, self.inbox = list(carried.moves), carried.inbox
            self.spoken, self.left = carried.spoken, carried.left
        self._begun = True
        for event in self._before:
            self.receive(event)
        self._before = []

    def enter(self, stage: str) -> None:
        """Move to a stage; the next activity records it."""
        self.stage = stage
        self._moves.append(contract.Move(to=stage, at=workflow.now()))
        self._show(_STAGE.value_set(stage))

    def performs(self, performer: str) -> None:
        """Show who works on it now."""
        if performer != self.performer:
            self.performer = performer
            self._show(_PERFORMER.value_set(performer))

    def _show(self, attribute: SearchAttributeUpdate[str]) -> None:
        """Put it into Temporal's visibility once the journey has come to a wait: stage and performer in one event."""
        if not self._shown:
            asyncio.get_running_loop().call_soon(self._publish)
        self._shown.append(attribute)

    def _publish(self) -> None:
        if self._shown:
            workflow.upsert_search_attributes(self._shown)
        self._shown = []

    # Activities --------------------------------------------------------------------------------------------------------

    async def turn(
        self, step: str, input: JsonValue, progress: contract.Progress, repairs: str | None
    ) -> contract.TurnOutcome:
        """One turn of the step's AI agent. Raises AgentsAway."""
        request = contract.TurnRequest(
            situation=self._situation(), step=step, input=input, progress=progress, repairs=repairs
        )
        return await self._by_agents(names.AGENT_TURN, request, contract.TurnOutcome, limit("turn"))

    async def call_tool(self, step: str, call: str, progress: contract.Progress) -> contract.ToolOutcome:
        """Make one permitted tool call. Raises AgentsAway."""
        request = contract.ToolRequest(
            situation=self._situation(settles=False), step=step, call=call, progress=progress
        )
        return await self._by_agents(names.CALL_TOOL, request, contract.ToolOutcome, limit("tool"))

    async def _by_agents(
        self,
        activity: str,
        request: contract.TurnRequest | contract.ToolRequest,
        result: type[ResultT],
        longest: timedelta,
    ) -> ResultT:
        """An agent worker's work. Raises AgentsAway, StepFailed."""
        try:
            outcome: ResultT = await self._to_its_end(
                workflow.execute_activity(
                    activity,
                    request,
                    result_type=result,
                    task_queue=names.AGENTS_QUEUE,
                    schedule_to_start_timeout=limit("agents_away"),
                    start_to_close_timeout=longest,
                    heartbeat_timeout=limit("heartbeat"),
                    retry_policy=_TURN,
                )
            )
        except ActivityError as failure:
            raise _untaken(request.step, request.situation, failure) from failure
        self._recorded(request.situation)
        return outcome

    async def open_task(
        self,
        step: str,
        kind: contract.WorkKind,
        reason: str,
        input: JsonValue,
        progress: contract.Progress,
        *,
        supersedes: str | None = None,
        call: str | None = None,
    ) -> contract.TaskOutcome:
        """Give the step to people."""
        request = contract.OpenTaskRequest(
            situation=self._situation(),
            step=step,
            kind=kind,
            reason=reason,
            input=input,
            progress=progress,
            supersedes=supersedes,
            call=call,
        )
        return await self._commit(names.OPEN_TASK, request, contract.TaskOutcome, step)

    async def settle(
        self, step: str, task: str, progress: contract.Progress, withdraw: str | None = None, *, put_off: bool = False
    ) -> contract.Settlement:
        """Read what became of a task. `put_off`: the customer is to be told that they are called back."""
        told = self._told
        request = contract.SettleRequest(
            situation=self._situation(), step=step, task=task, progress=progress, withdraw=withdraw, put_off=put_off
        )
        settlement = await self._commit(names.SETTLE_TASK, request, contract.Settlement, step)
        if not settlement.leaves:  # nothing was recorded
            if settlement.state == "open":
                self._told = told
            self._moves = [*request.situation.moves, *self._moves]
        return settlement

    async def link(self, kind: str, input: JsonValue) -> str:
        """Open a linked journey."""
        request = contract.LinkRequest(situation=self._situation(), kind=kind, input=input)
        return (await self._commit(names.OPEN_LINKED, request, contract.LinkOutcome, kind)).journey

    async def close(self, status: contract.EndStatus, outcome: str, detail: str = "", heard: int | None = None) -> int:
        """Record the end; open tasks become obsolete. Or the position of the message that nobody has heard, else 0."""
        told, moves = self._told, self._moves
        request = contract.CloseRequest(
            situation=self._situation(), status=status, outcome=outcome, detail=detail, heard=heard
        )
        closing = await self._commit(names.CLOSE_JOURNEY, request, contract.Closing, outcome)
        if closing.unheard:  # nothing was committed
            self._told, self._moves = told, moves
        return closing.unheard

    async def _commit(self, activity: str, request: Any, result: type[ResultT], what: str) -> ResultT:
        """A commit in Postgres: a local activity, and when that cannot end in time, the same function as a regular one."""
        outcome = await self._to_its_end(self._committed(activity, request, result, what))
        self._recorded(request.situation)
        return outcome

    async def _committed(self, activity: str, request: Any, result: type[ResultT], what: str) -> ResultT:
        try:
            outcome = await workflow.execute_local_activity(
                activity,
                request,
                result_type=result,
                schedule_to_close_timeout=limit("commit"),
                retry_policy=_LOCAL,
            )
            return cast(ResultT, outcome)
        except FailureError as failure:
            # Measured: a local activity fails with its own error or with one around it, and states that no retry helps also
            # when it has only used up its attempts.
            error = failure.cause if isinstance(failure, ActivityError) else failure
            if isinstance(error, ApplicationError) and error.type in _FINAL:
                raise _undone(what, failure) from failure
        try:
            outcome = await workflow.execute_activity(
                activity,
                request,
                result_type=result,
                task_queue=names.ENGINE_QUEUE,
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=_COMMIT,
            )
            return cast(ResultT, outcome)
        except ActivityError as failure:
            raise _undone(what, failure) from failure

    async def _to_its_end(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        """What is under way is never cut in the middle: if the run is cancelled meanwhile, it ends first."""
        running = asyncio.ensure_future(work)
        self._at_work += 1
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await workflow.wait([running])
            if not running.cancelled():
                running.exception()  # looked at, or the event loop would complain of it
            raise
        finally:
            self._at_work -= 1

    def _situation(self, *, settles: bool = True) -> contract.Situation:
        info = workflow.info()
        self._ordinal += 1
        if settles:
            self._told = self.inbox.applied
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
        self._publish()
        return contract.Carried(
            stage=self.stage,
            state=state,
            steers=steering_of(self.definition.state),
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


def _untaken(what: str, situation: contract.Situation, failure: ActivityError) -> AgentsAway | StepFailed:
    """Why a turn or a tool call came to nothing."""
    if isinstance(failure.cause, ActivityTimeoutError) and failure.cause.type == TimeoutType.SCHEDULE_TO_START:
        return AgentsAway(situation.effect)
    return _undone(what, failure)


def _undone(what: str, failure: FailureError) -> StepFailed:
    """No retry helps: what was asked for is not there, not permitted, or not readable any more."""
    return StepFailed(f"`{what}` cannot be done: {failure.cause or failure}")
