"""The first thing that is wrong with what somebody gave, in the words of an error message."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError


def misfit(error: ValidationError, *place: str) -> tuple[str, str]:
    """The dotted path of the first field that does not fit, behind `place` (empty: the whole), and what is wrong with it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return ".".join((*place, *(str(part) for part in first["loc"]))), in_words(first)


def in_words(wrong: Mapping[str, Any]) -> str:
    """One of pydantic's errors, as an error message says it."""
    words: str = wrong["msg"].removeprefix("Value error, ")
    return words[:1].lower() + words[1:]
