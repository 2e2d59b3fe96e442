"""Callbacks: agree one, move it, call it off. Lists of them: `journeyman.views.callbacks`.

A callback is a task that sleeps until its slot (`journeyman.tasks.slots`): its queue's fallback has put it off, or its holder has
put it on hold. Nothing is sent to the customer by this: whoever agrees a slot with them tells them.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Unpack

from pydantic import BaseModel, ConfigDict

from journeyman.conversation.masking import scrub
from journeyman.errors import ConflictError, InputError
from journeyman.governance import Resource
from journeyman.ledger.entry import Entry
from journeyman.tasks import clock
from journeyman.tasks.change import record, save, task_of
from journeyman.tasks.clocks import ASLEEP, awake
from journeyman.tasks.desk import Desk, resource_of
from journeyman.tasks.lifecycle import Action, State
from journeyman.tasks.models import Kind, Queue, Task
from journeyman.tasks.operation import Change, Operation, operation
from journeyman.tasks.people import queue_of, queues
from journeyman.tasks.slots import SLOT, first_free, hold, promise
from journeyman.tasks.viewing import viewer

_NUMBER: Final = re.compile(r"\+?(?:[ ()./-]*\d){5,15}")  # of E.164 at most 15 digits
_FIELDS: Final = {"state", "kind", "title", "queue", "assignee", "journey_id", "customer_id", "simulated"}


class Callback(BaseModel):
    """An open callback, with the task that sleeps until it, or is worked on since."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    task_id: str
    slot: datetime
    state: State
    kind: Kind
    title: str
    queue: str
    assignee: str | None
    journey_id: str
    customer_id: str
    simulated: bool


async def callback(desk: Desk, task_id: str, person_id: str, *, now: datetime) -> Callback | None:
    """The open callback of a task; None where there is none. Raises NotFoundError, DeniedError."""
    async with desk.database.connection() as conn:
        task = await task_of(conn, task_id)
        looking = await viewer(desk, conn, person_id)
        looking.require(resource_of(task), "task", facts=await desk.facts(conn, task, now))
        row = await conn.fetchrow(queues["callback"], task_id)
        return None if row is None else shown(row["id"], row["slot"], task)


async def slots(
    desk: Desk, person_id: str, queue_id: str, *, since: datetime | None = None, now: datetime, limit: int = 20
) -> list[datetime]:
    """The next slots of a queue that are free. Raises NotFoundError, DeniedError where they may not view the queue."""
    async with desk.database.connection() as conn:
        queue = await queue_of(conn, queue_id)
        (await viewer(desk, conn, person_id)).require(Resource.queue(queue.id, teams=queue.teams), "callbacks")
        slot, found = max(since or now, now + datetime.resolution), []  # one that begins now has passed
        for _ in range(limit):
            slot = await first_free(conn, queue, slot)
            found.append(slot)
            slot += SLOT
        return found


async def schedule(
    desk: Desk, task_id: str, person_id: str, slot: datetime, *, number: str | None = None, **change: Unpack[Change]
) -> Callback:
    """Put a task that this person holds on hold until a slot, and call the customer back then, on this number or the one that
    is known of them. It wakes with its holder, or in its queue if they have gone.

    Raises NotFoundError, DeniedError, InputError for what is no slot or number, ConflictError for one that is taken or a task
    not theirs.
    """
    number = _dialled(number)
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("schedule", Action.SUSPEND)
        await _fits(op, slot)
        await op.tx.conn.execute(queues["end_callbacks"], task_id, op.now)
        callback = await promise(op.tx, op.task, slot, op.now, number=number)
        await op.save(
            Action.SUSPEND,
            refs={"callback": callback},
            facts={"callback_at": slot.isoformat()},
            values={"number": number} if number else None,
            follow_up_date=slot,
            suspended_at=op.now,
            escalate_at=None,
        )
    return shown(callback, slot, op.task)


async def move(
    desk: Desk, task_id: str, person_id: str, slot: datetime, *, number: str | None = None, **change: Unpack[Change]
) -> Callback:
    """Move the callback of a task that sleeps to another slot, or to another number. Raises as `schedule` does."""
    number = _dialled(number)
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("schedule", None)
        callback, before = await _asleep(op)
        if slot == before and number is None:
            op.tx.unchanged()
            return shown(callback, slot, op.task)
        queue = await op.queue() if slot == before else await _fits(op, slot)
        columns: dict[str, datetime | None] = {"follow_up_date": slot}
        if op.task.state is State.CREATED:  # promised from the slot on
            columns |= clock.put_off(op.task, queue.calendar, before, slot)
        after = op.task.model_copy(update={**columns, "revision": op.task.revision + 1})
        after = after.model_copy(update={"escalate_at": clock.first(after) if op.task.state is State.CREATED else None})
        await save(op.tx, op.task, after)
        sealed = await op.tx.seal(op.task.customer_id, number) if number else None
        await op.tx.conn.execute(queues["move_callback"], callback, slot, sealed)
        _record(op, "callback.moved", callback, {"from": before.isoformat(), "to": slot.isoformat()}, number)
        op.task = after
    return shown(callback, slot, op.task)


async def cancel(desk: Desk, task_id: str, person_id: str, **change: Unpack[Change]) -> Task:
    """Call the callback of a task off, not its work: that goes on now, with its holder or in its queue, until someone closes it.

    Raises NotFoundError, DeniedError, and ConflictError where the task does not sleep.
    """
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("schedule", None)
        callback, slot = await _asleep(op)
        action, after = await awake(op.tx.conn, op.task, op.now)
        await save(op.tx, op.task, after)
        await op.tx.conn.execute(queues["end_callbacks"], task_id, op.now)
        _record(op, "callback.cancelled", callback, {"from": slot.isoformat()})
        record(op.tx, after, action, op.by, op.now, facts={"why": "callback_cancelled"}, decided=op.decided)
        op.task = after
    return op.task


async def _asleep(op: Operation) -> tuple[str, datetime]:
    """The callback of the operation's task, which sleeps until it: id and slot. Raises ConflictError."""
    task = op.task
    row = await op.tx.conn.fetchrow(queues["callback"], task.id)
    if row is None or task.state not in ASLEEP:
        raise ConflictError(
            "task `{task}` is {state}, and waits for no callback; see the open ones", task=task.id, state=task.state
        )
    return row["id"], row["slot"]


async def _fits(op: Operation, slot: datetime) -> Queue:
    """The queue, held, if the slot is a free one of it. Raises InputError, ConflictError with the next one that is."""
    queue = await op.queue()
    if slot.tzinfo is None:
        raise InputError(f"`{slot.isoformat()}` has no time zone; add one, such as `Z`", field="slot")
    if slot <= op.now:
        raise InputError(f"`{slot.isoformat()}` has passed; choose a moment to come", field="slot")
    await hold(op.tx.conn, queue)
    free = await first_free(op.tx.conn, queue, slot)
    if free != slot:
        raise ConflictError(
            "`{slot}` is taken, or outside the hours of `{queue}`; the next free slot is `{free}`",
            field="slot",
            slot=slot.isoformat(),
            queue=queue.id,
            free=free.isoformat(),
        )
    return queue


def _dialled(number: str | None) -> str | None:
    """A number as it was given, or None. Raises InputError."""
    if number is None or not number.strip():
        return None
    if not _NUMBER.fullmatch(number.strip()):
        raise InputError(
            f"`{scrub(number)}` is no number to call; give digits, as in `+44 20 7946 0000`", field="number"
        )
    return number.strip()


def _record(
    op: Operation, type: str, callback: str, facts: Mapping[str, str | bool | int], number: str | None = None
) -> None:
    op.tx.record(
        Entry(
            type=type,
            at=op.now,
            actor=op.by,
            journey=op.task.journey_id,
            subject=op.task.customer_id if number else "system",
            refs={"task": op.task.id, "queue": op.task.queue, "callback": callback},
            facts=dict(facts) | {"bundle": op.decision.bundle},
            policies=list(op.decision.policies),
            values={"number": number} if number else {},
        )
    )


def shown(id: str, slot: datetime, task: Task) -> Callback:
    """A callback of a task."""
    return Callback(id=id, task_id=task.id, slot=slot, **task.model_dump(include=_FIELDS))
