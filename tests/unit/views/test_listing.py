"""A page of a list is full although policy hides much of what is read for it."""

from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest

from journeyman.views.listing import MOST, Place, filled

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
THINGS = 2 * MOST


def place(thing: int) -> Place:
    return BEGIN - timedelta(seconds=thing), str(thing)


async def pages(hidden: range, limit: int) -> list[list[int]]:
    """All pages of the things, one after the other."""

    async def read(before: Place | None) -> list[tuple[int, bool]]:
        first = int(before[1]) + 1 if before else 0
        return [(thing, thing not in hidden) for thing in range(first, min(first + limit, THINGS))]

    found, after = [], None
    while True:
        page = await filled(read, place, after, limit)
        found.append(list(page))
        if (after := page.after) is None:
            return found


@pytest.mark.parametrize("hidden", [range(0), range(7, 150), range(THINGS - 30, THINGS)])
async def test_every_page_is_full_but_the_last(hidden: range) -> None:
    found = await pages(hidden, 50)
    assert {len(page) for page in found[:-1]} == {50}
    assert list(chain(*found)) == [thing for thing in range(THINGS) if thing not in hidden]


async def test_where_nearly_all_is_hidden_a_page_is_short_and_goes_on() -> None:
    found = await pages(range(10, THINGS - 1), 50)
    assert found[0] == list(range(10))
    assert list(chain(*found)) == [*range(10), THINGS - 1]
