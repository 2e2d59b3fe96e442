"""The one byte form of a JSON value (RFC 8785), over fewer values than JSON has.

A hash is only as good as the agreement on what was hashed. So what the ledger hashes is null, strings, bools, integers
that every JSON reader keeps exactly (within ±(2^53 - 1)), and lists and maps of those.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

import rfc8785

from journeyman.errors import InputError

MAX_SAFE_INTEGER = 2**53 - 1
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
"""Writes the canonical form of all but `_check` says, and ten times as fast as the library: a test compares the two."""


def canonical(value: object, *, floats: bool = False) -> bytes:
    """The RFC 8785 form of `value`.

    `floats` admits finite floating-point numbers, in ECMAScript's notation: for values that are committed to, which may be
    any JSON; never for an entry's own body. Raises InputError that names the place of what does not fit.
    """
    try:
        if _check(value, "", floats):
            return rfc8785.dumps(value)  # type: ignore[arg-type]  # _check has narrowed it, member by member
        return _ENCODER.encode(value).encode()
    except RecursionError as error:
        raise InputError("the value is nested too deeply: flatten it") from error


def parse(data: bytes) -> Any:
    """The value whose canonical form is exactly `data`. Raises InputError for anything else, duplicate keys included."""
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float
        )
    except InputError:
        raise
    except (ValueError, RecursionError) as error:
        raise InputError(f"not JSON: {error}") from error
    if canonical(value) != data:
        raise InputError("not in canonical form (RFC 8785): members must be sorted, without spaces or needless escapes")
    return value


def _check(value: object, path: str, floats: bool) -> bool:
    """Whether only the library knows its form: it has floating-point numbers, or keys that UTF-16 sorts otherwise than Unicode.

    Raises InputError for what has no form here.
    """
    match value:
        case str():
            _check_text(value, path)
        case bool() | None:
            pass
        case int():
            if abs(value) > MAX_SAFE_INTEGER:
                raise InputError(
                    f"`{value}` at `{path or '.'}` is not a safe integer: write it as a string", field=path
                )
        case float():
            if not floats or not math.isfinite(value):
                raise InputError(
                    f"`{value}` at `{path or '.'}` is a floating-point number: write it as a string, or in minor units",
                    field=path,
                )
            return True
        case list() | tuple():
            special = False
            for position, member in enumerate(value):
                special |= _check(member, f"{path}[{position}]", floats)
            return special
        case Mapping():
            special = not isinstance(value, dict)
            for key, member in value.items():
                if not isinstance(key, str):
                    raise InputError(f"the key `{key!r}` at `{path or '.'}` is not a string", field=path)
                _check_text(key, path)
                special |= not key.isascii() and max(key) > "\uffff"
                special |= _check(member, f"{path}.{key}" if path else key, floats)
            return special
        case _:
            raise InputError(f"`{type(value).__name__}` at `{path or '.'}` is not a JSON value", field=path)
    return False


def _check_text(text: str, path: str) -> None:
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(
            f"the text at `{path or '.'}` holds a lone surrogate: it is not Unicode", field=path
        ) from error


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InputError("a key occurs twice in one object")
    return members


def _no_float(text: str) -> NoReturn:
    raise InputError(f"`{text}` is a floating-point number: write it as a string, or in minor units")
