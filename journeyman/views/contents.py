"""One task with its content, as far as policy shows it to a person, and what they can do with it.

Opening it is recorded: the trace tells who saw what.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from pydantic import BaseModel, JsonValue

from journeyman.customers.journeys import JourneyRow
from journeyman.customers.keys import Keyring
from journeyman.customers.record import Customer
from journeyman.errors import ErasedError
from journeyman.journey.step import data_classes
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.tasks.desk import CLOCK, Desk, Standing, sql, viewable
from journeyman.tasks.lifecycle import CLOSING, SUPERVISED, TABLE, Action, By, possible
from journeyman.tasks.models import Comment, Content, Person, Task
from journeyman.tasks.viewing import require, seen


@dataclass(frozen=True)
class Page:
    """A task with its content, as far as this person may see it, and what they can do with it."""

    task: Task
    content: dict[Content, JsonValue]
    comments: tuple[Comment, ...]
    withheld: tuple[str, ...]
    """Fields that policy does not show to this person, or whose customer was erased."""
    actions: tuple[Action, ...]
    tool_call_hash: str | None
    """Of an approval: what `closing.approve` asks for, so that exactly these arguments are approved."""
    output: type[BaseModel] | None
    """What `closing.complete` or `closing.edit` takes; None where the task is not closed with a result of its step."""


async def show(desk: Desk, task_id: str, person_id: str, *, now: datetime, auth: str) -> Page:
    """A task with its content opened, field by field as policy allows; recorded. Raises DeniedError if it shows nothing."""
    async with desk.recording(at_once=True) as tx:
        opened = await open_page(desk, tx, task_id, person_id, now=now, auth=auth)
        tx.record(opened.entry)
    return opened.page


@dataclass(frozen=True)
class Opened:
    """What `show` shows, by whose standing, of which journey and customer, the entry that is to be recorded of it, and which
    parts policy lets be seen."""

    page: Page
    standing: Standing
    journey: JourneyRow
    customer: Customer
    entry: Entry
    may: frozenset[str]


async def open_page(
    desk: Desk, tx: Recording, task_id: str, person_id: str, *, also: Iterable[str] = (), now: datetime, auth: str
) -> Opened:
    """A task opened, in the caller's transaction, which records it. `also`: personal parts that the caller would show with it."""
    task, standing, row = await desk.seen(tx.conn, task_id, person_id, now, "opened")
    decision = require(task, standing)
    content, withheld, may = await content_of(desk, tx.conn, task, standing, row, also=("comments", *also))
    comments: tuple[Comment, ...] = ()
    if "comments" in may:
        comments = await comments_of(tx.conn, desk.keyring, task)
    else:
        withheld = (*withheld, "comments")
    entry = Entry(
        type="task.viewed",
        at=now,
        actor=Actor(kind="person", id=person_id, auth=auth),
        journey=task.journey_id,
        refs={"task": task_id, "step": task.step, "queue": task.queue},
        facts={"fields": " ".join(content), "withheld": " ".join(withheld), "bundle": decision.bundle},
        policies=list(decision.policies),
    )
    step = desk.steps(task.journey_kind, task.journey_version, task.step)
    could = tuple(action for action in actions(task, standing.person) if step.ai or action is not Action.RETURN)
    closings = CLOSING[task.kind] - ({Action.EDIT} if task.draft_kind == "message" else set())
    asked = task.open and closings & {Action.COMPLETE, Action.EDIT}
    page = Page(task, content, comments, withheld, could, row["args_hash"], step.output if asked else None)
    journey, customer = JourneyRow.model_validate(row["journey"]), Customer.model_validate(row["customer"])
    return Opened(page, standing, journey, customer, entry, may)


async def content_of(
    desk: Desk,
    conn: Connection,
    task: Task,
    standing: Standing,
    row: Mapping[str, Any],
    *,
    also: Iterable[str] = (),
) -> tuple[dict[Content, JsonValue], tuple[str, ...], frozenset[str]]:
    """What the task holds, sealed in `row`, without the fields that policy does not show; the names of those; and which parts it
    shows, of `also` too, which are personal."""
    step = desk.steps(task.journey_kind, task.journey_version, task.step)
    classes = data_classes(step.input, step.output)
    held = [name for name in get_args(Content) if row[name] is not None]
    parts = {name: classes.get(name, "personal") for name in held} | dict.fromkeys(also, "personal")
    may = viewable(standing.authorizer, standing.person, task, parts, standing.facts)
    opened: dict[Content, JsonValue] = {}
    for name in held:
        if name in may:
            with suppress(ErasedError):
                opened[name] = await desk.keyring.open(conn, task.customer_id, row[name])
    fields = {field: classes.get(field, "personal") for field in _fields(list(opened.values()))}
    content, withheld = _shown(
        held, opened, viewable(standing.authorizer, standing.person, task, fields, standing.facts)
    )
    return content, withheld, may


async def could(desk: Desk, task_id: str, person_id: str, *, now: datetime) -> tuple[Task, tuple[Action, ...]]:
    """A task, and what this person could do with it as it stands. Raises NotFoundError, DeniedError."""
    async with desk.database.connection() as conn:
        task, standing, _ = await seen(desk, conn, task_id, person_id, now)
    return task, actions(task, standing.person)


def actions(task: Task, person: Person) -> tuple[Action, ...]:
    """What this person could do with the task as it stands. Policy has the last word when they do it."""
    found = []
    inside = bool(person.teams & task.candidate_groups)
    claims = inside or not person.supervises  # who leads claims what their teams may, and takes over what they may not
    for action in possible(task.state, task.kind):
        by = TABLE[action].by
        offered = By.OFFEREE in by and task.offered_to == person.id
        holder = By.HOLDER in by and task.assignee == person.id
        taken = task.assignee != person.id if task.assignee else not inside
        supervisor = By.SUPERVISOR in by and person.supervises and taken
        stands_in = By.HOLDER in by and person.supervises and action in SUPERVISED
        anyone = By.ANYONE in by and claims and (task.offered_to in (None, person.id) or person.supervises)
        if offered or holder or supervisor or stands_in or anyone:
            found.append(action)
    return tuple(found)


def _shown(
    held: Iterable[Content], opened: Mapping[Content, JsonValue], may: Collection[str]
) -> tuple[dict[Content, JsonValue], tuple[str, ...]]:
    """What was opened, without the fields that policy does not show; the second names them, and what was not opened."""
    withheld: list[str] = []

    def shown(value: JsonValue, path: str) -> JsonValue:
        if isinstance(value, list):
            return [shown(inner, path) for inner in value]
        if not isinstance(value, dict):
            return value
        withheld.extend(f"{path}.{field}" for field in value if field not in may)
        return {field: shown(inner, f"{path}.{field}") for field, inner in value.items() if field in may}

    content: dict[Content, JsonValue] = {}
    for name in held:
        if name in opened:
            content[name] = shown(opened[name], name)
        else:
            withheld.append(name)
    return content, tuple(dict.fromkeys(withheld))


def _fields(value: JsonValue) -> dict[str, None]:
    """The names of all fields in it."""
    found: dict[str, None] = {}
    if isinstance(value, dict):
        found |= dict.fromkeys(value)
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            found |= _fields(inner)
    return found


async def comments_of(conn: Connection, keyring: Keyring, task: Task) -> tuple[Comment, ...]:
    """The notes beside a task, the oldest first; of one who was erased they are empty."""
    found = []
    for row in await conn.fetch(sql["comments"], task.id):
        subject = "system" if row["author"] == CLOCK.id else task.customer_id
        try:
            text = str(await keyring.open(conn, subject, row["body"]))
        except ErasedError:
            text = ""
        plain = {name: row[name] for name in ("author", "at", "answered_at", "taken_back")}
        found.append(Comment(to=row["to_person"], text=text, **plain))
    return tuple(found)
