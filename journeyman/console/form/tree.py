"""The form of a model: a tree of fields, each with what a person must know to fill it in.

Made from the annotations of a pydantic class, with no database and no web framework. What a browser posts under a name that is
not in the tree does not exist. Every model has a form: what has no control of its own (mappings, `Any`) is written as JSON. A
model may hold itself: its fields are made as they are asked for, and below `DEEPEST` they are JSON too.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cached_property, lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, NewType, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue, NaiveDatetime, RootModel, TypeAdapter
from pydantic.errors import PydanticUserError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticSerializationError, to_jsonable_python
from typing_extensions import TypeAliasType

from journeyman.console.form.limits import NO_LIMITS, Limits, limits
from journeyman.console.form.wording import in_label, no_minor_units, worded
from journeyman.journey.step import DataClass, LongText
from journeyman.words import zone as known_zone

DEEPEST: Final = 12
FEW: Final = 5  # choices that are all shown; more of them fold into a list
LONG: Final = 200  # characters: a text that may be longer gets several lines


class Kind(StrEnum):
    """What control a field gets."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    WHOLE = "whole"
    NUMBER = "number"
    DECIMAL = "decimal"
    MONEY = "money"
    """An integer in minor units, shown and typed as `250.00`."""
    YES_NO = "yes_no"
    CHOICE = "choice"
    DATE = "date"
    MOMENT = "moment"
    TIME = "time"
    FIXED = "fixed"
    """Has one value only, and no control."""
    GROUP = "group"
    LIST = "list"
    EITHER = "either"
    """One of several kinds of thing; the person says which."""
    JSON = "json"


BRANCHES: Final = frozenset({Kind.GROUP, Kind.LIST, Kind.EITHER})
_PLAIN: Final[Mapping[Any, Kind]] = {
    bool: Kind.YES_NO,
    int: Kind.WHOLE,
    float: Kind.NUMBER,
    Decimal: Kind.DECIMAL,
    str: Kind.TEXT,
    datetime: Kind.MOMENT,
    date: Kind.DATE,
    time: Kind.TIME,
}
_BY_FORMAT: Final = {"date-time": Kind.MOMENT, "date": Kind.DATE, "time": Kind.TIME}
_BY_TYPE: Final = {"string": Kind.TEXT, "integer": Kind.WHOLE, "number": Kind.NUMBER, "boolean": Kind.YES_NO}
_ROWS: Final = frozenset({list, set, frozenset, Sequence, Collection, Iterable})
_WHICH: Final[Mapping[Kind, str]] = {
    Kind.TEXT: "Text", Kind.LONG_TEXT: "Text", Kind.WHOLE: "Whole number", Kind.NUMBER: "Number", Kind.DECIMAL: "Number",
    Kind.MONEY: "Amount", Kind.YES_NO: "Yes or no", Kind.CHOICE: "Choice", Kind.DATE: "Date", Kind.MOMENT: "Date and time",
    Kind.TIME: "Time", Kind.LIST: "List", Kind.JSON: "Something else", Kind.GROUP: "Group", Kind.FIXED: "Fixed",
    Kind.EITHER: "One of several",
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One thing to choose: what is posted, what is read, what it is in JSON."""

    token: str
    label: str
    value: JsonValue


@dataclass(frozen=True)
class Field:
    """A field of the tree. `own` is its name in the class and in the page, `key` the one by which the model takes it in (its
    alias, where it has one); the rows of a list and what an `EITHER` offers have none.

    `required`: there is no default, so it must be given. `nullable`: empty means null. `data_class` is None where the model says
    nothing, which counts as personal. `type` is the annotation without marks, null and wrapping. In an offer (`inside`) a field
    of one value tells what is offered, and needs no control.
    """

    own: str
    key: str
    kind: Kind
    label: str
    type: Any
    annotation: Any
    help: str = ""
    required: bool = True
    nullable: bool = False
    choices: tuple[Choice, ...] = ()
    limits: Limits = NO_LIMITS
    data_class: str | None = None
    zoned: bool = True
    depth: int = 0
    hint: str = ""
    info: FieldInfo | None = None
    inside: bool = False

    @property
    def must(self) -> bool:
        """Whether something has to be filled in. An empty list is filled in."""
        return self.required and not self.nullable and self.kind is not Kind.LIST

    @property
    def control(self) -> str:
        """`input`, `textarea`, `checkbox`, `radio` or `select`; `""` for what has none of its own."""
        if self.kind in BRANCHES or self.kind is Kind.FIXED:
            return ""
        if self.kind is Kind.YES_NO:
            return "radio" if self.required or self.nullable else "checkbox"
        if self.kind is Kind.CHOICE:
            return "radio" if len(self.choices) <= FEW else "select"
        return "textarea" if self.kind in (Kind.LONG_TEXT, Kind.JSON) else "input"

    @property
    def default(self) -> JsonValue:
        """The default's value in JSON, made anew each time; None where there is none."""
        if self.info is None or self.info.is_required():
            return None
        try:
            value: JsonValue = to_jsonable_python(self.info.get_default(call_default_factory=True, validated_data={}))
        except (PydanticSerializationError, ValueError, TypeError, LookupError):
            return None  # made of other fields, or no JSON: the model fills it in
        return value

    @cached_property
    def fields(self) -> tuple["Field", ...]:
        """Of a group."""
        return tuple(_fields(self)) if self.kind is Kind.GROUP else ()

    @cached_property
    def item(self) -> "Field":
        """What each row of a list is."""
        args = [each for each in get_args(self.type) if each is not Ellipsis]
        return _field("", self.label, args[0] if args else Any, depth=self.depth + 1, money=self.limits.money)

    @cached_property
    def offers(self) -> tuple["Field", ...]:
        """What an `EITHER` can be; its choices' tokens are the places in here."""
        return tuple(
            _field("", self.label, each, depth=self.depth + 1, inside=True, money=self.limits.money)
            for each in _members(self.type)
        )

    @cached_property
    def ways(self) -> tuple[Choice, ...]:
        """The choices of an `EITHER`."""
        return tuple(Choice(str(place), _which(offer), None) for place, offer in enumerate(self.offers))

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        """What checks a value of this field alone."""
        return TypeAdapter(self.annotation)

    @cached_property
    def kin(self) -> TypeAdapter[Any]:
        """What tells whether a value is of this field's type, whatever its limits."""
        return TypeAdapter(self.type)


@dataclass(frozen=True)
class Form:
    """The form of a model. `prefix` stands before each name, as in `output.items.0.amount`: a page that posts names of its own
    gives one. Moments are shown and typed in the time zone `zone`, an IANA name. `withheld` are the fields that policy does not
    show to this person, as in `items.amount_minor`: they have no control, and what holds them cannot be submitted."""

    model: type[BaseModel]
    root: Field
    prefix: str = ""
    zone: str = "UTC"
    withheld: frozenset[str] = frozenset()


def form_of(model: type[BaseModel], *, prefix: str = "", zone: str = "UTC", withheld: Iterable[str] = ()) -> Form:
    """The form of a model. Raises InputError if there is no such time zone."""
    root = _root(model)
    prefix = prefix or ("" if root.kind is Kind.GROUP else "root")
    return Form(model, root, prefix, known_zone(zone), frozenset(withheld))


@lru_cache(maxsize=256)
def _root(model: type[BaseModel]) -> Field:
    return _field("", worded(model.__name__), model, help=(model.__doc__ or "").strip())


def _fields(group: Field) -> Iterator[Field]:
    for name, info in group.type.model_fields.items():
        if info.init is False:
            continue
        yield _field(
            name,
            info.title or in_label(name),
            info.annotation,
            list(info.metadata),
            help=info.description or "",
            info=info,
            depth=group.depth + 1,
            tagged=group.inside,
            money=name.endswith("_minor"),
        )


def _field(
    own: str,
    label: str,
    annotation: Any,
    marks: list[Any] | None = None,
    *,
    help: str = "",
    info: FieldInfo | None = None,
    depth: int = 0,
    inside: bool = False,
    tagged: bool = False,
    money: bool = False,
) -> Field:
    core, marks, nullable = _bare(annotation, marks or [])
    bounds = limits(marks, money=money)
    required = info is None or info.is_required()
    choices = _choices(core)
    nullable = nullable or any(choice.value is None for choice in choices)
    choices = tuple(choice for choice in choices if choice.value is not None)
    kind = _kind(core, bounds, choices, marks)
    if kind in BRANCHES and depth >= DEEPEST:
        kind = Kind.JSON
    if kind is Kind.CHOICE and len(choices) == 1 and (tagged or not required) and not nullable:
        kind = Kind.FIXED
    for mark in marks:
        if isinstance(mark, FieldInfo):
            help = help or mark.description or ""
    return Field(
        own=own,
        key=(info.validation_alias if info and isinstance(info.validation_alias, str) else own),
        kind=kind,
        label=label,
        type=core,
        annotation=annotation,
        help=no_minor_units(help) if kind is Kind.MONEY else help,
        required=required,
        nullable=nullable,
        choices=choices,
        limits=bounds,
        data_class=next((mark.name for mark in marks if isinstance(mark, DataClass)), None),
        zoned=core is not NaiveDatetime,
        depth=depth,
        hint=_hint(core, kind, bounds),
        info=info,
        inside=inside,
    )


def _bare(annotation: Any, marks: list[Any]) -> tuple[Any, list[Any], bool]:
    """(type, marks, nullable): an annotation without what is wrapped around its type."""
    nullable = False
    for _ in range(DEEPEST):
        origin = get_origin(annotation)
        if origin is Annotated:
            marks = [*marks, *annotation.__metadata__]
            annotation = annotation.__origin__
        elif isinstance(annotation, TypeAliasType):
            annotation = annotation.__value__
        elif isinstance(annotation, NewType):
            annotation = annotation.__supertype__
        elif origin in (Union, UnionType):
            members = [each for each in get_args(annotation) if each is not NoneType]
            nullable = nullable or len(members) < len(get_args(annotation))
            if len(members) > 1:
                return Union[tuple(members)], _flat(marks), nullable  # noqa: UP007 - made of a tuple
            annotation = members[0]
        elif isinstance(annotation, type) and issubclass(annotation, RootModel) and not origin:
            root = annotation.model_fields["root"]
            marks = [*marks, *root.metadata]
            annotation = root.annotation
        else:
            return annotation, _flat(marks), nullable
    return Any, _flat(marks), nullable


def _flat(marks: Iterable[Any]) -> list[Any]:
    """The marks, and those that others of them hold."""
    return [each for mark in marks for each in (mark, *(mark.metadata if isinstance(mark, FieldInfo) else ()))]


def _kind(core: Any, bounds: Limits, choices: tuple[Choice, ...], marks: list[Any]) -> Kind:
    if choices:
        return Kind.CHOICE
    if core is NoneType:
        return Kind.FIXED
    origin = get_origin(core)
    if origin is Union:
        return Kind.NUMBER if set(get_args(core)) == {int, float} else Kind.EITHER
    if (origin or core) in _ROWS or (origin is tuple and len(get_args(core)) == 2 and get_args(core)[1] is Ellipsis):
        return Kind.LIST
    if isinstance(core, type) and issubclass(core, BaseModel):
        return Kind.GROUP
    kind = _PLAIN.get(core) if isinstance(core, type) else None
    if kind is None:
        kind = _by_schema(core)
    if kind is Kind.WHOLE and bounds.money:
        return Kind.MONEY
    long = any(isinstance(mark, LongText) for mark in marks) or (bounds.max_length or 0) > LONG
    return Kind.LONG_TEXT if kind is Kind.TEXT and long else kind


def _by_schema(core: Any) -> Kind:
    try:
        schema = TypeAdapter(core).json_schema()
    except (PydanticUserError, TypeError):
        return Kind.JSON
    if "enum" in schema or "const" in schema:
        return Kind.JSON
    return _BY_FORMAT.get(schema.get("format", ""), _BY_TYPE.get(schema.get("type", ""), Kind.JSON))


def _members(core: Any) -> tuple[Any, ...]:
    """Of a union; what is closed in it is one."""
    closed = [each for each in get_args(core) if get_origin(each) is Literal]
    merged = Literal[tuple(value for each in closed for value in get_args(each))] if closed else None
    rest = [each for each in get_args(core) if get_origin(each) is not Literal]
    return (*rest, merged) if closed else tuple(rest)


def _choices(core: Any) -> tuple[Choice, ...]:
    pairs: list[tuple[str, JsonValue]]
    if get_origin(core) is Union and all(get_origin(each) is Literal for each in get_args(core)):
        core = _members(core)[0]
    if get_origin(core) is Literal:
        pairs = [_pair(value) for value in get_args(core)]
    elif isinstance(core, type) and issubclass(core, Enum) and list(core):
        pairs = [(_pair(member)[0], to_jsonable_python(member)) for member in core]
    else:
        return ()
    plain = [value if isinstance(value, str) else worded(str(to_jsonable_python(value))).lower() for _, value in pairs]
    tokens = plain if len(set(plain)) == len(plain) and "" not in plain else [str(place) for place in range(len(plain))]
    return tuple(Choice(token, label, value) for token, (label, value) in zip(tokens, pairs, strict=True))


def _pair(value: Any) -> tuple[str, JsonValue]:
    if isinstance(value, bool):
        return ("Yes" if value else "No"), value
    if isinstance(value, Enum):
        words = value.value if isinstance(value.value, str) else value.name.lower()
        return worded(words), to_jsonable_python(value)
    return worded(str(value)), to_jsonable_python(value)


def _which(offer: Field) -> str:
    if offer.kind is Kind.GROUP:
        return str(offer.type.model_config.get("title") or worded(offer.type.__name__))
    return _WHICH[offer.kind]


def _hint(core: Any, kind: Kind, bounds: Limits) -> str:
    """How to write it, in words."""
    if kind is Kind.JSON:
        return 'Written as JSON, such as {"key": "value"}'
    if getattr(core, "__name__", "") == "timedelta":
        return "Such as PT1H30M for an hour and a half"
    return bounds.in_words(kind)
