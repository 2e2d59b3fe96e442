"""What passes between a journey and its activities, and through continue-as-new. Content stays in Postgres; ids travel.

A step's input and output and the journey's state are the exceptions: they are the journey's own, and encrypted by the codec.
What steers a journey is sealed for nobody in particular, so that it can be replayed when its customer was erased; the parts that
`journeyman_personal` names are sealed for the customer, but for the members of an output or a state that `steers` names.
"""

from datetime import datetime
from typing import ClassVar, Literal, get_args

from pydantic import BaseModel, Field, JsonValue

from journeyman.journey.inbox import Inbox

WorkKind = Literal["work", "callback"]
WORK: frozenset[str] = frozenset(get_args(WorkKind))
"""Kinds of task in which a person does the work; in the others they judge or answer an AI agent, who keeps it."""


class Contract(BaseModel):
    """What passes between a journey and what it works with."""

    journeyman_impersonal: ClassVar[bool] = True
    journeyman_personal: ClassVar[tuple[str, ...]] = ()


class Move(BaseModel):
    """A change of stage that no entry records yet."""

    to: str
    at: datetime


class Situation(BaseModel):
    """What every activity of the engine is told of its journey."""

    journey: str
    kind: str
    version: int
    customer: str
    effect: str  # the effect key: first execution's run id and ordinal
    settled: int  # events up to this sequence have been applied
    stage: str
    moves: list[Move]
    at: datetime  # the journey's clock


class Progress(BaseModel):
    """How far one performance of a step has come; counted by the journey, so that no agent can."""

    performance: str  # `STEP#N`: the N-th time that this journey performs it
    turns: int = 0
    failed_turns: int = 0
    tokens: int = 0
    handoffs: int = 0
    hand_backs: int = 0
    heard: int = 0  # the last message that the agent had read


class TurnRequest(Contract):
    """One turn of an AI agent: one model call, with the decisions on both its sides.

    `repairs` is the `unfit` of the turn before.
    """

    journeyman_personal: ClassVar[tuple[str, ...]] = ("input",)

    situation: Situation
    step: str
    input: JsonValue
    progress: Progress
    repairs: str | None = None


class OpenedTask(BaseModel):
    """A task that waits for a person. `check_after` is when the journey reads it again if nobody has told it anything."""

    id: str
    kind: str
    queue: str
    check_after: float  # seconds


TurnKind = Literal["completed", "said", "called", "opened", "again"]


class TurnOutcome(Contract):
    """What came of a turn.

    `completed`: `output` is the step's result. `said`: the customer was told something and may answer. `called`: the tool
    calls in `calls` are to be made. `opened`: a person has it, as `task`. `again`: the turn failed, and policy lets the
    agent try once more, the customer wrote something while it thought, or its answer does not fit and is to be repaired: `unfit`
    is the effect key under which it stands.
    """

    journeyman_personal: ClassVar[tuple[str, ...]] = ("output",)

    kind: TurnKind
    output: JsonValue = None
    steers: list[str] = Field(default_factory=list)
    calls: list[str] = Field(default_factory=list)
    task: OpenedTask | None = None
    tokens: int = 0
    unfit: str | None = None
    failed: bool = False  # it did not help: it went wrong, was not understood, or the agent repeated itself
    heard: int = 0
    leaves: list[str] = Field(default_factory=list)


class ToolRequest(Contract):
    """One permitted tool call, by its id."""

    situation: Situation
    step: str
    call: str
    progress: Progress


class ToolOutcome(Contract):
    """`done` (the agent reads the result or its error) or `opened`: how it ended is uncertain, and a person finds out."""

    kind: Literal["done", "opened"]
    task: OpenedTask | None = None
    leaves: list[str] = Field(default_factory=list)


class OpenTaskRequest(Contract):
    """A person's turn. `reason` is the stable word that says why."""

    journeyman_personal: ClassVar[tuple[str, ...]] = ("input",)

    situation: Situation
    step: str
    kind: WorkKind
    reason: str
    input: JsonValue
    progress: Progress
    supersedes: str | None = None  # the effect key of a turn or tool call that nobody took: it may not commit any more
    call: str | None = None  # the tool call that nobody took: it is not made any more


class TaskOutcome(Contract):
    """A task that was opened, or `turn`: the turn to be superseded had ended by then, and this is what came of it.

    Neither: the tool call that nobody seemed to take had been made by then.
    """

    journeyman_personal: ClassVar[tuple[str, ...]] = ("turn.output",)

    task: OpenedTask | None = None
    turn: TurnOutcome | None = None
    leaves: list[str] = Field(default_factory=list)


PERSON_ASKED = "person_asked"


class SettleRequest(Contract):
    """Read what became of a task. With `withdraw`, a task still open is withdrawn: the customer came back. For `PERSON_ASKED`
    only what nobody judges or answers yet is, and only if the customer did ask for a person after all that was heard. `put_off`:
    it was put off until a callback, and nobody has told the customer.
    """

    situation: Situation
    step: str
    task: str
    progress: Progress
    withdraw: str | None = None
    put_off: bool = False


class Settlement(Contract):
    """What became of a task; `open` with the next time to look while it is not closed."""

    journeyman_personal: ClassVar[tuple[str, ...]] = ("output", "comment")

    state: Literal["open", "completed", "failed", "exited", "obsolete"]
    check_after: float = 0
    action: str | None = None
    disposition: str | None = None
    comment: str = ""
    output: JsonValue = None
    steers: list[str] = Field(default_factory=list)
    call: str | None = None  # the tool call that an approval released
    said: bool = False  # a reviewed sentence went to the customer, who may answer
    leaves: list[str] = Field(default_factory=list)


class SettleEventsRequest(Contract):
    """A journey that waits has applied these events; nothing else that it commits would say so soon."""

    journey: str
    settled: int  # events up to this sequence
    at: datetime


class LinkRequest(Contract):
    """Open another journey of the same customer."""

    journeyman_personal: ClassVar[tuple[str, ...]] = ("input",)

    situation: Situation
    kind: str
    input: JsonValue


class LinkOutcome(Contract):
    journey: str
    leaves: list[str] = Field(default_factory=list)


EndStatus = Literal["completed", "failed", "cancelled"]


class CloseRequest(Contract):
    """The end of a journey. With `heard`, it ends only if the customer wrote nothing after that position that nobody has read."""

    journeyman_personal: ClassVar[tuple[str, ...]] = ("detail",)

    situation: Situation
    status: EndStatus
    outcome: str
    detail: str = ""
    heard: int | None = None


class Closing(Contract):
    """A journey has ended, or the customer's message at position `unheard` keeps it open."""

    unheard: int = 0
    leaves: list[str] = Field(default_factory=list)


class Recorded(Contract):
    leaves: list[str] = Field(default_factory=list)


class Compensation(BaseModel):
    """A step to perform if the journey is cancelled or fails, newest first."""

    step: str
    input: JsonValue


class Carried(BaseModel):
    """What continue-as-new takes along."""

    stage: str
    state: JsonValue
    steers: list[str] = Field(default_factory=list)
    ordinal: int
    performances: dict[str, int]
    inbox: Inbox
    spoken: int
    left: bool
    heard: int
    performer: str | None
    moves: list[Move]
    compensations: list[Compensation]


class JourneyStart(Contract):
    """The input of every journey workflow."""

    journeyman_personal: ClassVar[tuple[str, ...]] = ("input", "carried.state", "carried.compensations.*.input")

    customer: str
    input: JsonValue = None
    carried: Carried | None = None


class JourneyEnd(Contract):
    """The result of every journey workflow."""

    journeyman_personal: ClassVar[tuple[str, ...]] = ("state",)

    outcome: str
    state: JsonValue


class View(Contract):
    """What the query `journeyman.show` answers."""

    journeyman_personal: ClassVar[tuple[str, ...]] = ("state",)

    stage: str
    performer: str | None
    waiting_for: str | None
    state: JsonValue
    applied: int
