"""A body says what was recorded, in one form, without the values; a commitment binds and does not tell."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from journeyman.errors import InputError
from journeyman.ledger.canonical import parse
from journeyman.ledger.entry import Actor, Entry, body, body_problem, commitment, moment_text

AI = Actor(kind="ai", id="form-filler")
AT = datetime(2026, 3, 1, 9, 0, 0, 123_456, tzinfo=UTC)
SALT = bytes(32)


def test_a_body_is_canonical_and_holds_no_value() -> None:
    entry = Entry(
        type="decision.complete",
        at=AT,
        actor=AI,
        journey="journey-1",
        subject="customer-1",
        refs={"step": "fill-claim-form"},
        facts={"verdict": "deny", "tokens": 812, "calibrated": False},
        policies=["high-value-needs-review"],
        values={"claim": {"name": "Ada Lovelace"}},
    )
    made = body(entry, {"claim": commitment(SALT, entry.values["claim"])})
    assert b"Ada" not in made
    assert body_problem(parse(made)) is None
    assert parse(made) == {
        "v": 1,
        "id": entry.id,
        "type": "decision.complete",
        "at": "2026-03-01T09:00:00.123Z",
        "actor": {"kind": "ai", "id": "form-filler", "auth": ""},
        "journey": "journey-1",
        "subject": "customer-1",
        "refs": {"step": "fill-claim-form"},
        "facts": {"verdict": "deny", "tokens": 812, "calibrated": False},
        "policies": ["high-value-needs-review"],
        "values": {"claim": commitment(SALT, {"name": "Ada Lovelace"})},
    }


def test_two_entries_that_say_the_same_have_two_bodies() -> None:
    assert body(Entry(type="a", at=AT, actor=AI), {}) != body(Entry(type="a", at=AT, actor=AI), {})


def test_the_time_is_kept_to_the_millisecond_in_utc() -> None:
    entry = Entry(type="a", at=AT.astimezone(timezone(timedelta(hours=5))), actor=AI)
    assert entry.at == AT.replace(microsecond=123_000)
    assert moment_text(entry.at) == "2026-03-01T09:00:00.123Z"
    with pytest.raises(ValidationError):
        Entry(type="a", at=AT.replace(tzinfo=None), actor=AI)


@pytest.mark.parametrize("facts", [{"a": 1.5}, {"a": None}, {"a": ["b"]}])
def test_a_fact_is_a_string_a_bool_or_an_integer(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Entry(type="a", at=AT, actor=AI, facts=facts)


def test_an_unsafe_integer_and_half_a_character_are_refused() -> None:
    for facts in ({"a": 2**53}, {"a": "\ud83d"}):
        with pytest.raises((InputError, ValidationError)):
            body(Entry(type="a", at=AT, actor=AI, facts=facts), {})


def test_each_value_needs_its_commitment() -> None:
    with pytest.raises(InputError):
        body(Entry(type="a", at=AT, actor=AI, values={"b": 1}), {})


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**50), 2**50)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(json_values)
def test_a_commitment_survives_json(value: Any) -> None:
    assert commitment(SALT, json.loads(json.dumps(value))) == commitment(SALT, value)
    assert commitment(bytes([1]) * 32, value) != commitment(SALT, value)


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(InputError):
        commitment(b"short", 1)


@pytest.mark.parametrize(
    "change",
    [{"v": 2}, {"more": 1}, {"type": 1}, {"policies": {}}, {"refs": []}, {"values": {"a": "b"}}, {"journey": 1}],
)
def test_a_body_of_another_shape_is_told(change: dict[str, Any]) -> None:
    parsed = parse(body(Entry(type="a", at=AT, actor=AI), {}))
    assert body_problem(parsed) is None
    assert body_problem(parsed | change)
    assert body_problem([parsed])
