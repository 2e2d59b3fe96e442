"""Finding the value of a slot in what a customer wrote. Plain patterns: what they do not find is asked for."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any

from journeyman.agents.standin.slots import Slot

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_AMOUNT = r"(\d[\d,]*(?:\.\d{1,2})?)"
_MONEY = re.compile(rf"[$€£]\s?{_AMOUNT}|{_AMOUNT}\s?(?:dollars?|euros?|pounds?|usd|eur|gbp)\b", re.IGNORECASE)
_NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?!\w)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"\+?\d[\d ()/-]{6,}\d")
_DATES = re.compile(
    rf"(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})|(?P<d>\d{{1,2}})[/.](?P<m>\d{{1,2}})[/.](?P<y>\d{{4}})"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<mon>{'|'.join(_MONTHS)})[a-z]*,? (?P<y2>\d{{4}})"
    rf"|(?P<mon3>{'|'.join(_MONTHS)})[a-z]* (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y3>\d{{4}})",
    re.IGNORECASE,
)
_NAME = r"[A-Z][\w'-]+"
_NAMED = re.compile(
    # "I am Ada" may be any adjective or place: there it takes two names
    rf"\b(?i:my (?:full )?name is|my name's)\s+({_NAME}(?:\s+{_NAME}){{0,3}})"
    rf"|\b(?i:i am|i'm|this is)\s+({_NAME}(?:\s+{_NAME}){{1,3}})"
)
_SECRET = re.compile(r"\[(pin|password):[^\]\s]+\]")
_YES = re.compile(r"\b(yes|yeah|yep|sure|correct|right|i do|i am|of course|true)\b", re.IGNORECASE)
_NO = re.compile(r"\b(no|nope|not|never|none|false|don't)\b", re.IGNORECASE)
_UNKNOWN = re.compile(
    r"\b(don'?t know|do not know|no idea|not sure|can'?t (?:remember|say)|forgot|why|what do you mean)\b|\?\s*$", re.I
)
_LEAD_IN = re.compile(
    r"^\s*(?:(?:well|so|hi|hello|yes|ok|okay|sure|it is|it's|that is|that's|it was)\b[,.!: ]*)+", re.I
)
_STORY = re.compile(
    r"description|summary|details|reason|happened|problem|question|message|story|complaint|request", re.I
)


def in_answer(slot: Slot, text: str) -> Any:
    """The value in the answer to the slot's own question; none: there is none."""
    if _UNKNOWN.search(text):
        return in_passing(slot, text)
    kind = slot.schema.get("type")
    if kind == "boolean":
        no = _NO.search(text)
        return False if no else True if _YES.search(text) else None
    if kind in ("integer", "number") and not slot.is_money:
        return _bounded(slot, _first_number(text))
    if kind == "integer":
        found = _money(text)
        number = _first_number(text) if found is None else None
        return _bounded(slot, round(number * 100) if number is not None else found)
    if kind == "array":
        items = [part.strip(" .") for part in re.split(r",|;|\n|\band\b", _LEAD_IN.sub("", text)) if part.strip(" .")]
        return _array(slot, items)
    found = in_passing(slot, text)
    if found is not None or slot.choices or "pattern" in slot.schema or "format" in slot.schema:
        return found
    return _LEAD_IN.sub("", text).strip().rstrip(".!") or None


def in_passing(slot: Slot, text: str) -> Any:
    """The value in any line, where it is unmistakable: a listed word, a pattern, a labelled value; none: there is none."""
    if slot.choices:
        return _choice(slot, text)
    kind = slot.schema.get("type")
    if kind == "integer" and slot.is_money:
        return _bounded(slot, _money(text))
    if kind in ("integer", "number"):
        label = re.search(rf"\b{_loose(slot.words)}\b\D{{0,12}}?(-?\d[\d,]*(?:\.\d+)?)", text, re.IGNORECASE)
        return _bounded(slot, _number(label[1])) if label else None
    if kind != "string":
        return None
    return next((value for value in _texts(slot, text) if _fits(slot, value)), None)


def is_story(slot: Slot) -> bool:
    """Whether the slot wants the customer's own words."""
    return (
        slot.schema.get("type") == "string"
        and not slot.schema.keys() & {"enum", "pattern", "format"}
        and bool(_STORY.search(slot.name))
    )


def fits(slot: Slot, value: Any) -> bool:
    """Whether a value from elsewhere (the input, a tool's result) has the slot's type."""
    kinds: dict[str, type | tuple[type, ...]] = {
        "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
    }  # fmt: skip
    kind = kinds.get(str(slot.schema.get("type", "")))
    if kind is None or not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return False
    if isinstance(value, str):
        return _fits(slot, value) and (not slot.choices or value in slot.choices)
    return not isinstance(value, int | float) or _bounded(slot, value) is not None


def _texts(slot: Slot, text: str) -> Iterator[str]:
    name, shape = slot.name.lower(), slot.schema.get("format")
    if match := _SECRET.search(text):
        if match[1] in name:
            yield match[0]
        text = _SECRET.sub(" ", text)
    if "pattern" in slot.schema:
        for found in _searchable(slot.schema["pattern"]).finditer(text):
            yield found[0]
        return
    if shape in ("date", "date-time") or "date" in name or name in ("dob", "birthday"):
        yield from _dates(text)
        return
    if shape == "email" or "email" in name:
        yield from (found[0] for found in _EMAIL.finditer(text))
        return
    if "phone" in name or "mobile" in name:
        yield from (found[0].strip() for found in _PHONE.finditer(text))
        return
    for example in slot.examples:
        if re.search(r"\d", example):
            yield from (found[0] for found in _like(example).finditer(text))
    if name == "name" or name.endswith("_name") or name in ("fullname", "customer"):
        yield from (found[1] or found[2] for found in _NAMED.finditer(text))
    named = rf"\b{_loose(slot.words)}\b(?: number| no\.?| id)?\s*(?:is|was|:|=|are)\s*[\"']?"
    label = re.search(rf"{named}([^\n,;!?\"']+?)(?=[\"'.]?(?:$|[\n,;!?\"']|\.\s| and ))", text, re.IGNORECASE)
    if label:
        yield label[1].strip()


def _choice(slot: Slot, text: str) -> str | None:
    found = [
        (match.start(), choice)
        for choice in slot.choices
        if (match := re.search(rf"\b{_loose(choice.replace('_', ' '))}\b", text, re.IGNORECASE))
    ]
    return min(found)[1] if found else None


def _array(slot: Slot, items: list[str]) -> list[Any] | None:
    item = slot.schema.get("items", {})
    if item.get("enum"):
        items = [choice for choice in item["enum"] if any(choice.replace("_", " ") in part.lower() for part in items)]
    elif item.get("type") not in ("string", None):
        return None
    return items if len(items) >= slot.schema.get("minItems", 1) else None


def _dates(text: str) -> Iterator[str]:
    for match in _DATES.finditer(text):
        if match["iso"]:
            yield match["iso"]
            continue
        day = match["d"] or match["d2"] or match["d3"]
        month = match["m"] or str(_MONTHS.index((match["mon"] or match["mon3"]).lower()[:3]) + 1)
        year = match["y"] or match["y2"] or match["y3"]
        try:
            yield date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue


def _money(text: str) -> int | None:
    match = _MONEY.search(text)
    return round(float((match[1] or match[2]).replace(",", "")) * 100) if match else None


def _first_number(text: str) -> int | float | None:
    if match := _NUMBER.search(text):
        return _number(match[0])
    words = re.findall(r"[a-z]+", text.lower())
    return next((_NUMBERS.index(word) for word in words if word in _NUMBERS), None)


def _number(text: str) -> int | float | None:
    plain = text.replace(",", "")
    try:
        return float(plain) if "." in plain else int(plain)
    except ValueError:
        return None


def _bounded(slot: Slot, value: int | float | None) -> int | float | None:
    if value is None or (slot.schema.get("type") == "integer" and value != int(value)):
        return None
    least, most = slot.schema.get("minimum", value), slot.schema.get("maximum", value)
    above, below = slot.schema.get("exclusiveMinimum"), slot.schema.get("exclusiveMaximum")
    if (
        value < least
        or value > most
        or (above is not None and value <= above)
        or (below is not None and value >= below)
    ):
        return None
    return int(value) if slot.schema.get("type") == "integer" else value


def _fits(slot: Slot, value: str) -> bool:
    pattern = slot.schema.get("pattern")
    return bool(value.strip()) and (pattern is None or re.search(pattern, value) is not None)


def _loose(words: str) -> str:
    return r"[\s_-]+".join(re.escape(word) for word in words.split())


@lru_cache(maxsize=256)
def _searchable(pattern: str) -> re.Pattern[str]:
    """A pattern for a whole value, to be found within a text."""
    inner = pattern.removeprefix("^").removesuffix("$")
    return re.compile(rf"(?<!\w)(?:{inner})(?!\w)")


@lru_cache(maxsize=256)
def _like(example: str) -> re.Pattern[str]:
    """Values of the shape of an example: as many letters and digits in the same places."""
    kinds = [(r"\d", str.isdigit), ("[A-Z]", str.isupper), ("[a-z]", str.islower)]
    shape = "".join(
        next((kind for kind, is_kind in kinds if is_kind(character)), re.escape(character)) for character in example
    )
    return re.compile(rf"(?<!\w){shape}(?!\w)")
