"""Working on a task: take it, begin, put it on hold, go on, give it back, write a note."""

from datetime import datetime
from typing import Any, Unpack

from journeyman.conversation.masking import scrub
from journeyman.errors import ConflictError, InputError
from journeyman.tasks import clock
from journeyman.tasks.desk import Desk, sql
from journeyman.tasks.lifecycle import Action, State
from journeyman.tasks.models import Person, Task
from journeyman.tasks.operation import Change, Operation, operation, required
from journeyman.tasks.suggestions import used


async def claim(desk: Desk, task_id: str, person_id: str, **change: Unpack[Change]) -> Task:
    """Take a waiting task. Of many who try at once one gets it; the others hear who.

    Raises ConflictError (someone has it, it is offered to another, this person is not there or has enough) and DeniedError.
    """
    async with operation(desk, task_id, person_id, **change, takes=True) as op:
        await op.permit("claim", Action.CLAIM)
        if op.task.offered_to and op.task.offered_to != person_id and not op.person.supervises:
            raise ConflictError(
                "task `{task}` is offered to `{person}` just now; take another",
                task=task_id,
                person=op.task.offered_to,
            )
        must_be_free(op.person, op.task)
        await take(op, Action.CLAIM)
    return op.task


async def start(desk: Desk, task_id: str, person_id: str, **change: Unpack[Change]) -> Task:
    """Begin. From now on the service level is about when it is done."""
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("complete", Action.START)
        await op.save(Action.START, **begun(op))
    return op.task


async def release(
    desk: Desk,
    task_id: str,
    person_id: str,
    *,
    comment: str = "",
    **change: Unpack[Change],
) -> Task:
    """Give it back to its queue. A supervisor may do so for its holder."""
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("transfer", Action.RELEASE)
        comment = scrub(comment)
        calendar = (await op.queue()).calendar
        columns = clock.after_hold(op.task, calendar, op.now)
        await op.comment(comment)
        await op.save(
            Action.RELEASE,
            refs={"from": op.task.assignee or ""},
            values={"comment": comment} if comment else {},
            assignee=None,
            refused_by=op.task.refused_by | {op.task.assignee or person_id},
            **columns,
        )
    return op.task


async def suspend(
    desk: Desk,
    task_id: str,
    person_id: str,
    *,
    until: datetime,
    reason: str,
    **change: Unpack[Change],
) -> Task:
    """Put it on hold until a moment at the latest; its service level stands still. Raises InputError for a moment past."""
    reason = required(reason, "reason", "say what it waits for, for whoever goes on with it")
    if until <= change["now"]:
        raise InputError(f"`{until.isoformat()}` has passed; choose a moment to come back to it", field="until")
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("complete", Action.SUSPEND)
        await op.comment(reason)
        await op.save(
            Action.SUSPEND, values={"reason": reason}, follow_up_date=until, suspended_at=op.now, escalate_at=None
        )
    return op.task


async def resume(desk: Desk, task_id: str, person_id: str, **change: Unpack[Change]) -> Task:
    """Go on with a task on hold. The time on hold does not count."""
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("complete", Action.RESUME)
        columns = clock.after_hold(op.task, (await op.queue()).calendar, op.now)
        held = op.task.model_copy(update=columns)
        started = op.task.started_at or op.now
        columns |= {"started_at": started, "escalate_at": clock.on_starting(held, op.now)}
        await op.save(Action.RESUME, **columns)
    return op.task


async def comment(
    desk: Desk,
    task_id: str,
    person_id: str,
    text: str,
    *,
    suggestion: str | None = None,
    **change: Unpack[Change],
) -> None:
    """Write a note beside a task, open or closed. It changes nothing of the task, and answers what its author was asked about it.
    `suggestion`: as `speaking.say`."""
    text = required(text, "text", "write what others should know")
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("comment", None)
        await op.comment(text)
        consulted = person_id in op.task.consulted
        asked = await op.tx.conn.fetch(sql["answer"], task_id, person_id, op.now) if consulted else ()
        if suggestion:
            await used(op, suggestion, text)
        refs = {"to": asked[-1]["author"]} if asked else {}
        op.record("task.commented", refs=refs, facts={"answers": len(asked)}, values={"comment": text})


def must_be_free(person: Person, task: Task) -> None:
    """ConflictError if the person is away or has as much as they can take. Supervisors decide for themselves."""
    if person.supervises:
        return
    if person.presence != "online":
        raise ConflictError(
            "`{person}` is {presence}; go online to take work", person=person.id, presence=person.presence
        )
    load = person.load - (task.offered_to == person.id)
    if load >= person.capacity:
        first = (
            "say that the wrap-up is done"
            if person.wrap_up_until
            else "finish one, put one on hold or decline an offer"
        )
        raise ConflictError(
            f"`{{person}}` has {load} of {person.capacity} tasks in hand; {first} first", person=person.id
        )


async def take(op: Operation, action: Action) -> None:
    """Hand the task to the operation's person: by a claim, or by an offer that they accept. It completes its handoffs."""
    calendar = (await op.queue()).calendar
    refs = await op.accept_handoffs()
    await op.save(action, refs=refs, assignee=op.person.id, escalate_at=clock.on_taking(op.task, calendar, op.now))


def begun(op: Operation) -> dict[str, Any]:
    """What changes when the holder begins; closing a task that was not begun begins it too."""
    if op.task.state is State.IN_PROGRESS and op.task.started_at:
        return {}
    started = op.task.started_at or op.now
    return {"started_at": started, "escalate_at": clock.on_starting(op.task, op.now)}
