"""Arguments of tools: which pydantic types they may have, and their one plain JSON form.

Policy is asked about the exact arguments of a call, so they must have a type in Cedar (strings, booleans, 64-bit
integers, sets, records) and one form that is hashed, permitted, stored and executed.
"""

from collections.abc import Iterator
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue, ValidationError

from journeyman.errors import DefinitionError, InputError
from journeyman.ledger.canonical import MAX_SAFE_INTEGER
from journeyman.misfit import misfit

_REMEDIES: dict[str, str] = {
    "float": "write money as an `int` in minor units, and other quantities in a unit that makes them whole",
    "Decimal": "write money as an `int` in minor units",
    "datetime": "write it as `str` (RFC 3339 text)",
    "date": "write it as `str` (`YYYY-MM-DD` text)",
    "time": "write it as `str` (`HH:MM` text)",
    "timedelta": "write it as an `int` of seconds",
    "dict": "write a pydantic model with named fields",
    "Any": "give it one of the types that a policy can test",
}


def check_mappable(model: type[BaseModel], *, owner: str) -> None:
    """Refuses a model that has a field without a type in Cedar.

    Raises DefinitionError; its message begins with `owner` and names the field and the remedy.
    """
    for path, problem in _problems(model, "", ()):
        raise DefinitionError(f"{owner}: field `{path}` of `{model.__name__}` {problem}")


def plain_arguments(args: BaseModel) -> dict[str, JsonValue]:
    """The one plain JSON form of validated arguments: enums as their values, sets sorted, absent for null."""
    return {name: _plain(value) for name, value in _fields(args) if value is not None}


def parse_arguments(model: type[BaseModel], arguments: str | dict[str, Any]) -> BaseModel:
    """Validates the arguments a model (or a person) gave, as JSON text or as an object.

    Raises InputError that names the field: unknown fields and integers past 2**53 - 1 are refused, not dropped or rounded.
    """
    try:
        args = (
            model.model_validate_json(arguments, extra="forbid")
            if isinstance(arguments, str)
            else model.model_validate(arguments, extra="forbid")
        )
    except ValidationError as error:
        raise InputError(problem_of(error), field=misfit(error)[0]) from error
    for path, value in _integers(plain_arguments(args), ""):
        if abs(value) > MAX_SAFE_INTEGER:
            raise InputError(f"field `{path}`: `{value}` is too large; use at most {MAX_SAFE_INTEGER}", field=path)
    return args


def problem_of(error: ValidationError, *, most: int = 5) -> str:
    """A validation error as one line: each field with what is wrong with it, without the values given."""
    lines = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False)[:most]:
        path = ".".join(str(part) for part in detail["loc"])
        lines.append(f"field `{path}`: {detail['msg'].lower()}" if path else detail["msg"].lower())
    return "; ".join(lines)


def _problems(model: type[BaseModel], prefix: str, seen: tuple[type[BaseModel], ...]) -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        if field.alias or field.validation_alias or field.serialization_alias:
            yield path, "has an alias; give it the name that model and policy shall see"
        yield from _type_problems(field.annotation, path, (*seen, model))


def _type_problems(annotation: Any, path: str, seen: tuple[type[BaseModel], ...]) -> Iterator[tuple[str, str]]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from _type_problems(arguments[0], path, seen)
    elif origin in (Union, UnionType):
        members = [member for member in arguments if member is not NoneType]
        if len(members) == 1:
            yield from _type_problems(members[0], path, seen)
        else:
            yield path, f"may be one of several types (`{annotation}`); make it one type, or one field for each"
    elif origin is Literal:
        if not all(isinstance(value, str) for value in arguments):
            yield path, "is a Literal of other things than text; write its values as text"
    elif origin in (list, set, frozenset):
        yield from _type_problems(arguments[0], f"{path}[]", seen)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation in seen:
            yield path, f"contains `{annotation.__name__}` within itself, which a policy cannot type; use an id instead"
        else:
            yield from _problems(annotation, f"{path}.", seen)
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        if not all(isinstance(member.value, str) for member in annotation):
            yield path, f"is the enum `{annotation.__name__}` of other things than text; write its values as text"
    elif annotation not in (str, bool, int):
        named = origin or annotation
        name = getattr(named, "__name__", str(named))
        remedy = _REMEDIES.get(name, "use str, bool, int, an enum of text, a list or set of those, or a model of those")
        yield path, f"is of type `{name}`, which a policy cannot test; {remedy}"


def _fields(model: BaseModel) -> Iterator[tuple[str, Any]]:
    for name in type(model).model_fields:
        yield name, getattr(model, name)


def _plain(value: Any) -> JsonValue:
    if isinstance(value, BaseModel):
        return plain_arguments(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, set | frozenset):
        # Sets of text iterate in an order that differs between processes; the form must not.
        return sorted((_plain(item) for item in value), key=repr)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bool):
        return value
    return int(value) if isinstance(value, int) else str(value)


def _integers(value: JsonValue, path: str) -> Iterator[tuple[str, int]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _integers(item, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for item in value:
            yield from _integers(item, f"{path}[]")
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path, value
