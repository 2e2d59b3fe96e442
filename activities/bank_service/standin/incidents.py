"""What a customer reports to the fraud desk: the words that tell of it, and the amount."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from activities.bank_service.standin import wording
from activities.bank_service.standin.wishes import said_in
from journeyman.agents.prompt import Line

LONGEST = 1000
"""Characters of a report."""

_HANDLE = re.compile(r"\s*\[(?:pin|password|card|cvv)(?::[^\]\s]+)?\]")
_NUMBER = r"(\d[\d,]*(?:\.\d{1,2})?)\s?(k|thousand|million|m)?"
_AMOUNT = re.compile(
    rf"[$€£%]\s?{_NUMBER}(?![\w])"
    rf"|(?<![\w$.,/]){_NUMBER}\s?(?:credits?|dollars?|bucks?|usd|euros?|pounds?)\b"
    rf"|(?<=missing )(?:over |about |around |almost )?{_NUMBER}(?![\w])"
    rf"|(?:took|transferred|withdrew|withdrawn|stole|stolen|withdrawn)\s{_NUMBER}(?![\w])"
    rf"|(?<![\w$.,/]){_NUMBER}(?= (?:is |are )?(?:missing|short|out of my|from my))"
    rf"|(?<![\w$.,/])(\d+)(k)(?: missing)?\b",
    re.IGNORECASE,
)
_HELD = re.compile(
    r"\b(?:should (?:have|be|still)|had|have|supposed to|my balance|balance (?:is|was)|more than"
    r"|deposit go in for)\s[^.?!]{0,30}$",
    re.IGNORECASE,
)
_SCALE = {"": 1, "k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000}
_MERE_WISH = re.compile(
    r"\b(?:hi|hello|hey|oh|no|yes|ok|okay|please|thanks?|thank you|so|well|can|could|would|you|i|i'd|i'll|i'm|my"
    r"|me|we|to|like|need|want"
    r"|wanna|have|file|submit|make|report|reporting|a|an|the|bank|fraud|fraudulent|help|with|on|in|about|account"
    r"|for|right|away|it|this|that"
    r"|one|do|does|is|and|of|actually|asap|now|today|dang|gosh|before|let|let's|then|also|will|think|guess"
    r"|suppose|should|name|it's|if|know)\b",
    re.IGNORECASE,
)
_LARGEST = 9_000_000_000_000


def statement(lines: Sequence[Line]) -> tuple[str, ...]:
    """The customer's lines that tell of what is not reported yet."""
    filed = max(
        (
            at
            for at, line in enumerate(lines)
            if line.author_kind != "customer" and wording.REPORT_FILED.search(line.text)
        ),
        default=-1,
    )
    asked = False
    told: list[str] = []
    for at, line in enumerate(lines):
        if line.author_kind == "customer":
            words = _HANDLE.sub("", line.text).strip()
            said = said_in(line.text)
            tells = asked or "fraud" in said.wishes or (said.doubt and amount_in(words) is not None)
            repeats = words.casefold() in (one.casefold() for one in told)
            if at > filed and words and tells and not repeats:
                told.append(words)
        elif line.audience == "customer":
            asked = wording.WANTS_DETAILS.search(line.text) is not None
    return tuple(told)


def is_substantial(words: Sequence[str]) -> bool:
    """Whether the words tell what happened, and not only that there is something to report."""
    return any(len(re.findall(r"[\w$%]+", _MERE_WISH.sub(" ", line))) >= 2 for line in words)


def text_of(words: Sequence[str]) -> str:
    """The report's text, in the customer's words."""
    text = " ".join(words)
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def amount_of(words: Sequence[str]) -> int | None:
    """The largest amount that the words say is gone, in minor units: the smaller one would look more harmless than it is."""
    found = [amount for line in words if (amount := amount_in(line)) is not None]
    return max(found, default=None)


@lru_cache(maxsize=512)
def amount_in(line: str) -> int | None:
    """The largest amount of one line that is not what the customer has or should have, in minor units."""
    found = [minor for start, minor in _amounts(line) if not _HELD.search(line[:start])]
    return max(found, default=None)


def _amounts(line: str) -> Iterator[tuple[int, int]]:
    for match in _AMOUNT.finditer(line):
        groups = [group for group in match.groups() if group]
        number, scale = groups[0], groups[1].lower() if len(groups) > 1 else ""
        minor = round(float(number.replace(",", "")) * 100) * _SCALE[scale]
        if 0 < minor <= _LARGEST:
            yield match.start(), minor
