"""`tasks`: what waits for people, and working on it. How a task is closed stands in `closing`."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType

from journeyman.cli import output
from journeyman.cli.fields import fields
from journeyman.cli.options import As, AsJson, Comment, Limit, Promises, Reason, TaskId, group, read_moment
from journeyman.cli.session import AUTH, Session, run
from journeyman.errors import InputError
from journeyman.tasks import consulting, moving, offers, speaking, working
from journeyman.tasks.desk import Desk
from journeyman.tasks.lifecycle import State
from journeyman.tasks.models import Task
from journeyman.views import contents, inbox
from journeyman.views.contents import Page
from journeyman.views.inbox import Search

Colleague = Annotated[str, typer.Option("--to", metavar="PERSON", help="The colleague.", show_default=False)]

app = group("What waits for people, and working on it.")


@app.command("list")
def list_(
    person: As,
    queue: Annotated[str | None, typer.Option("--queue", help="Only of this queue.", show_default=False)] = None,
    state: Annotated[str | None, typer.Option("--state", help="Only in this state.", show_default=False)] = None,
    journey: Annotated[
        str | None, typer.Option("--journey", metavar="ID", help="Only of this journey.", show_default=False)
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="Those that are done.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List a person's own tasks and what waits for them, the next best first, with the why. Or search.

    Example: `journeyman tasks list --as anna`
    """

    async def work(session: Session) -> None:
        desk, now = await session.desk(), session.now()
        if queue or state or journey or closed:
            search = Search(journey_id=journey, closed=closed, queue=queue, state=_state(state), limit=min(limit, 200))
            found = await inbox.search(desk, person, search, now=now)
            output.emit(found, lambda: _table(found, now), as_json=as_json)
            return
        mine = await inbox.mine(desk, person, now=now)
        waiting = await inbox.waiting(desk, person, now=now, limit=limit)
        told = {
            "mine": [task.model_dump(mode="json") for task in mine],
            "waiting": [ranked.task.model_dump(mode="json") | {"why": list(ranked.why)} for ranked in waiting],
        }
        why = {ranked.task.id: "; ".join(ranked.why) for ranked in waiting}
        parts: list[RenderableType] = [
            _table(mine, now, title=f"with {person}"),
            "",
            _table([ranked.task for ranked in waiting], now, title="waiting", why=why),
        ]
        output.emit(told, lambda: Group(*parts), as_json=as_json)

    run(work)


@app.command("show")
def show(task: TaskId, person: As, as_json: AsJson = False) -> None:
    """Show a task with its content, as far as policy lets this person see it, and with the fields of the output that it
    asks for. The look is recorded.

    Example: `journeyman tasks show task-01jd2m --as anna`
    """

    async def work(session: Session) -> None:
        page = await contents.show(await session.desk(), task, person, now=session.now(), auth=AUTH)
        told = page.task.model_dump(mode="json") | {
            "content": page.content,
            "comments": [comment.model_dump(mode="json") for comment in page.comments],
            "withheld": list(page.withheld),
            "actions": list(page.actions),
            "args_hash": page.tool_call_hash,
            "output_schema": page.output.model_json_schema() if page.output else None,
        }
        output.emit(told, lambda: _page(page), as_json=as_json)

    run(work)


@app.command("next")
def next_(person: As, as_json: AsJson = False) -> None:
    """Take the next best task.

    Example: `journeyman tasks next --as anna`
    """

    async def work(session: Session) -> None:
        ranked = await inbox.take_next(await session.desk(), person, now=session.now(), auth=AUTH)
        if ranked is None:
            output.emit(None, lambda: f"nothing waits for {person}", as_json=as_json)
        else:
            told(ranked.task, as_json, why="; ".join(ranked.why))

    run(work)


@app.command("claim")
def claim(task: TaskId, person: As, as_json: AsJson = False) -> None:
    """Take a waiting task. Of many who try at once one gets it; the others hear who.

    Example: `journeyman tasks claim task-01jd2m --as anna`
    """
    act(lambda desk, now: working.claim(desk, task, person, now=now, auth=AUTH), as_json)


@app.command("accept-offer")
def accept_offer(task: TaskId, person: As, as_json: AsJson = False) -> None:
    """Take what is offered.

    Example: `journeyman tasks accept-offer task-01jd2m --as anna`
    """
    act(lambda desk, now: offers.accept(desk, task, person, now=now, auth=AUTH), as_json)


@app.command("decline-offer")
def decline_offer(task: TaskId, person: As, as_json: AsJson = False) -> None:
    """Leave what is offered to the next.

    Example: `journeyman tasks decline-offer task-01jd2m --as anna`
    """
    act(lambda desk, now: offers.decline(desk, task, person, now=now, auth=AUTH), as_json)


@app.command("start")
def start(task: TaskId, person: As, as_json: AsJson = False) -> None:
    """Begin. From now on the service level is about when it is done.

    Example: `journeyman tasks start task-01jd2m --as anna`
    """
    act(lambda desk, now: working.start(desk, task, person, now=now, auth=AUTH), as_json)


@app.command("release")
def release(task: TaskId, person: As, comment: Comment = "", as_json: AsJson = False) -> None:
    """Give a task back to its queue.

    Example: `journeyman tasks release task-01jd2m --as anna --comment "wants Italian"`
    """
    act(lambda desk, now: working.release(desk, task, person, comment=comment, now=now, auth=AUTH), as_json)


@app.command("suspend")
def suspend(
    task: TaskId,
    person: As,
    until: Annotated[
        str, typer.Option("--until", help="A moment, or a duration from now such as 2h.", show_default=False)
    ],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Put a task on hold until a moment at the latest. Its service level stands still.

    Example: `journeyman tasks suspend task-01jd2m --as anna --until 2h --reason "the garage calls back"`
    """

    def operation(desk: Desk, now: datetime) -> Awaitable[Task]:
        moment = read_moment(until, "until", now)
        return working.suspend(desk, task, person, until=moment, reason=reason, now=now, auth=AUTH)

    act(operation, as_json)


@app.command("resume")
def resume(task: TaskId, person: As, as_json: AsJson = False) -> None:
    """Go on with a task on hold.

    Example: `journeyman tasks resume task-01jd2m --as anna`
    """
    act(lambda desk, now: working.resume(desk, task, person, now=now, auth=AUTH), as_json)


@app.command("transfer")
def transfer(
    task: TaskId,
    person: As,
    reason: Reason,
    to_person: Annotated[
        str | None, typer.Option("--to-person", metavar="PERSON", help="Who gets it.", show_default=False)
    ] = None,
    to_queue: Annotated[
        str | None, typer.Option("--to-queue", metavar="QUEUE", help="Where it waits.", show_default=False)
    ] = None,
    warm: Annotated[bool, typer.Option("--warm", help="Keep it until they accept.")] = False,
    summary: Annotated[
        str, typer.Option("--summary", help="What whoever takes it must know.", show_default=False)
    ] = "",
    promise: Promises = None,
    as_json: AsJson = False,
) -> None:
    """Give a task away, with its packet: to a queue, or to a person.

    Example: `journeyman tasks transfer task-01jd2m --as anna --to-queue fraud-desk --reason "it is fraud"`
    """
    act(
        lambda desk, now: moving.transfer(
            desk,
            task,
            person,
            reason=reason,
            to_person=to_person,
            to_queue=to_queue,
            warm=warm,
            summary=summary,
            promises=tuple(promise or ()),
            now=now,
            auth=AUTH,
        ),
        as_json,
    )


@app.command("escalate")
def escalate(task: TaskId, person: As, reason: Reason, as_json: AsJson = False) -> None:
    """Ask for a supervisor: the task waits again, at the top.

    Example: `journeyman tasks escalate task-01jd2m --as anna --reason "above what I may decide"`
    """
    act(lambda desk, now: moving.escalate(desk, task, person, reason=reason, now=now, auth=AUTH), as_json)


@app.command("take-over")
def take_over(task: TaskId, person: As, reason: Reason, as_json: AsJson = False) -> None:
    """Step in as a supervisor: the task is yours, whoever had it.

    Example: `journeyman tasks take-over task-01jd2m --as sofia --reason "anna is ill"`
    """
    act(lambda desk, now: moving.take_over(desk, task, person, reason=reason, now=now, auth=AUTH), as_json)


@app.command("comment")
def comment(
    task: TaskId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The note.", show_default=False)],
    person: As,
    as_json: AsJson = False,
) -> None:
    """Write a note beside a task.

    Example: `journeyman tasks comment task-01jd2m "called twice" --as anna`
    """

    async def work(session: Session) -> None:
        await working.comment(await session.desk(), task, person, text, now=session.now(), auth=AUTH)
        output.emit({"id": task, "author": person}, lambda: f"noted on {task}", as_json=as_json)

    run(work)


@app.command("consult")
def consult(
    task: TaskId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you want to know.", show_default=False)],
    to: Colleague,
    person: As,
    as_json: AsJson = False,
) -> None:
    """Ask a colleague about a task that you hold: they see it until a note of theirs has answered.

    Example: `journeyman tasks consult task-01jd2m "is this account frozen?" --to ben --as anna`
    """

    async def work(session: Session) -> None:
        await consulting.consult(await session.desk(), task, person, to, text, now=session.now(), auth=AUTH)
        output.emit({"id": task, "to": to}, lambda: f"asked {to} about {task}", as_json=as_json)

    run(work)


@app.command("take-back")
def take_back(task: TaskId, to: Colleague, person: As, as_json: AsJson = False) -> None:
    """Take back what a colleague is asked about a task.

    Example: `journeyman tasks take-back task-01jd2m --to ben --as anna`
    """

    async def work(session: Session) -> None:
        await consulting.take_back(await session.desk(), task, person, to, now=session.now(), auth=AUTH)
        output.emit({"id": task, "to": to}, lambda: f"{to} is not asked about {task} any more", as_json=as_json)

    run(work)


@app.command("say")
def say(
    task: TaskId,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What the customer shall read.", show_default=False)],
    person: As,
    as_json: AsJson = False,
) -> None:
    """Tell the customer something, as who holds the task. Policy decides on the words.

    Example: `journeyman tasks say task-01jd2m "I look into it now." --as anna`
    """

    async def work(session: Session) -> None:
        message = await speaking.say(await session.desk(), task, person, text, now=session.now(), auth=AUTH)
        told = message.model_dump(mode="json", exclude={"signals"})
        output.emit(told, lambda: f"{person} said: {message.text}", as_json=as_json)

    run(work)


def act(operation: Callable[[Desk, datetime], Awaitable[Task]], as_json: bool) -> None:
    """Do one operation; when it has closed the task, tell the journey."""

    async def work(session: Session) -> None:
        task = await operation(await session.desk(), session.now())
        more = {} if task.open else {"delivered": await session.deliver(task.journey_id)}
        told(task, as_json, **more)

    run(work)


def told(task: Task, as_json: bool, **more: Any) -> None:
    """Print how a task stands now."""
    holder = f" with {task.assignee}" if task.held and task.assignee else ""
    offered = f", offered to {task.offered_to}" if task.offered_to else ""
    why = f" ({more['why']})" if more.get("why") else ""
    text = f"{task.id} is {task.state.replace('_', ' ')}{holder}{offered}: {task.title}{why}"
    output.emit(task.model_dump(mode="json") | more, lambda: text, as_json=as_json)


def _state(name: str | None) -> State | None:
    if name is None:
        return None
    try:
        return State(name)
    except ValueError as error:
        raise InputError(f"`{name}` is no state of a task; there are {', '.join(State)}", field="state") from error


def _table(
    tasks: list[Task], now: datetime, *, title: str | None = None, why: dict[str, str] | None = None
) -> RenderableType:
    columns = ("task", "title", "kind", "state", "queue", "priority", "due", "journey", "reason")
    rows = (
        (
            t.id,
            t.title,
            t.kind,
            t.state,
            t.queue,
            t.priority,
            _due(t, now),
            t.journey_id,
            (why or {}).get(t.id, t.reason),
        )
        for t in tasks
    )
    return output.table(columns, rows, title=title)


def _due(task: Task, now: datetime) -> str:
    if not task.open or task.deadline is None:
        return ""
    return f"{output.moment(task.deadline)}{' (late)' if task.deadline < now else ''}"


def _page(page: Page) -> Group:
    task = page.task
    pairs: list[tuple[str, object]] = [
        ("task", f"{task.id}: {task.title}"),
        ("kind", f"{task.kind} of step {task.step}, because {task.reason}"),
        ("journey", f"{task.journey_id} ({task.journey_kind})"),
        ("state", f"{task.state} {f'with {task.assignee}' if task.assignee else ''}"),
        ("queue", f"{task.queue}, priority {task.priority}"),
        ("due", task.deadline if task.open else None),
        ("instructions", task.instructions),
        *((name, value) for name, value in page.content.items()),
        ("withheld", list(page.withheld)),
        ("arguments hash", page.tool_call_hash),
        *((f"output.{name}", words) for name, words in (fields(page.output) if page.output else ())),
        ("dispositions", task.dispositions),
        ("you can", [action.replace("_", "-") for action in page.actions]),
    ]
    pairs += [(f"{output.moment(note.at)} {note.author}", note.text) for note in page.comments]
    return Group(output.facts(pairs))
