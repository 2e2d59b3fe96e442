"""What a customer has said about who they are: name, account number, PIN handle, date of birth, two security answers.

Each line is read by itself (`found_in`), whatever was asked; here the lines are put together in order, and a short answer
gets its meaning from the question before it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from activities.bank_service.standin.found import (
    ACCOUNT,
    BIRTH,
    CAPITAL,
    MAIDEN,
    NAME,
    PET,
    PIN,
    WORD,
    Found,
    found_in,
    is_name,
    may_be_answer,
)
from journeyman.agents.prompt import Line

BY_PIN = (NAME, ACCOUNT, PIN)
BY_ANSWERS = (NAME, BIRTH, MAIDEN, PET)
FIELDS = (NAME, ACCOUNT, PIN, BIRTH, MAIDEN, PET)

_LEAD_IN = re.compile(
    r"^(?:\W*\b(?:well|so|hi|hello|yes|yeah|yep|ok|okay|sure|it is|it's|its|it was|that is|that's|that was"
    r"|that would be|um+|uh+|oh|ah"
    r"|hmm+|i think|i believe|maybe|probably|the name (?:was|is)|name (?:was|is)|she was|he was|they were|thats"
    r"|was|is|and|my|actually"
    r"|sorry|i mean|no|it|alright|of course|pet|maiden|mother'?s?|childhood|answer)\b[,.!:; ]*)+",
    re.IGNORECASE,
)
_ANSWER = re.compile(rf"^\W*({CAPITAL} {CAPITAL}|{WORD})\b")
_HEDGE = re.compile(r"[,. ]*\b(?:i think|i believe|maybe|i guess|probably|of course|please)\b[ .!?]*$", re.IGNORECASE)
_CORRECTS = re.compile(r"\b(?:no|wait|sorry|i mean|actually|correction)\b", re.IGNORECASE)
_PLAY = re.compile(r"\b(?:trivia|game|quiz|question)\b", re.IGNORECASE)
_SAID_TO_BE = re.compile(
    rf"\b(?:[Ii]t (?:was|is)|[Ii]t'?s|[Yy]es,?|[Ii] think|[Mm]aybe|[Tt]hink it(?:'s| is| was)|[Ii] used|called"
    rf"|answer(?: which| that)? (?:is|was))\s+({CAPITAL})\b"
)
_SENTENCE = re.compile(rf"(?:^|[.!?])\s*({CAPITAL})\s*(?=[.!?]|$)")
_TWO_ANSWERS = re.compile(rf"^\W*({WORD})\s*(?:,|\band\b|&|/)\s*(?:and )?({WORD})\W*$", re.IGNORECASE)


@dataclass(slots=True)
class Proof:
    """All that the customer has given so far."""

    values: dict[str, str] = field(default_factory=dict)
    pins: tuple[str, ...] = ()
    """Handles that have not been used yet, the first to try first."""
    cannot: set[str] = field(default_factory=set)
    playing: bool = False
    """The latest line was about a game, so that a lone word may belong to that."""
    first: str = ""
    """A first name that stood alone."""
    barren: int = 0
    """How many of the latest lines gave nothing."""

    def has(self, name: str) -> bool:
        """Whether it can be shown to the bank."""
        return bool(self.pins) if name == PIN else name in self.values

    def complete(self, fields: Iterable[str]) -> bool:
        """Whether all of these are there."""
        return all(self.has(name) for name in fields)

    def missing(self) -> list[str]:
        """What is not there of the way that is nearer to complete."""
        lacking = [[name for name in way if not self.has(name)] for way in (BY_PIN, BY_ANSWERS)]
        return min(lacking, key=len)

    def claims(self) -> Iterator[dict[str, str]]:
        """The complete sets that can be shown to the bank, as arguments of `verify_identity`: no more than it needs.

        Customers answer the two security questions in any order, so that the answers are shown in both.
        """
        if self.complete(BY_PIN):
            yield {name: self.pins[0] if name == PIN else self.values[name] for name in BY_PIN}
        if self.complete(BY_ANSWERS):
            given = {name: self.values[name] for name in BY_ANSWERS}
            yield given
            yield given | {MAIDEN: given[PET], PET: given[MAIDEN]}


def proof(lines: Iterable[Line], *, used: frozenset[str] = frozenset(), started: int = 0) -> Proof:
    """Put together what the customer's lines say. `used` are PIN handles that are gone.

    Short answers count from line `started` on: before it, nothing about identity had been asked.
    """
    known, asked, weight = Proof(), None, 0
    for position, line in enumerate(lines):
        if line.author_kind != "customer":
            if line.audience == "customer" and (wanted := asked_for(line.text)) is not None:
                asked = wanted
            continue
        found = found_in(line.text)
        before = dict(known.values), known.pins, len(known.cannot)
        for name, value in found.values.items():
            if name == NAME:
                # After a question for an answer, two words are that answer; a name that was said outright stays.
                answers = asked in (MAIDEN, PET, BIRTH) and found.name_weight < 3
                if NAME in known.values and (answers or found.name_weight < min(weight, 2)):
                    continue
                weight = found.name_weight
            known.values[name] = value
            known.cannot.discard(name)
        # Of several that are offered one counts: whoever tries one after the other may be guessing.
        fresh = tuple(pin for pin in found.pins[:1] if pin not in used)
        if fresh:
            known.pins = fresh
            known.cannot.discard(PIN)
        if position >= started:
            _answer(known, found, asked)
        for name in found.cannot:
            if name != "?":
                known.cannot.add(name)
            elif asked is not None and not known.has(asked):
                known.cannot.add(asked)
        known.cannot -= {name for name in known.cannot if known.has(name)}
        if position >= started:
            fruitless = before == (known.values, known.pins, len(known.cannot))
            known.barren = known.barren + 1 if fruitless else 0
        known.playing = _PLAY.search(line.text) is not None
        known.first = found.first or known.first
    return known


def asked_for(text: str) -> str | None:
    """The field that a question of ours asks for."""
    lowered = text.lower()
    return next((name for name, word in _ASKED if word in lowered), None)


_ASKED = (
    (MAIDEN, "maiden"),
    (PET, "pet"),
    (BIRTH, "date of birth"),
    (PIN, "pin"),
    (ACCOUNT, "account number"),
    (NAME, "full name"),
)


def _answer(known: Proof, found: Found, asked: str | None) -> None:
    """Give a short answer its meaning: a name, or the security answer that is due."""
    if found.cannot & {"?", asked}:
        return
    rest = _LEAD_IN.sub("", found.rest).strip()
    if NAME not in known.values:
        if (name := _two_words(rest)) and (asked == NAME or rest.strip(" .!,") == name):
            known.values[NAME] = name
            return
        if asked == NAME and known.first and (last := re.fullmatch(rf"\W*({CAPITAL})\W*", rest)):
            known.values[NAME] = f"{known.first} {last[1]}"
            return
    if found.values.keys() & {ACCOUNT} or found.pins or known.values.get(NAME) == found.values.get(NAME, ""):
        return
    due = [name for name in (MAIDEN, PET) if name not in known.values]
    if asked in due:
        due.remove(asked)
        due.insert(0, asked)
    elif BIRTH not in known.values and asked not in (MAIDEN, PET, BIRTH):
        return
    if not due:
        return
    if len(due) == 2 and (pair := _TWO_ANSWERS.match(rest)) and may_be_answer(pair[1]) and may_be_answer(pair[2]):
        known.values[MAIDEN], known.values[PET] = pair[1], pair[2]
    elif (one := _one_answer(found.rest, rest, asked in (MAIDEN, PET))) is not None:
        if one[:1].islower() and known.values.get(NAME, "")[:1].isupper() and known.playing:
            return  # someone who writes names with capitals answers a game with a word without
        known.values[due[0]] = one
    known.cannot -= known.values.keys()


def _one_answer(whole: str, rest: str, asked: bool) -> str | None:
    """The one word that answers: a short line's first, or what the customer says that it is."""
    corrects = _CORRECTS.search(whole) is not None
    if corrects and (said := [match[1] for match in _SAID_TO_BE.finditer(whole) if may_be_answer(match[1])]):
        return said[-1]
    rest = _HEDGE.sub("", rest)
    if (first := _ANSWER.match(rest)) and may_be_answer(first[1].split()[0]) and _is_short(rest, asked):
        return first[1]
    for pattern in (_SAID_TO_BE, _SENTENCE):
        said = [match[1] for match in pattern.finditer(whole) if may_be_answer(match[1])]
        if said:
            return said[-1] if corrects else said[0]
    return None


def _two_words(rest: str) -> str | None:
    match = re.match(rf"^\W*({WORD} {WORD})\W*(?:$|[,.!])", rest)
    return match[1] if match and is_name(match[1]) else None


def _is_short(rest: str, asked: bool) -> bool:
    head = re.split(r"[.!?,;(]| (?:and|but|because|you|i|he|she|we|was|is) ", rest, maxsplit=1)[0]
    words = head.split()
    return len(words) <= (3 if asked else 1) and (rest[:1].isupper() or len(rest.split()) <= (2 if asked else 1))
