"""From what stands in a form to the JSON value that its model lets through, or to words at each field that say what to do."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from journeyman.console.form.filled import BLANK, Filled, of
from journeyman.console.form.scalars import money, read, shown
from journeyman.console.form.tree import Form, Kind
from journeyman.errors import InputError
from journeyman.misfit import in_words

_CHOSEN: Final = frozenset({Kind.CHOICE, Kind.YES_NO, Kind.EITHER})


def checked(form: Form, node: Filled, was: Any = BLANK) -> JsonValue:
    """The JSON value of a posted form, which fits the model. Raises InputError that names the first field which does not
    fit; at each that does not, there is an `error` in words that say what to do.

    `was` is the value that the form was shown with, such as a draft: what stands as it was shown keeps its value to the last
    digit that a control does not show.
    """
    value = _value(node, was)
    problems = bool(node.problems())
    _hold(node, form.root.adapter, value)
    if problems or node.problems():
        first = node.problems()[0]
        more = len(node.problems()) - 1
        raise InputError(
            f"`{first.name or 'form'}`: {first.words}{f' (and {more} more)' if more else ''}", field=first.name or None
        )
    told: JsonValue = value
    return told


def blame(node: Filled, path: str, words: str) -> Filled:
    """Put an error that came from behind the form, such as the `field` of an InputError, to the field that it names, or to
    the nearest one above it."""
    found, _ = _at(node, path.split("."))
    found.error = found.error or words
    return found


def _value(node: Filled, was: Any) -> Any:
    """The value as it was typed, with an error where it cannot be read; BLANK where nothing is."""
    kind = node.field.kind
    if node.withheld:
        node.error = (
            "you are not shown this, so it cannot be sent; accept it as it is, give it back, or pass the task on"
        )
    elif kind is Kind.GROUP:
        node.value = _of_group(node, was)
    elif kind is Kind.LIST:
        node.value = _of_list(node, was)
    elif kind is Kind.EITHER:
        node.value = _value(node.parts[0], was) if node.parts else _of_unchosen(node)
    elif kind is Kind.FIXED:
        node.value = node.field.choices[0].value if node.field.choices else None
    elif node.field.control == "checkbox":
        node.value = node.text == "yes"
    else:
        node.value = _of_scalar(node, was)
    return node.value


def _of_group(node: Filled, was: Any) -> Any:
    if not node.present:
        return None
    held = was if isinstance(was, dict) else {}
    found = {}
    for part in node.parts:
        value = _value(part, of(held, part.field))
        if value is not BLANK:
            found[part.field.key] = value
    return found


def _of_list(node: Filled, was: Any) -> Any:
    if not node.parts and node.field.nullable:
        return was if was == [] else None
    held = was if isinstance(was, list) else []
    found = [_value(part, held[place] if place < len(held) else BLANK) for place, part in enumerate(node.parts)]
    return [None if value is BLANK else value for value in found]


def _of_unchosen(node: Filled) -> Any:
    if node.text or node.field.must:
        node.error = _fill_in(node)
    return None if node.field.nullable else BLANK


def _of_scalar(node: Filled, was: Any) -> Any:
    field, text = node.field, node.text
    if field.must and not text.strip():
        node.error = _fill_in(node)
        return BLANK
    if was is not BLANK and was is not None and text == shown(field, was, node.context):
        return was
    is_text = field.kind in (Kind.TEXT, Kind.LONG_TEXT)
    if not (text if is_text else text.strip()):
        if field.nullable:
            return None
        return "" if is_text else BLANK
    try:
        return read(field, text, node.context)
    except InputError as error:
        node.error = str(error)
        return BLANK


def _fill_in(node: Filled) -> str:
    if node.field.kind is Kind.YES_NO:
        return "choose yes or no"
    return "choose one" if node.field.kind in _CHOSEN else "fill this in"


def _hold(node: Filled, adapter: TypeAdapter[Any], value: Any) -> None:
    """Put each thing that is wrong with a value to the field that it is about."""
    try:
        adapter.validate_json(json.dumps(value, allow_nan=False))
        return
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
    except ValueError as error:
        node.error = node.error or f"correct this; it cannot be sent: {error}"
        return
    for each in wrong:
        found, rest = _at(node, each["loc"])
        if any(below.error for below in found.walk()):
            continue
        if found.field.kind is Kind.EITHER and found.parts:
            part = found.parts[0]
            if part.value is not BLANK:
                _hold(part, part.field.adapter, part.value)
            if not any(below.error for below in found.walk()):
                found.error = "correct this; it fits none of the choices"
            continue
        found.error = _told(found, each, rest)


def _at(node: Filled, path: Sequence[Any]) -> tuple[Filled, tuple[str, ...]]:
    """The field at a path of the model, or the nearest above it, and the words of the path that are left."""
    for place, word in enumerate(path):
        below = None
        if node.field.kind is Kind.GROUP:
            below = next((part for part in node.parts if str(word) in (part.field.key, part.field.own)), None)
        elif node.field.kind is Kind.LIST and str(word).isdigit():
            below = node.parts[int(word)] if int(word) < len(node.parts) else None
        if below is None:
            return node, tuple(str(each) for each in path[place:])
        node = below
    return node, ()


def _told(node: Filled, wrong: Mapping[str, Any], rest: Sequence[str]) -> str:
    """One of pydantic's errors, as a person is told what to do."""
    bound = wrong.get("ctx", {})
    kind = str(wrong["type"])
    if kind == "missing":
        return _fill_in(node) if not rest else f"fill in `{'.'.join(rest)}`"
    if rest:
        return f"correct `{'.'.join(rest)}`: {in_words(wrong)}"
    for name, words in _WORDS.items():
        if kind == name:
            shown_bounds = {key: _bound(node, each) for key, each in bound.items()}
            return words.format_map(shown_bounds)
    if kind in ("literal_error", "enum"):
        return f"choose one of these: {', '.join(choice.label for choice in node.field.choices)}"
    if kind == "string_pattern_mismatch":
        return (
            "write it as asked for above" if node.field.help else f"write it so that it fits `{bound.get('pattern')}`"
        )
    return in_words(wrong)


def _bound(node: Filled, bound: Any) -> str:
    if node.field.kind is Kind.MONEY and isinstance(bound, int):
        return f"{money(bound, node.context.currency)} {node.context.currency}".strip()
    return str(bound)


_WORDS: Final = {
    "string_too_short": "write at least {min_length} characters",
    "string_too_long": "shorten this to {max_length} characters",
    "greater_than_equal": "give {ge} or more",
    "greater_than": "give more than {gt}",
    "less_than_equal": "give {le} or less",
    "less_than": "give less than {lt}",
    "multiple_of": "give a multiple of {multiple_of}",
    "too_short": "add rows until there are at least {min_length}; there are {actual_length}",
    "too_long": "remove rows until there are at most {max_length}; there are {actual_length}",
    "decimal_max_places": "write at most {decimal_places} decimals",
    "decimal_max_digits": "write at most {max_digits} digits",
    "decimal_whole_digits": "write at most {whole_digits} digits before the point",
    "date_past": "give a date in the past",
    "date_future": "give a date in the future",
    "datetime_past": "give a time in the past",
    "datetime_future": "give a time in the future",
}
