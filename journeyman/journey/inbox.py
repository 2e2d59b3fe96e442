"""The order of events: signals may come twice and out of order, a journey applies each once and in sequence."""

from typing import ClassVar, Literal

from pydantic import BaseModel, Field

EventKind = Literal["message", "left", "task_closed", "task_put_off", "stop", "reassign", "cancel"]


class Event(BaseModel):
    """The one signal. It refers to what Postgres holds and carries no content."""

    journeyman_impersonal: ClassVar[bool] = True

    event_id: str
    sequence: int = Field(ge=1)
    kind: EventKind
    reference: str


class Inbox(BaseModel):
    """What has been applied, and what came too early. Travels in continue-as-new."""

    applied: int = 0
    early: list[Event] = Field(default_factory=list)

    def receive(self, event: Event) -> list[Event]:
        """The events that can be applied now, in sequence: none for a duplicate or one that came early."""
        if event.sequence > self.applied and all(event.sequence != other.sequence for other in self.early):
            self.early.append(event)
            self.early.sort(key=lambda other: other.sequence)
        ready: list[Event] = []
        while self.early and self.early[0].sequence == self.applied + 1:
            ready.append(self.early.pop(0))
            self.applied += 1
        return ready
