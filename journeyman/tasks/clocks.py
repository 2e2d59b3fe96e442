"""The clocks of Postgres: sweeps that the engine worker runs again and again, with or without Temporal.

Each sweep finds what is due without locking, then changes it in one short transaction, a batch at a time, taking only rows
that nobody else has locked: two sweepers do no harm to each other, and a sweep that is run again finds nothing. `now` is a
parameter everywhere. Entries of the clocks hold no values, so that no erased customer can stop a sweep.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from journeyman.errors import JourneymanError
from journeyman.governance import Decision, Principal, Question
from journeyman.ledger.entry import Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks import clock, once, placing, slots
from journeyman.tasks.change import changed, record, save, tasks_of
from journeyman.tasks.desk import CLOCK, Desk, resource_of
from journeyman.tasks.desk import sql as tasks_sql
from journeyman.tasks.lifecycle import Action, State
from journeyman.tasks.looks import end_looks
from journeyman.tasks.models import Queue, Task
from journeyman.tasks.moving import arrival
from journeyman.tasks.offering import make_offers
from journeyman.tasks.people import person_of, queue_of
from journeyman.tasks.wrap_up import lapse_wrap_ups

sql = load("clocks")

ABSENCE: Final = timedelta(minutes=15)
"""How long someone may be offline before what they have begun goes back to the queue."""

RAISE: Final = 20
"""Priority added by each missed service level."""

_CALLBACK_PRIORITY: Final = 80
_ROUNDS: Final = 100  # batches of one clock in one sweep: no clock keeps the others waiting for long


async def sweep(desk: Desk, *, now: datetime, batch: int = 100) -> dict[str, int]:
    """Run every clock until it finds nothing more, or has had its share; returns how many changes each made.

    Work comes back first, so that it can be offered again in the same sweep. A clock that fails does not stop the others:
    they run, and then the first error is raised.
    """
    done = {}
    failed: list[JourneymanError] = []
    for each in (
        lapse_offers,
        return_abandoned,
        follow_up,
        put_off,
        escalate_breaches,
        renew_unanswered,
        lapse_wrap_ups,
        make_offers,
        forget_secrets,
        end_looks,
        forget_requests,
    ):
        total = 0
        try:
            for _ in range(_ROUNDS):
                if not (made := await each(desk, now=now, batch=batch)):
                    break
                total += made
        except JourneymanError as error:
            failed.append(error)
        done[each.__name__] = total
    if failed:
        raise failed[0]
    return done


async def lapse_offers(desk: Desk, *, now: datetime, batch: int = 100) -> int:
    """Take back offers that ran out, or whose person is not there any more. A task in a warm transfer stays as it is."""

    async def lapse(tx: Recording, task: Task) -> bool:
        person = task.offered_to
        if person is None:
            return False
        gone = (await person_of(tx.conn, person)).presence != "online"
        if not gone and (task.offer_expires_at is None or task.offer_expires_at > now):
            return False
        after = changed(task, Action.LAPSE, now, refused_by=task.refused_by | {person})
        await _change(tx, task, after, Action.LAPSE, now, refs={"to": person}, facts={"gone": gone})
        return True

    return await _each(desk, "lapsed", now, batch, lapse)


async def return_abandoned(desk: Desk, *, now: datetime, batch: int = 100) -> int:
    """Give back what people hold who went offline: not begun at once, begun after `ABSENCE`.

    Who works all the same, such as a supervisor who steps in, is absent from when they last took or finished something.
    """
    since = now - ABSENCE

    async def give_back(tx: Recording, task: Task) -> bool:
        if task.assignee is None or not task.held:
            return False
        holder = await person_of(tx.conn, task.assignee)
        if holder.presence != "offline":
            return False
        came, worked = holder.presence_at, holder.worked_at
        works = bool(worked and (came is None or worked > came))
        last = worked if works else came
        if (works or task.state is State.IN_PROGRESS) and last and last > since:
            return False
        queue = await queue_of(tx.conn, task.queue)
        after = changed(
            task,
            Action.RELEASE,
            now,
            assignee=None,
            refused_by=task.refused_by | {holder.id},
            escalate_at=clock.after_breach(task, queue.calendar, now),
        )
        await _change(tx, task, after, Action.RELEASE, now, refs={"from": holder.id}, facts={"why": "offline"})
        return True

    return await _each(desk, "abandoned", since, batch, give_back)


async def follow_up(desk: Desk, *, now: datetime, batch: int = 100) -> int:
    """Wake what was on hold until now: with its holder where they are there, else in the queue. Callbacks become ready."""

    async def wake(tx: Recording, task: Task) -> bool:
        if task.follow_up_date is None or task.follow_up_date > now or task.state not in ASLEEP:
            return False
        action, after = await awake(tx.conn, task, now)
        await _change(tx, task, after, action, now, facts={"why": "follow_up"})
        return True

    return await _each(desk, "followed_up", now, batch, wake)


async def awake(conn: Connection, task: Task, now: datetime) -> tuple[Action, Task]:
    """How a task that sleeps goes on: a callback before its slot in the queue, what was on hold with its holder if they are
    there."""
    queue = await queue_of(conn, task.queue)
    if task.state is State.CREATED:
        columns: dict[str, Any] = {
            "follow_up_date": None,
            "priority": max(task.priority, _CALLBACK_PRIORITY),
            "escalate_at": clock.first(task),
        }
        action = Action.ACTIVATE
    else:
        columns = clock.after_hold(task, queue.calendar, now)
        there = task.assignee and (await person_of(conn, task.assignee)).presence != "offline"
        action = Action.WAKE if there else Action.RELEASE
        if there:
            held = task.model_copy(update=columns)
            columns["escalate_at"] = clock.on_taking(held, queue.calendar, now)
        else:
            columns |= {"assignee": None, "refused_by": task.refused_by | {task.assignee or ""}}
    return action, changed(task, action, now, **columns)


async def escalate_breaches(desk: Desk, *, now: datetime, batch: int = 100) -> int:
    """Escalate what missed its service level: more important, back in the queue if nobody has begun, noted, and counted.

    The first time it also moves to the queue's fallback queue, where one is declared and policy lets the engine.
    """

    async def escalate(tx: Recording, task: Task) -> bool:
        if task.escalate_at is None or task.escalate_at > now or task.state not in _RUNNING:
            return False
        await breach(desk, tx, task, "complete" if task.started_at else "respond", now)
        return True

    return await _each(desk, "breached", now, batch, escalate)


async def put_off(desk: Desk, *, now: datetime, batch: int = 100) -> int:
    """Promise a callback to customers to whom nobody came in the time promised, where their queue's fallback is one: once a task.
    Their journey tells them.
    """

    async def due(conn: Connection) -> list[str]:
        return [row["id"] for row in await conn.fetch(sql["unattended"], now, batch)]

    async def promise(tx: Recording, task: Task) -> bool:
        queue = await queue_of(tx.conn, task.queue)
        if not _unattended(task, queue, now):
            return False
        notice = await placing.notice(tx.conn, queue, "late", now, calls=True)
        slot = notice.callback_at or now
        after = changed(
            task,
            Action.PUT_OFF,
            now,
            assignee=None,
            notice=notice,
            follow_up_date=slot,
            escalate_at=None,
            escalations=task.escalations + 1,
            refused_by=frozenset(),
            **clock.put_off(task, queue.calendar, task.created_at, slot),
        )
        await slots.promise(tx, task, slot, now)
        tx.tell(task.journey_id, "task_put_off", task.id, at=now)
        facts: dict[str, str | bool | int] = {"target": "respond", "callback_at": slot.isoformat()}
        await _change(tx, task, after, Action.PUT_OFF, now, facts=facts)
        return True

    return await _batch(desk, due, promise, together=False)


async def renew_unanswered(desk: Desk, *, now: datetime, batch: int = 100) -> int:
    """What everyone there has refused or ignored is escalated, and may be offered to all of them again."""

    async def renew(tx: Recording, task: Task) -> bool:
        if task.state is not State.READY or not task.refused_by or task.offered_to:
            return False
        await breach(desk, tx, task, "offers", now)
        return True

    async def due(conn: Connection) -> list[str]:
        return [row["id"] for row in await conn.fetch(sql["unanswered"], batch)]

    return await _batch(desk, due, renew)


async def forget_requests(desk: Desk, *, now: datetime, batch: int = 100) -> int:
    """Delete the keys of requests that nobody sends again."""
    async with desk.database.connection() as conn:
        return len(await conn.fetch(once.sql["forget"], now - once.KEPT, batch))


async def forget_secrets(desk: Desk, *, now: datetime, batch: int = 100) -> int:
    """Delete typed secrets whose time is over, used or not."""
    async with desk.database.connection() as conn:
        ids = [row["id"] for row in await conn.fetch(sql["expired_secrets"], now, batch)]
    if not ids:
        return 0
    made = 0
    async with desk.recording() as tx:
        for row in await tx.conn.fetch(sql["forget_secrets"], ids):
            made += 1
            refs = {"secret": row["id"]}
            facts: dict[str, str | bool | int] = {"kind": row["kind"]}
            tx.record(
                Entry(type="secret.expired", at=now, actor=CLOCK, journey=row["journey_id"], refs=refs, facts=facts)
            )
        if not made:
            tx.unchanged()
    return made


async def breach(desk: Desk, tx: Recording, task: Task, target: str, now: datetime) -> None:
    """Record a missed target and do what follows from it."""
    count = task.escalations + 1 if task.escalations < clock.MAX_ESCALATIONS else task.escalations
    queue = await queue_of(tx.conn, task.queue)
    columns: dict[str, Any] = {
        "escalations": count,
        "priority": min(100, task.priority + RAISE) if count > task.escalations else task.priority,
    }
    if target == "offers":
        columns["refused_by"] = frozenset()
    if task.state is State.RESERVED:
        columns |= {"assignee": None, "refused_by": task.refused_by | {task.assignee or ""}}
    moved: dict[str, str] = {}
    permitted: Decision | None = None
    if task.state is not State.IN_PROGRESS and (fallback := await _fallback(desk, tx, task, queue)):
        onward, permitted = fallback
        moved = {"from_queue": queue.id}
        columns |= arrival(task.model_copy(update=columns), onward, now)
        columns |= {"refused_by": frozenset(), "offered_to": None, "offer_expires_at": None}
    else:
        columns["escalate_at"] = clock.after_breach(task.model_copy(update=columns), queue.calendar, now)
    after = changed(task, Action.BREACH, now, **columns)
    note = f"{_MISSED[target]}; escalated for the {count}. time"
    await tx.conn.execute(tasks_sql["comment"], task.id, CLOCK.id, await tx.seal("system", note), now, None)
    facts: dict[str, str | bool | int] = {"target": target, "escalations": count, "priority": after.priority}
    await _change(tx, task, after, Action.BREACH, now, refs=moved, facts=facts, permitted=permitted)


ASLEEP: Final = frozenset({State.CREATED, State.SUSPENDED})
_RUNNING: Final = frozenset({State.READY, State.RESERVED, State.IN_PROGRESS})
_MISSED: Final = {
    "respond": "nobody began in time",
    "complete": "it was not finished in time",
    "offers": "nobody who is there took it",
}


async def _fallback(desk: Desk, tx: Recording, task: Task, queue: Queue) -> tuple[Queue, Decision] | None:
    """The queue that a task moves to when it is escalated for the first time, if policy lets the engine move it."""
    if task.escalations or not queue.fallback_queue:
        return None
    authorizer = await desk.policies(tx.conn)
    decision = authorizer.decide(Question(principal=Principal.system(), action="transfer", resource=resource_of(task)))
    return (await queue_of(tx.conn, queue.fallback_queue), decision) if decision.allowed else None


async def _change(
    tx: Recording,
    before: Task,
    after: Task,
    action: Action,
    now: datetime,
    *,
    refs: dict[str, str] | None = None,
    facts: dict[str, str | bool | int] | None = None,
    permitted: Decision | None = None,
) -> None:
    await save(tx, before, after)
    record(tx, after, action, CLOCK, now, refs=refs, facts=facts, permitted=permitted)


async def _each(
    desk: Desk,
    statement: str,
    before: datetime,
    batch: int,
    change: Callable[[Recording, Task], Awaitable[bool]],
) -> int:
    async def due(conn: Connection) -> list[str]:
        return [row["id"] for row in await conn.fetch(sql[statement], before, batch)]

    return await _batch(desk, due, change)


def _unattended(task: Task, queue: Queue, now: datetime) -> bool:
    """As the statement of that name, of a task that is locked."""
    late = task.respond_by is not None and task.respond_by <= now and task.escalate_at is not None
    waits = task.state in (State.READY, State.RESERVED) and task.started_at is None
    promised = task.notice is not None and task.notice.callback_at is not None
    return late and waits and not promised and queue.fallback == "callback" and task.kind in ("work", "callback")


async def _batch(
    desk: Desk,
    due: Callable[[Connection], Awaitable[list[str]]],
    change: Callable[[Recording, Task], Awaitable[bool]],
    *,
    together: bool = True,
) -> int:
    """Change what is due and free; returns how many were changed. What was found is judged again once it is locked.

    `together`: in one transaction; one that tells a journey something is of one task.
    """
    async with desk.database.connection() as conn:
        ids = await due(conn)
    if not ids:
        return 0
    parts = [ids] if together else [[id] for id in ids]
    return sum([await _changed(desk, part, change) for part in parts])


async def _changed(desk: Desk, ids: list[str], change: Callable[[Recording, Task], Awaitable[bool]]) -> int:
    made = 0
    async with desk.recording() as tx:
        free = [row["id"] for row in await tx.conn.fetch(tasks_sql["lock_free"], ids)]
        for task in await tasks_of(tx.conn, free):
            made += await change(tx, task)
        if not made:
            tx.unchanged()
    return made
