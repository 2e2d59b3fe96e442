"""A small journey for tests: a parcel is looked for by AI, and compensated by a person."""

from typing import Annotated, Literal

from pydantic import BaseModel

from journeyman.agents import AIAgent, ToolCall, tool
from journeyman.errors import StepDisposed
from journeyman.journey import Disposition, End, Fact, Journey, Stage, Step, journey, stage


class Search(BaseModel):
    """What came of looking."""

    found: bool
    place: str


class Compensation(BaseModel):
    """What the customer gets."""

    outcome: Annotated[Literal["pay", "refuse"], Fact("outcome")]
    amount_minor: Annotated[int, Fact("amount")]


class ParcelState(BaseModel):
    """The journey's state."""

    number: str = ""
    search: Search | None = None
    compensation: Compensation | None = None


LOOK = Step("look-for-parcel", output=Search, ai="tracker", queue="parcels", silence="1h")
COMPENSATE = Step(
    "compensate",
    input=Search,
    output=Compensation,
    queue="parcels",
    dispositions=(Disposition("withdrawn", "The customer no longer wants it"),),
)


class Number(BaseModel):
    """A parcel's number."""

    number: str


class Place(BaseModel):
    """Where a parcel is."""

    place: str
    fee_minor: int = 0


@tool(mode="read")
async def track(args: Number, call: ToolCall) -> Place:
    """Look a parcel up."""
    return Place(place=f"depot of {args.number}", fee_minor=250)


@tool(mode="idempotent")
async def reroute(args: Number, call: ToolCall) -> Place:
    """Send a parcel elsewhere."""
    return Place(place=f"on its way to {call.customer}")


TRACKER = AIAgent(name="tracker", title="Tracker", instructions="Find the parcel.", tools=(track, reroute))


@journey("parcel", version=1)
class Parcel(Journey[ParcelState]):
    """A lost parcel."""

    @stage(initial=True, to=["compensate_customer"], ends=["found", "unreachable"])
    async def look(self) -> Stage | End:
        try:
            self.state.search = await self.perform(LOOK)
        except StepDisposed:
            return self.end("unreachable")
        return self.end("found") if self.state.search.found else self.compensate_customer

    @stage(ends=["compensated", "withdrawn"])
    async def compensate_customer(self) -> Stage | End:
        try:
            self.state.compensation = await self.perform(COMPENSATE, self.state.search)
        except StepDisposed as closed:
            return self.end(closed.disposition)
        return self.end("compensated")
