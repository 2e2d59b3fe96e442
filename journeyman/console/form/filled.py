"""A form with something in it: the tree that a page shows, holding for each field the very text that stands in its control.

Made of a JSON value (a draft, what was handed over, the defaults) by `filled`, and of what a browser posted by `posted`.
"""

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from journeyman.console.form.scalars import Context, clean, native, placeless, shown
from journeyman.console.form.tree import BRANCHES, Choice, Field, Form, Kind
from journeyman.console.form.wording import meanings

MOST_ROWS: Final = 200
BLANK: Final[Any] = type("Blank", (), {"__repr__": lambda _: "BLANK", "__bool__": lambda _: False})()
"""Stands for a value that is not there, which null is not."""


@dataclass(frozen=True)
class Problem:
    """A line of the summary: the field, where its control is, its label with those it stands in, and what to do."""

    name: str
    target: str
    label: str
    words: str


@dataclass
class Filled:
    """A field of a form, and what is in it.

    `text` is what stands in the control, as typed. A group that may be left out has the text `given` if it is there, an `EITHER`
    the place of the offer that was chosen. `parts` are a group's fields, a list's rows, or the chosen offer.
    `value` is set by `checked`. `focus` says that the browser's focus goes here when the page is shown.
    """

    field: Field
    name: str
    label: str
    context: Context
    text: str = ""
    parts: list["Filled"] = dataclasses.field(default_factory=list)
    error: str = ""
    value: Any = BLANK
    focus: bool = False

    @property
    def withheld(self) -> bool:
        """Whether it is not shown, by policy."""
        return self.context.withholds(self.name)

    @property
    def id(self) -> str:
        """Unique in the page, where forms have prefixes of their own."""
        return f"field-{self.name.replace('.', '-')}" if self.name else "field"

    @property
    def id_of_control(self) -> str:
        """The id of what can be typed in, or chosen first: where a link to this field leads."""
        return f"{self.id}-0" if self.control == "radio" else self.id

    @property
    def control(self) -> str:
        """As the field's; a text of several lines gets a control that can hold them, what is not shown has none."""
        if self.withheld:
            return ""
        return "textarea" if self.field.control == "input" and "\n" in self.text else self.field.control

    @property
    def input_type(self) -> str:
        """The `type` of an `input`. A text that the browser's own control could not hold stays in one for text."""
        types = {Kind.DATE: "date", Kind.MOMENT: "datetime-local", Kind.TIME: "time"}
        return types.get(self.field.kind, "text") if native(self.field, self.text) else "text"

    @property
    def input_mode(self) -> str:
        """Which keys a telephone shows."""
        if self.field.kind is Kind.WHOLE and (self.field.limits.ge or 0) >= 0 and self.field.limits.ge is not None:
            return "numeric"
        numbers = (Kind.NUMBER, Kind.DECIMAL, Kind.MONEY)
        return "decimal" if self.field.kind in numbers else "text"

    @property
    def options(self) -> tuple[Choice, ...]:
        """What there is to choose from. The empty one stands where nothing need be, or is yet, chosen."""
        if self.field.kind is Kind.EITHER:
            offered = self.field.ways
        elif self.field.kind is Kind.YES_NO:
            offered = (Choice("yes", "Yes", True), Choice("no", "No", False))
        else:
            offered = self.field.choices
        if self.field.nullable:
            return (*offered, Choice("", "Not said", None))
        return (Choice("", "Choose", None), *offered) if self.control != "radio" else offered

    @property
    def meanings(self) -> dict[str, str]:
        """What each of the options that stand side by side means, by its token, where the model says so of all."""
        return meanings(self.field.help, [each.token for each in self.field.choices]) if self.control == "radio" else {}

    @property
    def unit(self) -> str:
        """What stands behind the control: the currency of an amount, the time zone of a moment."""
        if self.field.kind is Kind.MOMENT and self.field.zoned:
            return f"Time zone {self.context.zone}"
        return self.context.currency if self.field.kind is Kind.MONEY else ""

    @property
    def optional(self) -> bool:
        """Whether the label says so: it may be left empty."""
        if self.field.kind in (Kind.GROUP, Kind.FIXED) or self.withheld:
            return False
        if self.field.kind is Kind.LIST:
            return not self.field.limits.min_length
        return self.field.nullable or not (self.field.must or self.control in ("checkbox", "radio", "select"))

    @property
    def present(self) -> bool:
        """Whether a group is there."""
        return not self.field.nullable or bool(self.text)

    @property
    def full(self) -> bool:
        """Whether a list takes no more rows."""
        most = self.field.limits.max_length
        return len(self.parts) >= min(MOST_ROWS, MOST_ROWS if most is None else most)

    def walk(self) -> Iterator["Filled"]:
        """Itself and all below it, in the order of the page."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def problems(self, *inside: str) -> list["Problem"]:
        """What is wrong, in the order of the page."""
        found = [Problem(self.name, self.id_of_control, trail(self, inside), self.error)] if self.error else []
        for part in self.parts:
            found += part.problems(*inside_of(self, inside))
        return found


def trail(node: Filled, inside: tuple[str, ...]) -> str:
    """The label of a field behind those that it stands in: `Items 2 › Amount`. The whole has none."""
    return " › ".join((*inside, node.label)) if node.field.depth else ""


def inside_of(node: Filled, inside: tuple[str, ...]) -> tuple[str, ...]:
    """The labels that stand before those of its parts; what its parts' labels say anyway is left out."""
    told = not node.field.depth or node.field.kind is Kind.LIST or (node.field.kind is Kind.EITHER and _says(node))
    return inside if told else (*inside, node.label)


def _says(either: Filled) -> bool:
    return any(part.label == either.label for part in either.parts)


def filled(form: Form, value: Any = BLANK) -> Filled:
    """The form with a JSON value in it, which may be partial; without one, with its defaults."""
    return fill(form.root, form.prefix, "", value, context_of(form))


def context_of(form: Form) -> Context:
    """What holds for all of a form."""
    return Context(form.zone, withheld=frozenset(placeless(join(form.prefix, name)) for name in form.withheld))


def fill(field: Field, name: str, label: str, value: Any, context: Context) -> Filled:
    """A field with a JSON value in it; BLANK for its default."""
    node = Filled(field, name, label or field.label, context)
    if node.withheld:
        return node
    if value is BLANK and not field.required:
        value = field.default
    if field.kind is Kind.GROUP:
        _fill_group(node, value)
    elif field.kind is Kind.LIST:
        _fill_list(node, value)
    elif field.kind is Kind.EITHER:
        _fill_either(node, value)
    elif value is not BLANK:
        node.text = shown(field, value, context)
    return node


def join(name: str, part: str) -> str:
    """The name of a part."""
    return f"{name}.{part}" if name else part


def offered(node: Filled, place: int, value: Any = BLANK) -> Filled:
    """The part of an `EITHER` at which this offer is chosen."""
    offer = node.field.offers[place]
    label = node.field.ways[place].label if offer.kind in BRANCHES else node.label
    return fill(offer, join(node.name, str(place)), label, value, node.context)


def rows_named(node: Filled) -> None:
    """Give the rows of a list their labels, told in places from 1."""
    for place, row in enumerate(node.parts, 1):
        row.label = f"{node.label} {place}"


def of(value: dict[str, Any], field: Field) -> Any:
    """A field's value in its group's JSON: as the model takes it in, or by the name in the class, as the model gives it out."""
    if field.key in value:
        return value[field.key]
    info = field.info
    names = [info.alias, info.serialization_alias] if info else []
    return next((value[name] for name in (*names, field.own) if name in value), BLANK)


def currency_of(group: Field) -> Field | None:
    """The field of a group that says in which currency its amounts are, and those of the groups in it."""
    kinds = (Kind.TEXT, Kind.CHOICE, Kind.FIXED)
    return next((each for each in group.fields if each.own == "currency" and each.kind in kinds), None)


def with_currency(context: Context, told: Any) -> Context:
    """The context in which amounts are in this currency."""
    return replace(context, currency=told.strip()[:12] if isinstance(told, str) else "")


def _fill_group(node: Filled, value: Any) -> None:
    if value is None or (value is BLANK and node.field.nullable):
        return
    _say_if(node, value, dict)
    node.text = "given" if node.field.nullable else ""
    held = value if isinstance(value, dict) else {}
    currency = currency_of(node.field)
    if currency is not None:
        told = currency.choices[0].value if currency.kind is Kind.FIXED else of(held, currency)
        node.context = with_currency(node.context, currency.default if told is BLANK else told)
    node.parts = [fill(each, join(node.name, each.own), "", of(held, each), node.context) for each in node.field.fields]


def _fill_list(node: Filled, value: Any) -> None:
    if value is not None:
        _say_if(node, value, list)
    if value is BLANK and not node.field.nullable:
        value = [BLANK] * min(node.field.limits.min_length or 0, 10)
    for place, inner in enumerate(value if isinstance(value, list) else []):
        node.parts.append(fill(node.field.item, join(node.name, str(place)), "", inner, node.context))
    rows_named(node)


def _fill_either(node: Filled, value: Any) -> None:
    if value is None or value is BLANK:
        return
    place = _offer_of(node.field, value)
    if place is None:
        node.error = _does_not_fit(value)
        return
    node.text = str(place)
    node.parts = [offered(node, place, value)]


def _offer_of(field: Field, value: Any) -> int | None:
    """The place of the offer that a value is of; of one that fits none, the one it looks most like."""
    for strict in (True, False):
        for place, offer in enumerate(field.offers):
            try:
                offer.kin.validate_json(_json(value), strict=strict)
            except ValueError:
                continue
            return place
    if not isinstance(value, dict):
        return None
    alike = [(_likeness(offer, value), -place) for place, offer in enumerate(field.offers) if offer.kind is Kind.GROUP]
    best, place = max(alike, default=(0, 0))
    return -place if best > 0 else None


def _likeness(group: Field, value: dict[str, Any]) -> int:
    """How many of a group's fields are in a value; a tag that is another's outweighs them all."""
    held = [(each, of(value, each)) for each in group.fields]
    other = any(
        each.kind is Kind.FIXED and it is not BLANK and it != each.choices[0].value for each, it in held if each.choices
    )
    return -1 if other else sum(it is not BLANK for _, it in held)


def _say_if(node: Filled, value: Any, kind: type) -> None:
    if value is not BLANK and not isinstance(value, kind):
        node.error = _does_not_fit(value)


def _does_not_fit(value: Any) -> str:
    return f"fill this in anew; what was handed over does not fit: `{clean(_json(value))[:200]}`"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
