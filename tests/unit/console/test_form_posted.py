"""A form as a person works with it: rows added and removed, errors at each field, nothing typed lost, bounds."""

from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, BaseModel, Field, JsonValue, model_validator

from journeyman.console.form import Filled, blame, checked, difference, filled, form_of, posted, rearranges
from journeyman.console.form.filled import MOST_ROWS
from journeyman.console.form.posted import MOST_FIELDS
from journeyman.errors import InputError
from tests.unit.console.browser import Browser, rendered, typed


class Address(BaseModel):
    street: str
    post_code: Annotated[str, Field(pattern="^[0-9]{5}$", description="five digits")]


class Item(BaseModel):
    what: str = Field(max_length=20)
    amount_minor: int = Field(ge=0)
    broken: bool = False


class Card(BaseModel):
    kind: Literal["card"]
    token: str


class Transfer(BaseModel):
    kind: Literal["transfer"]
    iban: str = Field(min_length=5)


class Claim(BaseModel):
    currency: Literal["EUR", "JPY"] = "EUR"
    items: list[Item] = Field(min_length=1, max_length=3)
    notes: list[str] = []
    address: Address | None = None
    payment: Annotated[Card | Transfer, Field(discriminator="kind")] | None = None
    hurt: bool

    @model_validator(mode="after")
    def counted(self) -> "Claim":
        if self.hurt and not self.notes:
            raise ValueError("say in a note who is hurt")
        return self


FORM = form_of(Claim)
VALUE: dict[str, JsonValue] = {
    "currency": "EUR",
    "items": [
        {"what": "Bumper", "amount_minor": 25000, "broken": True},
        {"what": "Lamp", "amount_minor": 4000, "broken": False},
    ],
    "notes": ["one", "two", "three"],
    "address": {"street": "Elm Street 1", "post_code": "10115"},
    "payment": {"kind": "transfer", "iban": "DE00"},
    "hurt": False,
}


def items(value: JsonValue = None) -> list[tuple[str, str]]:
    return Browser(rendered(filled(FORM, VALUE if value is None else value))).items()


def errors(page: Filled) -> dict[str, str]:
    return {each.name: each.words for each in page.problems()}


def wrong(sent: list[tuple[str, str]]) -> dict[str, str]:
    page = posted(FORM, sent)
    with pytest.raises(InputError):
        checked(FORM, page)
    return errors(page)


def at(page: Filled, name: str) -> Filled:
    return next(each for each in page.walk() if each.name == name)


def test_a_row_is_added_by_a_button_and_takes_the_focus() -> None:
    sent = [*typed(items(), items__0__amount_minor="2x"), ("add", "items")]
    assert rearranges(sent)
    page = posted(FORM, sent)
    assert [each.label for each in at(page, "items").parts] == ["Items 1", "Items 2", "Items 3"]
    assert at(page, "items.0.amount_minor").text == "2x"
    assert at(page, "items.2.what").focus
    assert not page.problems()
    focused = [each for each in Browser(rendered(page)).elements if "autofocus" in each.attributes]
    assert [each.attributes["id"] for each in focused] == ["field-items-2-what"]


def test_a_full_list_takes_no_more_rows() -> None:
    page = posted(FORM, [*items(), ("items", "7"), ("add", "items")])
    assert len(at(page, "items").parts) == 3
    buttons = [
        each.attributes["value"]
        for each in Browser(rendered(page)).all("button")
        if each.attributes.get("name") == "add"
    ]
    assert "items" not in buttons


def test_a_removed_row_leaves_the_others_as_they_were_typed() -> None:
    page = posted(FORM, [*typed(items(), items__1__what="Left lamp"), ("remove", "items.0"), ("remove", "notes.1")])
    assert [each.text for each in at(page, "items").walk() if each.control] == ["Left lamp", "40.00", ""]
    assert [(each.name, each.text) for each in at(page, "notes").parts] == [("notes.0", "one"), ("notes.1", "three")]
    assert at(page, "items").focus
    again = checked(FORM, posted(FORM, typed(Browser(rendered(page)).items(), payment__1__iban="DE001")))
    assert isinstance(again, dict)
    assert again["items"] == [{"what": "Left lamp", "amount_minor": 4000, "broken": False}]


def test_a_group_that_may_be_left_out_is_added_and_removed() -> None:
    without = posted(FORM, [*items(), ("remove", "address")])
    assert not at(without, "address").present
    html = Browser(rendered(without))
    assert {("add", "address"), ("add", "items"), ("remove", "items.0")} <= {
        (each.attributes.get("name"), each.attributes.get("value")) for each in html.all("button")
    }
    assert "address" not in dict(html.items())
    again = posted(FORM, [*html.items(), ("add", "address")])
    assert [each.text for each in at(again, "address").parts] == ["", ""]
    assert "address.street" in errors_of(again)


def errors_of(page: Filled) -> dict[str, str]:
    with pytest.raises(InputError):
        checked(FORM, page)
    return errors(page)


def test_one_of_several_is_chosen_and_then_asked_for() -> None:
    sent = typed(items(), payment="0")
    assert rearranges([*sent, ("choose", "payment")])
    page = posted(FORM, sent)
    assert errors_of(page) == {"payment.0.token": "fill this in"}
    value = checked(FORM, posted(FORM, typed(Browser(rendered(page)).items(), payment__0__token="tok-1")))
    assert isinstance(value, dict)
    assert value["payment"] == {"kind": "card", "token": "tok-1"}
    assert wrong(typed(items(), payment="9")) == {"payment": "choose one"}


def test_every_error_is_told_at_its_field_in_words_that_say_what_to_do() -> None:
    sent = typed(
        items(),
        items__0__what="x" * 21,
        items__0__amount_minor="-1",
        items__1__amount_minor="many",
        items__1__what=" ",
        address__post_code="1011",
        payment__1__iban="DE",
        hurt="perhaps",
        currency="USD",
    )
    assert wrong(sent) == {
        "currency": "choose one of these: EUR, JPY",
        "items.0.what": "shorten this to 20 characters",
        "items.0.amount_minor": "give 0.00 USD or more",
        "items.1.what": "fill this in",
        "items.1.amount_minor": "write a number, such as 250.00",
        "address.post_code": "write it as asked for above",
        "payment.1.iban": "write at least 5 characters",
        "hurt": "choose yes or no",
    }


def test_a_list_with_too_few_rows_says_so() -> None:
    sent = [*typed(items(), payment__1__iban="DE001"), ("remove", "items.0"), ("remove", "items.1")]
    assert wrong(sent) == {"items": "add rows until there are at least 1; there are 0"}


def test_what_is_wrong_with_the_whole_stands_above_it() -> None:
    sent = [(name, text) for name, text in items() if not name.startswith("notes")]
    page = posted(FORM, typed(sent, hurt="yes", payment__1__iban="DE001"))
    assert errors_of(page) == {"": "say in a note who is hurt"}
    html = Browser(rendered(page))
    assert [each.text for each in html.all("a")] == ["Say in a note who is hurt"]
    assert html.all("a")[0].attributes["href"] == "#field"


def test_an_error_from_behind_the_form_is_put_to_its_field() -> None:
    page = posted(FORM, items())
    assert blame(page, "items.1.amount_minor", "this is more than was paid").name == "items.1.amount_minor"
    assert blame(page, "address.street.number", "no such street").name == "address.street"
    assert blame(page, "disposition", "close it otherwise") is page
    assert set(errors(page)) == {"items.1.amount_minor", "address.street", ""}


def test_amounts_are_in_the_currency_that_stands_above_them() -> None:
    page = posted(
        FORM,
        typed(
            items(), currency="JPY", items__0__amount_minor="250", items__1__amount_minor="40", payment__1__iban="DE001"
        ),
    )
    assert at(page, "items.0.amount_minor").unit == "JPY"
    value = checked(FORM, page, was=VALUE)
    assert isinstance(value, dict)
    assert isinstance(value["items"], list)
    assert [each["amount_minor"] for each in value["items"] if isinstance(each, dict)] == [250, 40]


def test_an_empty_row_is_to_be_filled_in_or_removed() -> None:
    page = posted(FORM, typed(items(), notes__1="", payment__1__iban="DE001"))
    assert errors_of(page) == {"notes.1": "fill this in"}


def test_an_error_of_a_field_inside_is_told_with_what_it_stands_in() -> None:
    page = posted(FORM, typed(items(), items__1__what=""))
    errors_of(page)
    assert page.problems()[0].label == "Items 2 › What"
    assert page.problems()[0].target == "field-items-1-what"


def test_a_form_of_too_many_fields_is_refused() -> None:
    with pytest.raises(InputError, match="remove rows") as raised:
        posted(FORM, ((f"notes.{place}", "x") for place in range(MOST_FIELDS + 1)))
    assert raised.value.field == "form"


def test_a_list_of_too_many_rows_is_cut_and_said_so() -> None:
    page = posted(FORM, [(f"notes.{place}", "x") for place in range(MOST_ROWS + 5)])
    assert len(at(page, "notes").parts) == MOST_ROWS
    assert "keep to 200 rows; 205 were sent" in errors_of(page)["notes"]


def test_places_of_rows_need_not_follow_each_other() -> None:
    page = posted(
        FORM, [("notes.9", "b"), ("notes.3", "a"), ("notes.12345", "no"), ("notes.²", "no"), ("notes.-1", "no")]
    )
    assert [each.text for each in at(page, "notes").parts] == ["a", "b"]


def test_a_file_counts_as_nothing() -> None:
    page = posted(FORM, [("hurt", object()), ("add", object())])
    assert at(page, "hurt").text == ""


def test_values_that_pydantic_alone_refuses_are_told() -> None:
    def even(number: int) -> int:
        if number % 2:
            raise ValueError("Give an even number")
        return number

    class Checked(BaseModel):
        number: Annotated[int, AfterValidator(even)]
        places: dict[str, int]
        either: int | bool

    form = form_of(Checked)
    page = posted(form, [("number", "3"), ("places", '{"a": "x"}'), ("either", "0"), ("either.0", "x")])
    with pytest.raises(InputError) as raised:
        checked(form, page)
    assert raised.value.field == "number"
    assert errors(page) == {
        "number": "give an even number",
        "places": "correct `a`: input should be a valid integer, unable to parse string as an integer",
        "either.0": "write a whole number, such as 12",
    }


def test_the_limits_of_what_was_chosen_are_told() -> None:
    class Several(BaseModel):
        either: Annotated[int, Field(ge=5)] | Literal["none"]

    form = form_of(Several)
    page = posted(form, Browser(rendered(filled(form, {"either": 3}))).items())
    with pytest.raises(InputError, match="give 5 or more"):
        checked(form, page)


def test_what_stands_as_it_was_shown_keeps_its_value() -> None:
    class Exact(BaseModel):
        at: str | None = None
        moment: Annotated[str, Field()] = ""
        none: str | None = None

    form = form_of(Exact)
    value = {"at": "", "moment": "a\r\nb", "none": None}
    page = posted(form, Browser(rendered(filled(form, value))).items())
    assert checked(form, page, was=value) == value
    assert checked(form, page) == {"at": None, "moment": "a\nb", "none": None}


def test_what_is_not_shown_is_not_overwritten_with_what_one_cannot_see() -> None:
    form = form_of(Claim, prefix="task.1", withheld={"hurt", "items.what", "address"})
    shown: JsonValue = {**VALUE, "items": [{"amount_minor": 25000}]}
    page = filled(form, {**VALUE, "payment": None})
    html = rendered(page)
    assert "Bumper" not in html
    assert "Elm Street" not in html
    sent = Browser(rendered(filled(form, shown))).items()
    assert not [name for name, _ in sent if name.endswith(("hurt", "what")) or "address" in name]
    page = posted(form, [*sent, ("task.1.hurt", "no"), ("task.1.items.0.what", "x"), ("task.1.address", "given")])
    with pytest.raises(InputError):
        checked(form, page, was=shown)
    told = {"task.1.hurt", "task.1.items.0.what", "task.1.address"}
    assert {name for name, words in errors(page).items() if words.startswith("you are not shown this")} == told
    assert {each.path for each in difference(page, page)}.isdisjoint(told)
    links = [each.attributes["href"].removeprefix("#") for each in Browser(rendered(page)).all("a")]
    assert set(links) <= set(Browser(rendered(page)).ids())
