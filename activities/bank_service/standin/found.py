"""What one line of a customer says about who they are, by itself: names, numbers, dates, and what they do not know."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

NAME, ACCOUNT, PIN, BIRTH, MAIDEN, PET = (
    "full_name",
    "account_number",
    "pin",
    "date_of_birth",
    "security_answer_1",
    "security_answer_2",
)

_HANDLE = re.compile(r"\[pin:[^\]\s]+\]")
_ANY_HANDLE = re.compile(r"\[(?:pin|password|card|cvv)(?::[^\]\s]+)?\]")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATE = re.compile(
    rf"(?<![\d/$])(?:\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?(?:\d{{4}}|\d{{2}})|\d{{4}}-\d{{1,2}}-\d{{1,2}})(?![\d/])"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTHS})[a-z]*\.?,? \d{{4}}\b"
    rf"|\b(?:{_MONTHS})[a-z]*\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"(?<![\w$€£%.,/-])\d(?:[ -]?\d){5,16}(?![\w/]|[.,]\d|\s*(?:credits?|dollars?|bucks|usd)\b)")

WORD = r"[A-Za-z][A-Za-z'’-]+"
CAPITAL = r"[A-Z][A-Za-z'’-]+"
_CALLED = re.compile(
    r"\b(?:(?:my |the |full |customer )*name(?:'s| is|:| was)?|i am|i'm|im|this is|it's|its|it is|for|under|yes"
    r"|sure|of course|ok(?:ay)?|uh|well)"
    rf",?\s+((?-i:{CAPITAL}) {WORD})\b",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"\b(?:my )?(?:full )?name(?:'s| is|:)\s+({WORD} {WORD})\b", re.IGNORECASE)
_OPENING = re.compile(rf"^\W*({CAPITAL} {CAPITAL})\b(?=\s*(?:$|[,.!?:;\d\[-]|with\b|and\b|no\b|my\b|I\b|account\b))")
_ANYWHERE = re.compile(rf"\b({CAPITAL} {CAPITAL})\b")
_PLAIN = """
a about account actually afraid after again ah ai all also although america an and angeles angry another anyway
appreciate are as ask assistant at awesome balance bank be because before being better born boy but bye calling
can cancel card cat chase checking childhood city class club confused cool could customer date day dear debit
did do does dog dollars don't done dont dude either excellent fargo father fine for forgot francisco fraud
friday from fun geez get getting go going gonna good goodbye goodnight got great ha had happy hard has have
haven't having he hello help her here hers hey hi him his hmm hold hope hopefully how i i'd i'll i'm i've if in
interested is isn't it it's its jesus just know later let let's lets like line looking lord los lost love made
maiden maybe me mean missing monday mother mr mrs much my name need never nevermind new next nice no nope not
nothing now of off oh ok okay old on one only or other our out over perfect pet pin play please pnc pretty
probably question quick quite ready really remember reservation reserve restaurant right robbed same san
saturday say scared security see she should since sir so some somebody someone sorry start still stolen sunday
super sure surprise sweet table take tell terrible than thank thanks that that's thats the their them then there
there's these they thing think this those thursday time to today tomorrow tonight too trivia try trying tuesday
two uh um umm under unsure until up us use very wait wanna want wanting was we weather wednesday well wells what
what's when where which while who why will wishing with won't wonderful wondering worried worse worst would wow
yeah yep yes yet yikes york you your yup
"""
_NO_NAME = frozenset(_PLAIN.split())
_CANNOT = re.compile(
    r"\b(?:don'?t|do not|can'?t|cannot|couldn'?t|could not|didn'?t|not|never)\b[^.!?]{0,30}"
    r"\b(?:know|remember|remm?em?b?er|rembember|remeber|recall|have|sure|think of|find|got|tell|comfortable"
    r"|want to|on me|with me)\b"
    r"|\b(?:forgot|forget|forgotten|no idea|no clue|unsure|drawing a blank|lost it|not sure|security questions"
    r"|answer some questions"
    r"|misplaced|slipped my mind|dunno|idk)\b",
    re.IGNORECASE,
)
_OF_PIN = re.compile(r"\bp\.?i\.?n\b", re.IGNORECASE)
_OF_ACCOUNT = re.compile(r"\baccount\b", re.IGNORECASE)
_OF_BIRTH = re.compile(r"\bbirth|\bborn\b|\bd\.?o\.?b\b|\bage\b", re.IGNORECASE)
_SECOND = re.compile(r"\bsecurity questions\b|\banswer some questions\b", re.IGNORECASE)

_LINK = r"(?:'s|'|s)?(?:\s+(?:last |sur)?name)?\s*(?:was|is|would be|:|,|=|-)?\s*(?:named |called |probably |i think )?"
_MAIDEN_SAID = re.compile(
    rf"\bmaiden(?:\s+(?:last\s+)?name)?\s*(?:was|is|would be|:|,|=|-)?\s*(?:probably |i think )?({WORD})"
    rf"|\bm\w*other{_LINK}((?-i:{CAPITAL}))"
    rf"|\b(?:called|name was|name is)\s+her\s+({WORD})",
    re.IGNORECASE,
)
_ANIMAL = r"(?:childhood pet|first pet|pet|dog|cat|gerbil|hamster|goldfish|parrot|rabbit|bunny|turtle|puppy|kitten|horse|bird)"
_PET_SAID = re.compile(
    rf"\b{_ANIMAL}\b{_LINK}(?:name(?:'s)?\s+)?(?:was |is )?((?-i:{CAPITAL})|(?<=pet )[a-z]+|(?<=is )[a-z]+"
    rf"|(?<=was )[a-z]+)"
    rf"|\b({CAPITAL})\b(?:,? (?:was|is)|,) (?:my|a|the)\s+(?:\w+\s)?{_ANIMAL}\b"
    rf"|\b(?:his|her|its) name (?:was|is) ({WORD})"
    rf"|\b{_ANIMAL}\b[^.?!]{{0,25}}\b(?:it's|its|it is|it was|is|was|called|named)\s+((?-i:{CAPITAL}))",
    re.IGNORECASE,
)
_FIRST = re.compile(rf"\b(?:[Ii]'?m|[Ii] am|[Nn]ame(?:'s| is)|[Tt]his is)\s+({CAPITAL})\b(?! {CAPITAL})")


@dataclass(frozen=True, slots=True)
class Found:
    """What one line says by itself."""

    values: dict[str, str]
    pins: tuple[str, ...]
    cannot: frozenset[str]
    """Fields that the line says are not known; `?` stands for the one that was asked for."""
    name_weight: int
    """How certain the name is: 3 said to be one, 2 opens the line, 1 two capitalised words somewhere, 0 none."""
    first: str
    """A first name that stands alone."""
    rest: str
    """What is left without all that."""


@lru_cache(maxsize=512)
def found_in(text: str) -> Found:
    """Everything that one line of a customer says by itself."""
    text = text.replace("’", "'").replace("‘", "'")
    values: dict[str, str] = {}
    pins = tuple(match[0] for match in _HANDLE.finditer(text))
    cannot = frozenset(_cannot(text))
    rest = _ANY_HANDLE.sub(" ", text)
    if date := _DATE.search(rest):
        values[BIRTH] = re.sub(r"\s?([/.-])\s?", r"\1", date[0])
        rest = _DATE.sub(" ", rest)
    accounts = [re.sub(r"\D", "", match[0]) for match in _ACCOUNT.finditer(rest)]
    if accounts:
        values[ACCOUNT] = accounts[-1]
        rest = _ACCOUNT.sub(" ", rest)
    for name, pattern in ((MAIDEN, _MAIDEN_SAID), (PET, _PET_SAID)):
        for match in pattern.finditer(rest):
            said = next((group for group in match.groups() if group), "")
            if said and may_be_answer(said):
                values[name] = said
    name_weight = 0
    for weight, name in _names(rest):
        if weight >= name_weight and name.split()[0] not in values.values():
            name_weight, values[NAME] = weight, name
            rest = rest.replace(name, " ") if weight > 1 else rest
    alone = _FIRST.search(rest)
    first = alone[1] if alone and is_name(alone[1]) else ""
    return Found(values, pins, cannot, name_weight, first, re.sub(r"\s+", " ", rest).strip())


def _names(text: str) -> Iterator[tuple[int, str]]:
    for match in _ANYWHERE.finditer(text):
        if is_name(match[1]):
            yield 1, match[1]
    if (opening := _OPENING.match(text)) and is_name(opening[1]):
        yield 2, opening[1]
    for pattern in (_CALLED, _NAMED):
        for match in pattern.finditer(text):
            if is_name(match[1]):
                yield 3, match[1]


def may_be_answer(word: str) -> bool:
    """Whether a word may answer a security question."""
    return word.lower() not in _NO_NAME and len(word) > 2


def is_talk(text: str) -> bool:
    """Whether a line has a plain word or a number: without one, only who asked for just that can make sense of it."""
    words = re.findall(r"[a-z']+|\d+", text.lower().replace("’", "'"))
    return any(word in _NO_NAME or word.isdigit() for word in words)


def is_name(words: str) -> bool:
    """Whether words may be a person's name: none of them is a plain one."""
    return not any(word.lower() in _NO_NAME for word in re.split(r"[ ]+", words))


def _cannot(text: str) -> Iterator[str]:
    for match in _CANNOT.finditer(text):
        start = max(text.rfind(mark, 0, match.start()) for mark in ".!?,;") + 1
        ends = [at for mark in ".!?" if (at := text.find(mark, match.end())) >= 0]
        clause = text[start : min(ends, default=len(text))]
        named = [
            name
            for name, pattern in ((PIN, _OF_PIN), (ACCOUNT, _OF_ACCOUNT), (BIRTH, _OF_BIRTH))
            if pattern.search(clause)
        ]
        if _SECOND.search(clause):
            named = [PIN]
        yield from named or ["?"]
