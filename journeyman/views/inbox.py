"""What a person sees: their own tasks, what waits for them with the why, searches, and one task with its content.

Lists show what the person's teams work on and policy lets them view. Opening a task's content is recorded: the trace tells
who saw what.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final, get_args

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from journeyman.customers.keys import Keyring
from journeyman.errors import ConflictError, ErasedError
from journeyman.governance import Authorizer
from journeyman.journey.step import data_classes
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.tasks import routing, working
from journeyman.tasks.change import tasks_of
from journeyman.tasks.desk import CLOCK, Desk, Standing, sql, viewable
from journeyman.tasks.lifecycle import CLOSED, CLOSING, SUPERVISED, TABLE, Action, By, State, possible
from journeyman.tasks.models import Comment, Content, Kind, Person, Task
from journeyman.tasks.people import person_of
from journeyman.tasks.routing import Ranked
from journeyman.tasks.viewing import SEES_ALL, seen
from journeyman.views.listing import Found, Place, filled

_CHOICE: Final = 50  # by what lasts and by nearness, what is ranked for a person
_ASKED: Final = 10  # how many policy is asked about at once, at least

_SEEN: Final[dict[str, JsonValue]] = {"field": "task", "data_class": "ordinary"}


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


class Search(BaseModel):
    """What to look for. Give one of the first two, or filter what the person's queues hold; the newest come first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_id: str | None = None
    journey_id: str | None = None
    closed: bool = False
    queue: str | None = None
    state: State | None = None
    kind: Kind | None = None
    step: str | None = None
    assignee: str | None = None
    late_at: datetime | None = None
    """Only open tasks of which a service level is missed by then."""
    before: tuple[datetime, str] | None = None
    """Go on after the last task of a page: its `created_at` and `id`."""
    limit: int = Field(default=50, ge=1, le=200)


async def mine(desk: Desk, person_id: str, *, now: datetime) -> list[Task]:
    """What is offered to a person, then what they hold or have put on hold, the oldest first; at most 200."""
    async with desk.database.connection() as conn:
        asker = await desk.asker(conn, person_id)
        rows = await conn.fetch(sql["mine"], person_id)
        return await _viewable(desk, conn, *asker, [Task.from_row(row) for row in rows], now)


async def waiting(desk: Desk, person_id: str, *, now: datetime, limit: int = 50) -> list[Ranked]:
    """What this person may take, the next best first, each with the why. What is offered to others is left out."""
    async with desk.database.connection() as conn:
        person, authorizer = await desk.asker(conn, person_id)
        rows = await conn.fetch(
            sql["waiting_for"], person_id, sorted(person.teams), sorted(person.skills), max(limit, _CHOICE)
        )
        ranked = routing.rank(map(Task.from_row, rows), person, now)
        found: list[Ranked] = []
        while ranked and len(found) < limit:
            page = max(limit - len(found), _ASKED)
            asked, ranked = ranked[:page], ranked[page:]
            tasks = [each.task for each in asked]
            may = await desk.permitted(conn, authorizer, person, "claim", tasks, now)
            found += [each for each, allowed in zip(asked, may, strict=True) if allowed]
        return found[:limit]


async def next_task(desk: Desk, person_id: str, *, now: datetime) -> Ranked | None:
    """The one that this person should take next, and why. It is not taken yet."""
    return next(iter(await waiting(desk, person_id, now=now, limit=1)), None)


async def take_next(desk: Desk, person_id: str, *, now: datetime, auth: str) -> Ranked | None:
    """Claim the next best task; when someone is faster, the one after it. None if nothing waits.

    Raises ConflictError if this person is away or has enough.
    """
    async with desk.database.connection() as conn:
        person = await person_of(conn, person_id)
    for ranked in await waiting(desk, person_id, now=now, limit=20):
        working.must_be_free(person, ranked.task)
        try:
            task = await working.claim(desk, ranked.task.id, person_id, now=now, auth=auth)
        except ConflictError:
            continue
        return Ranked(task, ranked.points, ranked.why)
    return None


async def search(desk: Desk, person_id: str, wanted: Search, *, now: datetime) -> Found[Task]:
    """The tasks that fit and that this person may view."""
    async with desk.database.connection() as conn:
        person, authorizer = await desk.asker(conn, person_id)

        async def read(before: Place | None) -> list[tuple[Task, bool]]:
            tasks = await tasks_of(conn, await _ids(conn, person, wanted.model_copy(update={"before": before})))
            may = await desk.permitted(conn, authorizer, person, "view", tasks, now, _SEEN) if tasks else []
            return list(zip(tasks, may, strict=True))

        if wanted.task_id is not None or wanted.journey_id is not None:
            return Found(task for task, shown in await read(None) if shown)
        return await filled(read, lambda task: (task.created_at, task.id), wanted.before, wanted.limit)


async def show(desk: Desk, task_id: str, person_id: str, *, now: datetime, auth: str) -> Page:
    """A task with its content opened, field by field as policy allows; recorded. Raises DeniedError if it shows nothing."""
    async with desk.recording() as tx:
        opened = await open_page(desk, tx, task_id, person_id, now=now, auth=auth)
        tx.record(opened.entry)
    return opened.page


@dataclass(frozen=True)
class Opened:
    """What `show` shows, by whose standing, the entry that is to be recorded of it, and which parts policy lets be seen."""

    page: Page
    standing: Standing
    entry: Entry
    may: frozenset[str]


async def open_page(
    desk: Desk, tx: Recording, task_id: str, person_id: str, *, also: Iterable[str] = (), now: datetime, auth: str
) -> Opened:
    """A task opened, in the caller's transaction, which records it. `also`: personal parts that the caller would show with it."""
    task, standing, decision = await seen(desk, tx.conn, task_id, person_id, now)
    content, withheld, may = await content_of(desk, tx.conn, task, standing, also=("comments", *also))
    comments: tuple[Comment, ...] = ()
    if "comments" in may:
        comments = await comments_of(tx.conn, desk.keyring, task)
    else:
        withheld = (*withheld, "comments")
    call = await tx.conn.fetchrow(sql["tool_call"], task.tool_call) if task.tool_call else None
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
    args_hash = call["args_hash"] if call else None
    page = Page(task, content, comments, withheld, could, args_hash, step.output if asked else None)
    return Opened(page, standing, entry, may)


async def content_of(
    desk: Desk, conn: Connection, task: Task, standing: Standing, *, also: Iterable[str] = ()
) -> tuple[dict[Content, JsonValue], tuple[str, ...], frozenset[str]]:
    """What the task holds, without the fields that policy does not show; the names of those; and which parts it shows, of
    `also` too, which are personal."""
    step = desk.steps(task.journey_kind, task.journey_version, task.step)
    classes = data_classes(step.input, step.output)
    row = await conn.fetchrow(sql["contents"], task.id)
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


async def _viewable(
    desk: Desk, conn: Connection, person: Person, authorizer: Authorizer, tasks: Sequence[Task], now: datetime
) -> list[Task]:
    """Those of these tasks that policy lets the person see."""
    if not tasks:
        return []
    may = await desk.permitted(conn, authorizer, person, "view", tasks, now, _SEEN)
    return [task for task, allowed in zip(tasks, may, strict=True) if allowed]


async def _ids(conn: Connection, person: Person, wanted: Search) -> Sequence[str]:
    if wanted.task_id is not None:
        return [wanted.task_id]
    if wanted.journey_id is not None:
        return [row["id"] for row in await conn.fetch(sql["of_journey"], wanted.journey_id)]
    teams = None if person.roles & SEES_ALL else sorted(person.teams)
    before = wanted.before or (None, None)
    common = (wanted.queue, wanted.state, wanted.kind, wanted.step, wanted.assignee)
    late, page = wanted.late_at, (*before, wanted.limit)
    if not (wanted.closed or wanted.state in CLOSED):
        if wanted.assignee is not None:
            rows = await conn.fetch(sql["open_by"], teams, *common, late, *page)
        elif teams is None and wanted.queue is None:
            rows = await conn.fetch(sql["search_all_open"], *common[1:-1], late, *page)
        else:
            rows = await conn.fetch(sql["search_open"], teams, *common[:-1], late, *page)
    elif wanted.assignee is not None and common == (None, None, None, None, wanted.assignee):
        rows = await conn.fetch(sql["closed_by"], wanted.assignee, teams, *page)
    else:
        rows = await conn.fetch(sql["search_closed"], teams, *common, *page)
    return [row["id"] for row in rows]


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
        found.append(Comment(author=row["author"], to=row["to_person"], text=text, at=row["at"]))
    return tuple(found)
