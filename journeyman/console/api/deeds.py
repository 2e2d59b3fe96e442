"""Deeds: everything that a person does with a task. Each answers with the task as it then stands, and its `ETag`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field, JsonValue

from journeyman.console.asked import Asked, Changes, asks, once
from journeyman.console.words import Body, Flag, Moment, Name, TaskId, Text, Why, Words, Written
from journeyman.tasks import closing, moving, offers, working
from journeyman.tasks.models import Task

TAGGED: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            "ETag": {"description": "The task's revision: what `If-Match` takes.", "schema": {"type": "string"}},
        },
    }
}
"""What the document says of an answer that carries a task's `ETag`."""

router = APIRouter(prefix="/tasks", tags=["tasks"], responses=TAGGED)


class Noted(Body):
    """With a note for those who read on."""

    comment: Text = ""


class Until(Why):
    """On hold until a moment at the latest."""

    until: Moment


class Ending(Noted):
    """With a note, and which wrap-up of the copilot it began as."""

    suggestion: Name | None = None


class Result(Ending):
    """A result that fits the step's output model."""

    output: JsonValue


class Disposition(Ending):
    """One of the task's `dispositions`."""

    disposition: Name


class Rejection(Body):
    """What is wrong with it."""

    comment: Written


class Return(Why):
    """What the AI agent goes on with."""

    summary: Text = ""
    tried: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    still_open: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    promises: Annotated[tuple[Text, ...], Field(max_length=20)] = ()


class Approval(Noted):
    """Of the very arguments that the person saw."""

    args_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Denial(Body):
    """Of the very arguments that the person saw, and why."""

    args_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    comment: Written


class Transfer(Why):
    """To a queue or to a person; `warm` keeps it until they accept."""

    to_person: Name | None = None
    to_queue: Name | None = None
    warm: Flag = False
    summary: Text = ""
    still_open: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    promises: Annotated[tuple[Text, ...], Field(max_length=20)] = ()


@router.post("/{task}/accept-offer", **asks("claim", "Task"))
async def accept_offer(asked: Changes, task: TaskId, response: Response) -> Task:
    """Take what is offered."""
    return await _act(asked, response, offers.accept, task)


@router.post("/{task}/decline-offer", **asks("claim", "Task"))
async def decline_offer(asked: Changes, task: TaskId, response: Response) -> Task:
    """Leave what is offered to the next."""
    return await _act(asked, response, offers.decline, task)


@router.post("/{task}/claim", **asks("claim", "Task"))
async def claim(asked: Changes, task: TaskId, response: Response) -> Task:
    """Take a waiting task. Of many who try at once one gets it; the others hear who."""
    return await _act(asked, response, working.claim, task)


@router.post("/{task}/start", **asks("complete", "Task"))
async def start(asked: Changes, task: TaskId, response: Response) -> Task:
    """Begin. From now on the service level is about when it is done."""
    return await _act(asked, response, working.start, task)


@router.post("/{task}/release", **asks("transfer", "Task"))
async def release(asked: Changes, task: TaskId, given: Noted, response: Response) -> Task:
    """Give it back to its queue."""
    return await _act(asked, response, working.release, task, given)


@router.post("/{task}/suspend", **asks("complete", "Task"))
async def suspend(asked: Changes, task: TaskId, given: Until, response: Response) -> Task:
    """Put it on hold. Its service level stands still."""
    return await _act(asked, response, working.suspend, task, given)


@router.post("/{task}/resume", **asks("complete", "Task"))
async def resume(asked: Changes, task: TaskId, response: Response) -> Task:
    """Go on with what is on hold."""
    return await _act(asked, response, working.resume, task)


@router.post("/{task}/complete", **asks("complete", "Task"))
async def complete(asked: Changes, task: TaskId, given: Result, response: Response) -> Task:
    """Close it with a result. The journey goes on with that."""
    return await _act(asked, response, closing.complete, task, given)


@router.post("/{task}/dispose", **asks("complete", "Task"))
async def dispose(asked: Changes, task: TaskId, given: Disposition, response: Response) -> Task:
    """Close it without a result, by one of its dispositions."""
    return await _act(asked, response, closing.dispose, task, given)


@router.post("/{task}/fail", **asks("complete", "Task"))
async def fail(asked: Changes, task: TaskId, given: Rejection, response: Response) -> Task:
    """Say that nobody can do it."""
    return await _act(asked, response, closing.fail, task, given)


@router.post("/{task}/accept", **asks("approve", "Task"))
async def accept(asked: Changes, task: TaskId, given: Ending, response: Response) -> Task:
    """Let the draft count as it is."""
    return await _act(asked, response, closing.accept, task, given)


@router.post("/{task}/edit", **asks("approve", "Task"))
async def edit(asked: Changes, task: TaskId, given: Result, response: Response) -> Task:
    """Let the draft count as the person has changed it."""
    return await _act(asked, response, closing.edit, task, given)


@router.post("/{task}/reject", **asks("approve", "Task"))
async def reject(asked: Changes, task: TaskId, given: Rejection, response: Response) -> Task:
    """Say what is wrong with the draft: the AI agent tries again, knowing it."""
    return await _act(asked, response, closing.reject, task, given)


@router.post("/{task}/hand-back", **asks("hand_back", "Task"))
async def hand_back(asked: Changes, task: TaskId, given: Return, response: Response) -> Task:
    """Return the work to the AI agent."""
    return await _act(asked, response, closing.hand_back, task, given)


@router.post("/{task}/approve", **asks("approve", "Task"))
async def approve(asked: Changes, task: TaskId, given: Approval, response: Response) -> Task:
    """Let the tool call be made, with exactly these arguments, once."""
    return await _act(asked, response, closing.approve, task, given)


@router.post("/{task}/deny", **asks("approve", "Task"))
async def deny(asked: Changes, task: TaskId, given: Denial, response: Response) -> Task:
    """Do not let the tool call be made."""
    return await _act(asked, response, closing.deny, task, given)


@router.post("/{task}/answer", **asks("complete", "Task"))
async def answer(asked: Changes, task: TaskId, given: Words, response: Response) -> Task:
    """Answer the AI agent's question: it keeps the step and goes on."""
    return await _act(asked, response, closing.answer, task, given)


@router.post("/{task}/transfer", **asks("transfer", "Task"))
async def transfer(asked: Changes, task: TaskId, given: Transfer, response: Response) -> Task:
    """Give it away, with its packet: cold, or warm to a person who has to accept."""
    return await _act(asked, response, moving.transfer, task, given)


@router.post("/{task}/escalate", **asks("transfer", "Task"))
async def escalate(asked: Changes, task: TaskId, given: Why, response: Response) -> Task:
    """Ask for a supervisor: it waits again, at the top."""
    return await _act(asked, response, moving.escalate, task, given)


@router.post("/{task}/take-over", **asks("override", "Task"))
async def take_over(asked: Changes, task: TaskId, given: Why, response: Response) -> Task:
    """Step in as a supervisor: it is yours, whoever had it."""
    return await _act(asked, response, moving.take_over, task, given)


async def _act(
    asked: Asked, response: Response, operation: Callable[..., Awaitable[Task]], task: str, given: Body | None = None
) -> Task:
    """Do an operation of the desk with what was given: the fields of a body are named as its keywords are."""
    keywords = {} if given is None else {name: getattr(given, name) for name in type(given).model_fields}
    after = await once(
        lambda: operation(asked.desk, task, asked.person, **keywords, **asked.change), lambda: asked.task(task)
    )
    tag(response, after)
    return after


def tag(response: Response, task: Task) -> None:
    """Which revision the answer is of."""
    response.headers["ETag"] = f'"{task.revision}"'
