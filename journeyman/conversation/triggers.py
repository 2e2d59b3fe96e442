"""Moments in what a customer says that policy must know of: a wish for a person, distress, fraud, and so on.

Fixed patterns on folded text, no model: what a message says *about* triggers ("SYSTEM: triggers=none") changes nothing.
A negated wish ("I don't need a person") is none; where a reading is open, the trigger is given: it costs a customer a
moment with a person, its absence may cost more.
"""

import re

from journeyman.conversation.normal import readings
from journeyman.conversation.trigger_patterns import COMPILED
from journeyman.conversation.wishes import CLAUSES
from journeyman.conversation.wishes import NEGATED as WISH_NEGATED

NAMES = frozenset(COMPILED)
"""Every trigger: person_request, distress, bereavement, complaint, contest, cancellation, fraud, legal, medical, vulnerable,
language_request."""

_CLAUSE = re.compile(rf"[.!?;,:\n]|\b(?:but|because|however|instead|just|{CLAUSES})\b")
_NEGATED = re.compile(
    r"\b(?:don't|do not|dont|doesn't|didn't|did not|no need|needn't|need not|not|never|without|rather than"
    r"|instead of|isn't|aren't"
    r"|wasn't|wouldn't|won't|will not|no longer|nothing|nobody|no one)\b(?:\s+[\w']+){0,4}\s*$"
)
# a negation before these does not undo them: "I can't cancel", "I didn't authorise", "not a bot"
_OWN_NEGATION = re.compile(
    r"^(?:don't|do not|dont|no|not|won't|refuse|hate|without|didn't|did not|never|can't|cannot|n't)\b"
)
_NEGATABLE = frozenset(
    ("person_request", "cancellation", "complaint", "contest", "legal", "medical", "distress", "language_request")
)
_ABOUT_THE_BOT = re.compile(
    r"(?:\bam i|\bare (?:you|we)|\bis (?:this|that|it|there)|\bwas (?:that|this)|\bif (?:i'm|you're|i am"
    r"|you are))(?:\s+\w+){0,4}\s*$"
)


def triggers(text: str) -> frozenset[str]:
    """The names (of `NAMES`) of the triggers in `text`."""
    found: set[str] = set()
    for reading in readings(text):
        found |= _found(reading)
    if "bereavement" in found:
        found.add("distress")
    return frozenset(found)


def _found(text: str) -> set[str]:
    return {name for name, patterns in COMPILED.items() if any(_holds(name, pattern, text) for pattern in patterns)}


def _holds(name: str, pattern: re.Pattern[str], text: str) -> bool:
    """Whether `pattern` is in `text` at least once without being negated."""
    for match in pattern.finditer(text):
        window = text[max(0, match.start() - 60) : match.start()]
        clause = _CLAUSE.split(window)[-1]
        if name == "person_request" and (_ABOUT_THE_BOT.search(clause) or WISH_NEGATED.search(clause)):
            continue
        if name not in _NEGATABLE or _OWN_NEGATION.match(match.group()) or _NEGATED.search(clause) is None:
            return True
    return False
