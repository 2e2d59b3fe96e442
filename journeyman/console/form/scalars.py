"""One value as a person sees it in a control, and what they typed as a JSON value."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from journeyman.console.form.tree import Choice, Field, Kind
from journeyman.errors import InputError

LONGEST: Final = 20_000  # characters of one text
_LONGEST_NUMBER: Final = 64
_NO_MINOR: Final = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)
_THREE_MINOR: Final = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
_SYMBOLS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_UNSEEN: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_NUL: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_DIGITS: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MONEY: Final = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<rest>[0-9]*))?")
_SPACES: Final = re.compile(r"(?<=[0-9])[ '’](?=[0-9]{3}(?![0-9]))")
_LOCAL: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?")
_CLOCK: Final = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,3})?)?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Context:
    """What the reading of a value depends on beside its field: the time zone, the currency that stands nearest, and the names,
    without the places of rows, of the fields that are not shown."""

    zone: str = "UTC"
    currency: str = ""
    withheld: frozenset[str] = frozenset()

    def withholds(self, name: str) -> bool:
        """Whether a field is not shown."""
        return bool(self.withheld) and placeless(name) in self.withheld


def placeless(name: str) -> str:
    """A field's name without the places of rows."""
    return ".".join(word for word in name.split(".") if not word.isdigit())


def clean(text: str) -> str:
    """A text as a browser can hold it: lines end in `\\n`, and what cannot be seen is left out."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def shown(field: Field, value: JsonValue, context: Context) -> str:
    """What the control of a scalar field holds. What is not of the field's kind is shown as JSON."""
    if value is None:
        return "null" if field.kind is Kind.JSON and not field.nullable else ""
    told = _SHOWN.get(field.kind, _as_text)(field, value, context)
    return clean(json.dumps(value, ensure_ascii=False) if told is None else told)


def read(field: Field, text: str, context: Context) -> JsonValue:
    """The JSON value of what was typed. Raises InputError that says how to write it."""
    if len(text) > LONGEST:
        raise InputError(f"shorten this to {LONGEST} characters; it has {len(text)}")
    if field.kind not in (Kind.TEXT, Kind.LONG_TEXT, Kind.JSON, Kind.CHOICE):
        text = text.strip()
        if len(text) > _LONGEST_NUMBER:
            raise InputError("shorten this; it is too long for what is asked")
    return _READ.get(field.kind, _text_itself)(field, text, context)


def decimals(currency: str) -> int:
    """How many digits the minor units of a currency have (ISO 4217); 2 where it is unknown."""
    code = currency.strip().upper()
    return 0 if code in _NO_MINOR else 3 if code in _THREE_MINOR else 2


def money(minor: int, currency: str) -> str:
    """Minor units as `-1250.00`."""
    places = decimals(currency)
    digits = str(abs(minor)).rjust(places + 1, "0")
    whole, rest = (digits[:-places], f".{digits[-places:]}") if places else (digits, "")
    return f"{'-' if minor < 0 else ''}{whole}{rest}"


def native(field: Field, text: str) -> bool:
    """Whether the browser's own control for dates and times can hold the text; if not, it is kept in one for text."""
    if not text:
        return True
    try:
        if field.kind is Kind.DATE:
            return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
        if field.kind is Kind.TIME:
            return bool(_CLOCK.fullmatch(text) and time.fromisoformat(text) is not None)
        return bool(_LOCAL.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _as_text(_field: Field, value: JsonValue, _context: Context) -> str | None:
    return value if isinstance(value, str) else None


def _as_number(_field: Field, value: JsonValue, _context: Context) -> str | None:
    if isinstance(value, str):
        return value
    return repr(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _as_money(_field: Field, value: JsonValue, context: Context) -> str | None:
    return money(value, context.currency) if isinstance(value, int) and not isinstance(value, bool) else None


def _as_yes_no(_field: Field, value: JsonValue, _context: Context) -> str | None:
    return ("yes" if value else "no") if isinstance(value, bool) else None


def _as_choice(field: Field, value: JsonValue, _context: Context) -> str | None:
    chosen = _chosen(field, lambda choice: type(choice.value) is type(value) and choice.value == value)
    return chosen.token if chosen else _as_text(field, value, _context)


def _as_moment(field: Field, value: JsonValue, context: Context) -> str | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None and field.zoned:
            moment = moment.astimezone(ZoneInfo(context.zone))
    except (ValueError, OverflowError):
        return _as_text(field, value, context)
    return None if moment is None else _clock(moment.replace(tzinfo=None))


def _as_time(field: Field, value: JsonValue, context: Context) -> str | None:
    text = _as_text(field, value, context)
    return text.removesuffix(":00") if text is not None and re.fullmatch(r"\d\d:\d\d:00", text) else text


def _as_json(_field: Field, value: JsonValue, _context: Context) -> str | None:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _clock(moment: datetime) -> str:
    """As precise as it has to be, and as a browser's control holds it: to the millisecond."""
    if moment.microsecond >= 1000:
        return moment.isoformat(timespec="milliseconds")
    return moment.isoformat(timespec="seconds" if moment.second else "minutes")


def _chosen(field: Field, fits: Callable[[Choice], bool]) -> Choice | None:
    return next((choice for choice in field.choices if fits(choice)), None)


def _text_itself(_field: Field, text: str, _context: Context) -> JsonValue:
    return text


def _whole(_field: Field, text: str, _context: Context) -> JsonValue:
    digits = _plain(text)
    if not re.fullmatch(r"[+-]?[0-9]+", digits):
        raise InputError("write a whole number, such as 12")
    return int(digits)


def _number(_field: Field, text: str, _context: Context) -> JsonValue:
    digits = _digits(text)
    if re.fullmatch(r"[+-]?[0-9]+", digits):
        return int(digits)
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise InputError("write a smaller number")
    return number


def _decimal(_field: Field, text: str, _context: Context) -> JsonValue:
    return str(Decimal(_digits(text)))


def _minor(_field: Field, text: str, context: Context) -> JsonValue:
    places = decimals(context.currency)
    example = money(25000 if places else 250, context.currency)
    code = context.currency.strip().upper()
    digits = text.upper()
    for unit in (code, _SYMBOLS.get(code, "" if code else "$")):
        digits = digits.strip().removeprefix(unit).removesuffix(unit)
    found = _MONEY.fullmatch(_digits(digits.strip(), example))
    if found is None:
        raise InputError(f"write the amount as {example}")
    rest = (found["rest"] or "").rstrip("0") if len(found["rest"] or "") > places else (found["rest"] or "")
    if len(rest) > places:
        with_decimals = f"with at most {places} decimals, " if places else "without decimals, "
        raise InputError(f"write the amount {with_decimals}as {example}")
    minor = int(f"{found['whole']}{rest.ljust(places, '0')}" or "0")
    return -minor if found["sign"] == "-" else minor


def _yes_no(_field: Field, text: str, _context: Context) -> JsonValue:
    if text not in ("yes", "no"):
        raise InputError("choose yes or no")
    return text == "yes"


def _choice(field: Field, text: str, _context: Context) -> JsonValue:
    chosen = _chosen(field, lambda choice: choice.token == text)
    if chosen is None:
        raise InputError(f"choose one of these: {', '.join(choice.label for choice in field.choices)}")
    return chosen.value


def _date(_field: Field, text: str, _context: Context) -> JsonValue:
    if not (_DAY.fullmatch(text) and native(_field, text)):
        raise InputError("write the date as year-month-day, such as 2026-03-31")
    return text


def _moment(field: Field, text: str, context: Context) -> JsonValue:
    if not native(field, text):
        raise InputError("write the date and time as 2026-03-31 14:30")
    moment = datetime.fromisoformat(text)
    if not field.zoned:
        return moment.isoformat()
    try:
        zone = ZoneInfo(context.zone)
        told = moment.replace(tzinfo=zone).astimezone(UTC)
        if told.astimezone(zone).replace(tzinfo=None) != moment:
            raise InputError(f"give another time; in {context.zone} the clocks were put forward over this one")
    except OverflowError as error:
        raise InputError("give a date within the years 1 to 9999") from error
    return told.isoformat().replace("+00:00", "Z")


def _time(_field: Field, text: str, _context: Context) -> JsonValue:
    try:
        return time.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InputError("write the time as hours and minutes, such as 14:30") from error


def _json(_field: Field, text: str, _context: Context) -> JsonValue:
    try:
        value: JsonValue = json.loads(text, parse_constant=_no_constant, parse_int=_bounded_int)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        if _NUL.search(text):
            raise InputError("remove `\\u0000`: it cannot be kept")
    except (ValueError, RecursionError) as error:
        raise InputError('write it as JSON, such as {"key": "value"}, [1, 2] or "text"') from error
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"`{name}` is no JSON")


def _bounded_int(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError("too many digits")
    return int(digits)


def _plain(text: str) -> str:
    """Digits without the spaces between groups of them, and with the signs of a keyboard."""
    return _SPACES.sub("", re.sub(r"[\xa0\u2009\u202f]", " ", text).strip().replace("\u2212", "-"))


def _digits(text: str, example: str = "1234.50") -> str:
    """A number with a decimal point. Raises InputError; where a comma could mean two things, too."""
    digits = _plain(text)
    dots, commas = digits.count("."), digits.count(",")
    if commas and dots:
        group, point = (",", ".") if digits.rindex(".") > digits.rindex(",") else (".", ",")
        if digits.count(point) == 1 and re.fullmatch(
            rf"[+-]?[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+{re.escape(point)}[0-9]*", digits
        ):
            digits = digits.replace(group, "").replace(point, ".")
    elif commas > 1 or dots > 1:
        if re.fullmatch(r"[+-]?[0-9]{1,3}(?:,[0-9]{3}){2,}|[+-]?[0-9]{1,3}(?:\.[0-9]{3}){2,}", digits):
            digits = digits.replace(",", "").replace(".", "")
    elif commas and not re.search(r",[0-9]{3}$", digits):
        digits = digits.replace(",", ".")
    elif commas:
        raise InputError(
            f"write it without the comma, as {digits.replace(',', '')}; with it, it could mean two numbers"
        )
    if not _DIGITS.fullmatch(digits):
        raise InputError(f"write a number, such as {example}")
    return digits


_SHOWN: Final[Mapping[Kind, Callable[[Field, JsonValue, Context], str | None]]] = {
    Kind.WHOLE: _as_number,
    Kind.NUMBER: _as_number,
    Kind.DECIMAL: _as_number,
    Kind.MONEY: _as_money,
    Kind.YES_NO: _as_yes_no,
    Kind.CHOICE: _as_choice,
    Kind.MOMENT: _as_moment,
    Kind.TIME: _as_time,
    Kind.JSON: _as_json,
}
_READ: Final[Mapping[Kind, Callable[[Field, str, Context], JsonValue]]] = {
    Kind.WHOLE: _whole,
    Kind.NUMBER: _number,
    Kind.DECIMAL: _decimal,
    Kind.MONEY: _minor,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.TIME: _time,
    Kind.JSON: _json,
}
