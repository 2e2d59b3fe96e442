"""Faults that the stand-in model commits when told to: each way in which a real endpoint fails."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FaultKind = Literal[
    "timeout",
    "429",
    "500",
    "truncated",
    "malformed",
    "cut",
    "refusal",
    "overflow",
    "slow",
    "drip",
    "no_json_schema",
    "no_json_object",
    "no_logprobs",
    "no_stream_options",
    "no_max_tokens",
    "no_strict",
]
"""The `no_...` kinds refuse requests that use an option, as endpoints do that do not know it."""


class Fault(BaseModel):
    """One fault: which, for how many requests, after how many, of which models."""

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    count: int | None = Field(default=1, ge=1)
    """Requests that fail; null: all of them until the faults are deleted."""
    after: int = Field(default=0, ge=0)
    """Requests that still succeed before."""
    match: str = ""
    """A part of the model's name."""
    retry_after: str | None = None
    """The Retry-After header of `429` and `500`: seconds or an HTTP date."""
    seconds: float = Field(default=1.0, ge=0, le=600)
    """How long `slow` takes, and how long `drip` waits before each event of its stream."""


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Arms a fault. Those armed first come first."""
        self.waiting.append(fault)

    def clear(self) -> None:
        """Disarms all."""
        self.waiting.clear()

    def take(self, body: dict[str, Any]) -> Fault | None:
        """The fault that this request meets, if any; counts it."""
        model = str(body.get("model", ""))
        for fault in self.waiting:
            if fault.match not in model or not _concerns(fault.kind, body):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.count is not None:
                fault.count -= 1
                if fault.count == 0:
                    self.waiting.remove(fault)
            return fault
        return None


def _concerns(kind: FaultKind, body: dict[str, Any]) -> bool:
    form = (body.get("response_format") or {}).get("type")
    used = {
        "no_json_schema": form == "json_schema",
        "no_json_object": form == "json_object",
        "no_logprobs": bool(body.get("logprobs")),
        "no_stream_options": "stream_options" in body,
        "no_max_tokens": "max_tokens" in body,
        "no_strict": any("strict" in offered.get("function", {}) for offered in body.get("tools") or ()),
    }
    return used.get(kind, True)
