"""What a script of the stand-in model answers with."""

from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, JsonValue


@dataclass(frozen=True, slots=True)
class StandinReply:
    """An answer in the script's terms. Made by `say`, `result`, `call`, `ask` and `hand_over`."""

    say: str | None = None
    result: JsonValue = None
    ask_person: str | None = None
    hand_over: dict[str, JsonValue] | None = None
    calls: tuple[tuple[str, dict[str, JsonValue]], ...] = ()
    intent: str | None = None
    confidence: int | None = None
    """What the model claims of itself, 0 to 1000."""
    understood: bool = True
    """Whether it could make sense of what the customer last said."""
    probability: int | None = None
    """The least probability among the result's value tokens, per mille; none: a plausible one."""

    def but(self, **changes: Any) -> "StandinReply":
        """The same with some members changed, such as `intent` or `understood`."""
        return replace(self, **changes)

    def and_call(self, tool: str, **args: JsonValue) -> "StandinReply":
        """The same with one more tool call."""
        return replace(self, calls=(*self.calls, (tool, args)))

    def envelope(self) -> dict[str, JsonValue]:
        """The reply envelope that goes over the wire."""
        return {
            "say": self.say,
            "result": self.result,
            "ask_person": self.ask_person,
            "hand_over": self.hand_over,
            "intent": self.intent,
            "confidence": self.confidence,
            "understood": self.understood,
        }


def say(text: str) -> StandinReply:
    """Speaks to the customer and waits."""
    return StandinReply(say=text)


def result(
    value: BaseModel | dict[str, JsonValue], *, say: str | None = None, probability: int | None = None
) -> StandinReply:
    """Finishes the step, with last words where given."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return StandinReply(result=plain, say=say, probability=probability)


def call(tool: str, **args: JsonValue) -> StandinReply:
    """Asks for a tool."""
    return StandinReply(calls=((tool, args),))


def ask(question: str) -> StandinReply:
    """Asks a person and keeps the step."""
    return StandinReply(ask_person=question)


def hand_over(
    reason: str,
    summary: str = "",
    *,
    tried: tuple[str, ...] = (),
    open: tuple[str, ...] = (),
    promises: tuple[str, ...] = (),
    say: str | None = None,
) -> StandinReply:
    """Gives the step to a person."""
    packet: dict[str, JsonValue] = {"reason": reason, "summary": summary, "tried": [*tried], "open": [*open]}
    packet |= {"promises": [*promises]}
    return StandinReply(hand_over=packet, say=say)
