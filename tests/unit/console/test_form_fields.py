"""What a form knows of a model: labels, kinds, help, limits, defaults."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NewType
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, Field, NaiveDatetime, PastDate, PositiveInt, RootModel, StringConstraints

from journeyman.console.form import Kind, checked, filled, form_of, posted
from journeyman.console.form.tree import DEEPEST
from journeyman.console.form.tree import Field as FormField
from journeyman.console.form.wording import in_label, meanings, no_minor_units, worded
from journeyman.errors import InputError
from journeyman.journey import DataClass, LongText
from tests.unit.console.browser import Browser, rendered
from workflows.insurance_claim.contracts import LossReport, Settlement

Number = NewType("Number", int)


class Speed(Enum):
    SLOW = "slow-lane"
    FAST = 2


class Line(BaseModel):
    amount_minor: int
    what: str


class Node(BaseModel):
    """A part."""

    name: str
    parts: list["Node"] = []


class Money(RootModel[Decimal]):
    pass


class Everything(BaseModel):
    short: str
    long: str = Field(max_length=1000)
    marked: Annotated[str, LongText()]
    whole: int
    number: float
    decimal: Decimal
    paid_minor: int | None = None
    sure: bool
    agreed: bool = False
    maybe: bool | None = None
    colour: Literal["red", "dark_blue"]
    speed: Speed | None
    several: Literal["a"] | Literal["b"]
    day: date
    past: PastDate
    moment: datetime
    aware: AwareDatetime
    naive: NaiveDatetime
    at: time
    lasts: timedelta
    id: UUID
    new: Number
    positive: PositiveInt | None
    line: Line
    more: Line | None = None
    lines: list[Line]
    words: Sequence[str] = ()
    pair: tuple[int, str]
    run: tuple[int, ...] = ()
    any: Any = None
    map: dict[str, int] = {}
    either: int | Line
    total: Money
    version: Literal[1] = 1
    only: Literal["paid"]


KINDS = {
    "short": Kind.TEXT, "long": Kind.LONG_TEXT, "marked": Kind.LONG_TEXT, "whole": Kind.WHOLE, "number": Kind.NUMBER,
    "decimal": Kind.DECIMAL, "paid_minor": Kind.MONEY, "sure": Kind.YES_NO, "agreed": Kind.YES_NO, "maybe": Kind.YES_NO,
    "colour": Kind.CHOICE, "speed": Kind.CHOICE, "several": Kind.CHOICE, "day": Kind.DATE, "past": Kind.DATE,
    "moment": Kind.MOMENT, "aware": Kind.MOMENT, "naive": Kind.MOMENT, "at": Kind.TIME, "lasts": Kind.TEXT, "id": Kind.TEXT,
    "new": Kind.WHOLE, "positive": Kind.WHOLE, "line": Kind.GROUP, "more": Kind.GROUP, "lines": Kind.LIST, "words": Kind.LIST,
    "pair": Kind.JSON, "run": Kind.LIST, "any": Kind.JSON, "map": Kind.JSON, "either": Kind.EITHER, "total": Kind.DECIMAL,
    "version": Kind.FIXED, "only": Kind.CHOICE,
}  # fmt: skip


def fields_of(model: type[BaseModel]) -> dict[str, FormField]:
    return {each.own: each for each in form_of(model).root.fields}


def test_each_type_has_its_kind() -> None:
    assert {name: each.kind for name, each in fields_of(Everything).items()} == KINDS


def test_the_control_fits_the_kind() -> None:
    controls = {name: each.control for name, each in fields_of(Everything).items()}
    assert controls["sure"] == controls["maybe"] == controls["colour"] == controls["only"] == "radio"
    assert controls["agreed"] == "checkbox"
    assert controls["marked"] == controls["long"] == controls["map"] == "textarea"
    many = fields_of(type("Many", (BaseModel,), {"__annotations__": {"x": Literal["a", "b", "c", "d", "e", "f"]}}))
    assert many["x"].control == "select"


def test_a_field_must_be_filled_in_unless_it_has_a_default_or_may_be_null() -> None:
    fields = fields_of(Everything)
    assert {name for name, each in fields.items() if not each.must} == {
        "paid_minor", "agreed", "maybe", "speed", "positive", "more", "lines", "words", "run", "any", "map", "version",
    }  # fmt: skip


def test_a_choice_tells_its_words_and_keeps_its_value() -> None:
    fields = fields_of(Everything)
    assert [(each.token, each.label, each.value) for each in fields["colour"].choices] == [
        ("red", "Red", "red"),
        ("dark_blue", "Dark blue", "dark_blue"),
    ]
    assert [(each.token, each.label, each.value) for each in fields["speed"].choices] == [
        ("slow-lane", "Slow lane", "slow-lane"),
        ("2", "Fast", 2),
    ]


def test_choices_that_would_be_posted_alike_are_told_apart() -> None:
    model = type("Alike", (BaseModel,), {"__annotations__": {"x": Literal[1, "1", True]}})
    tokens = [each.token for each in fields_of(model)["x"].choices]
    assert len(set(tokens)) == len(tokens) == len(fields_of(model)["x"].choices)


def test_labels_and_help_are_in_words() -> None:
    fields = fields_of(Settlement)
    assert fields["amount_minor"].label == "Amount"
    assert fields["amount_minor"].help == "what the insurer bears: the estimate less the excess"
    assert fields_of(LossReport)["what_happened"].label == "What happened"
    assert worded("NotVerified") == "Not verified"
    assert worded("VAT_number") == "VAT number"
    assert worded("Mr. O'Neil ") == "Mr. O'Neil "
    assert in_label("_minor") == "Minor"
    assert no_minor_units("in minor units (cents), as the tool gave it") == "as the tool gave it"
    assert no_minor_units("the amount in minor units, if there is one") == "the amount, if there is one"


def test_each_choice_says_what_it_means_where_the_description_does() -> None:
    html = rendered(filled(form_of(Settlement)))
    page = Browser(html)
    paid = next(each for each in page.elements if each.attributes.get("value") == "pay")
    means = next(each for each in page.elements if each.attributes.get("id") == paid.attributes["aria-describedby"])
    assert means.text == "the claim is paid"
    assert "pay: the claim" not in html
    assert meanings("pay: all of it; refuse: nothing", ("pay", "reduce", "refuse")) == {}
    assert meanings("how it ends", ("pay", "refuse")) == {}


def test_a_title_stands_before_the_name() -> None:
    model = type(
        "Titled",
        (BaseModel,),
        {"__annotations__": {"x": Annotated[int, Field(title="How many", description="of them")]}},
    )
    assert (fields_of(model)["x"].label, fields_of(model)["x"].help) == ("How many", "of them")


def test_a_data_class_is_kept_and_shown() -> None:
    assert fields_of(LossReport)["anyone_hurt"].data_class == "special"
    assert fields_of(LossReport)["drivable"].data_class is None
    inner = type("Inner", (BaseModel,), {"__annotations__": {"x": Annotated[str, DataClass("secret")] | None}})
    assert fields_of(inner)["x"].data_class == "secret"
    assert "Special category" in rendered(filled(form_of(LossReport)))


def test_limits_are_told_before_one_types() -> None:
    class Bounded(BaseModel):
        a: Annotated[int, Field(ge=1, le=5)] | None
        b: Annotated[str, StringConstraints(min_length=2, max_length=9)]
        c: Annotated[str, StringConstraints(pattern=r"^\d+$")]

    fields = fields_of(Bounded)
    assert fields["a"].hint == "At least 1, at most 5"
    assert fields["b"].hint == "At least 2 characters, at most 9 characters"
    assert fields["c"].limits.pattern == r"^\d+$"


def test_a_default_is_made_anew_and_stands_in_the_form() -> None:
    class Defaults(BaseModel):
        words: list[str] = Field(default_factory=lambda: ["one"])
        line: Line = Line(amount_minor=250, what="x")
        of_others: str = Field(default_factory=lambda data: data["words"])

    page = filled(form_of(Defaults))
    assert [each.text for each in page.walk() if each.control] == ["one", "2.50", "x", ""]


def test_a_model_that_holds_itself_has_a_form() -> None:
    value: dict[str, Any] = {"name": "0", "parts": []}
    for depth in range(1, DEEPEST + 3):
        value = {"name": str(depth), "parts": [value]}
    form = form_of(Node)
    page = posted(form, Browser(rendered(filled(form, value))).items())
    assert checked(form, page) == value
    assert any(each.field.kind is Kind.JSON for each in page.walk())


def test_a_model_that_is_no_object_has_a_form() -> None:
    rows = RootModel[list[Line]]
    form = form_of(rows)
    value = [{"amount_minor": 250, "what": "x"}]
    page = posted(form, Browser(rendered(filled(form, value))).items())
    assert [each.name for each in page.walk()] == ["root", "root.0", "root.0.amount_minor", "root.0.what"]
    assert checked(form, page) == value


def test_a_field_is_taken_in_by_its_alias_and_named_as_in_the_class() -> None:
    class Aliased(BaseModel):
        name: str = Field(alias="full.name")

    form = form_of(Aliased)
    assert filled(form, {"full.name": "Ada"}).parts[0].text == filled(form, {"name": "Ada"}).parts[0].text == "Ada"
    assert checked(form, posted(form, [("name", "Ada")])) == {"full.name": "Ada"}


@pytest.mark.parametrize("model", [Everything, Node, Settlement])
def test_the_tree_of_a_model_is_made_once(model: type[BaseModel]) -> None:
    assert form_of(model).root is form_of(model, prefix="x", zone="Europe/Berlin").root


def test_a_time_zone_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="no IANA time zone"):
        form_of(Settlement, zone="Mars/Olympus")
