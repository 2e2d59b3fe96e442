"""The declared machine is checked while the module is imported; each message holds the remedy."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from journeyman.errors import DefinitionError
from journeyman.journey import Disposition, Fact, Journey, Sla, Steers, Step, journey, mermaid, stage
from journeyman.journey.erased import MARK, read
from journeyman.journey.step import steering_of


class State(BaseModel):
    """A state."""


class Output(BaseModel):
    """An output."""


DO = Step("do-it", output=Output, queue="q")
OTHER_DO = Step("do-it", output=Output, queue="other")
FOR_OUTPUT = Step("for-output", input=Output, output=Output, queue="q")


def declared(cls: type[Any], kind: str = "thing", version: int = 1) -> Any:
    return journey(kind, version=version)(cls)


@journey("sound", version=1)
class Sound(Journey[State]):
    """A sound journey."""

    @stage(initial=True, to=["last"])
    async def first(self) -> Any:
        """Works."""
        await self.perform(DO)
        self.compensate(FOR_OUTPUT, Output())
        return self.last

    @stage(ends=["done"])
    async def last(self) -> Any:
        """Ends."""
        return self.end("done")


@journey("liar", version=1, owner="q")
class Liar(Journey[State]):
    """Its stages return what they do not declare."""

    @stage(initial=True, to=["second"])
    async def first(self) -> Any:
        """A name is no stage."""
        return "second" if DO else None

    @stage(to=["last"])
    async def second(self) -> Any:
        """Another stage."""
        return self.first

    @stage(ends=["done"])
    async def last(self) -> Any:
        """Another outcome."""
        return self.end("other")


def test_a_sound_machine_has_its_steps_found_and_its_diagram_drawn() -> None:
    definition = Sound.definition
    assert list(definition.steps) == ["do-it", "for-output"]
    assert definition.owner == "q"
    assert definition.outcomes == ("done",)
    assert "first --> last" in mermaid(definition)
    assert "last --> [*]: done" in mermaid(definition)


def test_an_unknown_next_stage_is_an_error() -> None:
    class Wrong(Journey[State]):
        @stage(initial=True, to=["nowhere"], ends=["done"])
        async def first(self) -> Any:
            await self.perform(DO)

    with pytest.raises(DefinitionError, match="leads to `nowhere`, which is no stage; there are first"):
        declared(Wrong)


def test_a_stage_that_is_never_reached_is_an_error() -> None:
    class Wrong(Journey[State]):
        @stage(initial=True, ends=["done"])
        async def first(self) -> Any:
            await self.perform(DO)

        @stage(ends=["done"])
        async def island(self) -> Any:
            return self.end("done")

    with pytest.raises(DefinitionError, match="`island` of `thing` is never reached; add it to the `to` of a stage"):
        declared(Wrong)


def test_no_way_to_an_end_is_an_error() -> None:
    class Wrong(Journey[State]):
        @stage(initial=True, to=["second"])
        async def first(self) -> Any:
            await self.perform(DO)

        @stage(to=["first"])
        async def second(self) -> Any:
            return self.first

    with pytest.raises(DefinitionError, match="there is no way to an end"):
        declared(Wrong)


def test_two_initial_stages_are_an_error() -> None:
    class Wrong(Journey[State]):
        @stage(initial=True, ends=["done"])
        async def first(self) -> Any:
            await self.perform(DO)

        @stage(initial=True, ends=["done"])
        async def second(self) -> Any:
            return self.end("done")

    with pytest.raises(DefinitionError, match="has 2 initial stages; mark exactly one"):
        declared(Wrong)


def test_two_steps_of_one_name_are_an_error() -> None:
    class Wrong(Journey[State]):
        @stage(initial=True, ends=["done"])
        async def first(self) -> Any:
            await self.perform(DO)
            await self.perform(OTHER_DO)

    with pytest.raises(DefinitionError, match="two steps named `do-it`"):
        declared(Wrong)


def test_a_journey_without_a_step_or_a_state_is_an_error() -> None:
    class Idle(Journey[State]):
        @stage(initial=True, ends=["done"])
        async def first(self) -> Any:
            return self.end("done")

    class Stateless(Journey):  # type: ignore[type-arg]  # the mistake under test
        @stage(initial=True, ends=["done"])
        async def first(self) -> Any:
            await self.perform(DO)

    with pytest.raises(DefinitionError, match="performs no step"):
        declared(Idle)
    with pytest.raises(DefinitionError, match="names no state"):
        declared(Stateless)


@pytest.mark.parametrize("name", ["Do It", "do_it", "", "-do", "do--it", "dö"])
def test_a_name_that_cannot_stay_is_an_error(name: str) -> None:
    with pytest.raises(DefinitionError, match="no stable name"):
        Step(name, output=Output, queue="q")
    with pytest.raises(DefinitionError, match="no stable name"):
        Disposition(name, "title")


def test_an_ai_step_without_a_human_exit_is_an_error() -> None:
    with pytest.raises(DefinitionError, match="no person could ever do it; name the queue"):
        Step("do-it", output=Output, ai="someone")


def test_a_model_that_is_not_pydantic_is_an_error() -> None:
    with pytest.raises(DefinitionError, match="make it a pydantic model"):
        Step("do-it", output=dict, queue="q")  # type: ignore[type-var]  # the mistake under test
    with pytest.raises(DefinitionError, match="make it a pydantic model"):
        Step("do-it", output=Output, input=int, queue="q")  # type: ignore[arg-type]  # the mistake under test


def test_a_duration_or_priority_or_fact_that_means_nothing_is_an_error() -> None:
    class Odd(BaseModel):
        mood: Annotated[str, Fact("mood")]

    with pytest.raises(DefinitionError, match="`soon` is no duration; write it as"):
        Step("do-it", output=Output, queue="q", sla=Sla(respond="soon"))
    with pytest.raises(DefinitionError, match="priority 101"):
        Step("do-it", output=Output, queue="q", priority=101)
    with pytest.raises(DefinitionError, match="marked as fact `mood`"):
        Step("do-it", output=Odd, queue="q")


def test_a_stage_that_leads_nowhere_is_an_error() -> None:
    with pytest.raises(DefinitionError, match="leads nowhere"):
        stage()(lambda self: self)


async def test_a_stage_may_only_return_what_it_declares() -> None:
    stages = Liar.definition.stages
    made = Liar()
    with pytest.raises(DefinitionError, match=r"which it does not declare; return one of self\.second"):
        await stages["first"](made)
    with pytest.raises(DefinitionError, match=r"which it does not declare; return one of self\.last"):
        await stages["second"](made)
    with pytest.raises(DefinitionError, match=r'return one of self\.end\("done"\)'):
        await stages["last"](made)


async def test_a_step_is_performed_or_compensated_with_as_it_is_declared() -> None:
    made = Sound()
    for step, input, wrong in (
        (OTHER_DO, None, "`do-it` is not one of `sound`; name it in a stage"),
        (FOR_OUTPUT, State(), "`for-output` wants a `Output`, and got `State`"),
    ):
        with pytest.raises(DefinitionError, match=wrong):
            await made.perform(step, input)
        with pytest.raises(DefinitionError, match=wrong):
            made.compensate(step, input)


class Steered(BaseModel):
    """What a journey may choose its way by."""

    wish: Annotated[Literal["balance", "fraud"] | None, Steers()] = None
    verified: Annotated[bool, Steers()] = False
    outcome: Annotated[str, Fact("outcome")]
    words: str = ""


def test_what_steers_is_marked_and_holds_no_words() -> None:
    assert steering_of(Steered) == ["wish", "verified", "outcome"]

    class Wordy(BaseModel):
        wish: Annotated[str, Steers()]

    with pytest.raises(DefinitionError, match="make it a Literal"):
        Step("ask", output=Wordy, queue="q")


def test_an_erased_output_keeps_what_steers_and_absorbs_the_rest() -> None:
    left = read(Steered, {MARK: "cus-1", "wish": "fraud", "verified": True, "outcome": "paid"})
    assert (left.wish, left.verified, left.outcome) == ("fraud", True, "paid")
    assert str(left.words) == "[erased]"
    assert read(Steered, {"outcome": "paid"}) == Steered(outcome="paid")
