"""The script of `form-filler`: what the report and the customer's lines give to the claim form, and what is asked for."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from activities.insurance_claim.standin.saying import fresh
from journeyman.agents.prompt import Line
from journeyman.agents.standin import StandinReply, StandinRequest, hand_over, result, say
from journeyman.conversation.money import amounts

MOST_ASKS = 3
"""How often one thing is asked for before a person finds it out."""

_DAY = re.compile(
    r"\b(?:(?:yesterday|today|tonight)(?: (?:morning|afternoon|evening|night))?|(?:last|this|on) (?:night|morning"
    r"|evening|afternoon"
    r"|week|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?: (?:morning|afternoon|evening|night))?"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
    r"|(?:on )?(?:the )?\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov"
    r"|dec)[a-z]*(?:,? \d{4})?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day(?: (?:morning|afternoon|evening|night))?|\d+ days? ago)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b((?:in|at|on|near|outside|by|behind|opposite) (?:the |my |our |a )?(?:car park|parking lot|garage|corner"
    r"|motorway|highway|roundabout"
    r"|crossing|junction|traffic lights?|driveway|supermarket|office|station|[A-Z][\w'-]+(?: [A-Z][\w'-]+)*)"
    r"(?:(?: (?:of|in|at|on|and|near|by) (?:the )?[A-Z][\w'-]+(?: [A-Z][\w'-]+)*))*)"
)
_PARTY = re.compile(
    r"\b((?:a|an|another|the other|some) (?:\w+ ){0,2}(?:van|car|lorry|truck|bus|taxi|cyclist|bicycle|bike"
    r"|motorbike|motorcycle|scooter"
    r"|driver|pedestrian|deer|dog|tram))\b",
    re.IGNORECASE,
)
_ALONE = re.compile(r"\b(?:nobody|no ?one|no other|only me|just me|on my own|by myself|alone|none)\b", re.IGNORECASE)
_POLICE = re.compile(
    r"\b(?:police|report|reference|crime|incident)\b[^.?!]{0,40}?\b([A-Z]{1,5}[-/ ]?\d[\w/-]{2,}|\d{4,}[\w/-]*"
    r"|\d+[/-]\d[\w/-]*)",
)
_NO_POLICE = re.compile(
    r"\b(?:no|not|didn'?t|did not|never|without|wasn'?t|haven'?t)\b[^.?!]{0,30}\b(?:police|reference|report)"
    r"|\bpolice\b[^.?!]{0,20}"
    r"\b(?:did not|didn'?t|not|never)\b",
    re.IGNORECASE,
)
_DAMAGE = re.compile(
    r"\b((?:my |the |a |both |left |right |front |rear |back |driver'?s |passenger ){0,4}(?:bumper|door|wing|bonnet"
    r"|hood|boot|trunk|mirror"
    r"|headlight|taillight|light|windscreen|windshield|window|wheel|tyre|tire|fender|panel|roof|axle|engine|side)s?"
    r"(?:(?:,| and|, and)? (?:my |the |a |both |left |right |front |rear |back |driver'?s |passenger ){0,4}(?:bumper"
    r"|door|wing|bonnet|hood"
    r"|boot|trunk|mirror|headlight|taillight|light|windscreen|windshield|window|wheel|tyre|tire|fender|panel|roof"
    r"|axle|engine|side)s?)*)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![\w.,/-])\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?(?![\w/-])|(?<![\w.,/-])\d{2,7}(?:\.\d{1,2})?(?![\w/-]|[.,]\d)"
)
_UNKNOWN = re.compile(
    r"\b(?:don'?t|do not|can'?t|cannot) (?:know|remember|say|tell)|\bno idea\b|\bnot sure\b|\bnot yet\b|\bwhy\b|\?\s*$",
    re.IGNORECASE,
)
_NO = re.compile(r"^\W*(?:no|nope|none|not|there (?:is|was) n(?:o|one)|nothing)\b", re.IGNORECASE)
_SECRET = re.compile(r"\[(?:card|cvv|pin|password)(?::[^\]\s]+)?\]")
_LEAD_IN = re.compile(
    r"^(?:\W*\b(?:well|so|hi|hello|yes|yeah|ok|okay|sure|oh|ah|um+|uh+|it is|it's|it was|that is|that's|that was"
    r"|i think|maybe)\b[,.!: ]*)+",
    re.IGNORECASE,
)

_CORRECTS = re.compile(r"\b(?:sorry|actually|i mean|correction|wait)\b", re.IGNORECASE)

FIELDS = ("date_of_loss", "place", "other_party", "police_reference", "damage", "repair_estimate_minor")
_QUESTIONS: dict[str, tuple[str, ...]] = {
    "date_of_loss": (
        "On which day did it happen?",
        "Which day was it?",
        "I still need the day of the accident, please.",
    ),
    "place": ("Where did it happen?", "In which place was it?", "I still need the place of the accident, please."),
    "other_party": (
        "Who else was involved? If nobody was, just say so.",
        "Was anyone else involved, and who?",
        "I still need to know who else was involved, please.",
    ),
    "police_reference": (
        "Is there a reference of the police? If there is none, say no.",
        "Did the police give you a reference?",
        "I still need the reference of the police, or a no.",
    ),
    "damage": (
        "What is damaged on your car?",
        "Which parts of the car are damaged?",
        "I still need what is damaged, please.",
    ),
    "repair_estimate_minor": (
        "How much is the garage's estimate for the repair?",
        "What does the garage estimate for the repair?",
        "I still need the garage's estimate, please.",
    ),
}
_PATTERNS = {
    "date_of_loss": _DAY,
    "place": _PLACE,
    "other_party": _PARTY,
    "police_reference": _POLICE,
    "damage": _DAMAGE,
}
_BEFORE = ("", "Thank you.", "I see.", "All right.")
_CARD = ("Please keep card data out of this conversation; it is not needed for the form.",)


@dataclass(frozen=True, slots=True)
class _Heard:
    """One line of the customer, with the field that it was asked for."""

    text: str
    asked: str | None


def form_filler(request: StandinRequest) -> StandinReply:
    """Asks for the form's missing fields one at a time, and gives the form when it has them."""
    heard = [*_heard(request.lines)]
    report = request.input if isinstance(request.input, dict) else {}
    form = _form(heard, str(report.get("what_happened", "")))
    missing = [field for field in FIELDS if field not in form]
    if not missing:
        return result(form, say="Thank you, the claim form is filled in now.")
    field = missing[0]
    asked = sum(_field_of(line.text) == field for line in request.lines if line.author_kind == "ai")
    if asked >= MOST_ASKS:
        known = ", ".join(f"{name}: {value}" for name, value in form.items())
        return hand_over(
            "missing_information",
            f"The customer could not say {field.replace('_', ' ')}. Known: {known or 'nothing yet'}.",
            tried=(f"asked {asked} times for {field.replace('_', ' ')}",),
            open=tuple(missing),
        )
    lead = _CARD if heard and "[card]" in heard[-1].text else _BEFORE
    return say(fresh(request.lines, lead, _QUESTIONS[field][asked:] + _QUESTIONS[field][:asked]))


def _heard(lines: tuple[Line, ...]) -> Iterator[_Heard]:
    asked: str | None = None
    for line in lines:
        if line.author_kind == "customer":
            yield _Heard(_SECRET.sub("", line.text) if "[card]" not in line.text else line.text, asked)
        elif line.audience == "customer" and line.author_kind == "ai":
            asked = _field_of(line.text)


@lru_cache(maxsize=1024)
def _field_of(text: str) -> str | None:
    """The field that a question of ours asks for."""
    return next((field for field, wordings in _QUESTIONS.items() if any(text.endswith(one) for one in wordings)), None)


def _form(heard: list[_Heard], report: str) -> dict[str, Any]:
    """What is known of the form. What was said in answer counts before what was said in passing, the latest first."""
    form: dict[str, Any] = {}
    for field in FIELDS:
        newest = heard[::-1]
        corrected = [_in_passing(field, line.text) for line in newest if _CORRECTS.search(line.text)]
        answers = [_in_answer(field, line.text) for line in newest if line.asked == field and not _corrects_other(line)]
        passing = [_in_passing(field, line.text) for line in newest]
        told = [_in_passing(field, report)] if field != "repair_estimate_minor" else []
        found = (*corrected, *answers, *passing, *told)
        if (value := next((value for value in found if value is not None), None)) is not None:
            form[field] = value
    return form


def _corrects_other(line: _Heard) -> bool:
    """Whether a line mends something else than what it was asked for."""
    if not _CORRECTS.search(line.text) or line.asked is None or _in_passing(line.asked, line.text) is not None:
        return False
    return any(_in_passing(field, line.text) is not None for field in FIELDS)


def _in_answer(field: str, text: str) -> Any:
    if field == "police_reference" and (_NO.match(text) or _NO_POLICE.search(text)):
        return ""
    if field == "other_party" and (_NO.match(text) or _ALONE.search(text)):
        return "nobody"
    if field == "repair_estimate_minor":
        return _money(text, asked=True)
    if field == "date_of_loss":
        return _in_passing(field, text)
    if _UNKNOWN.search(text):
        return None
    found = _in_passing(field, text) if field == "police_reference" else None
    plain = _LEAD_IN.sub("", _SECRET.sub("", text)).strip().rstrip(".!").strip()
    return found or plain[:400] or None


@lru_cache(maxsize=512)
def _in_passing(field: str, text: str) -> Any:
    if field == "repair_estimate_minor":
        return _money(text, asked=False)
    if field == "police_reference" and _NO_POLICE.search(text):
        return ""
    if field == "other_party" and _ALONE.search(text) and re.search(r"\binvolved\b|\belse\b", text):
        return "nobody"
    match = _PATTERNS[field].search(text)
    return None if match is None else (match[1] if match.re.groups else match[0]).strip()


def _money(text: str, *, asked: bool) -> int | None:
    found = [amount.minor for amount in amounts(text) if amount.minor is not None]
    if found and (asked or re.search(r"\b(?:estimate|repair|garage|quote|cost)\w*\b", text, re.IGNORECASE)):
        return found[-1]
    if asked and (match := _NUMBER.search(text)):
        return round(float(match[0].replace(",", "")) * 100)
    return None
