"""The fallback that a queue declares: where a task goes when it is closed or full, or when nobody comes in time.

Never an approval: nothing is decided for people because they are not there.
"""

from datetime import datetime, timedelta
from typing import Final

from journeyman.store.database import Connection
from journeyman.tasks import slots
from journeyman.tasks.models import NewTask, Notice, Obstacle, Queue
from journeyman.tasks.people import queue_of, queues

_LEAD: Final = timedelta(minutes=30)  # a queue that is open calls back no sooner


async def place(conn: Connection, new: NewTask, now: datetime) -> tuple[Queue, Notice | None]:
    """The queue that takes it, and what the customer must be told. A chain of fallback queues that closes in itself waits."""
    first = queue = await queue_of(conn, new.queue)
    seen = {queue.id}
    while (reason := await _obstacle(conn, queue, now)) and queue.fallback == "queue":
        following = await queue_of(conn, queue.fallback_queue or "")
        if following.id in seen:
            queue, reason = first, await _obstacle(conn, first, now)
            break
        seen.add(following.id)
        queue = following
    if reason is None:
        return queue, None
    return queue, await notice(conn, queue, reason, now, calls=new.kind in ("work", "callback"))


async def notice(conn: Connection, queue: Queue, reason: Obstacle, now: datetime, *, calls: bool) -> Notice:
    """What the customer must be told. Where the queue calls back, and they wait for its person, it is with a slot."""
    calendar = queue.calendar
    slot: datetime | None = None
    if queue.fallback == "callback" and calls:
        await slots.hold(conn, queue)
        since = now if reason == "closed" else calendar.add_business_time(now, _LEAD)
        slot = await slots.first_free(conn, queue, since)
    return Notice(
        reason=reason,
        opens_at=None if calendar.open_at(now) else calendar.next_opening(now),
        callback_at=slot,
        emergency=calendar.emergency,
    )


async def _obstacle(conn: Connection, queue: Queue, now: datetime) -> Obstacle | None:
    if not queue.calendar.open_at(now):
        return "closed"
    if queue.max_waiting is not None:
        await slots.hold(conn, queue)
        if await conn.fetchval(queues["waiting"], queue.id, queue.max_waiting) >= queue.max_waiting:
            return "full"
    return None
