"""Amounts of money in a text, however they are written: "$1,234.50", "1.234,50 EUR", "five hundred dollars", "2k"."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from journeyman.conversation.normal import normal
from journeyman.conversation.numbers import Group, runs

_NO_MINOR = frozenset(("jpy", "krw", "vnd", "clp", "isk", "yen", "won", "dong", "¥", "₩", "₫"))
_THREE_MINOR = frozenset(("kwd", "bhd", "omr", "jod", "tnd"))
_MULTIPLIERS = {
    "hundred": 100, "k": 1000, "thousand": 1000, "grand": 1000, "lakh": 100_000, "m": 10**6, "mn": 10**6, "mio": 10**6,
    "million": 10**6, "crore": 10**7, "bn": 10**9, "billion": 10**9,
}  # fmt: skip

_SYMBOL = r"(?:us|au|ca|nz|hk|sg|c|a|r)?[$€£¥₹₩₽₺₴₫₦₱฿₪]"
_CODE = (
    r"(?:usd|eur|gbp|chf|cad|aud|nzd|jpy|cny|rmb|inr|sek|nok|dkk|pln|czk|huf|ron|bgn|try|rub|uah|brl|mxn|ars|clp|cop|zar|ngn"
    r"|kes|egp|aed|sar|qar|kwd|bhd|omr|jod|tnd|ils|krw|vnd|thb|idr|myr|php|sgd|hkd|twd|isk|rs\.?)"
)
_WORD = (
    r"(?:dollars?|dollers?|bucks?|euros?|pounds?(?: sterling)?|sterling|quid|credits?|rupees?|yen|yuan|francs?|kron(?:er|or|a|e)"
    r"|zloty\w*|pesos?|reais|dirhams?|riyals?|naira|rand|won|liras?|rubles?|roubles?|shekels?|baht|dong"
    r"|forints?|in credits?|grand)"
)
_CENTS = r"(?:cents?|pence|pennies|p(?!\.? ?m\b)|centimes|ct|¢)"
_NUMBER = r"(?:\d(?: \d){1,8}|\d{1,3}(?:[ ,.']\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)(?!\d)"
_SCALE = r"(?:hundred|k|thousand|grand|lakh|mn|mio|million|m|crore|bn|billion)(?![a-z])"
_RANGE_BEFORE = re.compile(rf"(?<![\w.,/:-])(?P<number>{_NUMBER})(?: ?- ?| (?:to|or|and) )$")
_RANGE_AFTER = re.compile(rf"(?: ?- ?| (?:to|or|and) )(?P<number>{_NUMBER})(?! ?(?:[a-z%/:]|\d))")
_ZEROS = re.compile(r"(?<=\d)o+(?=[\d\s.,$€£]|$)")

_BEFORE = re.compile(
    rf"(?<![a-z])(?P<unit>{_SYMBOL}|{_CODE}(?![a-z]))\s{{0,3}}-?\s?(?P<number>{_NUMBER})(?:[ -]?(?P<scale>{_SCALE}))?"
)
_AFTER = re.compile(
    rf"(?<![\w.,/:])(?P<number>{_NUMBER})(?:[ -]?(?P<scale>{_SCALE}))?[ -]{{0,2}}(?:us |of )?"
    rf"(?P<unit>{_SYMBOL}|(?:{_CODE}|{_WORD})(?![a-z])|{_CENTS}(?![a-z]))"
)
_NOUN = re.compile(
    r"\b(?:balance|refund(?:ed|s)?|amount(?:s|ing)?|total(?:s|ling)?|price[ds]?|costs?|fees?|excess|premiums?|payments?|payout"
    r"|deposit(?:ed)?|owe[ds]?|pays?|paid|charged?|compensation|settlement|sum|worth|deductible|invoice|bill|budget|discount|loan"
    r"|you(?:'ll| will|'d| would) (?:have|get|receive|see|find)"
    r"|fare|rent|reimburse(?:d|ment)?|compensate|transfer(?:red)?|credit(?:ed)?|valued?|offer|give)\b"
    r"(?:[ :=-]{1,3}(?:is|was|of|at|to|will|would|be|are|comes|amounts|totals|currently|now|due|about|around|approximately|only"
    r"|just|your|you|him|her|them|us|with|back|the|a|full|exactly|almost|nearly|over|up|for|by|in|out)\b){0,5}"
    rf"[ :=-]{{1,3}}(?P<number>{_NUMBER})(?:[ -]?(?P<scale>{_SCALE}))?(?P<rest>.{{0,16}})"
)
_NO_MONEY = re.compile(
    r"\s*(?:%|percent|per cent|st\b|nd\b|rd\b|th\b|[:/]\d|(?:business |working |calendar )?(?:days?|weeks?|months?|years?|hours?"
    r"|minutes?|mins?|seconds?)|[ap]\.? ?m\b|o'clock|people|persons?|guests?|items?|times?|degrees|questions?|digits?|stars?"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b|cards?|tickets?|rooms?|nights?|miles?|km\b|of \d)"
)
_SPOKEN_AFTER = re.compile(
    rf"\s{{0,2}}-?(?:of )?(?P<unit>(?:{_CODE}|{_WORD})(?![a-z])|(?:cents?|pence|pennies)(?![a-z]))"
)
_SPOKEN_BEFORE = re.compile(
    r"(?:refund|balance|amount|total|pay|paid|owe|price|cost|fee|excess|sum|settlement|compensation|payout)(?:s|ed|d)?"
    r"(?: (?:of|is|was|to|you|be|will|the|for|about|around|at|us|a))* $"
)
_VAGUE = re.compile(
    rf"\b(?:a few|few|several|some|many|a couple(?: of)?|couple of|hundreds of|thousands of|millions of|dozens of|tens of)"
    rf"(?: (?:hundreds?|thousands?|grand|million|dozen|of))* (?:{_WORD})(?![a-z])"
    rf"|\b(?:hundreds|thousands|millions) of (?:{_WORD})"
    r"|\b(?:a|half a|another) (?:fiver|tenner|dollar|euro|buck|million|billion|grand)(?![a-z])"
)
_FRACTION = re.compile(r"(?:\bhalf an? | point | and a half $|\bquarter of an? )$")
_AND_CENTS = re.compile(r",? (?:and )?$")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in minor units (cents), without its sign; None where the text does not say how much ("a few hundred
    dollars"). `start` and `end` are in the folded text."""

    minor: int | None
    start: int
    end: int


def amounts(text: str) -> tuple[Amount, ...]:
    """The amounts in `text`, in order. A number without a currency counts where a noun makes it money ("refund of 500")."""
    folded = _ZEROS.sub(lambda match: "0" * len(match.group()), normal(text).text.lower())
    found: list[Amount] = []
    taken = bytearray(len(folded))
    for amount in (*_vague(folded), *_written(folded), *_spoken(folded), *_bound(folded)):
        if not any(taken[amount.start : amount.end]):
            taken[amount.start : amount.end] = b"\1" * (amount.end - amount.start)
            found.append(amount)
    found.sort(key=lambda amount: amount.start)
    return tuple(_with_cents(folded, found))


def minor_units(number: str, unit: str, scale: str = "") -> int | None:
    """`number` as written, in `unit` (a symbol, code or word), times `scale` ("k"), in minor units; None if it is no sum
    that anyone pays."""
    if len(number) > 24:
        return None
    digits = number.replace(" ", "").replace("'", "")
    places = 0 if unit in _NO_MINOR or re.fullmatch(_CENTS, unit) else 3 if unit in _THREE_MINOR else 2
    last = max(digits.rfind("."), digits.rfind(","))
    whole, fraction = digits, ""
    if last >= 0:
        mark = digits[last]
        after = len(digits) - last - 1
        grouping = digits.count(mark) > 1 or (after == 3 and not digits.startswith("0") and not scale and places != 3)
        if not grouping:
            whole, fraction = digits[:last], digits[last + 1 :]
    whole = re.sub(r"\D", "", whole) or "0"
    times: int = _MULTIPLIERS.get(scale or ("grand" if unit == "grand" else ""), 1)
    value: int = int(whole + fraction) * times * int(10**places)
    return round(value / 10 ** len(fraction)) if fraction else value


def _written(text: str) -> Iterator[Amount]:
    for pattern in (_BEFORE, _AFTER):
        for match in pattern.finditer(text):
            if match["unit"] in ("p", "m") and len(match["number"]) > 3:
                continue
            unit, scale = match["unit"], match["scale"] or ""
            if pattern is _BEFORE and unit == "try" and _NO_MONEY.match(text, match.end()):
                continue  # the verb: "we try 9 pm"
            yield Amount(minor_units(match["number"], unit, scale), match.start(), match.end())
            other = (
                _RANGE_AFTER.match(text, match.end())
                if pattern is _BEFORE
                else _RANGE_BEFORE.search(text, max(0, match.start() - 24), match.start())
            )
            if other is not None:
                yield Amount(minor_units(other["number"], unit, scale), *other.span("number"))


def _bound(text: str) -> Iterator[Amount]:
    for match in _NOUN.finditer(text):
        few = len(match["number"]) == 1 and re.match(r" [a-z]", match["rest"]) is not None  # "pay 2 invoices"
        if not few and _NO_MONEY.match(match["rest"]) is None:
            start, end = match.span("number")
            yield Amount(minor_units(match["number"], "", match["scale"] or ""), start, end)


def _spoken(text: str) -> Iterator[Amount]:
    """Amounts in words. A fraction in words ("two point five million dollars") is one that nobody can verify."""
    for run in runs(text):
        last: Group = run.groups[-1]
        if not last.words:
            continue
        after = _SPOKEN_AFTER.match(text, last.end)
        if after is None and _SPOKEN_BEFORE.search(text[max(0, last.start - 40) : last.start]) is None:
            continue
        if after is None and (int(last.digits) < 10 or _NO_MONEY.match(text[last.end : last.end + 16])):
            continue
        unit = after["unit"] if after else ""
        broken = len(run.groups) > 1 or _FRACTION.search(text[max(0, last.start - 16) : last.start]) is not None
        minor = None if broken else minor_units(last.digits, unit)
        yield Amount(minor, last.start, after.end() if after else last.end)


def _vague(text: str) -> Iterator[Amount]:
    for match in _VAGUE.finditer(text):
        single = re.search(r"^(?:a|another) (?:dollar|euro|buck)$", match.group())
        yield Amount(100 if single else None, *match.span())


def _with_cents(text: str, found: list[Amount]) -> Iterator[Amount]:
    """ "Twelve dollars and fifty cents" is one amount."""
    held: Amount | None = None
    for amount in found:
        cents = re.search(rf"{_CENTS}$", text[amount.start : amount.end]) is not None
        joined = held is not None and _AND_CENTS.fullmatch(text, held.end, amount.start) is not None
        if held and held.minor is not None and amount.minor is not None and cents and amount.minor < 100 and joined:
            held = Amount(held.minor + amount.minor, held.start, amount.end)
            continue
        if held:
            yield held
        held = amount
    if held:
        yield held
