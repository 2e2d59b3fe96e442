"""Asking a colleague: a question beside a task, and who is asked sees the task until they have answered or it is closed."""

from datetime import datetime

from journeyman.errors import ConflictError, InputError
from journeyman.ledger.entry import Entry
from journeyman.tasks.desk import Desk, ask, view
from journeyman.tasks.models import Task
from journeyman.tasks.operation import Operation, operation, required
from journeyman.tasks.people import person_of
from journeyman.tasks.suggestions import used


async def consult(
    desk: Desk,
    task_id: str,
    person_id: str,
    to: str,
    text: str,
    *,
    now: datetime,
    auth: str,
    suggestion: str | None = None,
) -> None:
    """Ask a colleague about a task. The question is a note; their next note beside the task answers it.

    Raises NotFoundError, DeniedError, InputError, and ConflictError where the task is closed, or policy would not let them see it
    and answer.
    """
    text = required(text, "text", "write what you want to know")
    if to == person_id:
        raise InputError("a question goes to someone else; choose a colleague", field="to")
    async with operation(desk, task_id, person_id, now=now, auth=auth) as op:
        await op.permit("consult", None)
        assert op.decided
        decision, _ = op.decided
        if not op.task.open:
            raise ConflictError(f"task `{task_id}` is {op.task.state}; nobody is consulted about it any more")
        await _may_answer(op, to)
        if suggestion:
            await used(op, suggestion, text)
        await op.comment(text, to=to)
        op.tx.record(
            Entry(
                type="task.consulted",
                at=now,
                actor=op.by,
                journey=op.task.journey_id,
                subject=op.task.customer_id,
                refs={"task": task_id, "step": op.task.step, "queue": op.task.queue, "to": to},
                facts={"bundle": decision.bundle},
                policies=list(decision.policies),
                values={"question": text},
            )
        )


def consulting(task: Task, person: str) -> Task:
    """The task as it stands while this person is consulted."""
    return task.model_copy(update={"consulted": task.consulted | {person}})


async def _may_answer(op: Operation, to: str) -> None:
    person, task = await person_of(op.tx.conn, to), consulting(op.task, to)
    sees = view(op.authorizer, person, task, "task", "ordinary", op.facts)
    answers = ask(op.authorizer, person, "comment", task, op.facts)
    if not (sees.allowed and answers.allowed):
        raise ConflictError(f"policy does not let `{to}` see the task and answer; choose someone else", field="to")
