"""Pages of a list: a cursor says after which item to go on. Opaque to callers, checked when it comes back."""

import base64
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field, JsonValue, TypeAdapter

from journeyman.console.words import Moment, Name
from journeyman.errors import InputError

T = TypeVar("T")
ItemT = TypeVar("ItemT")

PageSize = Annotated[int, Query(ge=1, le=100)]
"""How many items a page has at most."""

_PLACE = TypeAdapter[tuple[datetime, str]](tuple[Moment, Name])
_ID = TypeAdapter[str](Name)


class Listed(BaseModel, Generic[ItemT]):
    """A page of a list."""

    items: list[ItemT]
    next: str | None = Field(default=None, description="The `cursor` of the next page; none at the end.")


def cursor_of(at: datetime, id: str) -> str:
    """The cursor behind an item: lists are sorted by a moment, then by id."""
    return _written([at.isoformat(), id])


def goes_on(place: tuple[datetime, str] | None) -> str | None:
    """The cursor of the page after one that goes on at this place."""
    return cursor_of(*place) if place else None


def after(cursor: str | None) -> tuple[datetime, str] | None:
    """What `cursor_of` was made from. Raises InputError."""
    return None if cursor is None else _read(cursor, _PLACE)


def page_of(found: Iterable[ItemT], id: Callable[[ItemT], str], cursor: str | None, limit: int) -> Listed[ItemT]:
    """A page of a list that is read whole, for it is never long: sorted by id. Raises InputError."""
    last = None if cursor is None else _read(cursor, _ID)
    rest = sorted((each for each in found if last is None or id(each) > last), key=id)
    return Listed(items=rest[:limit], next=_written(id(rest[limit - 1])) if len(rest) > limit else None)


def _written(place: JsonValue) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read(cursor: str, form: TypeAdapter[T]) -> T:
    try:
        return form.validate_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:
        raise InputError(
            "the cursor is not one of ours; send `next` of the page before, as it is", field="cursor"
        ) from error
