"""What pages call what is stored as a stable word: how a task stands, what one does with it, how it ended, who is there, how a
journey stands."""

from collections.abc import Mapping
from typing import Final

from journeyman.customers.journeys import Status
from journeyman.tasks.lifecycle import Action, State

STATES: Final[Mapping[State, str]] = {
    State.CREATED: "Waiting",
    State.READY: "Waiting",
    State.RESERVED: "Yours",
    State.IN_PROGRESS: "In progress",
    State.SUSPENDED: "Paused",
    State.COMPLETED: "Done",
    State.FAILED: "Done",
    State.EXITED: "Withdrawn",
    State.OBSOLETE: "Withdrawn",
}
"""How a task stands to who reads; what somebody else holds is `In progress`."""

PRESENCES: Final[Mapping[str, str]] = {"online": "Here", "away": "On a break", "offline": "Not here"}

DOING: Final[Mapping[Action, str]] = {
    Action.OPEN: "make",
    Action.ACTIVATE: "call up",
    Action.OFFER: "hand out",
    Action.ACCEPT_OFFER: "take up",
    Action.DECLINE_OFFER: "pass on",
    Action.LAPSE: "let pass",
    Action.PUT_OFF: "put off",
    Action.CLAIM: "take",
    Action.START: "begin",
    Action.RELEASE: "give back",
    Action.SUSPEND: "put on hold",
    Action.RESUME: "go on with",
    Action.WAKE: "call up again",
    Action.TRANSFER: "transfer",
    Action.TRANSFER_WARM: "transfer",
    Action.ESCALATE: "ask the supervisor about",
    Action.TAKE_OVER: "take over",
    Action.BREACH: "call late",
    Action.COMPLETE: "complete",
    Action.DISPOSE: "close without a result",
    Action.ACCEPT: "accept the draft of",
    Action.EDIT: "change the draft of",
    Action.REJECT: "reject the draft of",
    Action.RETURN: "hand back",
    Action.APPROVE: "approve the call of",
    Action.DENY: "decline the call of",
    Action.ANSWER: "answer",
    Action.FAIL: "give up",
    Action.WITHDRAW: "call off",
    Action.EXIT: "call off",
}
"""What one does with a task: the words before it."""

ENDINGS: Final[Mapping[Action, str]] = {
    Action.COMPLETE: "with a result",
    Action.DISPOSE: "without a result",
    Action.ACCEPT: "the draft counts as it was",
    Action.EDIT: "the draft counts as edited",
    Action.REJECT: "the draft was rejected",
    Action.RETURN: "handed back to the AI",
    Action.APPROVE: "the call was approved",
    Action.DENY: "the call was declined",
    Action.ANSWER: "the question has its answer",
    Action.FAIL: "it could not be done",
    Action.WITHDRAW: "nobody needs it any more",
    Action.EXIT: "the work went elsewhere",
}
"""How a task ended, by what ended it."""

JOURNEYS: Final[Mapping[Status, str]] = {
    "open": "Open",
    "completed": "Finished",
    "failed": "Failed",
    "cancelled": "Cancelled",
}


def standing(state: State, mine: bool = False) -> str:
    """How a task stands that is the reader's own, or is not."""
    return STATES[State.IN_PROGRESS if state == State.RESERVED and not mine else state]
