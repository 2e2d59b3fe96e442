"""Queues as those see them who work or lead them: what waits and for how long, who is there, and what will be late.

The forecast is simple, so that everyone can do the sum. Of a queue that is open, the waiting stand in line, by `as_if_since`
(`journeyman.tasks.routing`). As many as its people who are online can take on top of what they have are begun at once; the others
follow at the pace of the last half hour: with N tasks begun in it, one each 30/N minutes; with none, never. Who is begun after
their `respond_by` will be late. It knows nothing of closing time, of skills, or of who arrives next, and someone of two queues
counts in both.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from journeyman.governance import Resource
from journeyman.store.database import Connection
from journeyman.tasks.desk import Desk
from journeyman.tasks.lifecycle import State
from journeyman.tasks.models import Queue, ServiceLevel
from journeyman.tasks.people import all_queues, queue_of, queues
from journeyman.tasks.viewing import Viewer, viewer

PACE: Final = timedelta(minutes=30)
"""How far back the pace of a queue is taken from."""

_STATES: Final[tuple[State, ...]] = (
    State.CREATED,
    State.READY,
    State.RESERVED,
    State.IN_PROGRESS,
    State.SUSPENDED,
)


class Overview(BaseModel):
    """A queue at a moment. What waits is `ready`; `high` is a priority from 70, `low` one under 30."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    teams: tuple[str, ...]
    push: bool
    service_level: ServiceLevel
    open: bool
    opens_at: datetime | None
    """While it is closed."""
    waiting: int
    oldest: timedelta | None
    """How long the one that has waited longest has been there."""
    priorities: dict[str, int]
    """Of the waiting: `high`, `normal`, `low`."""
    states: dict[State, int]
    """Of all that is open."""
    online: int
    free: int
    """People online, and those of them who can take more."""
    begun: int
    """Tasks begun in the last half hour."""
    late: int
    """Of the waiting: a service level is missed."""
    will_be_late: int | None
    """Of the waiting, beside `late`: begun too late at this pace. None while it is closed: nobody is at work."""


async def overviews(desk: Desk, person_id: str, *, now: datetime, looking: Viewer | None = None) -> list[Overview]:
    """All queues that this person may view, by id."""
    async with desk.database.connection() as conn:
        looking = looking or await viewer(desk, conn, person_id)
        found = await all_queues(conn, looking.teams)
        may = looking.shown("overview", [(_resource(queue), None) for queue in found])
        seen = [queue for queue, allowed in zip(found, may, strict=True) if allowed]
        return await _overviews(conn, seen, now)


async def overview(desk: Desk, person_id: str, queue_id: str, *, now: datetime) -> Overview:
    """One of them. Raises NotFoundError, DeniedError."""
    async with desk.database.connection() as conn:
        queue = await queue_of(conn, queue_id)
        (await viewer(desk, conn, person_id)).require(_resource(queue), "overview")
        return (await _overviews(conn, [queue], now))[0]


def _resource(queue: Queue) -> Resource:
    return Resource.queue(queue.id, teams=queue.teams)


async def _overviews(conn: Connection, wanted: list[Queue], now: datetime) -> list[Overview]:
    rows = await conn.fetch(queues["overview"], [queue.id for queue in wanted], now, PACE)
    found = {row["id"]: row for row in rows}
    return [_overview(queue, found[queue.id], now) for queue in wanted if queue.id in found]


def _overview(queue: Queue, row: Mapping[str, Any], now: datetime) -> Overview:
    open_now = queue.calendar.open_at(now)
    oldest: datetime | None = row["oldest"]
    return Overview(
        id=queue.id,
        title=queue.title,
        teams=tuple(sorted(queue.teams)),
        push=queue.push,
        service_level=queue.service_level,
        open=open_now,
        opens_at=None if open_now else queue.calendar.next_opening(now),
        waiting=row["waiting"],
        oldest=None if oldest is None else max(timedelta(), now - oldest),
        priorities={band: row[band] for band in ("high", "normal", "low")},
        states={state: row["states"].get(state, 0) for state in _STATES},
        online=row["online"],
        free=row["free"],
        begun=row["begun"],
        late=row["late"],
        will_be_late=row["will_be_late"] if open_now else None,
    )
