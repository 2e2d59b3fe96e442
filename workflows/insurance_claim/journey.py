"""The machine of `insurance-claim`."""

from pydantic import BaseModel
from temporalio import workflow

from journeyman.errors import StepDisposed
from journeyman.journey import End, Journey, Stage, journey, stage

with workflow.unsafe.imports_passed_through():
    from workflows.insurance_claim.contracts import (
        ASSESS_CLAIM,
        COLLECT_EXCESS,
        FILL_CLAIM_FORM,
        REFUND_EXCESS,
        REPORT_LOSS,
        ClaimForm,
        LossReport,
        Receipt,
        Settlement,
    )


class ClaimState(BaseModel):
    """What the journey knows."""

    report: LossReport | None = None
    form: ClaimForm | None = None
    settlement: Settlement | None = None
    receipt: Receipt | None = None


@journey("insurance-claim", version=1, owner="claims-care", notices=("ai-disclosure", "recording"))
class InsuranceClaim(Journey[ClaimState]):
    """A motor claim: care first, then forms, then judgement, then money."""

    @stage(initial=True, to=["gather"], ends=["withdrawn", "unreachable"])
    async def first_notice(self) -> Stage | End:
        """A person cares for the customer and takes the report."""
        try:
            self.state.report = await self.perform(REPORT_LOSS)
        except StepDisposed as closed:
            return self.end(closed.disposition)
        return self.gather

    @stage(to=["assess"], ends=["withdrawn", "unreachable"])
    async def gather(self) -> Stage | End:
        """The form is filled, with the customer."""
        try:
            self.state.form = await self.perform(FILL_CLAIM_FORM, self.state.report)
        except StepDisposed as closed:
            return self.end(closed.disposition)
        return self.assess

    @stage(to=["settle"], ends=["refused"])
    async def assess(self) -> Stage | End:
        """The settlement is drafted, and counts once whoever must has looked at it."""
        self.state.settlement = await self.perform(ASSESS_CLAIM, self.state.form)
        return self.end("refused") if self.state.settlement.outcome == "refuse" else self.settle

    @stage(to=[], ends=["settled", "withdrawn", "unreachable"])
    async def settle(self) -> Stage | End:
        """The customer pays the excess by a secure link. If the claim is cancelled meanwhile, a person gives it back."""
        self.compensate(REFUND_EXCESS, self.state.settlement)
        try:
            self.state.receipt = await self.perform(COLLECT_EXCESS, self.state.settlement)
        except StepDisposed as closed:
            return self.end(closed.disposition)
        return self.end("settled")
