"""How a task's page says who did something, how someone felt, and why a person was needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from journeyman.views.briefing import Cause

_MONEY: Final = frozenset({"amount", "due", "stated_amount", "called_sum", "approved_sum"})
_PER_MILLE: Final = frozenset({"token_probability", "claimed_confidence"})
_ASKED: Final[Mapping[str, str]] = {
    "perform": "do this step",
    "complete": "let its result count",
    "say": "say this to the customer",
    "ask": "ask a person",
    "assist": "assist the person who works",
}
_MOODS: Final = ((-60, "very upset"), (-20, "upset"), (-5, "uneasy"), (20, "calm"), (101, "glad"))


@dataclass(frozen=True)
class Teller:
    """Tells names. `names` are of people, by id; `me` is who reads."""

    names: Mapping[str, str]
    me: str

    def person(self, id: str) -> str:
        """A person's name."""
        return "You" if id == self.me else self.names.get(id, id)

    def hand(self, hand: str) -> str:
        """`ai:NAME`, `person:ID`, `queue:ID` as one reads it."""
        kind, _, id = hand.partition(":")
        if kind == "person":
            return self.person(id)
        return f"AI agent {id}" if kind == "ai" else id

    def author(self, kind: str, id: str) -> str:
        """Who wrote a message."""
        match kind:
            case "customer":
                return "Customer"
            case "person":
                return self.person(id)
            case "ai":
                return id
        return "System"

    def mood(self, sentiment: int) -> str:
        """From -100 to 100, in a word."""
        return next(word for below, word in _MOODS if sentiment < below)

    def question(self, cause: Cause) -> str:
        """What policy was asked about the AI agent."""
        if cause.action in _ASKED:
            return _ASKED[cause.action]
        tool = cause.action.removeprefix("propose:")
        return f"call {tool}" if tool == cause.action else f"propose to call {tool}"

    def facts(self, cause: Cause) -> list[tuple[str, str]]:
        """The facts that mattered: (name, what it was)."""
        return [(name.replace("_", " "), _fact(name, value)) for name, value in cause.facts.items()]


def _fact(name: str, value: JsonValue) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case int() if name in _MONEY:
            return f"{value / 100:,.2f}"
        case int() if name in _PER_MILLE:
            return f"{value / 10:g} %"
        case list():
            return ", ".join(str(each).replace("_", " ") for each in value) or "none"
    return str(value).replace("_", " ")
