"""Moving a task to someone else: transfer (cold or warm), escalate to a supervisor, take over."""

from datetime import datetime
from typing import Any, Unpack

from journeyman.errors import ConflictError, InputError
from journeyman.tasks import clock
from journeyman.tasks.desk import Desk, ask, refusal
from journeyman.tasks.lifecycle import Action
from journeyman.tasks.models import Packet, Person, Queue, Task
from journeyman.tasks.operation import Change, Operation, operation, required
from journeyman.tasks.people import person_of, queue_of
from journeyman.tasks.working import must_be_free

ESCALATED_PRIORITY = 90


async def transfer(
    desk: Desk,
    task_id: str,
    person_id: str,
    *,
    reason: str,
    to_person: str | None = None,
    to_queue: str | None = None,
    warm: bool = False,
    summary: str = "",
    still_open: tuple[str, ...] = (),
    promises: tuple[str, ...] = (),
    **change: Unpack[Change],
) -> Task:
    """Give the task away, with a packet.

    Cold: it goes to a queue, or waits offered to a person. Warm: a person is asked while the giver keeps it; it changes
    hands when they accept, and stays where it is when they do not.
    """
    reason = required(reason, "reason", "say why, for whoever takes it")
    if (to_person is None) == (to_queue is None):
        raise InputError("a transfer goes to a person or to a queue; name one of them", field="to_person")
    if warm and to_person is None:
        raise InputError("a warm transfer goes to a person; name one, or transfer it cold", field="to_person")
    if to_person == person_id:
        raise InputError("a transfer goes to someone else; name another person", field="to_person")
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("transfer", Action.TRANSFER_WARM if warm else Action.TRANSFER)
        packet = await op.packet(reason, summary=summary, open=still_open, promises=promises)
        if to_queue is not None:
            await _to_queue(op, await queue_of(op.tx.conn, to_queue), packet)
        else:
            assert to_person is not None
            await _to_person(op, await _receiver(op, to_person), packet, warm)
    return op.task


async def escalate(desk: Desk, task_id: str, person_id: str, *, reason: str, **change: Unpack[Change]) -> Task:
    """Ask for a supervisor: the task waits again, at the top, in the queue's fallback queue where it has one."""
    reason = required(reason, "reason", "say what a supervisor shall decide")
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("transfer", Action.ESCALATE)
        queue = await op.queue()
        target = await queue_of(op.tx.conn, queue.fallback_queue) if queue.fallback_queue else queue
        packet = await op.packet(reason)
        handoff = await op.hand_over(packet, "to_person", "escalated")
        await op.comment(reason)
        await op.save(
            Action.ESCALATE,
            refs={"handoff": handoff, "from_queue": queue.id},
            facts={"escalations": op.task.escalations + 1},
            values={"reason": reason},
            packet=packet,
            assignee=None,
            priority=max(op.task.priority, ESCALATED_PRIORITY),
            escalations=op.task.escalations + 1,
            refused_by=op.task.refused_by | {person_id},
            **arrival(op.task, target, op.now),
        )
    return op.task


async def take_over(desk: Desk, task_id: str, person_id: str, *, reason: str, **change: Unpack[Change]) -> Task:
    """A supervisor steps in: the task is theirs, whoever had it, of whatever team, or nobody yet."""
    reason = required(reason, "reason", "say why, for whoever had it")
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("override", Action.TAKE_OVER)
        if op.task.assignee == person_id:
            raise ConflictError("task `{task}` is yours already; go on with it", task=task_id)
        calendar = (await op.queue()).calendar
        columns = clock.after_hold(op.task, calendar, op.now)
        handoffs = await op.accept_handoffs()
        await op.comment(reason)
        await op.save(
            Action.TAKE_OVER,
            refs={"from": op.task.assignee or ""} | handoffs,
            values={"reason": reason},
            assignee=person_id,
            **columns | {"escalate_at": clock.on_taking(op.task.model_copy(update=columns), calendar, op.now)},
        )
    return op.task


def arrival(task: Task, queue: Queue, now: datetime) -> dict[str, Any]:
    """The columns of a task that comes to wait in a queue. In another queue that queue's time to respond begins.

    The time promised for the whole stays: it was promised to the customer. Where none was, the queue's own begins.
    """
    columns: dict[str, Any] = clock.after_hold(task, queue.calendar, now)
    if queue.id != task.queue:
        targets = clock.targets(queue.service_level, queue.calendar, now)
        due_date = columns["due_date"] or targets["due_date"]
        columns |= {"started_at": None, "respond_by": targets["respond_by"], "due_date": due_date}
    arrived = task.model_copy(update=columns)
    return columns | {
        "queue": queue.id,
        "candidate_groups": queue.teams,
        "escalate_at": clock.after_breach(arrived, queue.calendar, now),
    }


async def _to_queue(op: Operation, queue: Queue, packet: Packet) -> None:
    if queue.id == op.task.queue and op.task.assignee is None:
        raise ConflictError("task `{task}` waits in queue `{queue}` already", task=op.task.id, queue=queue.id)
    handoff = await op.hand_over(packet, "to_person", "transferred")
    refused = op.task.refused_by | {op.person.id} if queue.id == op.task.queue else frozenset[str]()
    await op.save(
        Action.TRANSFER,
        refs={"handoff": handoff, "from": op.task.assignee or "", "from_queue": op.task.queue},
        facts={"warm": False},
        values={"packet": packet.model_dump(mode="json")},
        packet=packet,
        assignee=None,
        refused_by=refused,
        **arrival(op.task, queue, op.now),
    )


async def _to_person(op: Operation, receiver: Person, packet: Packet, warm: bool) -> None:
    queue = await op.queue()
    columns: dict[str, Any] = {}
    if warm:
        refs = {"to": receiver.id}
    else:
        handoff = await op.hand_over(packet, "to_person", "transferred")
        refs = {"to": receiver.id, "handoff": handoff, "from": op.task.assignee or ""}
        columns = arrival(op.task, queue, op.now) | {
            "assignee": None,
            "refused_by": op.task.refused_by | {op.person.id},
        }
    await op.save(
        Action.TRANSFER_WARM if warm else Action.TRANSFER,
        refs=refs,
        facts={"warm": warm},
        values={"packet": packet.model_dump(mode="json")},
        packet=packet,
        **columns,
        offered_to=receiver.id,
        offer_expires_at=op.now + queue.offer_for,
    )


async def _receiver(op: Operation, person_id: str) -> Person:
    """Who shall take it, if they are there, have room and may."""
    receiver = await person_of(op.tx.conn, person_id)
    if receiver.presence != "online":
        raise ConflictError(
            "`{person}` is {presence}; choose someone online, or transfer it to a queue",
            person=person_id,
            presence=receiver.presence,
        )
    if receiver.wrap_up_until:
        raise ConflictError(
            "`{person}` wraps up a task just now; choose someone else, or wait a moment", person=person_id
        )
    must_be_free(receiver, op.task)
    decision = ask(op.authorizer, receiver, "claim", op.task, op.facts)
    if not decision.allowed:
        raise refusal(decision, receiver, op.task.id)
    return receiver
