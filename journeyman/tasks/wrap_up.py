"""Wrap-up: after a task is closed its person has a moment for notes, for as long as the queue's `wrap_up` says.

Until they say that they are done, or the moment is over, they are offered nothing and it counts against their capacity. Closing
a task begins it, in the same statement (`tasks.save`), and the entry of the closing says until when. Closing another one
meanwhile begins it anew.
"""

from datetime import datetime

from journeyman.ledger.entry import Entry
from journeyman.tasks.desk import CLOCK, Desk
from journeyman.tasks.models import Person
from journeyman.tasks.people import people, people_of, person_of
from journeyman.tasks.permission import Permission
from journeyman.tasks.staffing import person_for


async def end(desk: Desk, person_id: str, *, by: str | None, now: datetime, auth: str) -> Person:
    """They are done, where policy lets `by` (None: the operator) `attend`; nothing happens where no wrap-up is under way.

    Raises DeniedError, NotFoundError.
    """
    async with desk.recording() as tx:
        person, permitted = await person_for(desk, tx, person_id, by, "attend", auth)
        if person.wrap_up_task is None:
            tx.unchanged()
            return person
        await tx.conn.execute(people["end_wrap_ups"], [person_id])
        tx.record(_entry(person, permitted, now, "done"))
        return await person_of(tx.conn, person_id)


async def lapse_wrap_ups(desk: Desk, *, now: datetime, batch: int = 100) -> int:
    """End those whose time is over: a clock."""
    async with desk.database.connection() as conn:
        ids = [row["id"] for row in await conn.fetch(people["wrapped_up"], now, batch)]
    if not ids:
        return 0
    async with desk.recording() as tx:
        free = [row["id"] for row in await tx.conn.fetch(people["lock_free"], ids)]
        over = [
            person for person in await people_of(tx.conn, free) if person.wrap_up_until and person.wrap_up_until <= now
        ]
        if not over:
            tx.unchanged()
            return 0
        await tx.conn.execute(people["end_wrap_ups"], [person.id for person in over])
        for person in over:
            tx.record(_entry(person, Permission(CLOCK), now, "over"))
    return len(over)


def _entry(person: Person, permitted: Permission, now: datetime, why: str) -> Entry:
    refs = {"person": person.id, "task": person.wrap_up_task or ""}
    return permitted.entry("person.wrapped_up", now, refs=refs, facts={"why": why})
