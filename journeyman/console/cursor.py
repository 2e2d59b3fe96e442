"""Pages of a list: a cursor says after which item to go on. Opaque to callers, checked when it comes back."""

import base64
import json
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, Field, TypeAdapter

from journeyman.console.words import Moment, Name
from journeyman.errors import InputError

ItemT = TypeVar("ItemT")

_PLACE = TypeAdapter[tuple[datetime, str]](tuple[Moment, Name])


class Listed(BaseModel, Generic[ItemT]):
    """A page of a list."""

    items: list[ItemT]
    next: str | None = Field(default=None, description="The `cursor` of the next page; none at the end.")


def cursor_of(at: datetime, id: str) -> str:
    """The cursor behind an item: lists are sorted by a moment, then by id."""
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), id]).encode()).decode().rstrip("=")


def goes_on(place: tuple[datetime, str] | None) -> str | None:
    """The cursor of the page after one that goes on at this place."""
    return cursor_of(*place) if place else None


def after(cursor: str | None) -> tuple[datetime, str] | None:
    """What `cursor_of` was made from. Raises InputError."""
    if cursor is None:
        return None
    try:
        return _PLACE.validate_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise _foreign() from error


def _foreign() -> InputError:
    return InputError("the cursor is not one of ours; send `next` of the page before, as it is", field="cursor")
