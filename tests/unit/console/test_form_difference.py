"""What a person changed of a draft."""

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, JsonValue

from journeyman.console.form import Change, How, Piece, difference, edits, filled, form_of, posted, words
from tests.unit.console.browser import Browser, rendered, rendered_changes, typed


class Item(BaseModel):
    what: str
    amount_minor: int


class Address(BaseModel):
    street: str


class Draft(BaseModel):
    currency: str = "EUR"
    outcome: Literal["pay", "reduce_it"]
    reasons: str
    items: list[Item] = []
    address: Address | None = None
    agreed: bool = False
    either: int | str = 1


FORM = form_of(Draft)
DRAFT: dict[str, JsonValue] = {
    "currency": "EUR",
    "outcome": "pay",
    "reasons": "The garage asks for 250, and the excess is 300.",
    "items": [{"what": each, "amount_minor": 100} for each in ("Bumper", "Lamp", "Door")],
    "address": {"street": "Elm Street 1"},
    "agreed": False,
    "either": 1,
}


def changes(now: JsonValue) -> list[Change]:
    return [each for each in difference(filled(FORM, DRAFT), filled(FORM, now)) if each.how is not How.UNCHANGED]


def test_every_field_is_told_also_if_it_did_not_change() -> None:
    found = difference(filled(FORM, DRAFT), filled(FORM, DRAFT))
    assert {each.how for each in found} == {How.UNCHANGED}
    assert [each.path for each in found][:4] == ["currency", "outcome", "reasons", "items.0.what"]


def test_a_change_is_told_as_it_was_shown() -> None:
    assert changes({**DRAFT, "outcome": "reduce_it", "agreed": True, "either": 2}) == [
        Change("outcome", "Outcome", How.CHANGED, "Pay", "Reduce it"),
        Change("agreed", "Agreed", How.CHANGED, "No", "Yes"),
        Change("either.0", "Either", How.CHANGED, "1", "2"),
    ]


def test_a_row_that_is_taken_out_changes_no_other() -> None:
    assert changes({**DRAFT, "items": DRAFT["items"][1:]}) == [  # type: ignore[index]
        Change("items.0.what", "Items 1 › What", How.REMOVED, "Bumper", "", text=True),
        Change("items.0.amount_minor", "Items 1 › Amount", How.REMOVED, "1.00 EUR"),
    ]


def test_what_comes_in_or_goes_as_a_whole_is_added_or_removed() -> None:
    assert changes({**DRAFT, "address": None}) == [
        Change("address.street", "Address › Street", How.REMOVED, "Elm Street 1", "", text=True)
    ]
    assert changes({**DRAFT, "either": "one"}) == [
        Change("either.0", "Either", How.REMOVED, "1", ""),
        Change("either.1", "Either", How.ADDED, "", "one", text=True),
    ]
    assert changes({**DRAFT, "reasons": ""}) == [
        Change("reasons", "Reasons", How.REMOVED, str(DRAFT["reasons"]), "", text=True)
    ]


def test_what_is_being_typed_is_compared_though_it_cannot_be_read_yet() -> None:
    items = Browser(rendered(filled(FORM, DRAFT))).items()
    page = posted(FORM, typed(items, items__0__amount_minor="1,0x", items__1__amount_minor="1"))
    assert edits(filled(FORM, DRAFT), page) == [
        {"field": "items.0.amount_minor", "change": "changed", "from": "1.00 EUR", "to": "1,0x EUR"}
    ]


def test_what_is_recorded_holds_no_secret() -> None:
    now = filled(FORM, {**DRAFT, "reasons": "paid with 4111 1111 1111 1111"})
    (entry,) = edits(filled(FORM, DRAFT), now)
    assert entry["from"] == DRAFT["reasons"]
    assert "4111" not in entry["to"]


def test_words_are_compared_word_by_word() -> None:
    assert words("The excess is 300.", "The full excess is 250.") == (
        Piece(How.UNCHANGED, "The "),
        Piece(How.ADDED, "full "),
        Piece(How.UNCHANGED, "excess is "),
        Piece(How.REMOVED, "300"),
        Piece(How.ADDED, "250"),
        Piece(How.UNCHANGED, "."),
    )


@given(st.text(), st.text())
def test_the_pieces_of_a_text_are_both_texts(before: str, after: str) -> None:
    pieces = words(before, after)
    assert "".join(each.text for each in pieces if each.how is not How.ADDED) == before
    assert "".join(each.text for each in pieces if each.how is not How.REMOVED) == after


def test_a_text_that_repeats_itself_too_often_is_told_as_a_whole() -> None:
    before, after = "no, a b " * 900, "no, b a " * 900
    assert words(f"The end. {before}", f"The end. {after}") == (
        Piece(How.UNCHANGED, "The end. "),
        Piece(How.REMOVED, before),
        Piece(How.ADDED, after),
    )


def test_a_long_text_is_told_word_by_word_where_it_changed() -> None:
    before = "".join(f"Sentence {place} says what the garage said. " for place in range(400))
    after = before.replace("Sentence 200 says", "Sentence 200 tells")
    assert [each for each in words(before, after) if each.how is not How.UNCHANGED] == [
        Piece(How.REMOVED, "says"),
        Piece(How.ADDED, "tells"),
    ]


def test_changes_are_shown_without_running_what_they_say() -> None:
    hostile = '<script>alert(1)</script>{{ 7*7 }}"onload="\u202e'
    html = rendered_changes(changes({**DRAFT, "reasons": hostile, "items": [], "either": hostile}))
    page = Browser(html)
    assert not page.all("script")
    assert hostile in page.all("ul")[0].text.replace("added: ", "")
    assert "49" not in html
