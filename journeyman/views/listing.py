"""Lists of which policy hides some: what is read goes on until a page is full."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, TypeVar

T = TypeVar("T")

Place = tuple[datetime, str]
"""Where something stands in a list that is sorted by a moment, then by id."""

MOST: Final = 200
"""Things read for one page; where policy hides nearly all of them, a page is short, and goes on."""


class Found(list[T]):
    """A page of a list. `after`: where the list goes on; None at its end."""

    def __init__(self, found: Iterable[T] = (), after: Place | None = None) -> None:
        super().__init__(found)
        self.after = after


async def filled(
    read: Callable[[Place | None], Awaitable[Sequence[tuple[T, bool]]]],
    place: Callable[[T], Place],
    before: Place | None,
    limit: int,
) -> Found[T]:
    """A page of `limit` at most. `read`: the next `limit` things after a place, each with whether it is shown."""
    found: Found[T] = Found(after=before)
    for _ in range(max(1, MOST // limit)):
        things = await read(found.after)
        for thing, shown in things:
            found.after = place(thing)
            if shown:
                found.append(thing)
                if len(found) == limit:
                    return found
        if len(things) < limit:
            found.after = None
            break
    return found
