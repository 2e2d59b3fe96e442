"""What a simulation came to: the figures of `journeyman demo --json`, and how they are told to people."""

from typing import Literal

from pydantic import BaseModel

Resolution = Literal["resolved_by_ai", "resolved_by_person", "out_of_scope", "cut_off"]


class Outcomes(BaseModel):
    """How journeys ended."""

    resolved_by_ai: int = 0
    resolved_by_person: int = 0
    out_of_scope: int = 0
    cut_off: int = 0


class Steps(BaseModel):
    """Steps that were finished, by the collaboration model under which they were."""

    autonomous: int = 0
    loop_in: int = 0
    assistive: int = 0
    human: int = 0


class Decisions(BaseModel):
    """What policies decided, people's questions included."""

    allow: int = 0
    deny: int = 0


class Tasks(BaseModel):
    """People's tasks. Those neither completed nor open were withdrawn: their customer came back, or the journey ended."""

    opened: int = 0
    completed: int = 0
    open: int = 0


class Ledger(BaseModel):
    """The trace: entries recorded, leaves in the newest checkpoint kept outside, and whether the verifier found no fault."""

    entries: int = 0
    size: int = 0
    verified: bool = False
    faults: list[str] = []


class Summary(BaseModel):
    """Everything. The zeros at the end are counted from logs of others, from Temporal's histories, and by searching."""

    journeys_started: int = 0
    journeys_completed: int = 0
    journeys_failed: int = 0
    outcomes: Outcomes = Outcomes()
    steps: Steps = Steps()
    handoffs: dict[str, int] = {}
    decisions: Decisions = Decisions()
    tasks: Tasks = Tasks()
    tool_calls: int = 0
    unauthenticated_account_calls: int = 0
    refused_account_calls: int = 0
    ledger: Ledger = Ledger()
    duplicate_effects: int = 0
    lost_tasks: int = 0
    secrets_found: int = 0
    recorded: dict[str, int] = {}
    """Of recorded customers: how it went then, and how it went now."""
    seconds: float = 0.0
    customers_per_minute: float = 0.0
    unfinished: list[str] = []
    """What is still open, a line each."""
    details: list[str] = []
    """What stands behind a count that should be zero, a line each."""

    @property
    def ok(self) -> bool:
        """Everything ended, nothing is lost, and the ledger verifies."""
        return (
            self.journeys_started > 0
            and self.journeys_completed == self.journeys_started
            and not self.unfinished
            and self.ledger.verified
            and not any(self.zeros.values())
        )

    @property
    def zeros(self) -> dict[str, int]:
        """What must be zero."""
        return {
            "unauthenticated_account_calls": self.unauthenticated_account_calls,
            "duplicate_effects": self.duplicate_effects,
            "lost_tasks": self.lost_tasks,
            "secrets_found": self.secrets_found,
        }
