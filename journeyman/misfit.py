"""The first thing that is wrong with what somebody gave, in the words of an error message."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ValidationError


def unknown_fields(model: type[BaseModel]) -> Literal["forbid"] | None:
    """What becomes of given fields that a model does not have: they are refused, since a misspelt one would be lost; unless its
    author says otherwise, or it writes more than it reads.
    """
    return None if model.model_config.get("extra") or model.model_computed_fields else "forbid"


def misfit(error: ValidationError, *place: str) -> tuple[str, str]:
    """The dotted path of the first field that does not fit, behind `place` (empty: the whole), and what is wrong with it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return ".".join((*place, *(str(part) for part in first["loc"]))), in_words(first)


def in_words(wrong: Mapping[str, Any]) -> str:
    """One of pydantic's errors, as an error message says it."""
    words: str = wrong["msg"].removeprefix("Value error, ")
    return words[:1].lower() + words[1:]
