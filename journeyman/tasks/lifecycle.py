"""The life cycle of a task: one transition table, in the states of WS-HumanTask 1.1 (section 4.10).

Pure: no I/O and no clock, so that a workflow may import it. Every change of a task's state, by whomever, goes through
`apply`; the diagram in docs/tasks.md is made from the same table by `diagram`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from journeyman.errors import ConflictError


class State(StrEnum):
    """Where a task stands."""

    CREATED = "created"  # exists, not yet for anyone: a callback before its slot
    READY = "ready"  # waits in its queue; may be offered to someone
    RESERVED = "reserved"  # someone holds it and has not begun
    IN_PROGRESS = "in_progress"
    SUSPENDED = "suspended"  # on hold; its clocks stand still
    COMPLETED = "completed"
    FAILED = "failed"  # a person found that it cannot be done
    EXITED = "exited"  # ended without an outcome of its own: the work went elsewhere
    OBSOLETE = "obsolete"  # the journey no longer needs it


class Action(StrEnum):
    """What can be done with a task. The words of `accept`, `edit`, `reject` and `return` are a review's."""

    OPEN = "open"
    ACTIVATE = "activate"
    OFFER = "offer"
    ACCEPT_OFFER = "accept_offer"
    DECLINE_OFFER = "decline_offer"
    LAPSE = "lapse"
    CLAIM = "claim"
    START = "start"
    RELEASE = "release"
    SUSPEND = "suspend"
    RESUME = "resume"
    WAKE = "wake"
    TRANSFER = "transfer"
    TRANSFER_WARM = "transfer_warm"
    ESCALATE = "escalate"
    TAKE_OVER = "take_over"
    BREACH = "breach"
    PUT_OFF = "put_off"
    COMPLETE = "complete"
    DISPOSE = "dispose"
    ACCEPT = "accept"
    EDIT = "edit"
    REJECT = "reject"
    RETURN = "return"
    APPROVE = "approve"
    DENY = "deny"
    ANSWER = "answer"
    FAIL = "fail"
    WITHDRAW = "withdraw"
    EXIT = "exit"


class By(StrEnum):
    """Who may do an action, before policy is asked. A supervisor stands in for a holder where `SUPERVISED` says so."""

    ENGINE = "the engine"
    CLOCK = "a clock"
    ANYONE = "anyone whom policy permits"
    OFFEREE = "whom it is offered to"
    HOLDER = "its holder"
    SUPERVISOR = "a supervisor"


@dataclass(frozen=True)
class Rule:
    """One action: from which states it leads where, who may do it, and its meaning in a person's words."""

    by: tuple[By, ...]
    moves: Mapping[State | None, State]
    means: str
    recorded: str = "task.completed"
    """The type of its ledger entry; all closings by a person but `fail` are `task.completed`, with the action as a fact."""


HELD: Final = frozenset({State.RESERVED, State.IN_PROGRESS})
OPEN: Final = frozenset({State.CREATED, State.READY, State.SUSPENDED}) | HELD
CLOSED: Final = frozenset(State) - OPEN


def _from(states: frozenset[State], to: State) -> dict[State | None, State]:
    return dict.fromkeys((state for state in State if state in states), to)


_STAYS: Final[dict[State | None, State]] = {
    State.READY: State.READY,
    State.RESERVED: State.RESERVED,
    State.IN_PROGRESS: State.IN_PROGRESS,
}
_ENDS: Final = _from(HELD, State.COMPLETED)
_HOLDER: Final = (By.HOLDER,)

TABLE: Final[Mapping[Action, Rule]] = MappingProxyType(
    {
        Action.OPEN: Rule((By.ENGINE,), {None: State.CREATED}, "a person is needed", "task.opened"),
        Action.ACTIVATE: Rule(
            (By.ENGINE, By.CLOCK), {State.CREATED: State.READY}, "its time has come: it waits", "task.activated"
        ),
        Action.OFFER: Rule((By.CLOCK,), {State.READY: State.READY}, "one person is asked to take it", "task.offered"),
        Action.ACCEPT_OFFER: Rule(
            (By.OFFEREE,), _STAYS | {State.READY: State.RESERVED}, "takes what was offered", "task.offer_accepted"
        ),
        Action.DECLINE_OFFER: Rule((By.OFFEREE,), _STAYS, "does not take it", "task.offer_declined"),
        Action.LAPSE: Rule((By.CLOCK,), _STAYS, "the offer was not answered in time", "task.offer_lapsed"),
        Action.CLAIM: Rule((By.ANYONE,), {State.READY: State.RESERVED}, "takes it from the queue", "task.claimed"),
        Action.START: Rule(_HOLDER, {State.RESERVED: State.IN_PROGRESS}, "begins", "task.started"),
        Action.RELEASE: Rule(
            (By.HOLDER, By.CLOCK),
            _from(HELD | {State.SUSPENDED}, State.READY),
            "gives it back to the queue",
            "task.released",
        ),
        Action.SUSPEND: Rule(_HOLDER, _from(HELD, State.SUSPENDED), "puts it on hold", "task.suspended"),
        Action.RESUME: Rule(_HOLDER, {State.SUSPENDED: State.IN_PROGRESS}, "goes on with it", "task.resumed"),
        Action.WAKE: Rule((By.CLOCK,), {State.SUSPENDED: State.RESERVED}, "its follow-up date has come", "task.woken"),
        Action.TRANSFER: Rule(
            (By.HOLDER,),
            _from(HELD | {State.READY, State.SUSPENDED}, State.READY),
            "gives it away (cold)",
            "task.transferred",
        ),
        Action.TRANSFER_WARM: Rule(
            _HOLDER,
            {State.RESERVED: State.RESERVED, State.IN_PROGRESS: State.IN_PROGRESS},
            "asks someone to take over, and keeps it until they do",
            "task.transfer_offered",
        ),
        Action.ESCALATE: Rule(
            _HOLDER,
            _from(HELD | {State.READY, State.SUSPENDED}, State.READY),
            "asks a supervisor to take it",
            "task.escalated",
        ),
        Action.TAKE_OVER: Rule(
            (By.SUPERVISOR,),
            _from(HELD | {State.READY, State.SUSPENDED}, State.RESERVED),
            "takes it from its holder, or from its queue",
            "task.taken_over",
        ),
        Action.BREACH: Rule(
            (By.CLOCK,), _STAYS | {State.RESERVED: State.READY}, "a service level was missed", "task.breached"
        ),
        Action.PUT_OFF: Rule(
            (By.CLOCK,),
            _from(frozenset({State.READY, State.RESERVED}), State.CREATED),
            "nobody came in time: it sleeps until a callback",
            "task.put_off",
        ),
        Action.COMPLETE: Rule(_HOLDER, _ENDS, "submits the result"),
        Action.DISPOSE: Rule(_HOLDER, _ENDS, "closes it with a disposition, without a result"),
        Action.ACCEPT: Rule(_HOLDER, _ENDS, "the draft counts as it is"),
        Action.EDIT: Rule(_HOLDER, _ENDS, "the draft counts as edited"),
        Action.REJECT: Rule(_HOLDER, _ENDS, "the draft does not count"),
        Action.RETURN: Rule(_HOLDER, _ENDS, "hands the work, or the draft, back to the AI agent with a reason"),
        Action.APPROVE: Rule(_HOLDER, _ENDS, "exactly this tool call may run, once"),
        Action.DENY: Rule(_HOLDER, _ENDS, "the tool call may not run"),
        Action.ANSWER: Rule(_HOLDER, _ENDS, "answers the question"),
        Action.FAIL: Rule(_HOLDER, _from(HELD, State.FAILED), "it cannot be done", "task.failed"),
        Action.WITHDRAW: Rule(
            (By.ENGINE,), _from(OPEN, State.OBSOLETE), "the journey no longer needs it", "task.withdrawn"
        ),
        Action.EXIT: Rule((By.ENGINE,), _from(OPEN, State.EXITED), "the work goes elsewhere", "task.exited"),
    }
)

SUPERVISED: Final = frozenset({Action.RELEASE, Action.TRANSFER, Action.ESCALATE})

CLOSING: Final[Mapping[str, frozenset[Action]]] = MappingProxyType(
    {
        "work": frozenset({Action.COMPLETE, Action.DISPOSE, Action.RETURN, Action.FAIL}),
        "review": frozenset({Action.ACCEPT, Action.EDIT, Action.REJECT, Action.RETURN}),
        "approval": frozenset({Action.APPROVE, Action.DENY}),
        "question": frozenset({Action.ANSWER}),
        "callback": frozenset({Action.COMPLETE, Action.DISPOSE, Action.RETURN, Action.FAIL}),
    }
)
"""The actions by which a person closes a task, by its kind."""


def apply(state: State | None, action: Action, kind: str | None = None) -> State:
    """The state that `action` leads to. `None` is a task that does not exist yet.

    Raises ConflictError with what is possible instead, for a task of `kind` where it is given.
    """
    target = TABLE[action].moves.get(state)
    if target is None:
        stands = "is `{state}`" if state else "does not exist"
        instead, actions = _instead(state, kind)
        named = {"action": action, "state": state or ""} | {str(each): each for each in actions}
        raise ConflictError(f"cannot `{{action}}` a task that {stands}; {instead}", **named)
    return target


def possible(state: State | None, kind: str | None = None) -> tuple[Action, ...]:
    """The actions that lead somewhere from `state`, in the table's order; with `kind`, only those of such a task."""
    closings = frozenset[Action]().union(*CLOSING.values())
    closes = closings if kind is None else CLOSING[kind]
    return tuple(
        action for action, rule in TABLE.items() if state in rule.moves and (action not in closings or action in closes)
    )


def for_kind(action: Action, kind: str) -> None:
    """ConflictError unless a task of `kind` can be closed by `action`."""
    if action not in CLOSING[kind]:
        ways = [each for each in TABLE if each in CLOSING[kind]]
        raise ConflictError(
            f"cannot `{{action}}` a task of kind `{{kind}}`; it is closed by {_listed(ways)}",
            action=action,
            kind=kind,
            **{str(each): each for each in ways},
        )


def diagram() -> str:
    """The table as a Mermaid state diagram. Actions that change nothing but who is asked are left to the text."""
    edges: dict[tuple[str, str], list[str]] = {}
    for action, rule in TABLE.items():
        for source, target in rule.moves.items():
            if source != target:
                edges.setdefault((source or "[*]", target), []).append(action)
    lines = [f"    {source} --> {target}: {', '.join(actions)}" for (source, target), actions in edges.items()]
    ends = [f"    {state} --> [*]" for state in State if state in CLOSED]
    return "\n".join(["stateDiagram-v2", *lines, *ends]) + "\n"


def _instead(state: State | None, kind: str | None) -> tuple[str, list[Action]]:
    """What is possible instead: in words, and the actions that these name."""
    if state in CLOSED:
        return "it is closed, and nothing more can be done with it", []
    people = [a for a in possible(state, kind) if not set(TABLE[a].by) <= {By.ENGINE, By.CLOCK}]
    if people:
        return f"possible now: {_listed(people)}", people
    return "nobody can act on it yet", []


def _listed(actions: list[Action]) -> str:
    """Actions in a message, each by its name."""
    return ", ".join(f"`{{{action}}}`" for action in actions)
