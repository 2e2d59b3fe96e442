"""The base class of every journey: its stages' loop, and what a stage may call."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar, Generic, TypeVar, cast

from pydantic import BaseModel, JsonValue, ValidationError
from temporalio import workflow
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

from journeyman.errors import DefinitionError, JourneyCancelled, StepDisposed, StepError, StepFailed
from journeyman.journey import contract, names
from journeyman.journey.definition import Definition, define
from journeyman.journey.effects import Effects
from journeyman.journey.erased import read
from journeyman.journey.inbox import Event
from journeyman.journey.performance import Performance
from journeyman.journey.stage import End, Stage
from journeyman.journey.step import OutputT, Step

StateT = TypeVar("StateT", bound=BaseModel)
JourneyT = TypeVar("JourneyT", bound="type[Journey[Any]]")


def journey(
    kind: str, *, version: int, owner: str = "", notices: tuple[str, ...] = ("ai-disclosure", "recording")
) -> Callable[[JourneyT], JourneyT]:
    """Declare a journey class: one version of a kind, registered with Temporal as `kind.vVERSION`.

    `owner` is the queue that answers for it (the first step's, if none is given); `notices` are the texts that a customer
    is given before anybody speaks to them: `ai-disclosure` before an AI agent does, every other one whoever does. Raises
    DefinitionError, with the remedy, if the machine is not sound.
    """

    def declare(cls: JourneyT) -> JourneyT:
        cls.definition = define(cls, kind=kind, version=version, owner=owner, notices=notices)

        # Temporal reads the types of the arguments after a `self` that has none.
        async def run(self, start: contract.JourneyStart) -> contract.JourneyEnd:  # type: ignore[no-untyped-def]
            return cast(contract.JourneyEnd, await self._live(start))

        run.__qualname__ = f"{cls.__qualname__}.run"
        run.__module__ = cls.__module__
        cls.run = workflow.run(run)  # type: ignore[attr-defined]  # Temporal wants it on the class itself
        return workflow.defn(name=cls.definition.workflow_type)(cls)

    return declare


class Journey(Generic[StateT]):
    """One customer's case. Subclass it, give it a pydantic state, mark methods with `@stage`, decorate it with `@journey`."""

    definition: ClassVar[Definition]
    state: StateT

    def __init__(self) -> None:
        self._effects = Effects()
        self._performances: dict[str, int] = {}
        self._compensations: list[contract.Compensation] = []
        self._heard = 0
        self._last: tuple[Step[Any], JsonValue] | None = None

    # What a stage calls ------------------------------------------------------------------------------------------------

    async def perform(self, step: Step[OutputT], input: BaseModel | None = None, *, follow_up: bool = True) -> OutputT:
        """Have a step done by whoever policy allows, and return its output.

        A customer who hangs up on an AI agent or stays silent is called back by a person. Where nothing is owed to them any
        more, `follow_up=False` ends the step instead, with StepDisposed `customer_left` or `customer_silent`.

        Raises StepDisposed if a person closed it with a disposition that has no output, StepFailed if nobody could finish
        it, JourneyCancelled if the journey was cancelled meanwhile.
        """
        self._check(step, input)
        return read(step.output, await self._perform(step, _json(input), follow_up=follow_up))

    async def wait(self, time: timedelta) -> None:
        """A durable timer. Raises JourneyCancelled if the journey is cancelled meanwhile."""
        await self._effects.until(lambda: False, time, "timer")

    async def open_linked(self, kind: str, input: BaseModel | None = None) -> str:
        """Open a journey of another kind for the same customer, linked to this one; returns its id."""
        return await self._effects.link(kind, _json(input))

    def compensate(self, step: Step[Any], input: BaseModel | None = None) -> None:
        """Have `step` performed if this journey is cancelled or fails later; the newest goes first."""
        self._check(step, input)
        self._compensations.append(contract.Compensation(step=step.name, input=_json(input)))

    def end(self, outcome: str) -> End:
        """What a stage returns to end the journey; the outcome is declared in its `ends`."""
        return End(outcome)

    def _check(self, step: Step[Any], input: BaseModel | None) -> None:
        if self.definition.steps.get(step.name) != step:
            raise DefinitionError(
                f"step `{step.name}` is not one of `{self.definition.kind}`; name it in a stage as a module-level constant"
            )
        if step.input is not None and not isinstance(input, step.input):
            raise DefinitionError(
                f"step `{step.name}` wants a `{step.input.__name__}`, and got `{type(input).__name__}`"
            )

    # The run -----------------------------------------------------------------------------------------------------------

    async def _live(self, start: contract.JourneyStart) -> contract.JourneyEnd:
        stage = await self._begin(start)
        try:
            while True:
                following = await stage(self)
                if isinstance(following, End):
                    self._effects.check_cancelled()
                    return await self._close("completed", following.outcome)
                stage = following
                self._effects.enter(stage.name)
                if workflow.info().is_continue_as_new_suggested() and self._effects.idle:
                    carried = self._effects.carried(
                        _json(self.state), self._performances, self._compensations, self._heard
                    )
                    workflow.continue_as_new(contract.JourneyStart(customer=start.customer, carried=carried))
        except _UnrecordedError:
            raise
        except JourneyCancelled as cancelled:
            return await self._unwind("cancelled", cancelled.reason)
        except asyncio.CancelledError:  # asked for in Temporal itself
            return await self._unwind("cancelled", "cancelled_in_temporal")
        except StepError as failure:
            await self._unwind("failed", type(failure).__name__, str(failure))
            raise ApplicationError(str(failure), type=type(failure).__name__, non_retryable=True) from failure
        except FailureError as failure:  # of what its author does with plain Temporal
            if is_cancelled_exception(failure):
                return await self._unwind("cancelled", "cancelled_in_temporal")
            await self._unwind("failed", type(failure).__name__, str(failure))
            raise

    async def _begin(self, start: contract.JourneyStart) -> Stage:
        carried = start.carried
        self._effects.begin(self.definition, start.customer, carried)
        self._settling = asyncio.create_task(self._effects.settle_events())  # ends with the run
        try:
            state = read(self.definition.state, (carried.state if carried else start.input) or {})
        except ValidationError as error:
            # Not the author's mistake but the starter's: no new code would help, so the run ends instead of being retried.
            told = f"the input does not fit the state of `{self.definition.kind}`"
            await self._effects.close("failed", "invalid_input", told)
            raise ApplicationError(told, non_retryable=True) from error
        self.state = cast(StateT, state)
        if carried is not None:
            self._performances, self._heard = dict(carried.performances), carried.heard
            self._compensations = list(carried.compensations)
        return self.definition.stages[self._effects.stage]

    async def _perform(
        self, step: Step[Any], input: JsonValue, *, follow_up: bool = True, given: str | None = None
    ) -> JsonValue:
        number = self._performances[step.name] = self._performances.get(step.name, 0) + 1
        self._last = step, input
        performance = Performance(
            self._effects, step, input, f"{step.name}#{number}", self._heard, follow_up=follow_up, given=given
        )
        try:
            return await performance.run()
        finally:
            self._heard = performance.progress.heard

    async def _unwind(self, status: contract.EndStatus, outcome: str, detail: str = "") -> contract.JourneyEnd:
        """Perform the compensations, newest first; one that fails is on the record and does not stop the others."""
        self._effects.unwinding = True
        undone: list[str] = []
        for compensation in reversed(self._compensations):
            try:
                await self._perform(self.definition.steps[compensation.step], compensation.input)
            except StepError as error:
                undone.append(str(error))
        return await self._close(status, outcome, "; ".join(filter(None, [detail, *undone])))

    async def _close(self, status: contract.EndStatus, outcome: str, detail: str = "") -> contract.JourneyEnd:
        """End, once all that the customer wrote is heard. Who cancels a journey has decided that it ends as it stands."""
        try:
            while unheard := await self._effects.close(
                status, outcome, detail, heard=None if status == "cancelled" else self._heard
            ):
                await self._hear(unheard)
        except StepFailed as failure:
            raise _UnrecordedError(str(failure), type="StepFailed", non_retryable=True) from failure
        return contract.JourneyEnd(outcome=outcome, state=_json(self.state))

    async def _hear(self, unheard: int) -> None:
        """A person takes what the customer wrote when all was done. What they come to is the customer's, not the journey's."""
        step, input = self._last or (next(iter(self.definition.steps.values())), None)
        with suppress(StepDisposed, StepFailed):
            await self._perform(step, input, follow_up=False, given="customer_wrote")
        self._heard = max(self._heard, unheard)  # each message keeps a journey open once

    # Messages ----------------------------------------------------------------------------------------------------------

    @workflow.signal(name=names.EVENT_SIGNAL)
    def _event(self, event: Event) -> None:
        self._effects.receive(event)

    @workflow.query(name=names.SHOW_QUERY)
    def _show(self) -> contract.View:
        effects = self._effects
        return contract.View(
            stage=effects.stage,
            performer=effects.performer,
            waiting_for=effects.waiting_for,
            state=_json(getattr(self, "state", None)),
            applied=effects.inbox.applied,
        )


class _UnrecordedError(ApplicationError):
    """The end of a journey cannot be recorded. Its run ends all the same, and the reconciler finds that."""


def _json(model: BaseModel | None) -> JsonValue:
    return None if model is None else cast(JsonValue, model.model_dump(mode="json", warnings=False))
