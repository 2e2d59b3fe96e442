"""Callbacks: what is agreed, agree one, move it, call it off. A task has one at most, so they are named by their task."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from journeyman.console.api.deeds import TAGGED, tag
from journeyman.console.asked import Asked, Changes, Reads, asks, once
from journeyman.console.cursor import Listed, PageSize, after, goes_on
from journeyman.console.words import Body, Moment, Name, TaskId
from journeyman.tasks import callbacks
from journeyman.tasks.callbacks import Callback
from journeyman.tasks.models import Task
from journeyman.views import callbacks as lists

router = APIRouter(prefix="/callbacks", tags=["callbacks"])


class Slot(Body):
    """A quarter of an hour of the queue, by its beginning, and the number to call: the customer's own where none is given."""

    slot: Moment
    number: Annotated[str, Field(max_length=40)] | None = None


@router.get("", **asks("view", "Task", narrows=True))
async def agreed(
    asked: Reads,
    queue: Name | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: str | None = None,
    limit: PageSize = 50,
) -> Listed[Callback]:
    """The open ones of the queues that the person works on, the next first."""
    found = await lists.callbacks(
        asked.desk,
        asked.person,
        queue=queue,
        since=since,
        until=until,
        after=after(cursor),
        limit=limit,
        now=asked.now,
    )
    return Listed(items=found, next=goes_on(found.after))


@router.post("/{task}", **asks("schedule", "Task"))
async def schedule(asked: Changes, task: TaskId, given: Slot) -> Callback | None:
    """Put a task that the person works on aside until then. Nothing comes back where it was agreed before and is over."""
    return await _changed(asked, task, callbacks.schedule, given)


@router.put("/{task}", **asks("schedule", "Task"))
async def move(asked: Changes, task: TaskId, given: Slot) -> Callback | None:
    """Move it to another slot. Nothing comes back where it was moved before and is over."""
    return await _changed(asked, task, callbacks.move, given)


@router.delete("/{task}", responses=TAGGED, **asks("schedule", "Task"))
async def cancel(asked: Changes, task: TaskId, response: Response) -> Task:
    """Call it off, not its work: that goes on now, with its holder or in its queue."""
    after = await once(
        lambda: callbacks.cancel(asked.desk, task, asked.person, **asked.change), lambda: asked.task(task)
    )
    tag(response, after)
    return after


async def _changed(asked: Asked, task: str, deed: Any, given: Slot) -> Callback | None:
    async def found() -> Callback | None:
        return await callbacks.callback(asked.desk, task, asked.person, now=asked.now)

    told: Callback | None = await once(
        lambda: deed(asked.desk, task, asked.person, given.slot, number=given.number, **asked.change), found
    )
    return told
