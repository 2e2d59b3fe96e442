"""The engine's side of tasks: open one, read what became of it, withdraw those of a journey.

These work inside the engine's own transactions, on its Recording. A rerun of `open_task` returns the row that the first run
committed. Where no person is there at once, the queue's declared fallback happens, which is never an approval: the task
waits, waits for a callback slot, or goes to another queue, and `Task.notice` says what the customer must be told.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from journeyman.customers import journeys
from journeyman.customers.journeys import SYSTEM
from journeyman.customers.keys import Keyring
from journeyman.errors import ConflictError, InputError
from journeyman.identifiers import new_id
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.tasks import clock, routing, slots
from journeyman.tasks.change import changed, open_handoff, record, save, task_of, tasks_of
from journeyman.tasks.desk import no_task, sql
from journeyman.tasks.lifecycle import OPEN, Action, State, apply
from journeyman.tasks.models import DraftKind, NewTask, Notice, Outcome, Queue, ServiceLevel, Task
from journeyman.tasks.placing import place

_DRAFTS: Final[dict[str, DraftKind]] = {"review": "result", "approval": "call"}


async def open_task(tx: Recording, new: NewTask, *, now: datetime) -> Task:
    """Open a task, or return the one that this effect key has opened before. Raises NotFoundError for an unknown queue."""
    await journeys.hold(tx.conn, new.journey_id)
    if (known := await tx.conn.fetchval(sql["of_effect"], new.effect)) is not None:
        return await task_of(tx.conn, known)
    if new.kind == "approval" and new.tool_call is None:
        raise InputError("an approval needs the tool call that it is about", field="tool_call")
    if new.kind in ("review", "approval") and new.draft is None:
        raise InputError(f"a task of kind `{new.kind}` needs what the person decides on", field="draft")
    queue, notice = await place(tx.conn, new, now)
    slot = notice.callback_at if notice else None
    level = ServiceLevel(
        respond=new.service_level.respond or queue.service_level.respond,
        complete=new.service_level.complete or queue.service_level.complete,
    )
    targets = clock.targets(level, queue.calendar, slot or now)
    state = apply(None, Action.OPEN)
    if slot is None:
        state = apply(state, Action.ACTIVATE)
    task_id = await _insert(tx, new, queue, notice, state, targets, now)
    if task_id is None:  # another run of the same effect was first
        known = await tx.conn.fetchval(sql["of_effect"], new.effect)
        return await task_of(tx.conn, known)
    task = await task_of(tx.conn, task_id)
    if slot is not None:
        await slots.promise(tx, task, slot, now)
    if new.kind in ("work", "callback"):
        await tx.conn.execute(sql["performer"], new.journey_id, f"queue:{queue.id}")
    handoff = None
    if new.packet is not None and new.giver is not None:
        handoff = await open_handoff(
            tx, task, new.packet, giver=new.giver, direction="to_person", reason=new.reason, now=now
        )
    refs = {"effect": new.effect, "asked_queue": new.queue} | ({"handoff": handoff} if handoff else {})
    facts: dict[str, str | bool | int] = {"kind": new.kind, "reason": new.reason, "priority": new.priority}
    record(
        tx,
        task,
        Action.OPEN,
        SYSTEM,
        now,
        refs=refs | ({"tool_call": new.tool_call} if new.tool_call else {}),
        facts=facts | _facts_of(notice),
        values={
            name: value
            for name, value in (
                ("input", new.input),
                ("draft", new.draft),
                ("packet", new.packet.model_dump(mode="json") if new.packet else None),
            )
            if value is not None
        },
    )
    return task


async def own_work(tx: Recording, journey_id: str, step: str) -> frozenset[str]:
    """Whom a draft or a call of this step's AI agent follows: those who handed back, declined, edited or answered, and their
    delegates. They do not decide on it."""
    return frozenset(row["id"] for row in await tx.conn.fetch(sql["own_work"], journey_id, step))


async def outcome(tx: Recording, task_id: str) -> Outcome:
    """What became of a task. Raises NotFoundError, and ErasedError when its customer was erased."""
    row = await tx.conn.fetchrow(sql["outcome"], task_id)
    if row is None:
        raise no_task(task_id)
    return await _outcome(tx.conn, tx.keyring, row)


async def take_up(conn: Connection, keyring: Keyring, task_id: str, *, settled: int, now: datetime) -> Outcome | None:
    """What became of a task whose journey goes on with just that; its journey's events up to `settled` are settled.

    None: it is open, or its closing set something free. Raises ErasedError when its customer was erased.
    """
    row = await conn.fetchrow(sql["take_up"], task_id, settled, now)
    return None if row is None else await _outcome(conn, keyring, row)


async def _outcome(conn: Connection, keyring: Keyring, row: Mapping[str, Any]) -> Outcome:
    customer = row["customer_id"]
    return Outcome(
        task_id=row["id"],
        kind=row["kind"],
        state=row["state"],
        open=row["state"] in OPEN,
        sets_free=bool(row["sets_free"]),
        action=row["action"],
        disposition=row["disposition"],
        output=await keyring.open(conn, customer, row["output"]) if row["output"] is not None else None,
        person=row["assignee"],
        comment=str(await keyring.open(conn, customer, row["comment"])) if row["comment"] is not None else "",
        tool_call=row["tool_call"],
        due_date=row["due_date"],
    )


async def withdraw(tx: Recording, journey_id: str, reason: str, now: datetime) -> list[str]:
    """Make every open task of a journey obsolete; returns their ids."""
    await journeys.hold(tx.conn, journey_id)
    ids = [row["id"] for row in await tx.conn.fetch(sql["open_of_journey"], journey_id)]
    return [(await _end(tx, task, Action.WITHDRAW, reason, now)).id for task in await tasks_of(tx.conn, ids)]


async def withdraw_task(tx: Recording, task_id: str, reason: str, now: datetime) -> Task:
    """Make one task obsolete, such as a callback whose customer came back. One that a person has just closed stays closed."""
    task = await task_of(tx.conn, task_id, lock=True)
    return await _end(tx, task, Action.WITHDRAW, reason, now) if task.open else task


async def customer_told(tx: Recording, task_id: str, now: datetime) -> None:
    """Mark the handoffs of a task as announced to the customer. The entry is that of the message which told them."""
    await tx.conn.fetch(sql["tell_handoff"], task_id, now)


async def accept_return(tx: Recording, journey_id: str, agent: str, now: datetime) -> list[str]:
    """The AI agent has taken what people handed back: complete those handoffs; returns their ids."""
    return [row["id"] for row in await tx.conn.fetch(sql["accept_return"], journey_id, f"ai:{agent}", now)]


async def _end(tx: Recording, task: Task, action: Action, reason: str, now: datetime) -> Task:
    after = changed(task, action, now)
    await save(tx, task, after)
    record(tx, after, action, SYSTEM, now, facts={"reason": reason})
    return after


def _facts_of(notice: Notice | None) -> dict[str, str | bool | int]:
    stated = notice.model_dump(mode="json", exclude_none=True) if notice else {}
    return {f"notice_{name}": value for name, value in stated.items()}


async def _insert(
    tx: Recording,
    new: NewTask,
    queue: Queue,
    notice: Notice | None,
    state: State,
    targets: dict[str, datetime | None],
    now: datetime,
) -> str | None:
    respond_by, due_date = targets["respond_by"], targets["due_date"]
    row = await tx.conn.fetchrow(sql["journey"], new.journey_id)
    if row is None:
        raise InputError(f"there is no journey `{new.journey_id}`", field="journey_id")
    if row["status"] != "open":
        raise ConflictError(f"journey `{new.journey_id}` is {row['status']}; nothing can be asked of people for it")
    customer = row["customer_id"]
    packet = new.packet.model_dump(mode="json") if new.packet else None
    task_id: str | None = await tx.conn.fetchval(
        sql["insert"],
        new_id("task"),
        new.journey_id,
        new.effect,
        new.step,
        new.kind,
        new.title,
        new.instructions,
        new.reason,
        state,
        queue.id,
        sorted(queue.teams),
        sorted(new.skills),
        sorted(new.excluded),
        new.priority,
        respond_by,
        due_date,
        notice.callback_at if notice else None,
        min((moment for moment in (respond_by, due_date) if moment), default=None),
        new.tool_call,
        new.draft_kind or _DRAFTS.get(new.kind),
        new.dispositions,
        notice.model_dump(mode="json") if notice else None,
        await tx.seal(customer, new.input) if new.input is not None else None,
        await tx.seal(customer, new.draft) if new.draft is not None else None,
        await tx.seal(customer, packet) if packet is not None else None,
        now,
        routing.as_if_opened(now, new.priority, row["tier"], row["churn"], new.skills),
    )
    return task_id
