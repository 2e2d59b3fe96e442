"""The first thing that is wrong with what somebody gave, in the words of an error message."""

from pydantic import ValidationError


def misfit(error: ValidationError, *place: str) -> tuple[str, str]:
    """The dotted path of the first field that does not fit, behind `place` (empty: the whole), and what is wrong with it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    words = first["msg"].removeprefix("Value error, ")
    return ".".join((*place, *(str(part) for part in first["loc"]))), words[:1].lower() + words[1:]
