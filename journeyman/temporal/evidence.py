"""What the tool calls of a step have established: evidence for a result, amounts that may be named, calls made so far."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, JsonValue

from journeyman.agents.tool import Tool
from journeyman.conversation import money
from journeyman.conversation.links import texts
from journeyman.customers.record import Verification
from journeyman.journey.step import Fact

_MADE = frozenset(("permitted", "started", "done", "failed", "uncertain"))
_CAME_TO_NOTHING = frozenset(("failed", "uncertain"))
_LARGEST = 2**53 - 1  # that policies and the ledger hold exactly


@dataclass(frozen=True)
class Exchange:
    """A tool call of this step, and what came of it."""

    id: str
    tool: str
    args: JsonValue
    status: str
    result: JsonValue
    at: datetime
    approved: bool
    """A person has approved exactly this call."""

    @property
    def established(self) -> Mapping[str, JsonValue]:
        """The fields of its result that say more than the caller has said: an amount of its own arguments is no evidence,
        unless a person has approved it. A field that only repeats one is None."""
        if self.status != "done" or not isinstance(self.result, dict):
            return {}
        own = set() if self.approved else set(amounts(self.args))
        return {name: None if own & set(amounts(value, name)) else value for name, value in self.result.items()}


def unevidenced(result: BaseModel, input: JsonValue, exchanges: Sequence[Exchange]) -> frozenset[str]:
    """The fields of a result that state what nothing has established.

    What has is one exchange, the one that bears out the most: a token of one payment and the status of another are no
    receipt. It gives a field under the field's own name; one that it does not speak of may stand in the step's input, under
    its name too. A field that is None or empty states nothing.
    """
    stated = {name: value for name, value in result.model_dump(mode="json").items() if value not in (None, "", [], {})}
    given = input if isinstance(input, dict) else {}
    lacking = [
        frozenset(name for name, value in stated.items() if not _equal(value, {**given, **exchange}.get(name)))
        for exchange in (*(exchange.established for exchange in reversed(exchanges)), {})
    ]
    return min(lacking, key=len)


def verified_amounts(input: JsonValue, exchanges: Iterable[Exchange]) -> set[int]:
    """The amounts, in minor units, that tools and the step's input have established: all that an agent may name."""
    established = (amounts(value, name) for exchange in exchanges for name, value in exchange.established.items())
    return set(amounts(input)).union(*established)


def answered(exchanges: Iterable[Exchange]) -> frozenset[str]:
    """The texts and numbers that tools have answered beyond what they were called with: telephone and account numbers among
    them may be told to the customer."""
    done = [exchange for exchange in exchanges if exchange.status == "done"]
    return frozenset[str]().union(
        *(texts(exchange.result) - (frozenset() if exchange.approved else texts(exchange.args)) for exchange in done)
    )


def calls_of(tool: str, exchanges: Iterable[Exchange]) -> dict[str, int]:
    """The facts `calls` and `called_sum` of the next call of `tool`."""
    made = [exchange for exchange in exchanges if exchange.tool == tool and exchange.status in _MADE]
    alone = (amounts(exchange.args) for exchange in made if exchange.status != "failed" and not exchange.approved)
    return {"calls": len(made), "called_sum": sum(amount for found in alone for amount in found)}


def stated(told: Iterable[str]) -> dict[str, Any]:
    """The facts `stated_amount` and `stated_unclear` of what the customer has said."""
    found = [amount.minor for text in told for amount in money.amounts(text)]
    named = [min(amount, _LARGEST) for amount in found if amount is not None]
    return {"stated_amount": max(named, default=None), "stated_unclear": None in found}


def failed_calls(tools: Sequence[Tool], exchanges: Iterable[Exchange]) -> int:
    """How many calls came to nothing: they failed, nobody knows, or they were to verify the customer and did not."""
    verifying = {tool.name: tool for tool in tools if _verifying(tool) is not None}
    return sum(
        exchange.status in _CAME_TO_NOTHING
        or (
            exchange.status == "done"
            and exchange.tool in verifying
            and verification(verifying[exchange.tool], exchange.result) is None
        )
        for exchange in exchanges
    )


def verification(tool: Tool, result: JsonValue) -> Verification | None:
    """The level that a tool's result states, in its field marked `Fact("verification")`; None or `none`: not any."""
    name = _verifying(tool)
    level = result.get(name) if name is not None and isinstance(result, dict) else None
    return "basic" if level == "basic" else "strong" if level == "strong" else None


def amounts(value: JsonValue, name: str = "") -> list[int]:
    """Every integer in a field whose name ends with `_minor`, wherever it stands; `name` is that of `value` itself."""
    if isinstance(value, dict):
        return [amount for key, inner in value.items() for amount in amounts(inner, key)]
    if isinstance(value, list):
        return [amount for inner in value for amount in amounts(inner, name)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) and name.endswith("_minor") else []


def _verifying(tool: Tool) -> str | None:
    fields = tool.result.model_fields.items()
    return next(
        (
            name
            for name, info in fields
            if any(isinstance(mark, Fact) and mark.name == "verification" for mark in info.metadata)
        ),
        None,
    )


def _equal(one: Any, other: Any) -> bool:
    """The same value of the same type: `1` is not `True`."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
