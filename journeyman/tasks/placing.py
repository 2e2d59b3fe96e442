"""Where a new task goes when its queue is closed or full: the fallback that the queue declares.

Never an approval: nothing is decided for people because they are not there.
"""

from datetime import datetime, timedelta
from typing import Final

from journeyman.store.database import Connection
from journeyman.tasks.models import NewTask, Notice, Obstacle, Queue
from journeyman.tasks.people import queue_of, queues

SLOT: Final = timedelta(minutes=15)
"""The open time between two callback slots of a queue."""

_LEAD: Final = timedelta(minutes=30)  # a full queue calls back no sooner
_SLOTS: Final = 1000


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
    slot: datetime | None = None
    if queue.fallback == "callback" and new.kind in ("work", "callback"):
        slot = await _slot(conn, queue, reason, now)
    return queue, Notice(
        reason=reason,
        opens_at=None if queue.calendar.open_at(now) else queue.calendar.next_opening(now),
        callback_at=slot,
        emergency=queue.calendar.emergency,
    )


async def _obstacle(conn: Connection, queue: Queue, now: datetime) -> Obstacle | None:
    if not queue.calendar.open_at(now):
        return "closed"
    if queue.max_waiting is not None:
        await conn.fetch(queues["lock"], queue.id)
        if await conn.fetchval(queues["waiting"], queue.id, queue.max_waiting) >= queue.max_waiting:
            return "full"
    return None


async def _slot(conn: Connection, queue: Queue, reason: Obstacle, now: datetime) -> datetime:
    """The first callback slot that is not taken; as many customers share one as the queue has people."""
    await conn.fetch(queues["lock"], queue.id)
    calendar = queue.calendar
    slot = calendar.next_opening(now if reason == "closed" else calendar.add_business_time(now, _LEAD))
    taken = {row["slot"]: row["taken"] for row in await conn.fetch(queues["slots"], queue.id, slot)}
    staff = max(1, await conn.fetchval(queues["staff"], queue.id))
    return free_slot(queue, slot, taken, staff)


def free_slot(queue: Queue, slot: datetime, taken: dict[datetime, int], staff: int) -> datetime:
    """The first slot from `slot` on, on the queue's grid, with room. Far ahead the last one is taken whatever it holds."""
    calendar = queue.calendar
    beyond = -timedelta(minutes=slot.minute, seconds=slot.second, microseconds=slot.microsecond) % SLOT
    slot = calendar.next_opening(slot + beyond)
    for _ in range(_SLOTS):
        if taken.get(slot, 0) < staff:
            break
        slot = calendar.next_opening(slot + SLOT)
    return slot
