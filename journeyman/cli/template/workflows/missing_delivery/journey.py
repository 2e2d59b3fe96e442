"""The machine of `missing-delivery`."""

from pydantic import BaseModel
from temporalio import workflow

from journeyman.errors import StepDisposed
from journeyman.journey import End, Journey, Stage, journey, stage

with workflow.unsafe.imports_passed_through():
    from workflows.missing_delivery.contracts import REMEDY, TRACE, Remedy, Trace


class DeliveryState(BaseModel):
    """What the journey knows."""

    trace: Trace | None = None
    remedy: Remedy | None = None


@journey("missing-delivery", version=1, owner="care")
class MissingDelivery(Journey[DeliveryState]):
    """A delivery that did not arrive: traced by AI, made good by a person."""

    @stage(initial=True, to=["make_good"], ends=["found", "unreachable"])
    async def trace(self) -> Stage | End:
        """An AI agent finds out where it is, with the customer."""
        try:
            self.state.trace = await self.perform(TRACE)
        except StepDisposed as closed:
            return self.end(closed.disposition)
        return self.end("found") if self.state.trace.found else self.make_good

    @stage(ends=["made_good", "refused", "arrived"])
    async def make_good(self) -> Stage | End:
        """A person decides what the customer gets."""
        try:
            self.state.remedy = await self.perform(REMEDY, self.state.trace)
        except StepDisposed as closed:
            return self.end(closed.disposition)
        return self.end("refused" if self.state.remedy.outcome == "refuse" else "made_good")
