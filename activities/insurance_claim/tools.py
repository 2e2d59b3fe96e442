"""What the AI agents of `insurance-claim` may do with the payment provider. Money is in minor units (cents)."""

from typing import Literal

from pydantic import BaseModel, Field

from activities.insurance_claim.settings import PaymentsSettings
from activities.providers.client import PaymentsClient
from journeyman.agents.tool import ToolCall, tool
from journeyman.errors import UnavailableError


class LinkRequest(BaseModel):
    """What the customer is to pay."""

    amount_minor: int = Field(description="in minor units (cents)")
    reference: str = Field(
        min_length=1, max_length=80, description="what it is for, such as `excess`; no personal data"
    )


class PaymentLink(BaseModel):
    """A page of the payment provider that takes the card, so that nobody else sees it."""

    token: str
    url: str
    amount_minor: int


class PaymentToken(BaseModel):
    """Which payment."""

    token: str = Field(min_length=1, max_length=120, description="as `create_payment_link` gave it")


class PaymentStatus(BaseModel):
    """How it stands."""

    token: str
    status: Literal["open", "paid", "failed", "expired"] = Field(description="open: not paid yet")
    amount_minor: int


@tool(mode="idempotent", title="Create a payment link")
async def create_payment_link(args: LinkRequest, call: ToolCall) -> PaymentLink:
    """Creates a secure link by which the customer pays this amount. The card is given to the payment provider alone."""
    settings = PaymentsSettings()
    reference = f"{args.reference} of {call.journey}"  # the provider's books can be laid beside ours
    async with PaymentsClient(settings.address()) as provider:
        made = await provider.create_link(args.amount_minor, settings.currency, reference, key=call.idempotency_key)
    if made.link is None:
        raise UnavailableError("the payment provider made a link and did not tell it; it is asked again")
    return PaymentLink(token=made.token, url=made.link, amount_minor=made.amount_minor)


@tool(mode="read", title="Look up a payment")
async def payment_status(args: PaymentToken, call: ToolCall) -> PaymentStatus:
    """Tells whether a payment has been made."""
    async with PaymentsClient(PaymentsSettings().address()) as provider:
        found = await provider.link(args.token)
    return PaymentStatus.model_validate(
        {"token": found.token, "status": found.status, "amount_minor": found.amount_minor}
    )
