"""The canonical form is one form: it is RFC 8785's, reads back to the same value, and admits nothing ambiguous."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from journeyman.errors import InputError
from journeyman.ledger.canonical import MAX_SAFE_INTEGER, canonical, parse

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = st.none() | st.booleans() | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    assert parse(canonical(value)) == value


@given(st.dictionaries(texts, scalars, max_size=6), st.randoms())
def test_the_order_of_members_does_not_matter(value: dict[str, Any], random: Any) -> None:
    members = list(value.items())
    random.shuffle(members)
    assert canonical(dict(members)) == canonical(value)


anything = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


@given(anything)
def test_the_form_is_that_of_the_reference_library(value: Any) -> None:
    assert canonical(value, floats=True) == rfc8785.dumps(value)


@given(values)
def test_only_the_canonical_form_is_read(value: Any) -> None:
    for other in (json.dumps(value, indent=1), json.dumps(value) + " "):
        if other.encode() != canonical(value):
            with pytest.raises(InputError):
                parse(other.encode())


def test_the_sorting_example_of_rfc_8785() -> None:
    names = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical(names))) == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_the_literals_and_escapes_of_rfc_8785() -> None:
    value = {"literals": [None, True, False], "string": '\u20ac$\u000f\u000aA\'B"\\\\"/'}
    assert canonical(value) == '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [1, 1.5]}, "a[1]"),
        ({"a": {"b": float("nan")}}, "a.b"),
        ({"a": 2**53}, "a"),
        ({"a": -(2**53)}, "a"),
        ({"a": "\ud800"}, "a"),
        ({"a": object()}, "a"),
        ([{1: "a"}], "[0]"),
    ],
)
def test_what_does_not_fit_is_named(value: object, place: str) -> None:
    with pytest.raises(InputError, match="`") as caught:
        canonical(value)
    assert caught.value.field == place
    assert place in str(caught.value)


def test_floats_are_written_only_where_they_are_admitted() -> None:
    assert canonical([1e30, 4.50, 2e-3, 1e-27, 333333333.33333329], floats=True) == (
        b"[1e+30,4.5,0.002,1e-27,333333333.3333333]"
    )
    with pytest.raises(InputError):
        canonical(float("inf"), floats=True)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":2}',
        b'{"a":1.0}',
        b'{"a":NaN}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'"\\u0041"',
        b"9007199254740992",
        b'"\\ud800"',
        b"\xff",
        b"",
        b"{",
        b"[" * 100_000,
        b"[" * 5000 + b"]" * 5000,
        b"1e2",
        b"-0",
    ],
)
def test_every_second_form_of_a_value_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        parse(data)
