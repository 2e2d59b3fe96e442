"""`callbacks`: when customers are called back. A task has one at most, so they are named by their task."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from journeyman.cli import output
from journeyman.cli.options import As, AsJson, Limit, TaskId, group, read_moment
from journeyman.cli.session import AUTH, Session, run
from journeyman.tasks import callbacks
from journeyman.tasks.callbacks import Callback
from journeyman.views import callbacks as lists

app = group("When customers are called back.")

Slot = Annotated[
    str,
    typer.Argument(
        metavar="MOMENT", help="The beginning of a quarter of an hour: 2026-12-01T09:00+01:00.", show_default=False
    ),
]

Number = Annotated[
    str | None,
    typer.Option("--number", help="The number to call; without one, the customer's own.", show_default=False),
]


@app.command("list")
def list_(
    person: As,
    queue: Annotated[str | None, typer.Option("--queue", help="Only of this queue.", show_default=False)] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """List what is agreed in a person's queues, the next first.

    Example: `journeyman callbacks list --as anna`
    """

    async def work(session: Session) -> None:
        found = await lists.callbacks(
            await session.desk(), person, queue=queue, limit=min(limit, 200), now=session.now()
        )
        rows = [(each.slot.isoformat(timespec="minutes"), each.task_id, each.queue, each.assignee) for each in found]
        output.emit(found, lambda: output.table(("slot", "task", "queue", "assignee"), rows), as_json=as_json)

    run(work)


@app.command("slots")
def slots(
    queue: Annotated[str, typer.Argument(metavar="QUEUE", help="Of which queue.", show_default=False)],
    person: As,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List the next slots that are free.

    Example: `journeyman callbacks slots bank-care --as anna`
    """

    async def work(session: Session) -> None:
        found = await callbacks.slots(await session.desk(), person, queue, now=session.now(), limit=min(limit, 200))
        told = [each.isoformat(timespec="minutes") for each in found]
        output.emit({"queue": queue, "slots": told}, lambda: "\n".join(told), as_json=as_json)

    run(work)


@app.command("agree")
def agree(task: TaskId, slot: Slot, person: As, number: Number = None, as_json: AsJson = False) -> None:
    """Put a task that the person works on aside, and call the customer back then.

    Example: `journeyman callbacks agree task-01jd2m 2026-12-01T09:00+01:00 --as anna --number "+44 20 7946 0000"`
    """
    _change(callbacks.schedule, task, slot, person, number, as_json)


@app.command("move")
def move(task: TaskId, slot: Slot, person: As, number: Number = None, as_json: AsJson = False) -> None:
    """Move a callback to another slot, or to another number.

    Example: `journeyman callbacks move task-01jd2m 2026-12-01T10:30+01:00 --as anna`
    """
    _change(callbacks.move, task, slot, person, number, as_json)


@app.command("cancel")
def cancel(task: TaskId, person: As, as_json: AsJson = False) -> None:
    """Call a callback off, not its work: that goes on now, with its holder or in its queue.

    Example: `journeyman callbacks cancel task-01jd2m --as anna`
    """

    async def work(session: Session) -> None:
        found = await callbacks.cancel(await session.desk(), task, person, now=session.now(), auth=AUTH)
        output.emit(found, lambda: f"{found.id} is not called back; it is {found.state}", as_json=as_json)

    run(work)


Change = Callable[..., Awaitable[Callback]]


def _change(deed: Change, task: str, slot: str, person: str, number: str | None, as_json: bool) -> None:
    async def work(session: Session) -> None:
        desk, now = await session.desk(), session.now()
        found = await deed(desk, task, person, read_moment(slot, "slot", now), number=number, now=now, auth=AUTH)
        output.emit(
            found, lambda: f"{task} is called back at {found.slot.isoformat(timespec='minutes')}", as_json=as_json
        )

    run(work)
