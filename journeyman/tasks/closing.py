"""Closing a task, by each of the ways that its kind has. What is submitted fits the step's output model, or nothing happens.

Every closing commits the task, its entry and the event for its journey in one transaction. An approval is bound to the very
arguments that the person saw, and is spent once.
"""

import json
from typing import Any, Unpack

from pydantic import BaseModel, JsonValue, ValidationError

from journeyman.conversation.masking import scrub, scrubbed
from journeyman.errors import ConflictError, InputError, JourneymanError, LedgerError, UnavailableError
from journeyman.journey.step import data_classes
from journeyman.misfit import misfit, unknown_fields
from journeyman.tasks.desk import Desk, sql, viewable
from journeyman.tasks.lifecycle import Action
from journeyman.tasks.models import Task
from journeyman.tasks.operation import Change, Operation, operation, required
from journeyman.tasks.suggestions import used
from journeyman.tasks.unseen import fields_of, keep_unseen
from journeyman.tasks.words import kept_words, sayable
from journeyman.tasks.working import begun
from journeyman.words import short, small


async def complete(
    desk: Desk,
    task_id: str,
    person_id: str,
    output: JsonValue,
    *,
    comment: str = "",
    suggestion: str | None = None,
    **change: Unpack[Change],
) -> Task:
    """Submit the result of the work. `suggestion` is the copilot's that the comment began as: what became of it is recorded too.

    Raises InputError that names the field which does not fit.
    """

    async def submit(*, at_once: bool) -> Task:
        async with operation(desk, task_id, person_id, **change, at_once=at_once) as op:
            op.closes(Action.COMPLETE)
            result = fitting(desk, op.task, output, given=True)
            await op.permit("complete", Action.COMPLETE, result)
            await _close(op, Action.COMPLETE, comment, output=result.model_dump(mode="json"), suggestion=suggestion)
        return op.task

    if not comment and not suggestion:
        # The ordinary submit. Whatever stands in its way is looked at again with the task held: a repeated request first of all.
        try:
            return await submit(at_once=True)
        except (UnavailableError, LedgerError):
            raise
        except JourneymanError:
            pass
    return await submit(at_once=False)


async def dispose(
    desk: Desk,
    task_id: str,
    person_id: str,
    disposition: str,
    *,
    comment: str = "",
    suggestion: str | None = None,
    **change: Unpack[Change],
) -> Task:
    """Close the work with one of its dispositions, without a result."""
    async with operation(desk, task_id, person_id, **change) as op:
        op.closes(Action.DISPOSE)
        await op.permit("complete", Action.DISPOSE)
        if disposition not in op.task.dispositions:
            known = ", ".join(f"`{name}`" for name in op.task.dispositions) or "none: submit a result"
            raise InputError(f"`{disposition}` is no disposition of this task; it has {known}", field="disposition")
        await _close(op, Action.DISPOSE, comment, disposition=disposition, suggestion=suggestion)
    return op.task


async def fail(desk: Desk, task_id: str, person_id: str, *, comment: str, **change: Unpack[Change]) -> Task:
    """Say that the work cannot be done; the journey decides what follows."""
    comment = required(comment, "comment", "say why it cannot be done")
    async with operation(desk, task_id, person_id, **change) as op:
        op.closes(Action.FAIL)
        await op.permit("complete", Action.FAIL)
        await _close(op, Action.FAIL, comment)
    return op.task


async def accept(
    desk: Desk,
    task_id: str,
    person_id: str,
    *,
    comment: str = "",
    suggestion: str | None = None,
    **change: Unpack[Change],
) -> Task:
    """Let a draft count as it is. The output is the draft. Raises DeniedError also where its words may not be said."""
    async with operation(desk, task_id, person_id, **change) as op:
        op.closes(Action.ACCEPT)
        draft = await _draft(op)
        await op.permit("approve", Action.ACCEPT, fitting(desk, op.task, draft) if _is_result(op) else None)
        words = await kept_words(op.tx, op.task.id) if _is_result(op) else str(draft)
        if words:
            await sayable(op, words, edited=False)
        await _close(op, Action.ACCEPT, comment, output=draft, suggestion=suggestion)
    return op.task


async def edit(
    desk: Desk,
    task_id: str,
    person_id: str,
    output: JsonValue,
    *,
    comment: str = "",
    suggestion: str | None = None,
    **change: Unpack[Change],
) -> Task:
    """Let a draft count as the person has edited it. Policy decides on the edited result; the entry keeps both."""
    async with operation(desk, task_id, person_id, **change) as op:
        op.closes(Action.EDIT)
        result: BaseModel | None = None
        draft = await _draft(op)
        if _is_result(op):
            result = fitting(desk, op.task, keep_unseen(output, draft, _shown(op, draft)), given=True)
            output = result.model_dump(mode="json")
        elif not isinstance(output, str) or not output.strip():
            raise InputError("the edited message is empty; write what the customer shall read", field="output")
        else:
            short(output, "output")
        await op.permit("approve", Action.EDIT, result)
        if isinstance(output, str) and result is None:
            await sayable(op, output, edited=True)
            output = scrub(output)
        await _close(op, Action.EDIT, comment, output=output, values={"draft": draft}, suggestion=suggestion)
    return op.task


async def reject(desk: Desk, task_id: str, person_id: str, *, comment: str, **change: Unpack[Change]) -> Task:
    """Refuse a draft: it does not count. The AI agent reads why, and goes on."""
    comment = required(comment, "comment", "say what is wrong with the draft")
    async with operation(desk, task_id, person_id, **change) as op:
        op.closes(Action.REJECT)
        await op.permit("approve", Action.REJECT)
        await _close(op, Action.REJECT, comment, disposition="rejected")
    return op.task


async def hand_back(
    desk: Desk,
    task_id: str,
    person_id: str,
    *,
    reason: str,
    summary: str = "",
    tried: tuple[str, ...] = (),
    still_open: tuple[str, ...] = (),
    promises: tuple[str, ...] = (),
    **change: Unpack[Change],
) -> Task:
    """Give the work, or a draft, back to the AI agent (action `return`): a handoff that is complete once it has taken it."""
    reason = required(reason, "reason", "say what the AI agent shall do now")
    async with operation(desk, task_id, person_id, **change) as op:
        op.closes(Action.RETURN)
        await op.permit("approve" if op.task.kind == "review" else "hand_back", Action.RETURN)
        if desk.steps(op.task.journey_kind, op.task.journey_version, op.task.step).ai is None:
            raise ConflictError(
                "step `{step}` has no AI agent to take it; complete task `{task}`, or transfer it",
                step=op.task.step,
                task=op.task.id,
            )
        packet = await op.packet(reason, summary=summary, tried=tried, open=still_open, promises=promises)
        handoff = await op.hand_over(packet, "to_ai", "returned")
        await _close(
            op, Action.RETURN, reason, refs={"handoff": handoff}, values={"packet": packet.model_dump(mode="json")}
        )
    return op.task


async def approve(
    desk: Desk,
    task_id: str,
    person_id: str,
    *,
    args_hash: str,
    comment: str = "",
    **change: Unpack[Change],
) -> Task:
    """Let exactly the tool call with these arguments run, once. `args_hash` is that of the arguments the person saw."""
    async with operation(desk, task_id, person_id, **change) as op:
        await _decide_call(op, Action.APPROVE, "permitted", args_hash, comment)
    return op.task


async def deny(
    desk: Desk,
    task_id: str,
    person_id: str,
    *,
    args_hash: str,
    comment: str,
    **change: Unpack[Change],
) -> Task:
    """Refuse a proposed tool call; the AI agent is told why."""
    comment = required(comment, "comment", "say why, so that the AI agent can act on it")
    async with operation(desk, task_id, person_id, **change) as op:
        await _decide_call(op, Action.DENY, "refused", args_hash, comment)
    return op.task


async def answer(desk: Desk, task_id: str, person_id: str, text: str, **change: Unpack[Change]) -> Task:
    """Answer an AI agent's question; the agent keeps the step. The output is the text."""
    text = required(text, "text", "write the answer")
    async with operation(desk, task_id, person_id, **change) as op:
        op.closes(Action.ANSWER)
        await op.permit("complete", Action.ANSWER)
        await _close(op, Action.ANSWER, "", output=text)
    return op.task


def fitting(desk: Desk, task: Task, output: JsonValue, *, given: bool = False) -> BaseModel:
    """The output, secrets cut out, as the step's model. Raises InputError naming the first field that does not fit, or, where a
    person has `given` it, that the model does not have.
    """
    model: type[BaseModel] = desk.steps(task.journey_kind, task.journey_version, task.step).output
    small(output, "output")
    try:
        extra = unknown_fields(model) if given else None
        return model.model_validate_json(json.dumps(scrubbed(output), allow_nan=False), extra=extra)
    except ValidationError as error:
        path, wrong = misfit(error)
        field = path or "output"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise InputError(f"`{field}`: {wrong}{more}; correct it and submit again", field=field) from error
    except ValueError as error:
        raise InputError(f"the output is no JSON: {error}; numbers must be finite", field="output") from error


def _is_result(op: Operation) -> bool:
    return op.task.draft_kind != "message"


def _shown(op: Operation, draft: JsonValue) -> frozenset[str]:
    """The fields of the draft that policy shows to the person."""
    task = op.task
    step = op.desk.steps(task.journey_kind, task.journey_version, task.step)
    classes = data_classes(step.input, step.output)
    asked = {field: classes.get(field, "personal") for field in fields_of(draft)}
    return viewable(op.authorizer, op.person, task, asked, op.facts)


async def _draft(op: Operation) -> JsonValue:
    sealed = await op.tx.conn.fetchval(sql["draft"], op.task.id)
    return None if sealed is None else await op.tx.open(op.task.customer_id, sealed)


async def _decide_call(op: Operation, action: Action, status: str, args_hash: str, comment: str) -> None:
    op.closes(action)
    await op.permit("approve", action)
    call = op.task.tool_call
    if call is None or await op.tx.conn.fetchval(sql["decide_tool_call"], call, args_hash, status, op.task.id) is None:
        row = await op.tx.conn.fetchrow(sql["tool_call"], call)
        if row and row["status"] == "proposed":
            raise ConflictError(
                "task `{task}` is about other arguments than the ones you saw; read it again",
                field="args_hash",
                task=op.task.id,
            )
        raise ConflictError("the tool call of task `{task}` has been decided already; read it again", task=op.task.id)
    await _close(op, action, comment, refs={"tool_call": call}, facts={"args_hash": args_hash})


async def _close(
    op: Operation,
    action: Action,
    comment: str,
    *,
    output: JsonValue = None,
    disposition: str | None = None,
    refs: dict[str, str] | None = None,
    facts: dict[str, str | bool | int] | None = None,
    values: dict[str, JsonValue] | None = None,
    suggestion: str | None = None,
) -> None:
    comment = scrub(comment)
    if suggestion:
        await used(op, suggestion, comment, disposition=disposition)
    kept: dict[str, JsonValue] = dict(values or {})
    kept |= {"output": output} if output is not None else {}
    kept |= {"comment": comment} if comment else {}
    stated: dict[str, str | bool | int] = dict(facts or {})
    stated |= {"disposition": disposition} if disposition else {}
    columns: dict[str, Any] = begun(op) | {"disposition": disposition, "escalate_at": None}
    await op.comment(comment)
    await op.save(action, refs=refs, facts=stated, values=kept, output=output, **columns)
    op.tx.tell(op.task.journey_id, "task_closed", op.task.id, at=op.now)
