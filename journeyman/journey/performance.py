"""One performance of a step: turns of an AI agent and tasks of people, in both directions, until it is done."""

import asyncio
from datetime import timedelta
from typing import Any

from pydantic import JsonValue
from temporalio import workflow

from journeyman.errors import JourneyCancelled, StepDisposed, StepFailed
from journeyman.journey.contract import PERSON_ASKED, WORK, OpenedTask, Progress, Settlement, TaskOutcome, WorkKind
from journeyman.journey.effects import AgentsAway, Effects
from journeyman.journey.step import Step, duration


class Performance:
    """The work on one step. It decides nothing: turns and tasks come back from where policy was asked."""

    def __init__(
        self,
        effects: Effects,
        step: Step[Any],
        input: JsonValue,
        name: str,
        heard: int,
        *,
        follow_up: bool = True,
        given: str | None = None,
    ) -> None:
        self.effects = effects
        self.step = step
        self.input = input
        self.follow_up = follow_up
        self.given = given or (None if step.ai else "people_only")  # why a person begins
        self.progress = Progress(performance=name, heard=heard)
        self._interruptions = effects.interruptions  # those that the last turn began with
        self._unfit: str | None = None  # the answer that the next turn repairs

    async def run(self) -> JsonValue:
        """The step's output, as JSON. Raises StepDisposed, StepFailed, JourneyCancelled."""
        task: OpenedTask | None = None
        if self.given is not None:
            task = (await self._open("work", self.given)).task
        while True:
            self.effects.check_cancelled()
            if task is None:
                following = await self._work_of_agent()
                if isinstance(following, Result):
                    return following.output
                task = following
            else:
                settlement, closed, task = await self._closing_of(task), task, None
                if settlement is None:  # it was withdrawn, for what the customer wrote first
                    continue
                if closed.kind == "callback" and settlement.action in ("complete", "return"):
                    self._reached()
                if self._ends(settlement):
                    return settlement.output
                task = await self._go_on(closed, settlement)

    # The agent's side --------------------------------------------------------------------------------------------------

    async def _work_of_agent(self) -> "OpenedTask | Result | None":
        """One turn and what follows from it: the result, a task for a person, or None to go on."""
        progress = self.progress
        self._interruptions = self.effects.interruptions
        self.effects.performs(f"ai:{self.step.ai}")
        try:
            outcome = await self.effects.turn(self.step.name, self.input, progress, self._unfit)
        except AgentsAway as away:
            opened = await self._open("work", "ai_unavailable", supersedes=away.effect)
            if opened.turn is None:
                return opened.task
            outcome = opened.turn
        self._unfit = outcome.unfit
        progress.turns += outcome.unfit is None
        progress.tokens += outcome.tokens
        progress.heard = max(progress.heard, outcome.heard)
        match outcome.kind:
            case "completed":
                return Result(outcome.output)
            case "opened":
                return self._given(outcome.task)
            case "called":
                for call in outcome.calls:
                    if (task := await self._call(call)) is not None:
                        return task
            case "said":
                progress.failed_turns += outcome.failed
                return await self._answer_of_customer()
            case "again":
                progress.failed_turns += outcome.failed
        return None

    async def _call(self, call: str) -> OpenedTask | None:
        """Make a permitted call. One that no agent worker takes is not made any more, and a person goes on."""
        self.effects.check_cancelled()
        try:
            made = await self.effects.call_tool(self.step.name, call, self.progress)
        except AgentsAway as away:
            return (await self._open("work", "ai_unavailable", supersedes=away.effect, call=call)).task
        return self._given(made.task)

    async def _answer_of_customer(self) -> OpenedTask | None:
        """Wait for the customer. One who hangs up or stays silent is followed up by a person, if the author wants it."""
        effects, interruptions = self.effects, self._interruptions
        answered = await effects.until(
            lambda: effects.spoken > self.progress.heard or effects.left or effects.interruptions > interruptions,
            duration(self.step.silence),
            "customer",
        )
        if effects.spoken > self.progress.heard or effects.interruptions > interruptions:
            return None
        reason = "customer_left" if answered else "customer_silent"
        if not self.follow_up:
            raise StepDisposed(self.step.name, reason)
        return (await self._open("callback", reason)).task

    # The people's side -------------------------------------------------------------------------------------------------

    async def _open(
        self, kind: WorkKind, reason: str, *, supersedes: str | None = None, call: str | None = None
    ) -> TaskOutcome:
        opened = await self.effects.open_task(
            self.step.name, kind, reason, self.input, self.progress, supersedes=supersedes, call=call
        )
        self._given(opened.task)
        return opened

    def _given(self, task: OpenedTask | None) -> OpenedTask | None:
        """Work that goes from the AI agent to a person is a handoff; while one judges or answers, the agent keeps the step."""
        self.progress.handoffs += self.step.ai is not None and task is not None and task.kind in WORK
        return task

    async def _closing_of(self, task: OpenedTask) -> Settlement | None:
        """Wait until a task is closed; None if it was a callback and the customer wrote first, or somebody was to judge or answer
        the AI agent and the customer asked for a person first.
        """
        effects = self.effects
        effects.performs(f"queue:{task.queue}")
        limit, read = task.check_after, self.progress.heard
        judged = task.kind not in WORK and workflow.patched(
            "person-asked-meanwhile" if task.kind == "review" else "person-asked-before-approval"
        )

        def returned() -> bool:
            return task.kind == "callback" and effects.spoken > self.progress.heard

        while True:
            try:
                await effects.until(
                    lambda: (
                        task.id in effects.closed_tasks
                        or task.id in effects.put_off_tasks
                        or returned()
                        or (judged and effects.spoken > read)
                    ),
                    timedelta(seconds=limit),
                    f"task {task.id}",
                )
            except (JourneyCancelled, asyncio.CancelledError):
                # Nobody shall go on with it while what was done is undone.
                await effects.settle(self.step.name, task.id, self.progress, "journey_cancelled")
                raise
            withdraw = None
            if returned() and task.id not in effects.closed_tasks:
                withdraw = "customer_returned"
            elif judged and (read := effects.spoken) > self.progress.heard:
                withdraw = PERSON_ASKED
            if put_off := task.id in effects.put_off_tasks:
                effects.put_off_tasks.remove(task.id)
            settlement = await effects.settle(self.step.name, task.id, self.progress, withdraw, put_off=put_off)
            if settlement.state != "open":
                if task.id in effects.closed_tasks:
                    effects.closed_tasks.remove(task.id)
                if settlement.state != "obsolete":
                    return settlement
                if withdraw:
                    return None
                await effects.cancellation()  # it was withdrawn with the journey, which is told so next
                return settlement
            limit = settlement.check_after

    def _reached(self) -> None:
        """A person has called the customer back: that they hung up is over, and what is said to them next may be answered."""
        if self.effects.left and workflow.patched("called-back"):
            self.effects.left = False

    def _ends(self, settlement: Settlement) -> bool:
        """Whether a closed task ends the step with an output. Raises if it ended undone."""
        if settlement.state != "completed":
            raise StepFailed(
                f"step `{self.step.name}` was not done: its task is {settlement.state} {settlement.comment}".rstrip()
            )
        if (
            settlement.call is not None
            or settlement.said
            or settlement.action in ("return", "reject", "answer", "deny")
        ):
            return False
        if settlement.output is None:
            raise StepDisposed(self.step.name, settlement.disposition or "undone", settlement.comment)
        return True

    async def _go_on(self, task: OpenedTask, settlement: Settlement) -> OpenedTask | None:
        """After a task that did not end the step: the approved call is made, the customer is heard, or the agent goes on."""
        if task.kind in WORK:
            self.progress.failed_turns = 0
        if settlement.call is not None:
            return await self._call(settlement.call)
        if settlement.said and settlement.output is None:
            return await self._answer_of_customer()
        self.progress.hand_backs += settlement.action in ("return", "reject")
        return None


class Result:
    """A step's output, as JSON."""

    def __init__(self, output: JsonValue) -> None:
        self.output = output
