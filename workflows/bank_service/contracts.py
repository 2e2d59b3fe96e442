"""What the steps of `bank-service` take and give. No behaviour: agents, people and the journey meet here."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from journeyman.journey import Disposition, Fact, LongText, Sla, Steers, Step

Wish = Literal["balance", "fraud", "other", "nothing", "handled"]


class Request(BaseModel):
    """What the customer wants now."""

    wish: Annotated[Wish, Steers()] = Field(
        description="balance: to know their account balance; fraud: to report fraud; other: anything else, which this service "
        "does not do; nothing: they need nothing more; handled: a person has dealt with all of it"
    )
    details: Annotated[str, LongText()] = Field(default="", description="in the customer's words")


class Identity(BaseModel):
    """Whether the customer is who they say."""

    outcome: Annotated[Literal["verified", "not_verified"], Fact("outcome")] = Field(
        description="verified: the bank has confirmed who they are; not_verified: it has not, or too little was given to ask it"
    )
    missing: list[str] = Field(default_factory=list, description="what was not given or did not match")


class Balance(BaseModel):
    """The balance that the customer was told."""

    balance_minor: int = Field(description="as the bank says it, in minor units (cents)")
    bank_name: str = ""


class FraudReport(BaseModel):
    """A fraud report as it was filed."""

    reference: str = Field(description="under which the bank has filed it")
    text: Annotated[str, LongText()] = Field(description="what happened, in the customer's words")
    amount_minor: Annotated[int | None, Fact("amount")] = Field(
        default=None, description="the amount in minor units, if the customer named one"
    )


WITHDRAWN = Disposition("withdrawn", "The customer no longer wants it")
UNREACHABLE = Disposition("unreachable", "The customer could not be reached")
HANDLED = Disposition("handled", "A person has dealt with all of it")
_WAYS_OUT = (UNREACHABLE, WITHDRAWN, HANDLED)
_CARE = Sla(respond="5m", complete="1h")

UNDERSTAND = Step(
    "understand-request",
    output=Request,
    title="Understand what the customer wants",
    instructions="Greet the customer, find out what they want now, and say so if this service does not do it.",
    ai="receptionist",
    queue="bank-care",
    sla=_CARE,
    dispositions=_WAYS_OUT,
)
AUTHENTICATE = Step(
    "authenticate",
    output=Identity,
    title="Authenticate the customer",
    instructions="Full name, account number and PIN; or full name, date of birth and two security answers.",
    ai="authenticator",
    queue="bank-care",
    sla=_CARE,
    dispositions=_WAYS_OUT,
)
INFORM_BALANCE = Step(
    "inform-balance",
    output=Balance,
    title="Tell the balance",
    instructions="Look the balance up and tell it.",
    ai="teller",
    queue="bank-care",
    sla=_CARE,
    dispositions=_WAYS_OUT,
)
REPORT_FRAUD = Step(
    "report-fraud",
    input=Request,
    output=FraudReport,
    title="Take a fraud report",
    instructions="Find out what happened and when, and how much is missing. File it, and give the customer the reference.",
    ai="fraud-desk",
    queue="fraud-desk",
    sla=Sla(respond="2m", complete="1h"),
    dispositions=_WAYS_OUT,
    priority=80,
)
