"""What a customer wants of the bank, read from their lines: which wishes there are, and which have been dealt with."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from activities.bank_service.standin import wording
from journeyman.agents.prompt import Line
from journeyman.conversation.triggers import triggers

Kind = Literal["balance", "fraud", "other"]

_BAL = r"(?:bal{1,2}an?ce?|balence|balnce)s?"
_BALANCE = re.compile(
    r"\b(?:check|chack|know|see|tell|say|view|look|get|give|find out|verify|confirm|need|want|what'?s|what is"
    r"|what was|is|inform|show|read)\b"
    rf"[^.?!]{{0,45}}\b(?:{_BAL}|funds)\b"
    rf"|\b{_BAL},? please|\b(?:my|account|bank) {_BAL}\s*\??$|^\W*(?:my )?(?:bank |account )*{_BAL}\W*$"
    r"|\bcheck (?:on )?my (?:\w+ )?(?:bank|bank account|account|acct)\b|\bcheck (?:the |a )?(?:bank|account)\b"
    r"|\bhow much (?:money |cash |is |do |have |i )?(?:\w+ ){0,3}(?:have|got|is in|left)\b"
    r"|\b(?:make sure|see if|check if|check that|be sure|know if|find out if)\b[^.?!]{0,20}\b(?:i|i'?ve|i'?m|we)\b"
    r"[^.?!]{0,20}\b(?:have|got|enough|can|afford)\b[^.?!]{0,25}\b(?:money|funds|pay|cash|afford|account)\b"
    r"|\bhow (?:rich|poor|broke)\b|\b(?:if|whether) i can afford\b"
    r"|\bbalance\b[^.?!]{0,15}\bcheck",
    re.IGNORECASE,
)
_FRAUD_WORD = (
    r"fraud\w*|scam\w*|robbed|robbing|robber\w*|stole|stolen|steal\w*|thief|thieves|theft|hack\w*|unauthori[sz]ed"
    r"|suspicious\w*|"
    r"suspect behaviou?r|ripp\w+ (?:me )?off"
)
_FRAUD = re.compile(
    rf"\b(?:{_FRAUD_WORD})\b"
    r"|\b(?:file|submit|make|take|send)\b[^.?!]{0,20}\breport\b|\breport (?:it|this|that|them|him)\b|\bfile (?:it"
    r"|one)\b"
    r"|\bwhere should i report\b|\bneed to report\b"
    r"|\b(?:some ?(?:one|body)|they|he|she|who|people)(?:'s| has| have| is| must have| had)?(?: been)? "
    r"(?:took|taken|taking|take|withdrew|withdrawn|transferr?ed|transferr?ing|spent|used|charged"
    r"|made transfers\w*|gotten into|got into|has took)\b"
    r"|\b(?:has|have|had) (?:been )?(?:withdrawn|transferred|taken)\b|\bwas (?:withdrawn|transferred|taken|debited)\b"
    r"|\b(?:i'?m|i am|is|are|am|be)\s+(?:\w+ )?missing\b|\bmissing (?:money|over|about|around|[$%]?\d)"
    r"|\b\d[\d,.]*k?(?: credits?| dollars)? (?:is |are )?missing\b"
    r"|\b(?:strange|weird|odd|unknown)\b[^.?!]{0,30}\b(?:charges?|transfers?|transactions?|activity|alert|account)\b"
    r"|\b(?:odd|strange|weird) things\b"
    r"|\b(?:money|bank|frequent|suspicious|bunch of \S+) transfers?\b|\bworried about (?:some )?transactions\b"
    r"|\b(?:lost|missing|stolen)\b[^.?!]{0,12}\b(?:debit|credit|bank|atm)?\s?card\b|\bcard\b[^.?!]{0,12}\b(?:lost"
    r"|missing|gone|stolen)\b"
    r"|\bcard (?:cancell?ed|compromised)\b|\bcancel (?:my|the|it)\b[^.?!]{0,10}\bcard\b"
    r"|\bsomething(?:'s| is)? (?:off|wrong) with my account\b",
    re.IGNORECASE,
)
_FRAUD_ASKED = re.compile(
    r"\b(?:file|submit|make|send|need|want|take|do|another|second|new)\b[^.?!]{0,30}\breports?\b"
    r"|\b(?:file|report) (?:it|one|this|that)\b|\breport (?:a |the )?(?:bank )?fraud\b|^\W*(?:a "
    r"|the )?(?:bank )?fraud report",
    re.IGNORECASE,
)
_NOT_FRAUD = re.compile(
    r"\bwas my (?:fraud )?report\b|\bdid you (?:file|submit)\b|\bmy report (?:has|is|was)\b", re.IGNORECASE
)
_DOUBT = re.compile(
    r"\b(?:that|this|it|something)(?:'s| is| does)?(?: not|n'?t| can'?t| cannot)[^.?!]{0,12}\b(?:right|be right"
    r"|sound right|add up|correct|possible)\b"
    r"|\bcan'?t be right\b|\bnot right\b|\b(?:something|there)(?:'s| is)[^.?!]{0,20}\b(?:off|wrong|fishy)\b"
    r"|\bthat'?s wrong\b"
    r"|\bshould (?:have|be|still)\b[^.?!]{0,20}(?:\d|\bmore\b)|\bhad (?:more|\$?\d{3,})|\btoo (?:low|little"
    r"|much)\b|\bshould only\b"
    r"|\b\d[\d,]* (?:credits? |dollars? )?short\b",
    re.IGNORECASE,
)
_YES = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|sure|please|ok(?:ay)?|do it|absolutely|of course|i (?:do|would|should)"
    r"|not that i want)\b",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:reserv\w+|restaurant|book(?:ing)?|table|trivia|weather|forecast|game|play|quiz|question (?:number|\d+"
    r"|#)|rain\w*|sunny"
    r"|massage|takeout|recipe|cake|flight|taxi|ride|hotel|movie|pizza|legume|dinner|lunch|party of|parking)\b",
    re.IGNORECASE,
)
_BYE = re.compile(
    r"\b(?:good ?bye|goodby|bye|good ?night|later alligator|take care|have a (?:nice|good|great|wonderful|lovely"
    r"|fantastic) \w+"
    r"|see (?:you|ya)|farewell)\b",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(?:that(?:'s|s| is| was|'ll be| will be| wll| will| does| will do)?(?: about| pretty much)? (?:all|it"
    r"|everything|do it)\b"
    r"|all (?:good|done|set)|i'?m (?:all )?(?:good|done|set|fine|finished)|nothing (?:else|more)|no more|that'?s enough"
    r"|(?:all|everything) (?:that )?i need\w*|i believe that'?s all|nope,? all done)",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^\W*(?:no|nope|nah|not (?:now|today|really|at the moment)|nevermind|never mind|no,? thanks?(?: you)?)\b",
    re.IGNORECASE,
)
_THANKS = re.compile(r"\b(?:thanks|thank (?:you|yo|y)|thx|appreciate|grateful)\b", re.IGNORECASE)
_DONE = re.compile(
    r"\b(?:thanks|thank (?:you|yo|y) ?o?u?|thx|appreciate|been)\b[^.?!]{0,25}\b(?:help\w*|assistance|everything"
    r"|assistant)\b",
    re.IGNORECASE,
)
_HELLO = re.compile(
    r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening)|greetings|howdy)\b[\w\s,!.']{0,20}$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Said:
    """What one line says about wishes."""

    wishes: tuple[Kind, ...]
    asked_report: bool
    doubt: bool
    yes: bool
    closing: int
    """3: a farewell; 2: nothing more is wanted; 1: perhaps not; 0: none of these."""
    no: bool
    thanks: bool
    hello: bool


@lru_cache(maxsize=512)
def said_in(text: str) -> Said:
    """What one line of a customer says about wishes."""
    text = text.replace("’", "'").replace("‘", "'")
    found: list[tuple[int, Kind]] = []
    if match := _BALANCE.search(text):
        found.append((match.start(), "balance"))
    if not _NOT_FRAUD.search(text) and (match := _FRAUD.search(text)):
        found.append((match.start(), "fraud"))
    if not found and (match := _OTHER.search(text)):
        found.append((match.start(), "other"))
    wishes = tuple(kind for _, kind in sorted(found))
    banking = bool({"balance", "fraud"} & set(wishes))
    bye, everything, no = bool(_BYE.search(text)), bool(_ALL.search(text)), bool(_NO.match(text))
    thanks = bool(_THANKS.search(text))
    closing = 0
    if not banking:
        done = bye or bool(_DONE.search(text)) or (everything and (thanks or "today" in text.lower()))
        closing = 3 if done else 2 if thanks and no else 1 if everything or no else 0
    if closing and "person_request" in triggers(text):
        closing = 0
    return Said(
        wishes=wishes,
        asked_report=bool(_FRAUD_ASKED.search(text)),
        doubt=bool(_DOUBT.search(text)),
        yes=bool(_YES.match(text)),
        closing=closing,
        no=no,
        thanks=thanks,
        hello=bool(_HELLO.match(text)),
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """A wish that has not been dealt with."""

    kind: Kind
    line: int
    text: str


def open_wishes(lines: Sequence[Line]) -> Iterator[Wish]:
    """The wishes that nothing has answered yet, oldest first: those of `balance` and `fraud`, then what is out of scope."""
    told = {
        "balance": _last(lines, wording.BALANCE_TOLD),
        "fraud": _last(lines, wording.REPORT_FILED),
        "other": max((at for at, line in enumerate(lines) if _ours(line)), default=-1),
    }
    refused = _last(lines, wording.NOT_VERIFIED)
    others: list[Wish] = []
    for at, line in enumerate(lines):
        if line.author_kind != "customer" or at <= refused:
            continue
        said = said_in(line.text)
        for kind in said.wishes:
            if at <= told[kind]:
                continue
            if kind == "fraud" and told["fraud"] >= 0 and not said.asked_report:
                continue  # they talk about what they have reported
            if kind == "other":
                others.append(Wish(kind, at, line.text))
            else:
                yield Wish(kind, at, line.text)
        accepted = said.yes or said.doubt or ("other" not in said.wishes and any(sign.isdigit() for sign in line.text))
        if accepted and not said.no and told["fraud"] < at and "fraud" not in said.wishes and _offered(lines, at):
            yield Wish("fraud", at, line.text)
    yield from others


def _offered(lines: Sequence[Line], at: int) -> bool:
    """Whether the line before `at` of ours offered a fraud report."""
    before = next((line for line in reversed(lines[:at]) if _ours(line)), None)
    return before is not None and wording.OFFERS_REPORT.search(before.text) is not None


def _last(lines: Sequence[Line], pattern: re.Pattern[str]) -> int:
    return max((at for at, line in enumerate(lines) if _ours(line) and pattern.search(line.text)), default=-1)


def _ours(line: Line) -> bool:
    return line.author_kind in ("ai", "person") and line.audience == "customer"
