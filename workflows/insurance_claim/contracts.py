"""What the steps of `insurance-claim` take and give. No behaviour: agents, people and the journey meet here."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from journeyman.journey import DataClass, Disposition, Fact, LongText, Sla, Step


class LossReport(BaseModel):
    """The first notice of a loss, as a person took it."""

    policy_number: str = Field(description="as on the policy, such as MC-204816")
    what_happened: Annotated[str, LongText()] = Field(description="in the customer's words")
    anyone_hurt: Annotated[bool, DataClass("special")] = False
    drivable: bool = True


class ClaimForm(BaseModel):
    """The claim form, filled with the customer."""

    date_of_loss: str = Field(description="the day, as the customer says it")
    place: str = Field(description="where it happened")
    other_party: str = Field(description="who else was involved, or nobody")
    police_reference: str = Field(default="", description="of the police report, if there is one")
    damage: Annotated[str, LongText()] = Field(description="what is damaged")
    repair_estimate_minor: int = Field(ge=0, description="the garage's estimate in minor units (cents)")


class Settlement(BaseModel):
    """What the insurer decides about the claim."""

    outcome: Annotated[Literal["pay", "reduce", "refuse"], Fact("outcome")] = Field(
        description="pay: the claim is paid; reduce: a part of it is; refuse: nothing is"
    )
    amount_minor: Annotated[int, Fact("amount")] = Field(
        ge=0, description="what the insurer bears, in minor units (cents): the estimate less the excess"
    )
    excess_minor: Annotated[int, Fact("due")] = Field(
        ge=0,
        description="what the customer bears and pays to the insurer, who passes it on to the garage, in minor units (cents)",
    )
    reasons: Annotated[str, LongText()] = Field(description="why, for the customer to read")


class Receipt(BaseModel):
    """That the excess was paid. The card was seen by the payment provider alone."""

    token: str = Field(description="the payment's token, from the payment provider")
    amount_minor: Annotated[int, Fact("amount")] = Field(ge=0)
    status: Literal["paid"]


class Refund(BaseModel):
    """That an excess was given back."""

    token: str
    reference: str


UNREACHABLE = Disposition("unreachable", "The customer could not be reached")
WITHDRAWN = Disposition("withdrawn", "The customer withdraws the claim")
_WAYS_OUT = (UNREACHABLE, WITHDRAWN)

REPORT_LOSS = Step(
    "report-loss",
    output=LossReport,
    title="Take the report of a loss",
    instructions="First: is everyone safe? Reassure, then take down what happened. Promise nothing about money.",
    queue="claims-care",
    sla=Sla(respond="2m", complete="20m"),
    dispositions=_WAYS_OUT,
    care=True,
    priority=80,
)
FILL_CLAIM_FORM = Step(
    "fill-claim-form",
    input=LossReport,
    output=ClaimForm,
    title="Fill the claim form",
    instructions="Ask for what the form needs and the report does not say, one thing at a time.",
    ai="form-filler",
    queue="claims-care",
    sla=Sla(respond="15m", complete="4h"),
    dispositions=_WAYS_OUT,
)
ASSESS_CLAIM = Step(
    "assess-claim",
    input=ClaimForm,
    output=Settlement,
    title="Assess the claim",
    instructions="Draft the settlement: the repair estimate less the excess of 300.00, as the policy says.",
    ai="assessor",
    queue="adjusters",
    sla=Sla(respond="4h", complete="1d"),
)
COLLECT_EXCESS = Step(
    "collect-excess",
    input=Settlement,
    output=Receipt,
    title="Collect the excess",
    instructions="Send the secure link and wait until it is paid. Card data has no place in the conversation.",
    ai="payments",
    queue="claims-care",
    sla=Sla(respond="15m", complete="1d"),
    dispositions=_WAYS_OUT,
)
REFUND_EXCESS = Step(
    "refund-excess",
    input=Settlement,
    output=Refund,
    title="Refund the excess",
    instructions="The claim was cancelled while the excess was collected: see whether it was paid, and give it back.",
    queue="claims-care",
)
