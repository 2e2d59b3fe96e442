"""What tasks, people and queues look like to those who use them. Pure: rows come from store, content is opened on demand."""

from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from journeyman.tasks.calendar import ALWAYS, Calendar
from journeyman.tasks.lifecycle import HELD, OPEN, Action, State

Kind = Literal["work", "review", "approval", "question", "callback"]
DraftKind = Literal["result", "message", "call"]
Presence = Literal["online", "away", "offline"]
Content = Literal["input", "draft", "output", "packet"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Packet(_Frozen):
    """What a handoff takes along, so that the customer never repeats themselves."""

    reason: str
    summary: str = ""
    transcript: str = ""
    """A reference, `JOURNEY@POSITION`: the conversation up to its last message then."""
    tried: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    sentiment: int = Field(default=0, ge=-100, le=100)
    promises: tuple[str, ...] = ()
    """What the customer was promised so far."""
    verification: str = "none"


class ServiceLevel(_Frozen):
    """Promised open time until someone has started, and until it is done; None promises nothing."""

    respond: timedelta | None = None
    complete: timedelta | None = None


Obstacle = Literal["closed", "full", "late"]  # late: nobody came in the time that was promised


class Notice(_Frozen):
    """What the customer must be told because no person is there at once. Never that something was decided."""

    reason: Obstacle
    opens_at: datetime | None = None
    callback_at: datetime | None = None
    emergency: str | None = None


class NewTask(_Frozen):
    """What the engine opens. `service_level` overrides the queue's, field by field; `giver` hands the work over."""

    journey_id: str
    effect: str
    step: str
    kind: Kind
    title: str
    instructions: str = ""
    reason: str
    queue: str
    giver: str | None = None
    """`ai:NAME` or `person:ID`: who had the work. With a packet it makes this opening a handoff."""
    skills: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    """People who may not do it: it is their own work."""
    priority: int = Field(default=50, ge=0, le=100)
    service_level: ServiceLevel = ServiceLevel()
    dispositions: dict[str, str] = {}
    """Name and title of each way to close it without a result."""
    input: JsonValue = None
    draft: JsonValue = None
    packet: Packet | None = None
    tool_call: str | None = None
    draft_kind: DraftKind | None = None
    """What the draft is. By default a review's is the step's result and an approval's the tool call."""


class Person(_Frozen):
    """Someone who works on tasks. `load` counts what they hold (not on hold), what is offered to them, and their wrap-up."""

    id: str
    name: str
    teams: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    delegates: frozenset[str] = frozenset()
    """Who stands in for them."""
    delegate_of: frozenset[str] = frozenset()
    """For whom they stand in."""
    capacity: int = Field(default=3, ge=0)
    presence: Presence = "offline"
    presence_at: datetime | None = None
    worked_at: datetime | None = None
    """When they last were offered, took or finished work: the longest idle is offered first."""
    simulated: bool = False
    load: int = 0
    wrap_up_task: str | None = None
    wrap_up_until: datetime | None = None
    """They write the notes of what they closed last, until then at most, and are offered nothing meanwhile."""

    @property
    def supervises(self) -> bool:
        """Whether they may take and give away work beyond their own."""
        return "supervisor" in self.roles


class Queue(_Frozen):
    """Where tasks of one sort wait for the people of its teams."""

    id: str
    title: str
    teams: frozenset[str] = frozenset()
    calendar: Calendar = ALWAYS
    service_level: ServiceLevel = ServiceLevel()
    offer_for: timedelta = timedelta(seconds=30)
    wrap_up: timedelta | None = None
    """How long someone who has closed a task of it is left alone with their notes."""
    push: bool = False
    max_waiting: int | None = None
    fallback: Literal["wait", "callback", "queue"] = "wait"
    fallback_queue: str | None = None


class Candidate(NamedTuple):
    """What tells how a task ranks for a person."""

    id: str
    candidate_groups: frozenset[str]
    skills: frozenset[str]
    excluded: frozenset[str]
    offered_to: str | None
    priority: int
    escalations: int
    customer_tier: str
    churn: frozenset[str]
    created_at: datetime
    started_at: datetime | None
    respond_by: datetime | None
    due_date: datetime | None

    @property
    def deadline(self) -> datetime | None:
        """As a task's."""
        return self.due_date if self.started_at else (self.respond_by or self.due_date)

    @classmethod
    def from_row(cls, row: Any) -> "Candidate":
        """From a row of `waiting_for` in store/sql/tasks.sql."""
        return cls._make(frozenset(value) if isinstance(value, list) else value for value in row.values())


class Task(_Frozen):
    """A task as it stands. Its sealed content (input, draft, output, packet) is opened on demand: `views.contents`."""

    id: str
    journey_id: str
    journey_kind: str
    journey_version: int
    customer_id: str
    customer_tier: str
    churn: frozenset[str] = frozenset()
    """Signs that the customer may leave (`conversation.churn`), as of their last message."""
    simulated: bool
    effect: str
    step: str
    kind: Kind
    title: str
    instructions: str
    reason: str
    state: State
    queue: str
    candidate_groups: frozenset[str]
    skills: frozenset[str]
    excluded: frozenset[str]
    assignee: str | None
    priority: int
    respond_by: datetime | None
    due_date: datetime | None
    follow_up_date: datetime | None
    suspended_at: datetime | None
    escalate_at: datetime | None
    """When its clock escalates it next; None while it is on hold, and after the last target."""
    escalations: int
    offered_to: str | None
    offer_expires_at: datetime | None
    refused_by: frozenset[str]
    tool_call: str | None
    draft_kind: DraftKind | None
    dispositions: dict[str, str]
    notice: Notice | None
    action: Action | None
    disposition: str | None
    consulted: frozenset[str] = frozenset()
    """Whom a colleague asks about it, while it is open and they have not answered: they see it."""
    revision: int
    created_at: datetime
    started_at: datetime | None
    closed_at: datetime | None

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def held(self) -> bool:
        """Whether someone has it in hand now; on hold is not in hand."""
        return self.state in HELD

    @property
    def deadline(self) -> datetime | None:
        """The service level that counts next."""
        return self.due_date if self.started_at else (self.respond_by or self.due_date)

    @classmethod
    def from_row(cls, row: Any) -> "Task":
        """From a row of the view that store/sql/tasks.sql selects."""
        return cls.model_validate(dict(row))


class Comment(_Frozen):
    """A note on a task. `author` is a person's id, or `system`; `to` is the colleague whom it asks something."""

    author: str
    to: str | None = None
    text: str
    at: datetime
    answered_at: datetime | None = None
    """Of a question: when it was answered or taken back."""
    taken_back: bool = False


class Outcome(_Frozen):
    """What became of a task. `open` tells that nothing has yet."""

    task_id: str
    kind: Kind
    state: State
    open: bool
    sets_free: bool
    """Whether something happens beside the result: an approved call, a sentence, a note to the AI agent."""
    action: Action | None = None
    disposition: str | None = None
    output: JsonValue = None
    person: str | None = None
    comment: str = ""
    """What the person wrote when they closed it."""
    tool_call: str | None = None
    due_date: datetime | None = None
