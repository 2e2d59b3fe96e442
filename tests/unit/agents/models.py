"""The contracts that the tests of this package share: a bank's balance and a claim."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from journeyman.agents import AIAgent, ToolCall, tool


class Cause(StrEnum):
    """Why a loss happened."""

    FIRE = "fire"
    THEFT = "theft"
    COLLISION = "collision"


class Place(BaseModel):
    """Where it happened."""

    city: str
    country: str | None = None


class Loss(BaseModel):
    """An output model with each kind of field."""

    policy_number: str = Field(description="the policy's number", examples=["POL-1234"])
    cause: Cause = Field(description="what caused the loss")
    place: Place
    amount_cents: int = Field(ge=0)
    injured: bool = False
    things: list[str] = []
    note: str | None = None


class BalanceArgs(BaseModel):
    """What names an account."""

    account: str = Field(pattern=r"^\d{8}$")
    pin: str = ""
    labels: set[str] = set()
    kind: Literal["current", "savings"] = "current"


class Balance(BaseModel):
    """What an account holds."""

    balance_cents: int


@tool(mode="read", secrets=("pin",))
async def get_balance(args: BalanceArgs, call: ToolCall) -> Balance:
    """Looks up the balance of an account."""
    return Balance(balance_cents=len(args.account) * 1000)


CLERK = AIAgent(
    name="clerk",
    title="Clerk",
    instructions="You are the clerk of a bank. Be brief.",
    tools=(get_balance,),
    max_tokens=512,
)
