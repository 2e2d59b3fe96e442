"""What a stable word and a time zone must look like, wherever one is taken in."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from journeyman.errors import InputError

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
