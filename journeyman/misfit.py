"""The first thing that is wrong with what somebody gave, in the words of an error message."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema
from pydantic.json_schema import JsonSchemaMode


@lru_cache(maxsize=1024)
def unknown_fields(model: type[BaseModel]) -> Literal["forbid"] | None:
    """What becomes of given fields that a model does not have: they are refused, since a misspelt one would be lost; unless its
    author says otherwise, or it, or a part of it, writes more than it reads.
    """
    try:
        writes_more = _names(model, "serialization") != _names(model, "validation")
    except PydanticInvalidForJsonSchema:  # a field of a kind that has no schema: nothing is known of what it writes
        return None
    return None if model.model_config.get("extra") or writes_more else "forbid"


def _names(model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, list[str]]:
    """The fields of the model and of its parts."""
    schema = model.model_json_schema(mode=mode)
    return {name: sorted(part.get("properties", ())) for name, part in {"": schema, **schema.get("$defs", {})}.items()}


def misfit(error: ValidationError, *place: str) -> tuple[str, str]:
    """The dotted path of the first field that does not fit, behind `place` (empty: the whole), and what is wrong with it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return ".".join((*place, *(str(part) for part in first["loc"]))), in_words(first)


def in_words(wrong: Mapping[str, Any]) -> str:
    """One of pydantic's errors, as an error message says it."""
    words: str = wrong["msg"].removeprefix("Value error, ")
    return words[:1].lower() + words[1:]
