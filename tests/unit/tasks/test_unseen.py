"""What a person is not shown of a draft stays as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from journeyman.errors import InputError
from journeyman.tasks.unseen import fields_of, keep_unseen

DRAFT: JsonValue = {
    "amount": 5,
    "hurt": True,
    "cars": [{"plate": "A 1", "owner": "Ada"}, {"plate": "B 2", "owner": "Bob"}],
}
SHOWN = {"amount", "cars", "plate"}

values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def test_a_field_that_was_not_shown_is_put_back() -> None:
    edited: JsonValue = {"amount": 7, "cars": [{"plate": "A 9"}, {"plate": "B 2"}]}
    assert keep_unseen(edited, DRAFT, SHOWN) == {
        "amount": 7,
        "hurt": True,
        "cars": [{"plate": "A 9", "owner": "Ada"}, {"plate": "B 2", "owner": "Bob"}],
    }


def test_a_field_that_was_not_shown_takes_no_other_value() -> None:
    with pytest.raises(InputError, match=r"`output\.hurt` is not shown to you and stays as it was"):
        keep_unseen({"amount": 7, "hurt": False, "cars": []}, {"amount": 5, "hurt": True}, SHOWN)


def test_rows_that_hold_such_a_field_stay_as_many() -> None:
    with pytest.raises(InputError, match=r"`output\.cars` has rows with fields that are not shown to you"):
        keep_unseen({"amount": 7, "cars": [{"plate": "B 2"}]}, DRAFT, SHOWN)
    assert keep_unseen({"cars": []}, {"cars": [{"plate": "A 1"}]}, SHOWN) == {"cars": []}


@given(values, values)
def test_whoever_sees_all_edits_all(given: JsonValue, draft: JsonValue) -> None:
    assert keep_unseen(given, draft, fields_of(draft)) == given


@given(values)
def test_whoever_sees_nothing_edits_nothing(draft: JsonValue) -> None:
    if isinstance(draft, dict):
        assert keep_unseen({}, draft, frozenset()) == draft
