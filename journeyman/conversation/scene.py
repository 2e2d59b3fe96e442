"""What surrounds the numbers of a message: the nouns that they are bound to, what was asked, dates, quantities.

All patterns are searched in bounded windows, so that a message of any length costs time in proportion to it.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from journeyman.conversation.asking import mentions
from journeyman.conversation.numbers import Group, Run

_NEAR = 60  # characters that may lie between a number and its noun

_PIN = (
    r"(?<![a-z])(?:p\W?i\W?n+s?(?:ny)?(?![a-z])|pni(?![a-z])|pin(?:code|number|no|nr|is)(?![a-z])|pin codes?"
    r"|pass ?codes?|access codes?|one[- ]time (?:code|password)|otp(?![a-z])|personal identification number"
    r"|geheimzahl|code secret|codigo secreto|secret (?:number|code|digits)|(?:four|4)[- ]digit (?:number|code)"
    r"|what i (?:use|type|enter|punch|key) (?:in )?(?:at|in|into) (?:the|an?) (?:atm|cash ?(?:machine|point)))"
)
_CVV = (
    r"(?<![a-z])(?:cvv2?|cvc2?|csc|cv2|(?<!social )security (?:code|number)|card verification(?: (?:code|value))?"
    r"|(?:code|digits?|number)s? (?:on|at) the (?:back|front)"
    r"|(?:expir\w{0,4}|exp|valid (?:thru|until|to))\W{1,3}\d{1,2}\s?[/-]\s?\d{2,4}[^.?!\d]{1,30}?(?:digits?|code|number)s?"
    r")(?![a-z])"
)
_CARD = (
    r"(?<![a-z])(?:(?:credit|debit|bank|payment|visa|master|amex)? ?cards?(?: ?(?:number|no|nr|num))?|visa|mastercard|amex"
    r"|pan)(?![a-z])"
)
_ACCOUNT = r"(?<![a-z])(?:accounts?|acct?s?|acnt|account(?:number|no)|a/c|ac no|iban|sort code|routing)(?![a-z])"
_OTHER = (
    r"(?<![a-z])(?:invoice|ref(?:erence)?|ticket|phone|mobile|cell|zip|post ?code|room|flight|year|born|birth ?(?:day|date)"
    r"|dob|d\.o\.b|model|ssn|social security|apartment|(?:order|case|claim|policy|customer|member|membership|booking)"
    r"(?: (?:number|no|nr|id)|(?= ?[#:]? ?\d))|in (?=(?:19|20)\d\d))(?![a-z])"
)
_NOUN = re.compile(
    f"(?P<pin>{_PIN})|(?P<cvv>{_CVV})|(?P<account>{_ACCOUNT})|(?P<card>{_CARD})|(?P<other>{_OTHER})", re.IGNORECASE
)
_SECRET_NOUN = re.compile(f"{_PIN}|{_CVV}", re.IGNORECASE)
GLUE = re.compile(
    r"(?:[\s:=#\-'\",.(\[{\\>]|\b(?:is|was|are|were|be|number|numbers|num|no|nr|code|might|may|maybe|could|should|would|probably"
    r"|i|think|believe|it|its|it's|s|either|or|my|the|of|to|for|as|well|also|now|just|here|ending|with|use|try|put|you|ist"
    r"|lautet|es|est|one|both|and|digits?)\b)*",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^[\"')]*\s*(?:,?\s*(?:is|'s|was|are|were|=|for|as|being|should be|might be)\s+)?(?:(?:the|my|our|a|an|that)\s+)?"
    r"(?:(?:bank|current|savings|atm|card)\s+)?$",
    re.IGNORECASE,
)
_LIST = re.compile(
    f"{_ACCOUNT}(?: ?(?:number|numbers|num|no|nr))?[\\s#.]*(?:and|&|,|/|\\+|or)\\s*(?:my |the )?$", re.IGNORECASE
)

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*"
DATES = re.compile(
    r"\b\d{1,2}\s?[/.\- ]\s?\d{1,2}\s?[/.\- ]\s?(?:19|20)\d{2}\b|\b(?:19|20)\d{2}[/.\-]\d{1,2}[/.\-]\d{1,2}\b"
    r"|\b\d{1,2}[/.]\d{1,2}[/.]\d{2}\b"
    rf"|\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? ?(?:19|20)?\d{{2}}\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}\.?,? ?(?:19|20)?\d{{2}}\b|\b(?:the )?year \d{{4}}\b",
    re.IGNORECASE,
)
_CURRENCY_BEFORE = re.compile(r"(?:[$€£¥₹%]|\b(?:usd|eur|gbp|rs|inr|chf|cad|aud)\.?)\s*$", re.IGNORECASE)
_UNIT_AFTER = re.compile(
    r"^(?:[.,]\d+)?\s*(?:[$€£¥₹%°]|[km]\b|st\b|nd\b|rd\b|th\b"
    r"|(?:more |extra |us |canadian )?(?:dollars?|dollers?|bucks?|credits?|euros?|pounds?|quid|cents?|usd|eur|gbp|thousand"
    r"|million|grand|percent|years?|yrs?|days?|weeks?|months?|hours?|hrs?|minutes?|mins?|seconds?|[ap]\.?m\b|o'?clock"
    r"|degrees?|people|persons?|guests?|miles|kms?|times|points|stars|rooms|street|ave(?:nue)?|road|drive|lane"
    r"|in credit|short\b|too much|pm|am)(?![a-z]))",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(?<![A-Za-z'])(?!(?:is|its|it|was|pin|code|my|the|no|nr)[-/#]?$)[A-Za-z]{1,6}[-/#]?$", re.IGNORECASE
)
_QUANTITY_BEFORE = re.compile(
    r"\b(?:missing|about|around|over|under|least|most|than|another|had|have|has|only|like|balance|amount|total|withdrew"
    r"|withdrawn|stole|stolen|took|taken|spent|paid|pay|costs?|transfer(?:red)?|worth|deposit(?:ed)?|up to|owe|just|got"
    r"|lost|get|for|of|by|in)(?: (?:a|an|of|the|is|was|about|around|like))* $",
    re.IGNORECASE,
)
_RECKONING_BEFORE = re.compile(
    r"\b(?:missing|more than|less than|at least|at most|balance (?:of|is|was)|i had|(?:should|must) (?:only )?have"
    r"|withdrew|withdrawn|stole|stolen|took|spent|paid|pay|costs?|transfer(?:red)?|deposit(?:ed)?|owe|worth)"
    r"(?: (?:a|an|about|around|over|only))* $",
    re.IGNORECASE,
)
_GUESS = re.compile(
    r"\b(?:try|either|maybe|perhaps|remember(?:ed)?(?: it)?(?: now)?(?:,? it(?:'s| is| was))?)[ :,]*$", re.IGNORECASE
)
_FILLER_WORDS = re.compile(
    r"\b(?:a|ah|actually|again|also|and|are|be|could|either|er|gosh|here|hey|hi|hmm|i|i'm|is|it|it's|its|just|maybe|might"
    r"|my|number|of|oh|ok|okay|or|perhaps|please|pretty|probably|remember|see|so|sorry|sure|thanks|thank|that|that's|the"
    r"|then|think|this|those|them|to|try|uh|uhm|um|was|well|with|yeah|yes|you|go|wait|now|one|both|does|sound|right)(?:'s|'m)?\b",
    re.IGNORECASE,
)
_NUMERIC_ASK = re.compile(
    r"how (?:much|many|long|old)|\bamount|what time|which (?:time|day|date|year|number)|\b(?:zip|post ?code|order|reference"
    r"|invoice|phone|flight|ticket|policy|claim|house|room)\b|last (?:four|4|few|three|3|six|6) (?:digits|numbers)?"
    r"|ssn|social security|people|guests|\bprice|budget|question number|at what question|what number",
    re.IGNORECASE,
)
_AUTH_ASK = re.compile(r"authenticat|verif|identi(?:ty|fy)|security|the rest\b|remaining|missing|both\b", re.IGNORECASE)

_ALTERNATIVE = re.compile(r"^,? or (?:maybe |it's |it was )?\d{4}(?!\d|\s*(?:in|credit|dollar|buck|\w+ short))")
_ENDS = re.compile(r"^\s*(?:[,.!;]|$)")
_IDENTIFYING = frozenset(("account_number", "date_of_birth", "security_answer", "name"))


class Noun(NamedTuple):
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Scene:
    """What surrounds the numbers of one message."""

    text: str
    nouns: tuple[Noun, ...]
    fields: frozenset[str]
    bare: bool
    mentions_pin: bool
    numeric_ask: bool
    authenticating: bool
    dates: tuple[tuple[int, int], ...]

    def binding(self, number: Group) -> tuple[str, bool]:
        """The kind of noun that `number` belongs to ("" if none), and whether directly."""
        at = bisect_right(self.nouns, number.start, key=lambda noun: noun.end)
        preceding = self.nouns[at - 1] if at else None
        at = bisect_left(self.nouns, number.end, key=lambda noun: noun.start)
        following = self.nouns[at] if at < len(self.nouns) else None
        link = self.text[number.end : following.start] if following and following.start - number.end <= _NEAR else None
        named_after = link is not None and _AFTER.match(link) is not None
        if following and link and named_after and link.strip(" \"')"):
            return following.kind, True
        if preceding and self.glued(preceding.end, number.start):
            return preceding.kind, True
        if following and named_after:
            return following.kind, True
        return (preceding.kind, False) if preceding else ("", False)

    def glued(self, start: int, end: int) -> bool:
        """Whether nothing but words like "is" and "or" stands between."""
        return end - start <= _NEAR and GLUE.fullmatch(self.text, start, end) is not None

    def listed(self, number: Group) -> bool:
        """Whether `number` follows a list such as "account number and PIN:": its length then tells which it is."""
        at = bisect_right(self.nouns, number.start, key=lambda noun: noun.end)
        while at and self.nouns[at - 1].kind != "pin":
            at -= 1
        return (
            at > 0
            and _LIST.search(self.text[max(0, self.nouns[at - 1].start - _NEAR) : self.nouns[at - 1].start]) is not None
        )

    def counted(self, number: Group) -> bool:
        """Whether a currency or a unit makes `number` a quantity."""
        return (
            _CURRENCY_BEFORE.search(self.text, max(0, number.start - 8), number.start) is not None
            or _UNIT_AFTER.match(self.text[number.end : number.end + 24]) is not None
        )

    def referring(self, number: Group) -> bool:
        """Whether letters before `number` make it a part of a reference, such as `A-1001`."""
        return _REFERENCE.search(self.text, max(0, number.start - 8), number.start) is not None

    def amounting(self, number: Group) -> bool:
        """Whether the words before `number` speak of an amount ("I had 5654")."""
        return _QUANTITY_BEFORE.search(self.text[max(0, number.start - 40) : number.start]) is not None

    def guessing(self, number: Group) -> bool:
        """Whether the words around `number` are those of someone trying one ("try 7402 or 3941")."""
        before = self.text[max(0, number.start - 40) : number.start]
        after = self.text[number.end : number.end + 24]
        return _GUESS.search(before) is not None or (len(number.digits) == 4 and _ALTERNATIVE.match(after) is not None)

    def leading(self, number: Group) -> bool:
        """Whether `number` is the first sentence of the message."""
        return (
            number.start <= 8
            and not self.text[: number.start].strip(" .,\"'\n")
            and _ENDS.match(self.text[number.end : number.end + 8]) is not None
        )

    def reckoning(self, number: Group) -> bool:
        """As `amounting`, of words that nobody says before a PIN ("I should have more than 4334")."""
        return _RECKONING_BEFORE.search(self.text[max(0, number.start - 40) : number.start]) is not None


def scene(text: str, asked: str | None, found: list[Run]) -> Scene:
    """The scene of folded `text`, whose runs are `found`."""
    fields = mentions(asked) if asked else frozenset()
    nouns = tuple(Noun(match.start(), match.end(), str(match.lastgroup)) for match in _NOUN.finditer(text))
    return Scene(
        text=text,
        nouns=nouns,
        fields=fields,
        bare=_is_bare(text, found),
        mentions_pin=any(noun.kind == "pin" for noun in nouns),
        numeric_ask=bool(asked and _NUMERIC_ASK.search(asked)),
        authenticating=bool(asked and (fields & _IDENTIFYING or _AUTH_ASK.search(asked))),
        dates=tuple(match.span() for match in DATES.finditer(text)),
    )


def _is_bare(text: str, found: list[Run]) -> bool:
    """Whether nothing but numbers, the word PIN and small talk is in `text`."""
    pieces, at = [], 0
    for run in found:
        pieces.append(text[at : run.groups[0].start])
        at = run.groups[-1].end
    pieces.append(text[at:])
    left = _SECRET_NOUN.sub(" ", _FILLER_WORDS.sub(" ", " ".join(pieces)))
    return not any(char.isalnum() for char in left)


def within(start: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether `start` is in one of the `spans`, which are in order and apart."""
    at = bisect_right(spans, start, key=lambda span: span[0])
    return at > 0 and start < spans[at - 1][1]
