"""Lists of tasks: a person's own, what waits for them with the why, and what they look for.

They show what the person's teams work on and policy lets them view.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import compress
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from journeyman.errors import ConflictError, RepeatedError
from journeyman.governance import Authorizer
from journeyman.store.database import Connection
from journeyman.tasks import routing, working
from journeyman.tasks.change import tasks_of
from journeyman.tasks.desk import Desk, sql
from journeyman.tasks.lifecycle import CLOSED, State
from journeyman.tasks.models import Candidate, Kind, Person, Task
from journeyman.tasks.people import person_of
from journeyman.tasks.routing import Ranked
from journeyman.tasks.viewing import SEES_ALL, Viewer, viewer
from journeyman.views.listing import MOST, Found, Place, filled

_CHOICE: Final = 50  # by what lasts and by nearness, what is ranked for a person
_TRIED: Final = 20  # tasks that one tries to take before one looks again
_ROUNDS: Final = 20  # of that
_ASKED: Final = 10  # how many policy is asked about at once, at least
_OFFERED: Final = datetime(1970, 1, 1, tzinfo=UTC)  # where in one's list an offer stands

SEEN: Final[dict[str, JsonValue]] = {"field": "task", "data_class": "ordinary"}
"""What is asked to view of a task that is listed."""


class Search(BaseModel):
    """What to look for. Give one of the first two, or filter what the person's queues hold; the newest come first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_id: str | None = None
    journey_id: str | None = None
    closed: bool = False
    queue: str | None = None
    state: State | None = None
    kind: Kind | None = None
    step: str | None = None
    assignee: str | None = None
    late_at: datetime | None = None
    """Only open tasks of which a service level is missed by then."""
    before: tuple[datetime, str] | None = None
    """Go on after the last task of a page: its `created_at` and `id`."""
    limit: int = Field(default=50, ge=1, le=200)


async def mine(
    desk: Desk,
    person_id: str,
    *,
    now: datetime,
    after: Place | None = None,
    limit: int = MOST,
    looking: Viewer | None = None,
) -> Found[Task]:
    """What is offered to a person, then what they hold or have put on hold, the oldest first. `after` goes on after a page."""
    async with desk.database.connection() as conn:
        asker = looking or await viewer(desk, conn, person_id)

        async def read(after: Place | None) -> list[tuple[Task, bool]]:
            rows = await conn.fetch(sql["mine"], person_id, *(after or (None, None)), limit)
            tasks = [Task.from_row(row) for row in rows]
            may = await desk.permitted(conn, asker.authorizer, asker.person, "view", tasks, now, SEEN) if tasks else []
            return list(zip(tasks, may, strict=True))

        def place(task: Task) -> Place:
            return (_OFFERED if task.offered_to == person_id else task.created_at, task.id)

        return await filled(read, place, after, limit)


async def waiting(
    desk: Desk, person_id: str, *, now: datetime, limit: int = 50, looking: Viewer | None = None
) -> list[Ranked]:
    """What this person may take, the next best first, each with the why. What is offered to others is left out.

    It has no further page: the order is another with each minute, and only the best are ranked. `search` goes through all.
    """
    async with desk.database.connection() as conn:
        looking = looking or await viewer(desk, conn, person_id)
        person, authorizer = looking.person, looking.authorizer
        rows = await conn.fetch(
            sql["waiting_for"], person_id, sorted(person.teams), sorted(person.skills), max(limit, _CHOICE)
        )
        ids = routing.order(map(Candidate.from_row, rows), person, now)
        found: list[Ranked] = []
        while ids and len(found) < limit:
            page = max(limit - len(found), _ASKED)
            asked, ids = ids[:page], ids[page:]
            tasks = [task for task in await tasks_of(conn, asked) if task.state is State.READY]  # not taken meanwhile
            may = await desk.permitted(conn, authorizer, person, "claim", tasks, now)
            found += routing.rank(compress(tasks, may), person, now)
        return found[:limit]


async def take_next(desk: Desk, person_id: str, *, now: datetime, auth: str) -> Ranked | None:
    """Claim the next best task; when someone is faster, one after it. None if nothing waits. A request that is sent again finds
    what it took.

    Raises ConflictError if this person is away or has enough, or others were faster every time.
    """
    if desk.once is not None:
        async with desk.database.connection() as conn:
            if (taken := await desk.once.chosen(conn)) is not None:
                return await _taken(conn, taken, person_id, now)
    for _ in range(_ROUNDS):
        ranked = await waiting(desk, person_id, now=now, limit=_TRIED)
        if not ranked:
            return None
        if (found := await _take_one(desk, ranked, person_id, now, auth)) is not None:
            return found
    raise ConflictError("others took all that was tried; try again")


async def _take_one(desk: Desk, ranked: Sequence[Ranked], person_id: str, now: datetime, auth: str) -> Ranked | None:
    """Claim the best of these; where that is lost to someone faster, one of the best that are left: the more often, the further
    people keep out of each other's way. None if all are lost."""
    lost = 0
    async with desk.database.connection() as conn:
        person = await person_of(conn, person_id)
    while ranked:
        best = ranked[hash(person_id) % min(2**lost, len(ranked))]
        working.must_be_free(person, best.task)
        once = desk.once and replace(desk.once, about=best.task.id)
        try:
            task = await working.claim(replace(desk, once=once), best.task.id, person_id, now=now, auth=auth)
        except RepeatedError as error:
            async with desk.database.connection() as conn:
                return await _taken(conn, error.about or best.task.id, person_id, now)
        except ConflictError as error:
            if error.field is not None:
                raise
            lost += 1
            async with desk.database.connection() as conn:
                free = {row["id"] for row in await conn.fetch(sql["free"], [each.task.id for each in ranked])}
                person = await person_of(conn, person_id)
            ranked = [each for each in ranked if each.task.id in free and each is not best]
        else:
            return Ranked(task, best.points, best.why)
    return None


async def _taken(conn: Connection, task_id: str, person_id: str, now: datetime) -> Ranked:
    """A task that was taken before, as it stands now."""
    [task], person = await tasks_of(conn, [task_id]), await person_of(conn, person_id)
    return next(iter(routing.rank([task], person, now)), Ranked(task, 0, ()))


async def search(desk: Desk, person_id: str, wanted: Search, *, now: datetime) -> Found[Task]:
    """The tasks that fit and that this person may view."""
    async with desk.database.connection() as conn:
        person, authorizer = await desk.asker(conn, person_id)

        async def read(before: Place | None) -> list[tuple[Task, bool]]:
            tasks = await tasks_of(conn, await _ids(conn, person, wanted.model_copy(update={"before": before})))
            may = await desk.permitted(conn, authorizer, person, "view", tasks, now, SEEN) if tasks else []
            return list(zip(tasks, may, strict=True))

        if wanted.task_id is not None or wanted.journey_id is not None:
            return Found(task for task, shown in await read(None) if shown)
        return await filled(read, lambda task: (task.created_at, task.id), wanted.before, wanted.limit)


async def of_customers(
    desk: Desk, person_id: str, customers: Collection[str], *, closed: bool = True, now: datetime, limit: int = 50
) -> list[Task]:
    """The newest tasks of these customers, open ones and `closed`, as far as this person may view them."""
    async with desk.database.connection() as conn:
        asker = await desk.asker(conn, person_id)
        rows = await conn.fetch(sql["of_customers"], sorted(customers), closed, limit)
        return await _viewable(desk, conn, *asker, await tasks_of(conn, [row["id"] for row in rows]), now)


async def _viewable(
    desk: Desk, conn: Connection, person: Person, authorizer: Authorizer, tasks: Sequence[Task], now: datetime
) -> list[Task]:
    """Those of these tasks that policy lets the person see."""
    if not tasks:
        return []
    may = await desk.permitted(conn, authorizer, person, "view", tasks, now, SEEN)
    return [task for task, allowed in zip(tasks, may, strict=True) if allowed]


async def _ids(conn: Connection, person: Person, wanted: Search) -> Sequence[str]:
    if wanted.task_id is not None:
        return [wanted.task_id]
    if wanted.journey_id is not None:
        return [row["id"] for row in await conn.fetch(sql["of_journey"], wanted.journey_id)]
    teams = None if person.roles & SEES_ALL else sorted(person.teams)
    before = wanted.before or (None, None)
    common = (wanted.queue, wanted.state, wanted.kind, wanted.step, wanted.assignee)
    late, page = wanted.late_at, (*before, wanted.limit)
    if not (wanted.closed or wanted.state in CLOSED):
        if wanted.assignee is not None:
            rows = await conn.fetch(sql["open_by"], teams, *common, late, *page)
        elif teams is None and wanted.queue is None:
            rows = await conn.fetch(sql["search_all_open"], *common[1:-1], late, *page)
        else:
            rows = await conn.fetch(sql["search_open"], teams, *common[:-1], late, *page)
    elif wanted.assignee is not None and common == (None, None, None, None, wanted.assignee):
        rows = await conn.fetch(sql["closed_by"], wanted.assignee, teams, *page)
    else:
        rows = await conn.fetch(sql["search_closed"], teams, *common, *page)
    return [row["id"] for row in rows]
