"""What a person can do with a task on its page: for each deed its form, and the operation of the desk that it is."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from journeyman.console.words import Moment
from journeyman.errors import InputError
from journeyman.tasks import callbacks, closing, moving, offers, working
from journeyman.tasks.change import task_of
from journeyman.tasks.desk import Desk
from journeyman.tasks.lifecycle import Action
from journeyman.tasks.models import Task
from journeyman.words import short

_MOST_LINES: Final = 20
_MOMENT: Final = TypeAdapter[datetime](Moment)

Typed = Mapping[str, str]
"""What was typed, by the names of the fields."""


@dataclass(frozen=True)
class Entered:
    """One field of a deed's form. `lines`: one thing a line. `choice`: among what the page offers."""

    name: str
    label: str
    kind: Literal["text", "line", "lines", "choice", "check", "hidden"] = "text"
    required: bool = False
    help: str = ""


@dataclass(frozen=True)
class Deed:
    """A deed. `key` is the one on the keyboard; `ready` ones stand open, others unfold; `column` is where on the page."""

    name: str
    action: Action
    title: str
    key: str
    operation: Callable[..., Awaitable[Task]]
    fields: tuple[Entered, ...] = ()
    submit: str = ""
    ready: bool = False
    main: bool = False
    danger: bool = False
    column: Literal["work", "conversation"] = "work"

    @property
    def words(self) -> str:
        """What its button says."""
        return self.submit or self.title


_NOTE: Final = Entered("comment", "Note", help="For those who read on")
_PACKET: Final = (
    Entered("summary", "Summary", help="So that nobody asks the customer again"),
    Entered("still_open", "Still open", "lines", help="One thing a line"),
)
_PROMISES: Final = Entered("promises", "Promised to the customer", "lines", help="One promise a line")

HOLDS: Final[Mapping[str, str]] = {
    "30": "30 minutes",
    "120": "2 hours",
    "240": "4 hours",
    "1440": "a day",
    "4320": "3 days",
    "10080": "a week",
}
"""For how long one can put a task on hold: minutes, in words."""


async def _call_back(desk: Desk, task_id: str, person_id: str, *, slot: datetime, **more: Any) -> Task:
    await callbacks.schedule(desk, task_id, person_id, slot, **more)
    async with desk.database.connection() as conn:
        return await task_of(conn, task_id)


_ALL: Final = (
    Deed("accept-offer", Action.ACCEPT_OFFER, "Accept", "a", offers.accept, ready=True, main=True),
    Deed("decline-offer", Action.DECLINE_OFFER, "Decline", "x", offers.decline, ready=True),
    Deed("claim", Action.CLAIM, "Take it", "c", working.claim, ready=True, main=True),
    Deed("start", Action.START, "Begin", "w", working.start, ready=True),
    Deed("resume", Action.RESUME, "Go on", "u", working.resume, ready=True, main=True),
    Deed(
        "answer",
        Action.ANSWER,
        "Answer the AI",
        "s",
        closing.answer,
        (Entered("text", "Your answer", required=True, help="The AI agent reads it, and keeps the step"),),
        ready=True,
        main=True,
    ),
    Deed(
        "approve",
        Action.APPROVE,
        "Approve exactly this call",
        "a",
        closing.approve,
        (Entered("args_hash", "", "hidden", required=True), _NOTE),
        ready=True,
        main=True,
    ),
    Deed(
        "deny",
        Action.DENY,
        "Decline the call",
        "n",
        closing.deny,
        (
            Entered("args_hash", "", "hidden", required=True),
            Entered("comment", "Why", required=True, help="The AI agent is told"),
        ),
        danger=True,
    ),
    Deed(
        "reject",
        Action.REJECT,
        "Reject the draft",
        "n",
        closing.reject,
        (Entered("comment", "What is wrong with it", required=True, help="The AI agent is told, and tries again"),),
        danger=True,
    ),
    Deed(
        "dispose",
        Action.DISPOSE,
        "Close without a result",
        "d",
        closing.dispose,
        (Entered("disposition", "How it ended", "choice", required=True), _NOTE),
        submit="Close",
    ),
    Deed(
        "hand-back",
        Action.RETURN,
        "Back to the AI",
        "b",
        closing.hand_back,
        (
            Entered("reason", "What the AI agent shall do now", required=True),
            _PACKET[0],
            Entered("tried", "What was tried", "lines", help="One thing a line"),
            _PACKET[1],
            _PROMISES,
        ),
        submit="Hand back",
    ),
    Deed(
        "suspend",
        Action.SUSPEND,
        "Hold",
        "h",
        working.suspend,
        (
            Entered("until", "Come back in", "choice", required=True),
            Entered("reason", "What it waits for", required=True, help="For whoever goes on with it"),
        ),
        submit="Put on hold",
        column="conversation",
    ),
    Deed(
        "call-back",
        Action.SUSPEND,
        "Call back later",
        "k",
        _call_back,
        (
            Entered(
                "slot", "When", "choice", required=True, help="As the customer's clock says; tell them in your reply"
            ),
            Entered("number", "Number to call", help="Without one, the customer's own"),
        ),
        submit="Agree the callback",
    ),
    Deed(
        "transfer",
        Action.TRANSFER,
        "Transfer",
        "t",
        moving.transfer,
        (
            Entered("to", "To", "choice", required=True),
            Entered("warm", "Keep it until they accept", "check", help="A person only"),
            Entered("reason", "Why", required=True, help="For whoever takes it"),
            *_PACKET,
            _PROMISES,
        ),
    ),
    Deed(
        "escalate",
        Action.ESCALATE,
        "Ask the supervisor",
        "e",
        moving.escalate,
        (Entered("reason", "What a supervisor shall decide", required=True),),
        submit="Escalate",
    ),
    Deed("release", Action.RELEASE, "Give back to the queue", "l", working.release, (_NOTE,), submit="Give back"),
    Deed(
        "fail",
        Action.FAIL,
        "It cannot be done",
        "z",
        closing.fail,
        (Entered("comment", "Why it cannot be done", required=True, help="The journey decides what follows"),),
        danger=True,
    ),
    Deed(
        "take-over",
        Action.TAKE_OVER,
        "Take over",
        "o",
        moving.take_over,
        (Entered("reason", "Why", required=True, help="For whoever had it"),),
    ),
)
DEEDS: Final[Mapping[str, Deed]] = {deed.name: deed for deed in _ALL}
"""By the name in the page's addresses."""


def available(actions: Iterable[Action]) -> list[Deed]:
    """The deeds among what a person could do, in the order of the page. What is offered is accepted, and not taken besides."""
    could = set(actions)
    if Action.ACCEPT_OFFER in could:
        could.discard(Action.CLAIM)
    return [deed for deed in _ALL if deed.action in could]


def keywords(deed: Deed, typed: Typed, now: datetime) -> dict[str, Any]:
    """What the operation is called with. Raises InputError naming the field that does not fit."""
    found: dict[str, Any] = {}
    for field in deed.fields:
        text = short(typed.get(field.name, ""), field.name)
        if field.required and not text.strip():
            raise InputError(f"`{field.name}` is empty; fill it in", field=field.name)
        if field.kind == "lines":
            found[field.name] = _lines(field.name, text)
        elif field.kind == "check":
            found[field.name] = bool(text)
        elif field.name == "until":
            found["until"] = _until(text, now)
        elif field.name == "slot":
            found["slot"] = _moment(text)
        elif field.name == "to":
            found |= _receiver(text)
        else:
            found[field.name] = text
    return found


def typed_in(items: Iterable[tuple[str, object]]) -> dict[str, str]:
    """The texts of a posted form, as a browser can hold them."""
    return {
        name: text.replace("\r\n", "\n").replace("\x00", "") for name, text in items if isinstance(text, str) and text
    }


def _lines(name: str, text: str) -> tuple[str, ...]:
    lines = tuple(line.strip() for line in text.splitlines() if line.strip())
    if len(lines) > _MOST_LINES:
        raise InputError(f"`{name}` has more than {_MOST_LINES} lines; keep the most important", field=name)
    return lines


def _until(minutes: str, now: datetime) -> datetime:
    if minutes not in HOLDS:
        raise InputError("choose when to come back to it; `until` is none of the choices", field="until")
    return now + timedelta(minutes=int(minutes))


def _moment(text: str) -> datetime:
    try:
        return _MOMENT.validate_python(text)
    except ValueError as error:
        raise InputError("choose when to call back; `slot` is none of the choices", field="slot") from error


def _receiver(text: str) -> dict[str, str]:
    kind, _, id = text.partition(":")
    if kind not in ("queue", "person") or not id:
        raise InputError("choose a queue or a person; `to` is none of the choices", field="to")
    return {f"to_{kind}": id}
