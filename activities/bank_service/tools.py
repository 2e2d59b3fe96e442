"""What the AI agents of `bank-service` may do at the bank. Money is in minor units (cents)."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from activities.bank_service.settings import BankSettings
from activities.providers.client import BankClient, ProviderRefusedError
from journeyman.agents.tool import ToolCall, tool
from journeyman.journey import Fact


class Identification(BaseModel):
    """What the customer gives to prove who they are: a complete set of one of the two kinds."""

    full_name: str = Field(min_length=1, max_length=200)
    account_number: str | None = Field(default=None, max_length=40, description="digits")
    pin: str | None = Field(default=None, description="the handle that stands in the conversation, such as [pin:sec-1]")
    date_of_birth: str | None = Field(default=None, max_length=40, description="as the customer writes it")
    security_answer_1: str | None = Field(default=None, max_length=80, description="mother's maiden name")
    security_answer_2: str | None = Field(default=None, max_length=80, description="name of the childhood pet")


class Verification(BaseModel):
    """What the bank says about it."""

    verification: Annotated[Literal["none", "basic", "strong"], Fact("verification")] = Field(
        description="basic: by date of birth and two answers; strong: by account number and PIN; none: not verified"
    )
    missing: list[str] = Field(default_factory=list, description="what was not given of the nearer complete set")
    reason: Literal["", "incomplete", "no_match"] = Field(
        default="", description="why not: something is missing, or what was given does not match"
    )


class NoArguments(BaseModel):
    """The account is the one that the customer was verified for."""


class AccountBalance(BaseModel):
    """The balance of the verified customer's account."""

    balance_minor: int = Field(description="in minor units (cents)")
    bank_name: str = ""


class FraudStatement(BaseModel):
    """What the customer reports."""

    text: str = Field(min_length=1, max_length=2000, description="what happened, in the customer's words")
    amount_minor: int | None = Field(
        default=None, description="the amount in minor units (cents), if the customer named one"
    )


class FiledReport(BaseModel):
    """The report as the bank has it."""

    reference: str


@tool(mode="idempotent", secrets=("pin",), title="Verify identity")
async def verify_identity(args: Identification, call: ToolCall) -> Verification:
    """Has the bank check who the customer is.

    Give full name, account number and PIN; or full name, date of birth and two security answers.
    """
    pin = await call.reveal(args.pin) if args.pin else None
    given = args.model_dump(exclude={"pin"})
    async with BankClient(BankSettings().address()) as bank:
        try:
            # The bank's session belongs to the conversation: nobody here, and no model, holds a token of it.
            await bank.verify(key=call.idempotency_key, conversation=call.journey, pin=pin, **given)
        except ProviderRefusedError as refused:
            if refused.code not in ("incomplete", "no_match"):
                raise
            reason: Literal["incomplete", "no_match"] = "incomplete" if refused.code == "incomplete" else "no_match"
            return Verification(verification="none", missing=list(refused.missing), reason=reason)
    # The bank does not say which of two complete sets it went by, so that only the PIN alone counts as strong.
    by_pin = bool(args.account_number and pin) and not args.date_of_birth
    return Verification(verification="strong" if by_pin else "basic")


@tool(mode="read", title="Look up the balance")
async def get_balance(args: NoArguments, call: ToolCall) -> AccountBalance:
    """Looks up the balance of the verified customer's account."""
    async with BankClient(BankSettings().address()) as bank:
        found = await bank.balance(call.journey)
    return AccountBalance(balance_minor=found.balance * 100, bank_name=found.bank_name)


@tool(mode="idempotent", title="File a fraud report")
async def file_fraud_report(args: FraudStatement, call: ToolCall) -> FiledReport:
    """Files a fraud report for the verified customer, and returns its reference. File each report once."""
    async with BankClient(BankSettings().address()) as bank:
        filed = await bank.report_fraud(call.journey, args.text, key=call.idempotency_key, amount=args.amount_minor)
    return FiledReport(reference=filed.reference)
