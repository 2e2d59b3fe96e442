"""Callbacks as those see them whose queues they are of: what is agreed, the next first."""

from datetime import datetime

from journeyman.tasks.callbacks import Callback, shown
from journeyman.tasks.change import tasks_of
from journeyman.tasks.desk import Desk
from journeyman.tasks.people import queues
from journeyman.tasks.viewing import viewer
from journeyman.views.inbox import SEEN
from journeyman.views.listing import Found, Place, filled


async def callbacks(
    desk: Desk,
    person_id: str,
    *,
    queue: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: Place | None = None,
    limit: int = 50,
    now: datetime,
) -> Found[Callback]:
    """The open callbacks of the person's queues (supervisors, auditors: of all) that they may view, by slot and id.

    `since` and `until` bound the slot; `after` goes on after the last one of a page, by its slot and id.
    """
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)

        async def read(after: Place | None) -> list[tuple[Callback, bool]]:
            within = (looking.teams, queue, since, until, *(after or (None, None)))
            rows = await conn.fetch(queues["callbacks"], *within, limit)
            tasks = await tasks_of(conn, [row["task_id"] for row in rows])
            asked = (conn, looking.authorizer, looking.person, "view", tasks, now, SEEN)
            may = await desk.permitted(*asked) if tasks else []
            found = [shown(row["id"], row["slot"], task) for row, task in zip(rows, tasks, strict=True)]
            return list(zip(found, may, strict=True))

        return await filled(read, lambda each: (each.slot, each.id), after, limit)
