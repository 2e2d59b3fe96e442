"""The machine of `bank-service`: listen, authenticate once, serve, and listen again until nothing is left."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field
from temporalio import workflow

from journeyman.errors import StepDisposed
from journeyman.journey import End, Journey, Stage, Steers, journey, stage

with workflow.unsafe.imports_passed_through():
    from workflows.bank_service.contracts import (
        AUTHENTICATE,
        INFORM_BALANCE,
        REPORT_FRAUD,
        UNDERSTAND,
        Balance,
        FraudReport,
        Request,
    )


class BankState(BaseModel):
    """What the journey knows."""

    verified: Annotated[bool, Steers()] = False
    refused: Annotated[bool, Steers()] = False
    request: Request | None = None
    balance: Balance | None = None
    reports: list[FraudReport] = Field(default_factory=list)
    out_of_scope: list[str] = Field(default_factory=list)


@journey("bank-service", version=1, owner="bank-care", notices=("ai-disclosure", "recording"))
class BankService(Journey[BankState]):
    """A bank's service desk: balances and fraud reports, by AI where policy allows."""

    @stage(
        initial=True,
        to=["listen", "authenticate", "serve"],
        ends=["served", "handled", "out_of_scope", "refused", "cut_off"],
    )
    async def listen(self) -> Stage | End:
        """Find out what the customer wants next."""
        try:
            # Whoever was served and says no more has what they came for; anyone else is called back.
            request = await self.perform(UNDERSTAND, follow_up=not self._served)
        except StepDisposed as closed:
            return self._closed(closed)
        self.state.request = request
        match request.wish:
            case "nothing":
                return self.end(self._outcome("out_of_scope"))
            case "handled":
                return self.end("handled")
            case "other":
                self.state.out_of_scope.append(request.details)
                return self.listen
        return self.serve if self.state.verified else self.authenticate

    @stage(to=["serve", "listen"], ends=["handled", "cut_off"])
    async def authenticate(self) -> Stage | End:
        """Nothing about an account is said or done before this."""
        try:
            identity = await self.perform(AUTHENTICATE)
        except StepDisposed as closed:
            return self.end("handled" if closed.disposition == "handled" else "cut_off")
        self.state.verified = identity.outcome == "verified"
        self.state.refused = not self.state.verified
        return self.serve if self.state.verified else self.listen

    @stage(to=["listen"], ends=["served", "handled", "refused", "cut_off"])
    async def serve(self) -> Stage | End:
        """Do what was asked."""
        request = self.state.request
        try:
            if request is not None and request.wish == "fraud":
                self.state.reports.append(await self.perform(REPORT_FRAUD, request))
            else:
                self.state.balance = await self.perform(INFORM_BALANCE)
        except StepDisposed as closed:
            return self._closed(closed)
        return self.listen

    @property
    def _served(self) -> bool:
        return self.state.balance is not None or bool(self.state.reports)

    def _closed(self, step: StepDisposed) -> End:
        """The end after a person has closed a step without its output."""
        return self.end("handled" if step.disposition == "handled" else self._outcome("cut_off"))

    def _outcome(self, otherwise: Literal["cut_off", "out_of_scope"]) -> str:
        if self._served:
            return "served"
        return "refused" if self.state.refused else otherwise
