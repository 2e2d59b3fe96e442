"""One change of one task: the table applied, the row saved if nobody else has changed it, one entry recorded.

INVARIANT: nothing else writes a task's row, save for its place among what waits (`as_if_since`), which its customer's messages
and tier move. Locks are taken in one order, the request's key, journey, task, people, so that no two transactions wait for each
other.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from pydantic import JsonValue

from journeyman.errors import ConflictError
from journeyman.governance import Decision, Facts
from journeyman.identifiers import new_id
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.store.sql import Part, joined
from journeyman.tasks import routing
from journeyman.tasks.desk import no_task, sql
from journeyman.tasks.lifecycle import CLOSED, TABLE, Action, apply
from journeyman.tasks.models import Packet, Task

_KEEPS_OFFER: Final = frozenset({Action.START, Action.BREACH})


class Worked(NamedTuple):
    """Who took or finished work by a change, when, and until when they wrap it up."""

    person: str
    at: datetime
    wraps_up: datetime | None = None


async def tasks_of(conn: Connection, ids: Iterable[str]) -> list[Task]:
    """Those of these tasks that exist, in the order of `ids`."""
    ids = list(ids)
    found = {row["id"]: Task.from_row(row) for row in await conn.fetch(sql["read"], ids)}
    return [found[each] for each in ids if each in found]


async def tasks_of_journey(conn: Connection, journey_id: str) -> list[Task]:
    """The tasks of a journey, the newest first, at most 500."""
    return await tasks_of(conn, [row["id"] for row in await conn.fetch(sql["of_journey"], journey_id)])


async def task_of(conn: Connection, task_id: str, *, lock: bool = False) -> Task:
    """One task. With `lock`, it stays as it is until the transaction ends. Raises NotFoundError."""
    if lock:
        await conn.fetch(sql["lock"], task_id)
    row = await conn.fetchrow(sql["read"], [task_id])
    if row is not None:
        return Task.from_row(row)
    raise no_task(task_id)


def changed(task: Task, action: Action, now: datetime, **columns: Any) -> Task:
    """The task after `action`, with other columns as given. An offer ends with any change that does not keep it."""
    state = apply(task.state, action, task.kind)
    offer: dict[str, Any] = {} if action in _KEEPS_OFFER else {"offered_to": None, "offer_expires_at": None}
    closing = {
        "closed_at": now,
        "action": action,
        "escalate_at": None,
        "suspended_at": None,
        "follow_up_date": None,
        "consulted": frozenset(),
    }
    return task.model_copy(
        update=offer | (closing if state in CLOSED else {}) | columns | {"state": state, "revision": task.revision + 1}
    )


async def save(
    tx: Recording,
    before: Task,
    after: Task,
    *,
    output: JsonValue = None,
    packet: Packet | None = None,
    worked: Worked | None = None,
) -> None:
    """Write the row, and what follows from it: who works on the journey, the end of its callback, what `worked` says.

    Where nothing is held (`tx.at_once`), it is written with the entries, if the task is then as it was `before`.
    """
    customer = before.customer_id
    parts: list[Part] = [
        (
            sql["saved"],
            (
                before.id,
                before.revision,
                after.state,
                after.queue,
                sorted(after.candidate_groups),
                after.assignee,
                after.priority,
                after.respond_by,
                after.due_date,
                after.follow_up_date,
                after.suspended_at,
                after.escalate_at,
                after.escalations,
                after.offered_to,
                after.offer_expires_at,
                sorted(after.refused_by),
                after.action,
                after.disposition,
                after.started_at,
                after.closed_at,
                routing.as_if_since(after),
                await tx.seal(customer, output) if output is not None else None,
                await tx.seal(customer, packet.model_dump(mode="json")) if packet else None,
                after.notice.model_dump(mode="json") if after.notice else None,
            ),
        )
    ]
    if after.kind in ("work", "callback") and after.assignee != before.assignee:
        if tx.at_once:  # it may tell the journey too, and of two changes of one row in a statement one would be lost
            raise AssertionError("who takes or gives away a task holds it")
        performer = f"person:{after.assignee}" if after.assignee else f"queue:{after.queue}"
        parts.append((sql["performing"], (after.journey_id, performer)))
    if after.closed_at:
        parts.append((sql["closed"], (after.id, after.closed_at)))
    if worked:
        parts.append((sql["worked"], (after.id, *worked)))
    if tx.at_once:
        for part, arguments in parts:
            tx.beside(part, *arguments)
        return
    statement, all_arguments = joined([(sql["by_itself"], ()), *parts], "select id from saved")
    if await tx.conn.fetchval(statement, *all_arguments) is None:
        raise ConflictError("task `{task}` was changed by someone else; read it again", task=before.id)


def record(
    tx: Recording,
    task: Task,
    action: Action,
    by: Actor,
    now: datetime,
    *,
    refs: Mapping[str, str] | None = None,
    facts: Mapping[str, str | bool | int] | None = None,
    values: Mapping[str, JsonValue] | None = None,
    decided: tuple[Decision, Facts] | None = None,
    permitted: Decision | None = None,
) -> None:
    """The one entry of a change; `task` is as it stands after it. Values are the customer's. `decided`: what let a person do it;
    `permitted`: what let a clock."""
    made: dict[str, str | bool | int] = {"action": action, "state": task.state, "revision": task.revision}
    kept: dict[str, JsonValue] = dict(values or {})
    if decided:
        permitted, on = decided
        kept["facts"] = on.said
    if permitted:
        made |= {"decision": permitted.action, "verdict": "allow", "bundle": permitted.bundle}
    tx.record(
        Entry(
            type=TABLE[action].recorded,
            at=now,
            actor=by,
            journey=task.journey_id,
            subject=task.customer_id if kept else "system",
            refs={"task": task.id, "step": task.step, "queue": task.queue} | dict(refs or {}),
            facts=made | dict(facts or {}),
            policies=list(permitted.policies) if permitted else [],
            values=kept,
        )
    )


async def open_handoff(
    tx: Recording, task: Task, packet: Packet, *, giver: str, direction: str, reason: str, now: datetime
) -> str:
    """Open a handoff of a task, from `ai:NAME` or `person:ID`. It is complete once accepted. Returns its id."""
    handoff = new_id("hand")
    sealed = await tx.seal(task.customer_id, packet.model_dump(mode="json"))
    await tx.conn.execute(
        sql["open_handoff"],
        handoff,
        task.journey_id,
        task.step,
        giver,
        direction,
        reason,
        sealed,
        task.id,
        now,
    )
    return handoff
