"""One value in a control: how it is shown, how it may be typed, and what is said if it cannot be read."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, NaiveDatetime, create_model

from journeyman.console.form import form_of
from journeyman.console.form.scalars import LONGEST, Context, clean, decimals, money, native, read, shown
from journeyman.console.form.tree import Field
from journeyman.errors import InputError

EURO = Context("Europe/Berlin", "EUR")


def field(type_: Any, name: str = "x") -> Field:
    fields: dict[str, Any] = {name: (type_, ...)}
    return form_of(create_model("Model", **fields)).root.fields[0]


AMOUNT = field(int, "amount_minor")


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("250", 25000), ("250.00", 25000), ("250,00", 25000), ("250.5", 25050), (".5", 50), ("250.", 25000), ("-0.01", -1),
        ("\u22120.01", -1), ("+3", 300), ("1,234.50", 123450), ("1.234,50", 123450), ("1 234,50", 123450),
        ("1'234'567.89", 123456789), ("1\u202f234", 123400), ("1,234,567", 123456700), ("1.234.567", 123456700),
        ("EUR 250", 25000), ("250 eur", 25000), ("€250", 25000), ("250.000", 25000), (" 7 ", 700), ("007", 700),
    ],
)  # fmt: skip
def test_an_amount_is_read_however_it_is_written(typed: str, minor: int) -> None:
    assert read(AMOUNT, typed, EURO) == minor


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("1,234", "write it without the comma, as 1234; with it, it could mean two numbers"),
        ("1.234", "write the amount with at most 2 decimals, as 250.00"),
        ("a lot", "write a number, such as 250.00"),
        ("USD 5", "write a number, such as 250.00"),
        ("$5", "write a number, such as 250.00"),
        ("1e3", "write the amount as 250.00"),
        ("12,34.5", "write a number, such as 250.00"),
        ("1 2", "write a number, such as 250.00"),
        ("٣", "write a number, such as 250.00"),
        (".", "write a number, such as 250.00"),
        ("9" * 65, "shorten this; it is too long for what is asked"),
    ],
)
def test_an_amount_that_could_be_another_is_refused_with_words(typed: str, words: str) -> None:
    with pytest.raises(InputError) as raised:
        read(AMOUNT, typed, EURO)
    assert str(raised.value) == words


def test_the_currency_says_how_many_decimals_there_are() -> None:
    assert (money(250, "JPY"), money(-5, "EUR"), money(1234, "kwd"), money(0, "")) == ("250", "-0.05", "1.234", "0.00")
    assert read(AMOUNT, "250.0", Context(currency="JPY")) == 250
    with pytest.raises(InputError, match="without decimals, as 250"):
        read(AMOUNT, "250.5", Context(currency="JPY"))


@given(st.integers(-(10**15), 10**15), st.sampled_from(["", "EUR", "JPY", "KWD", "XXX"]))
def test_an_amount_shown_is_read_as_itself(minor: int, currency: str) -> None:
    context = Context(currency=currency)
    assert read(AMOUNT, shown(AMOUNT, minor, context), context) == minor
    assert decimals(currency) in (0, 2, 3)


@pytest.mark.parametrize(
    ("type_", "typed", "value"),
    [
        (int, " 1 234 ", 1234), (int, "-5", -5), (float, "1,5", 1.5), (float, "1e-7", 1e-7), (Decimal, "1.10", "1.10"),
        (Decimal, "1,10", "1.10"),
        (date, "2026-03-31", "2026-03-31"), (time, "14:30", "14:30:00"), (time, "14:30:05", "14:30:05"),
        (bool, "yes", True), (bool, "no", False), (dict[str, int], '{"a": 1}', {"a": 1}),
        (datetime, "2026-07-01T14:30", "2026-07-01T12:30:00Z"), (datetime, "2026-01-01 14:30", "2026-01-01T13:30:00Z"),
        (NaiveDatetime, "2026-07-01T14:30", "2026-07-01T14:30:00"),
    ],
)  # fmt: skip
def test_what_is_typed_is_read(type_: Any, typed: str, value: JsonValue) -> None:
    assert read(field(type_), typed, EURO) == value


@pytest.mark.parametrize(
    ("type_", "typed", "words"),
    [
        (int, "1.5", "write a whole number, such as 12"),
        (int, "twelve", "write a whole number, such as 12"),
        (float, "inf", "write a number, such as 1234.50"),
        (float, "nan", "write a number, such as 1234.50"),
        (float, "1e999", "write a smaller number"),
        (Decimal, "1,234", "write it without the comma, as 1234; with it, it could mean two numbers"),
        (date, "31.3.2026", "write the date as year-month-day, such as 2026-03-31"),
        (date, "2026-02-30", "write the date as year-month-day, such as 2026-03-31"),
        (date, "20260331", "write the date as year-month-day, such as 2026-03-31"),
        (time, "half past two", "write the time as hours and minutes, such as 14:30"),
        (datetime, "tomorrow", "write the date and time as 2026-03-31 14:30"),
        (datetime, "2026-03-29T02:30", "give another time; in Europe/Berlin the clocks were put forward over this one"),
        (datetime, "0001-01-01T00:00", "give a date within the years 1 to 9999"),
        (bool, "perhaps", "choose yes or no"),
        (dict[str, int], "a: 1", 'write it as JSON, such as {"key": "value"}, [1, 2] or "text"'),
        (dict[str, int], "NaN", 'write it as JSON, such as {"key": "value"}, [1, 2] or "text"'),
        (dict[str, int], "[" * 9999, 'write it as JSON, such as {"key": "value"}, [1, 2] or "text"'),
        (dict[str, int], '"\\ud800"', 'write it as JSON, such as {"key": "value"}, [1, 2] or "text"'),
        (dict[str, int], '"\\u0000"', "remove `\\u0000`: it cannot be kept"),
        (str, "x" * (LONGEST + 1), f"shorten this to {LONGEST} characters; it has {LONGEST + 1}"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(type_: Any, typed: str, words: str) -> None:
    with pytest.raises(InputError) as raised:
        read(field(type_), typed, EURO)
    assert str(raised.value) == words


def test_a_moment_is_shown_in_the_time_zone_of_the_form_as_precisely_as_a_browser_can() -> None:
    moment = field(datetime)
    assert shown(moment, "2026-07-01T12:30:00Z", EURO) == "2026-07-01T14:30"
    assert shown(moment, "2026-07-01T12:30:05.123456+02:00", EURO) == "2026-07-01T12:30:05.123"
    assert shown(moment, "2026-07-01T12:30:00", EURO) == "2026-07-01T12:30"
    assert shown(moment, "0001-01-01T00:00:00Z", Context("America/New_York")) == "0001-01-01T00:00:00Z"
    assert native(moment, "2026-07-01T14:30")
    assert not native(moment, "tomorrow")
    assert native(field(time), "23:59:59.999")
    assert not native(field(time), "25:00")


def test_what_is_of_another_kind_is_shown_as_it_is() -> None:
    assert shown(AMOUNT, "12", EURO) == '"12"'
    assert shown(field(bool), 1, EURO) == "1"
    assert shown(field(str), ["a"], EURO) == '["a"]'
    assert shown(field(datetime), 5, EURO) == "5"


def test_what_cannot_be_seen_is_left_out() -> None:
    assert clean("a\x00b\x1b[31mc\r\nd\re\ttab\ud800\x7f\u202e") == "ab[31mc\nd\ne\ttab\u202e"


@given(st.text(st.characters()))
def test_any_text_can_be_sent_after_cleaning(text: str) -> None:
    clean(text).encode()
    assert clean(clean(text)) == clean(text)
