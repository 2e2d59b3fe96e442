"""Tasks: what waits, what is mine, one task with its content, notes beside it and words to its customer."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field, JsonValue

from journeyman.console.api.deeds import TAGGED, tag
from journeyman.console.asked import Asked, Changes, Reads, Writes, asks, once
from journeyman.console.cursor import Listed, PageSize, after, goes_on
from journeyman.console.words import Moment, Name, TaskId, Words
from journeyman.conversation.transcript import Message
from journeyman.tasks import consulting, speaking, working
from journeyman.tasks.lifecycle import Action, State
from journeyman.tasks.models import Comment, Content, Kind, Task
from journeyman.tasks.routing import Ranked
from journeyman.views import consultations, contents, inbox
from journeyman.views.consultations import Adviser, Consultation
from journeyman.views.contents import Page
from journeyman.views.inbox import Search

router = APIRouter(prefix="/tasks", tags=["tasks"])


class Said(Words):
    """What is said or noted, and which suggestion of the copilot it began as."""

    suggestion: Name | None = None


class Asking(Said):
    """What is asked, and of whom."""

    to: Name


class RankedTask(BaseModel):
    """A task that waits, and why it comes where it does, strongest reason first."""

    task: Task
    points: int
    why: tuple[str, ...]


class OpenedTask(BaseModel):
    """A task with its content, as far as policy lets the person see it. The look is recorded."""

    task: Task
    content: dict[Content, JsonValue]
    comments: tuple[Comment, ...]
    withheld: tuple[str, ...] = Field(description="Fields that policy does not show, or whose customer was erased.")
    actions: tuple[Action, ...] = Field(description="What the person can do with it as it stands.")
    args_hash: str | None = Field(description="Of an approval: what `approve` and `deny` are bound to.")
    output_schema: dict[str, Any] | None = Field(description="JSON Schema of what `complete` and `edit` take.")


@router.get("", **asks("view", "Task", narrows=True))
async def search(
    asked: Reads,
    journey: Name | None = None,
    queue: Name | None = None,
    state: State | None = None,
    kind: Kind | None = None,
    step: Name | None = None,
    assignee: Name | None = None,
    closed: bool = False,
    late_at: Moment | None = None,
    cursor: str | None = None,
    limit: PageSize = 50,
) -> Listed[Task]:
    """The tasks of the queues that the person works on and that fit, the newest first."""
    wanted = Search(
        journey_id=journey,
        queue=queue,
        state=state,
        kind=kind,
        step=step,
        assignee=assignee,
        closed=closed,
        late_at=late_at,
        before=after(cursor),
        limit=limit,
    )
    found = await inbox.search(asked.desk, asked.person, wanted, now=asked.now)
    return Listed(items=found, next=goes_on(found.after))


@router.get("/mine", **asks("view", "Task", narrows=True))
async def mine(
    asked: Reads, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 200
) -> Listed[Task]:
    """What is offered to the person, then what they hold or have put on hold, the oldest first."""
    found = await inbox.mine(asked.desk, asked.person, now=asked.now, after=after(cursor), limit=limit)
    return Listed(items=found, next=goes_on(found.after))


@router.get("/waiting", **asks("claim", "Task", narrows=True))
async def waiting(asked: Reads, limit: Annotated[int, Query(ge=1, le=50)] = 20) -> Listed[RankedTask]:
    """What the person may take, the next best first, each with the why.

    The best 50 at most, and no further page: the order changes with every minute, and each page would repeat and leave out. All
    that waits, in an order that stays, is `GET /api/v1/tasks?state=ready`.
    """
    found = await inbox.waiting(asked.desk, asked.person, now=asked.now, limit=limit)
    return Listed(items=[_ranked(each) for each in found])


@router.post(
    "/next", responses=TAGGED | {204: {"description": "Nothing waits."}}, **asks("claim", "Task", narrows=True)
)
async def take_next(asked: Writes, response: Response) -> RankedTask | None:
    """Take the next best task; when someone is faster, one after it. Nothing comes back (204) where nothing waits."""
    ranked = await inbox.take_next(asked.desk, asked.person, now=asked.now, auth=asked.caller.auth)
    if ranked is None:
        response.status_code = 204
        return None
    tag(response, ranked.task)
    return _ranked(ranked)


@router.get("/asked", **asks("view", "Task", narrows=True))
async def asked_of(asked: Reads, cursor: str | None = None, limit: PageSize = 50) -> Listed[Consultation]:
    """What colleagues ask the person, the oldest first. The question itself is a note of the task."""
    found = await consultations.asked_of(asked.desk, asked.person, now=asked.now, after=after(cursor), limit=limit)
    return Listed(items=found, next=goes_on(found.after))


@router.get("/{task}", responses=TAGGED, **asks("view", "Task"))
async def show(asked: Reads, task: TaskId, response: Response) -> OpenedTask:
    """One task with its content. The look is recorded."""
    page = await contents.show(asked.desk, task, asked.person, **asked.deed)
    tag(response, page.task)
    return opened(page)


@router.post("/{task}/comments", status_code=204, **asks("comment", "Task"))
async def comment(asked: Changes, task: TaskId, given: Said) -> None:
    """Write a note beside it."""
    await once(lambda: working.comment(asked.desk, task, asked.person, **dict(given), **asked.change))


@router.get("/{task}/advisers", **asks("consult", "Task", narrows=True))
async def advisers(asked: Reads, task: TaskId) -> Listed[Adviser]:
    """The colleagues whom the person could ask about it, those who are there first."""
    return Listed(items=list(await consultations.advisers(asked.desk, task, asked.person, now=asked.now)))


@router.post("/{task}/consult", status_code=204, **asks("consult", "Task"))
async def consult(asked: Changes, task: TaskId, given: Asking) -> None:
    """Ask a colleague about it. They see it until they have answered, by a note beside it."""
    await once(lambda: consulting.consult(asked.desk, task, asked.person, **dict(given), **asked.change))


@router.delete("/{task}/consult/{person}", status_code=204, **asks("consult", "Task"))
async def take_back(asked: Changes, task: TaskId, person: Name) -> None:
    """Ask a colleague no longer: they need not answer, and see it for that no more."""
    await once(lambda: consulting.take_back(asked.desk, task, asked.person, person, **asked.change))


@router.post("/{task}/messages", **asks("say", "Task"))
async def say(asked: Changes, task: TaskId, given: Said) -> Message | None:
    """Tell the customer something. Policy decides on the words. Nothing comes back where it was said before."""
    return await once(lambda: speaking.say(asked.desk, task, asked.person, **dict(given), **asked.change))


@router.post("/{task}/notices/{notice}", **asks("say", "Task"))
async def give_notice(asked: Changes, task: TaskId, notice: Name) -> Message | None:
    """Give the customer a mandated notice, in its exact words. Nothing comes back where they have been given it before."""
    return await once(lambda: given_notice(asked, task, notice))


async def given_notice(asked: Asked, task_id: str, notice: str) -> Message | None:
    """Give the notice, if it is one that the kind of the task's journey mandates."""
    project = asked.console.project
    task = await asked.task(task_id)
    mandated = project.mandated(task.journey_kind, task.journey_version)
    return await speaking.give_notice(
        asked.desk, task_id, asked.person, notice, project.notices, mandated, **asked.change
    )


def opened(page: Page) -> OpenedTask:
    """A page of the inbox, as it is sent."""
    return OpenedTask(
        task=page.task,
        content=page.content,
        comments=page.comments,
        withheld=page.withheld,
        actions=page.actions,
        args_hash=page.tool_call_hash,
        output_schema=page.output.model_json_schema() if page.output else None,
    )


def _ranked(ranked: Ranked) -> RankedTask:
    return RankedTask(task=ranked.task, points=ranked.points, why=ranked.why)
