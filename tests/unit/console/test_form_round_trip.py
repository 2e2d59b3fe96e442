"""Whatever the model, a form that is posted as it was shown says what it was filled with."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, RootModel, create_model

from journeyman.console.form import Filled, Form, checked, difference, edits, filled, form_of, posted, rearranges
from journeyman.console.form.tree import Kind
from journeyman.errors import InputError
from journeyman.journey import DataClass, LongText, Step
from tests.unit.console.browser import Browser, rendered, rendered_changes
from workflows.bank_service import contracts as bank
from workflows.insurance_claim import contracts as insurance

STEPS = [each for module in (bank, insurance) for each in vars(module).values() if isinstance(each, Step)]


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "dark-blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Tags(RootModel[list[str]]):
    pass


class Card(BaseModel):
    kind: Literal["card"]
    number: int


class Cash(BaseModel):
    kind: Literal["cash"] = "cash"
    by: Colour = Colour.RED
    tags: Tags


TypeAndValues: TypeAlias = tuple[Any, st.SearchStrategy[Any]]
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), min_size=1, max_size=20).filter(
    lambda text: bool(text.strip())
)
LINES = st.lists(WORDS, min_size=1, max_size=3).map("\n".join)
SCALARS: list[TypeAndValues] = [
    (str, WORDS | LINES),
    (Annotated[str, Field(max_length=4000)], LINES),
    (Annotated[str, LongText()], LINES | WORDS.map(lambda text: f"\n{text}")),
    (bool, st.booleans()),
    (int, st.integers(-(10**18), 10**18)),
    (Annotated[int, Field(ge=0, description="how many")], st.integers(0, 10**9)),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (Decimal, st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9)),
    (date, st.dates()),
    (time, st.times().map(lambda at: at.replace(microsecond=0))),
    (datetime, st.datetimes(datetime(1970, 1, 1), datetime(2090, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))),  # noqa: DTZ001
    (Colour, st.sampled_from(Colour)),
    (Level, st.sampled_from(Level)),
    (Literal["pay", "reduce", "refuse"], st.sampled_from(["pay", "reduce", "refuse"])),
    (Literal[1, 2, "two", True], st.sampled_from([1, 2, "two"])),
    (Annotated[bool, DataClass("special")], st.booleans()),
    (dict[str, int], st.dictionaries(WORDS, st.integers(0, 9), max_size=2)),
    (int | bool, st.integers() | st.booleans()),
    (int | float, st.integers(0, 99) | st.floats(0, 1)),
    (Literal["a"] | int, st.just("a") | st.integers(0, 9)),
]
NAMES = st.sampled_from(["amount_minor", "currency", "note", "items", "kind", "add", "help", "error", "rows_", "x"])


@st.composite
def models(draw: st.DrawFn, depth: int = 0) -> tuple[type[BaseModel], st.SearchStrategy[Any]]:
    """A model, and values of it in JSON."""
    fields: dict[str, Any] = {}
    values: dict[str, st.SearchStrategy[Any]] = {}
    for name in draw(st.lists(NAMES, min_size=1, max_size=4, unique=True)):
        annotation, strategy = draw(types(depth))
        if name == "amount_minor":
            annotation, strategy = int, st.integers(-(10**12), 10**12)
        if name == "currency":
            annotation, strategy = str, st.sampled_from(["EUR", "JPY", "KWD", "x"])
        if draw(st.booleans()) and name != "currency":
            annotation, strategy = annotation | None, strategy | st.none()
            fields[name] = (annotation, None) if draw(st.booleans()) else (annotation, ...)
        elif draw(st.booleans()):
            fields[name] = (annotation, draw(strategy))
        else:
            fields[name] = (annotation, ...)
        values[name] = strategy
    model = create_model(f"Model{depth}", **fields)
    return model, st.fixed_dictionaries(values)


@st.composite
def types(draw: st.DrawFn, depth: int) -> TypeAndValues:
    """A type, and values of it."""
    shape = draw(
        st.sampled_from(["scalar", "scalar", "scalar", "list", "model", "rows", "either"][: 7 if depth < 2 else 3])
    )
    if shape == "list":
        annotation, strategy = draw(types(depth + 1))
        return list[annotation], st.lists(strategy, max_size=3)  # type: ignore[valid-type]
    if shape == "rows":
        model, strategy = draw(models(depth + 1))
        return list[model], st.lists(strategy, max_size=2)  # type: ignore[valid-type]
    if shape == "model":
        return draw(models(depth + 1))
    if shape == "either":
        cards = st.fixed_dictionaries({"kind": st.just("card"), "number": st.integers(0, 9)})
        cashes = st.fixed_dictionaries(
            {"kind": st.just("cash"), "by": st.sampled_from(Colour), "tags": st.lists(WORDS, max_size=2)}
        )
        return draw(st.sampled_from([Annotated[Card | Cash, Field(discriminator="kind")], Card | Cash])), cards | cashes
    return draw(st.sampled_from(SCALARS))


def in_json(model: type[BaseModel], value: Any) -> Any:
    """The JSON of a value, as the engine keeps it."""
    return model.model_validate(value).model_dump(mode="json")


def posted_unchanged(form: Form, value: Any, *, twice: bool = False) -> Filled:
    """The form filled with a value, shown, and posted; `twice`: shown anew and posted again."""
    page = posted(form, Browser(rendered(filled(form, value))).items())
    return posted(form, Browser(rendered(page)).items()) if twice else page


fast = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@fast
@given(models(), st.data(), st.booleans(), st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns"]))
def test_posting_what_is_shown_gives_the_same_value(
    made: tuple[type[BaseModel], st.SearchStrategy[Any]], data: st.DataObject, twice: bool, zone: str
) -> None:
    model, values = made
    value = in_json(model, data.draw(values))
    form = form_of(model, prefix=data.draw(st.sampled_from(["", "output"])), zone=zone)
    page = posted_unchanged(form, value, twice=twice)
    got = checked(form, page, was=value)
    assert json.loads(model.model_validate_json(json.dumps(got)).model_dump_json()) == value
    assert edits(filled(form, value), page) == []


@fast
@given(models(), st.data())
def test_posting_what_is_shown_needs_no_value_to_hold_it_against(
    made: tuple[type[BaseModel], st.SearchStrategy[Any]], data: st.DataObject
) -> None:
    model, values = made
    value = in_json(model, data.draw(values))
    form = form_of(model)
    page = posted_unchanged(form, value)
    got = model.model_validate_json(json.dumps(checked(form, page)))
    assert rendered(filled(form, got.model_dump(mode="json"))) == rendered(filled(form, value))


@fast
@given(models(), st.data())
def test_a_page_can_be_used_by_all(made: tuple[type[BaseModel], st.SearchStrategy[Any]], data: st.DataObject) -> None:
    model, values = made
    form = form_of(model, prefix="output")
    page = filled(form, data.draw(values.map(lambda value: in_json(model, value)) | st.just({})))
    for node in page.walk():
        if data.draw(st.integers(0, 3)) == 0 and node.field.kind is not Kind.FIXED:
            node.error = "put this right"
    browser = Browser(rendered(page, "/tasks/t-1/form"))
    ids = browser.ids()
    assert len(ids) == len(set(ids))
    named = {each.attributes["id"] for each in browser.all("input", "textarea", "select") if "id" in each.attributes}
    assert named <= set(browser.labels())
    for each in browser.elements:
        assert set(each.attributes.get("aria-describedby", "").split()) <= set(ids)
        assert not {name for name in each.attributes if name.startswith("on") or name == "style"}
        if each.tag == "fieldset":
            assert any(legend.inside[-1] is each for legend in browser.all("legend"))
    assert not browser.all("script", "style")
    links = [each.attributes["href"].removeprefix("#") for each in browser.all("a")]
    assert len(links) == len(page.problems())
    assert set(links) <= set(ids)
    wrong = [each for each in browser.elements if each.attributes.get("aria-invalid") == "true"]
    controls = [node for node in page.walk() if node.error and (node.control or node.field.kind is Kind.EITHER)]
    assert len(wrong) == len(controls)
    described = [each.attributes["aria-describedby"] for each in wrong]
    assert all(each.startswith("error-") for each in described)


NAMED = st.lists(
    st.sampled_from(
        ["add", "remove", "choose", "items", "0", "1", "99999", "x", "amount_minor", "", "note", "kind", "²"]
    ),
    max_size=5,
).map(".".join)
GARBAGE = st.lists(st.tuples(NAMED | st.text(max_size=9), st.text(max_size=9) | NAMED | st.just("9" * 70)), max_size=12)


@fast
@given(models(), GARBAGE)
def test_garbage_gets_words_and_never_past_the_model(
    made: tuple[type[BaseModel], st.SearchStrategy[Any]], items: list[tuple[str, str]]
) -> None:
    model, _ = made
    form = form_of(model)
    page = posted(form, items)
    rearranges(items)
    Browser(rendered(page))
    rendered_changes(difference(filled(form), page))
    try:
        value = checked(form, page)
    except InputError:
        problems = page.problems()
        assert problems
        assert len(Browser(rendered(page)).all("a")) == len(problems)
        return
    model.model_validate_json(json.dumps(value))


@fast
@given(models(), st.data(), st.dictionaries(st.integers(0, 30), st.text(max_size=8), max_size=3))
def test_what_is_typed_stands_there_again(
    made: tuple[type[BaseModel], st.SearchStrategy[Any]], data: st.DataObject, texts: dict[int, str]
) -> None:
    model, values = made
    form = form_of(model)
    items = Browser(rendered(filled(form, in_json(model, data.draw(values))))).items()
    open_ended = ("text", "long_text", "whole", "number", "decimal", "money", "json")
    free = {each.name for each in posted(form, items).walk() if each.field.kind in open_ended}
    items = [(name, texts.get(place, text) if name in free else text) for place, (name, text) in enumerate(items)]
    page = posted(form, items)
    try:
        checked(form, page)
    except InputError:
        assert page.problems()
    again = posted(form, Browser(rendered(page)).items())
    assert [(each.name, each.text) for each in again.walk()] == [(each.name, each.text) for each in page.walk()]


@fast
@given(
    models(),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    ),
)
def test_a_draft_that_does_not_fit_is_shown(made: tuple[type[BaseModel], st.SearchStrategy[Any]], draft: Any) -> None:
    model, _ = made
    form = form_of(model)
    Browser(rendered(filled(form, draft)))
    page = posted_unchanged(form, draft)
    try:
        value = checked(form, page, was=draft)
    except InputError:
        return
    model.model_validate_json(json.dumps(value))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
@fast
@given(data=st.data())
def test_the_result_of_each_shipped_step_round_trips(step: Step[BaseModel], data: st.DataObject) -> None:
    result = data.draw(st.builds(step.output))
    value = result.model_dump(mode="json")
    form = form_of(step.output, prefix="output")
    page = posted_unchanged(form, value)
    try:
        assert checked(form, page, was=value) == value
    except InputError:
        wrong = [each for each in page.walk() if each.error]
        assert wrong
        assert all(each.error == "fill this in" and each.field.must and not each.text.strip() for each in wrong)


def test_each_shipped_step_has_a_form_without_json() -> None:
    assert len(STEPS) == 9
    for step in STEPS:
        page = filled(form_of(step.output))
        assert {each.field.kind for each in page.walk()}.isdisjoint({Kind.JSON, Kind.FIXED})
        assert Browser(rendered(page)).labels()


def test_what_the_form_does_not_name_is_never_taken() -> None:
    class Loose(BaseModel):
        model_config = {"extra": "allow"}
        name: str
        address: Colour | None = None
        rows: list[str] = []

    form = form_of(Loose, prefix="output")
    items = [
        ("output.name", "Ada"),
        ("output.owner", "me"),
        ("output.name.x", "y"),
        ("name", "Eve"),
        ("output.rows.x", "z"),
    ]
    assert checked(form, posted(form, items)) == {"name": "Ada", "address": None, "rows": []}
