"""How the simulated people of the bank and the insurer close a task: for each of its steps and kinds, one way."""

import re
from collections.abc import Callable, Sequence

from pydantic import JsonValue

from journeyman.agents.prompt import Line
from journeyman.conversation.money import amounts
from journeyman.conversation.transcript import Message
from journeyman.conversation.triggers import triggers
from journeyman.testing.simulation import (
    Accept,
    Answer,
    Approve,
    Case,
    Complete,
    Dispose,
    HandBack,
    Handling,
)

_GO_ON = re.compile(r"\bhappy to go on with the assistant\b", re.IGNORECASE)
_POLICY = re.compile(r"\b[A-Z]{2}-\d{6}\b")
_HURT = re.compile(r"\b(?:hurt|injured|bleeding)\b", re.IGNORECASE)
_UNHURT = re.compile(r"\b(?:not|n't|nobody|no one)\b[^.?!]{0,20}\b(?:hurt|injured)\b", re.IGNORECASE)
_IN_DANGER = re.compile(r"\b(?:die|dying|suicid\w*|kill|harm|hurt)\b|\bgo on like this\b", re.IGNORECASE)
_EXCESS = 30_000  # minor units
_CARE = "I am a colleague from customer care, I have read all of it, and I take care of it with you now."
_COMFORT = "I am a colleague from customer care, and I am here. Take your time: we go on when you can."
_IN_NEED = frozenset(
    {
        "asked_for_person",
        "contested",
        "declined_ai",
        "distress",
        "sensitive_matter",
        "vulnerable",
        "angry",
        "cancellation",
        "stopped",
    }
)
"""Reasons for which a person takes over for good, and not for one step."""


_NEVER_SAID = frozenset({"unlisted_link", "claims_human", "reveals_data", "asks_for_card_data"})
"""Reasons for which words are reviewed that no approval lets be said."""


def handle(case: Case) -> Handling:
    """Close it."""
    match case.task.kind:
        case "callback":
            return Dispose("unreachable")
        case "review":
            return _review(case)
        case "approval":
            return Approve()
        case "question":
            return Answer("Yes, please go on as you think best.")
    return _WORK[case.task.step](case)


def _review(case: Case) -> Handling:
    """A draft that takes something away from the customer is looked at again once; then it counts. Words that may never be
    said are to be found anew."""
    draft = case.page.content.get("draft")
    if isinstance(draft, str) and case.task.reason in _NEVER_SAID:
        return HandBack("This may not be said to a customer: please say it without that.")
    if isinstance(draft, dict) and draft.get("outcome") == "reduce" and not _returned_before(case):
        settled = int(str(draft["amount_minor"])) * 3 // 4
        return HandBack(
            f"The police were not called, and the customer could not see who it was: settle at ${settled / 100:,.2f}.",
            summary="The draft halves the settlement; please set the amount as noted.",
        )
    return Accept()


def handed_back(reason: str, conversation: Sequence[Message | Line]) -> HandBack | None:
    """Work that an AI agent can go on with, once a person has seen to the customer. None: the person keeps it."""
    said = [line.text for line in conversation if line.author_kind == "customer"]
    if reason == "ai_failed" and any(line.author_kind == "ai" for line in conversation):  # one that never spoke is away
        return HandBack("I have read what they want: please take it from their last words, and ask what is still open.")
    if reason == "distress" and "fraud" in triggers(" ".join(said)) and not any(map(_IN_DANGER.search, said)):
        return HandBack("They are calmer now: please go on, so that their report is filed.", say=_COMFORT)
    return None


def _understand(case: Case) -> Handling:
    if (back := handed_back(case.task.reason, case.conversation)) is not None:
        return back
    if any(_GO_ON.search(text) for text in _said(case)) and not _returned_before(case):
        return HandBack("I am here, and the customer is happy to go on with you: please find out what they need.")
    return _complete(_CARE, wish="handled", details=f"dealt with by {case.person}: {case.task.reason}")


def _authenticate(case: Case) -> Handling:
    """Nobody is let through on a colleague's word. Who needs a person gets one for all of it, and who reports fraud is
    comforted: only what the AI agent finds out about who they are lets the report be filed."""
    if (back := handed_back(case.task.reason, case.conversation)) is not None:
        return back
    if case.task.reason in _IN_NEED:
        return Dispose("handled", _CARE)
    said = "I am sorry, I could not confirm who you are with what I have."
    return _complete(said, outcome="not_verified", missing=["what was given did not match"])


def _inform_balance(case: Case) -> Handling:
    """Whatever stood in the AI's way, the person looks it up on the bank's own screens, which are no part of this."""
    return Dispose("handled", _CARE)


def _report_fraud(case: Case) -> Handling:
    told = " ".join(_said(case))
    found = [amount.minor for amount in amounts(told) if amount.minor is not None]
    reference = f"FR-BY-HAND-{case.task.id[-6:].upper()}"
    return _complete(
        f"I have written it all down. Your fraud report is filed, and its reference is {reference}.",
        reference=reference,
        text=told[:1000] or "told by phone",
        amount_minor=max(found, default=None),
    )


def _report_loss(case: Case) -> Handling:
    told = " ".join(_said(case)) or "told by phone"
    policy = _POLICY.search(told)
    hurt = bool(_HURT.search(told)) and not _UNHURT.search(told)
    return _complete(
        "I am sorry that this happened to you. I have taken your report, and we go through the form together now.",
        policy_number=policy[0] if policy else "unknown",
        what_happened=told[:1000],
        anyone_hurt=hurt,
        drivable=True,
    )


def _fill_claim_form(case: Case) -> Handling:
    told = " ".join(_said(case))
    found = [amount.minor for amount in amounts(told) if amount.minor is not None]
    return _complete(
        date_of_loss="as told",
        place="as told",
        other_party="unknown",
        police_reference="",
        damage=told[:400] or "as told",
        repair_estimate_minor=max(found, default=0),
    )


def _assess_claim(case: Case) -> Handling:
    form = case.page.content.get("input")
    estimate = form.get("repair_estimate_minor") if isinstance(form, dict) else None
    amount = max(int(str(estimate or 0)) - _EXCESS, 0)
    return _complete(
        outcome="pay" if amount else "refuse",
        amount_minor=amount,
        excess_minor=_EXCESS,
        reasons="The repair estimate less the excess, looked at by an adjuster.",
    )


def _collect_excess(case: Case) -> Handling:
    return Dispose("unreachable")


def _refund_excess(case: Case) -> Handling:
    receipt = case.page.content.get("input")
    token = receipt.get("token") if isinstance(receipt, dict) else None
    return _complete(token=str(token or "unknown"), reference=f"RF-{case.task.id[-6:].upper()}")


_WORK: dict[str, Callable[[Case], Handling]] = {
    "understand-request": _understand,
    "authenticate": _authenticate,
    "inform-balance": _inform_balance,
    "report-fraud": _report_fraud,
    "report-loss": _report_loss,
    "fill-claim-form": _fill_claim_form,
    "assess-claim": _assess_claim,
    "collect-excess": _collect_excess,
    "refund-excess": _refund_excess,
}


def _complete(said: str = "", /, **output: JsonValue) -> Complete:
    return Complete(output, said)


def _said(case: Case) -> list[str]:
    return [line.text for line in case.conversation if line.author_kind == "customer" and line.kind == "text"]


def _returned_before(case: Case) -> bool:
    """Whether a person has handed work back in this conversation: their note to the AI agent stands in it."""
    return any(line.author_kind == "person" and line.kind == "answer" for line in case.conversation)
