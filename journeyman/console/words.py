"""The types of what callers type: bounded, and without the one character that Postgres does not store."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Strict, StringConstraints

from journeyman.words import LONGEST

_FIRST, _LAST = 1900, 2999
_NAME = r"^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}$"


def _written(value: object) -> object:
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("write a moment with its offset, such as 2026-03-01T12:00:00Z")
    return value


def _known(moment: datetime) -> datetime:
    """A moment of the years that calendars, clocks and Postgres all know. Raises ValueError."""
    if not _FIRST <= moment.year <= _LAST:
        raise ValueError(f"write a moment of the years {_FIRST} to {_LAST}")
    return moment


Text = Annotated[str, StringConstraints(max_length=LONGEST, pattern=r"^[^\x00]*$")]
"""What a person writes. Whether it may be empty, the operation says."""
Written = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, pattern=r"^[^\x00]*$")]
"""The same, where there has to be something. Whether blanks are, the operation says."""
Flag = Annotated[bool, Strict()]
"""Yes or no, and not what may be taken for one: the document says `boolean`."""
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_known)]
"""A moment as RFC 3339 writes it, with its offset; never a number."""
Name = Annotated[str, StringConstraints(pattern=_NAME)]
"""An id, or a stable word."""
TaskId = Annotated[str, Path(pattern=_NAME, description="The task's id.")]
JourneyId = Annotated[str, Path(pattern=_NAME, description="The journey's id.")]
CustomerId = Annotated[str, Path(pattern=_NAME, description="The customer's pseudonym.")]
AgentName = Annotated[str, Path(pattern=_NAME, description="The AI agent's name.")]


class Body(BaseModel):
    """A request's body: what it does not name, it does not take."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Why(Body):
    """With the reason, for whoever reads the record."""

    reason: Text


class Words(Body):
    """A text."""

    text: Written
