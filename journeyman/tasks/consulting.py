"""Asking a colleague: a question beside a task, and who is asked sees the task until they have answered or it is closed."""

from typing import Unpack

from journeyman.errors import ConflictError, InputError
from journeyman.tasks.desk import Desk, ask, sql, view
from journeyman.tasks.models import Task
from journeyman.tasks.operation import Change, Operation, operation, required
from journeyman.tasks.people import person_of
from journeyman.tasks.suggestions import used


async def consult(
    desk: Desk,
    task_id: str,
    person_id: str,
    to: str,
    text: str,
    *,
    suggestion: str | None = None,
    **change: Unpack[Change],
) -> None:
    """Ask a colleague about a task. The question is a note; their next note beside the task answers it.

    Raises NotFoundError, DeniedError, InputError, and ConflictError where the task is closed, or policy would not let them see it
    and answer.
    """
    text = required(text, "text", "write what you want to know")
    if to == person_id:
        raise InputError("a question goes to someone else; choose a colleague", field="to")
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("consult", None)
        if not op.task.open:
            raise ConflictError(
                "task `{task}` is {state}; nobody is consulted about it any more", task=task_id, state=op.task.state
            )
        await _may_answer(op, to)
        if suggestion:
            await used(op, suggestion, text)
        await op.comment(text, to=to)
        op.record("task.consulted", refs={"to": to}, values={"question": text})


async def take_back(desk: Desk, task_id: str, person_id: str, to: str, **change: Unpack[Change]) -> None:
    """Ask a colleague no longer: nobody waits for their answer, and they see the task for it no more.

    Raises NotFoundError, DeniedError, and ConflictError where nothing is asked of them, or no longer.
    """
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("consult", None)
        if not await op.tx.conn.fetch(sql["take_back"], task_id, to, op.now):
            raise ConflictError(
                "nothing is asked of `{person}` about task `{task}`, or no longer; read its notes",
                person=to,
                task=task_id,
            )
        op.record("task.question_taken_back", refs={"to": to})


def consulting(task: Task, person: str) -> Task:
    """The task as it stands while this person is consulted."""
    return task.model_copy(update={"consulted": task.consulted | {person}})


async def _may_answer(op: Operation, to: str) -> None:
    person, task = await person_of(op.tx.conn, to), consulting(op.task, to)
    sees = view(op.authorizer, person, task, "task", "ordinary", op.facts)
    answers = ask(op.authorizer, person, "comment", task, op.facts)
    if not (sees.allowed and answers.allowed):
        raise ConflictError(
            "policy does not let `{person}` see the task and answer; choose someone else", field="to", person=to
        )
