"""What a stable word and a time zone must look like, and how long a text and a value may be, wherever one is taken in."""

import json
import re
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import JsonValue

from journeyman.errors import InputError

LONGEST: Final = 10_000
"""Characters of a text that somebody writes."""
LARGEST: Final = 200_000
"""Characters of a value as JSON. Temporal takes 2 MB at once, in which a value is sealed and may stand several times."""

_STABLE = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def stable(reason: str, otherwise: str) -> str:
    """A reason that stays readable for ever. Raises InputError; `otherwise` says what to do with more than a word."""
    if not _STABLE.fullmatch(reason):
        raise InputError(
            f"`{reason}` is no reason to keep; write one lower-case word such as `customer_request`, {otherwise}",
            field="reason",
        )
    return reason


def zone(name: str) -> str:
    """The name of an IANA time zone. Raises InputError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"`{name}` is no IANA time zone; write one such as `Europe/Berlin`", field="time_zone"
        ) from error
    return name


def short(text: str, field: str) -> str:
    """A text that can be kept and shown. Raises InputError."""
    if len(text) > LONGEST:
        raise InputError(f"`{field}` has {len(text)} characters; shorten it to {LONGEST} at most", field=field)
    return text


def small(value: JsonValue, field: str) -> JsonValue:
    """A value that a journey can take. Raises InputError."""
    size = len(json.dumps(value))
    if size > LARGEST:
        raise InputError(
            f"`{field}` has {size} characters as JSON; {LARGEST} are taken at most: refer to what is larger",
            field=field,
        )
    return value
