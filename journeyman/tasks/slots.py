"""Callback slots: quarters of an hour within a queue's hours, each for as many customers as the queue has people.

Who is promised one is told by whoever promises it: nothing is sent to the customer by this.
"""

from datetime import datetime, timedelta
from typing import Final

from journeyman.customers import record
from journeyman.identifiers import new_id
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.tasks.desk import sql
from journeyman.tasks.models import Queue, Task
from journeyman.tasks.people import queues

SLOT: Final = timedelta(minutes=15)
"""The open time between two callback slots of a queue."""

_TRIED: Final = 1000


async def hold(conn: Connection, queue: Queue) -> None:
    """Nobody else promises a slot of the queue until the transaction ends."""
    await conn.fetch(queues["lock"], queue.id)


async def first_free(conn: Connection, queue: Queue, since: datetime) -> datetime:
    """The first slot from then on that has room. Far ahead the last one is taken whatever it holds."""
    first = queue.calendar.next_opening(since)
    taken = {row["slot"]: row["taken"] for row in await conn.fetch(queues["slots"], queue.id, first)}
    return free_slot(queue, first, taken, max(1, await conn.fetchval(queues["staff"], queue.id)))


def free_slot(queue: Queue, slot: datetime, taken: dict[datetime, int], staff: int) -> datetime:
    """The same of slots that are `taken` so many times, by a `staff` of so many: on the queue's grid, from `slot` on."""
    calendar = queue.calendar
    beyond = -timedelta(minutes=slot.minute, seconds=slot.second, microseconds=slot.microsecond) % SLOT
    slot = calendar.next_opening(slot + beyond)
    for _ in range(_TRIED):
        if taken.get(slot, 0) < staff:
            break
        slot = calendar.next_opening(slot + SLOT)
    return slot


async def promise(tx: Recording, task: Task, slot: datetime, now: datetime, *, number: str | None = None) -> str:
    """Keep a slot for the customer of a task, on a number, or on theirs where one is known. Returns the callback's id."""
    number = number or await record.phone(tx.conn, tx.keyring, task.customer_id)
    sealed = await tx.seal(task.customer_id, number) if number else None
    callback = new_id("call")
    await tx.conn.execute(sql["add_callback"], callback, task.journey_id, task.id, slot, now, sealed)
    return callback


async def number(tx: Recording, task: Task) -> str | None:
    """The number that the customer of a task is called back on; None where none is known. Raises ErasedError."""
    row = await tx.conn.fetchrow(queues["callback"], task.id)
    if row is None or row["number"] is None:
        return None
    return str(await tx.open(task.customer_id, row["number"]))
