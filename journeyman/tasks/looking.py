"""A look at a task: what its page shows a person, from the moment it opens until it is left.

The look is on the record twice. `task.viewed` says what was shown when the page opened: the fields, and the conversation up to a
position. `task.left` says how long it was open, and up to which position the conversation was shown by then. What the page reads
again meanwhile belongs to the same look; policy is asked again each time. A page that was not heard of for `LAPSES` counts as
left when it was last heard of; one that comes back after that begins again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import JsonValue

from journeyman.conversation import transcript
from journeyman.conversation.transcript import Message
from journeyman.customers import journeys
from journeyman.customers.journeys import JourneyRow
from journeyman.errors import NotFoundError
from journeyman.governance import Decision
from journeyman.identifiers import new_id
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks import briefing, inbox
from journeyman.tasks.briefing import Briefing
from journeyman.tasks.change import task_of
from journeyman.tasks.desk import Desk, Standing, refusal, view, viewable
from journeyman.tasks.inbox import Page
from journeyman.tasks.lifecycle import TABLE, Action
from journeyman.tasks.models import Comment, Person, Task

sql = load("looks")

LAPSES: Final = timedelta(seconds=60)
"""How long nothing is heard of a page before it counts as left."""
_PARTS: Final = ("conversation", "causes", "handoffs")
_FORGOTTEN: Final = timedelta(days=1)


@dataclass(frozen=True)
class Onlooker:
    """Someone else who has the task open."""

    id: str
    name: str
    since: datetime


@dataclass(frozen=True)
class Step:
    """What someone did with a task: `kind` and `id` as the ledger names them, `means` in a person's words."""

    at: datetime
    kind: str
    id: str
    means: str


@dataclass(frozen=True)
class Look:
    """What a page shows when it opens."""

    id: str
    person: Person
    page: Page
    journey: JourneyRow
    messages: tuple[Message, ...] | None
    """None: policy does not show the conversation."""
    briefing: Briefing
    steps: tuple[Step, ...]
    """What was done with the task since the revision that was asked about."""
    others: tuple[Onlooker, ...]
    names: dict[str, str]
    """Of the people who are named in it, by id."""

    @property
    def position(self) -> int:
        """Of the last message that is shown."""
        return self.messages[-1].position if self.messages else 0


@dataclass(frozen=True)
class Again:
    """What a page reads again."""

    task: Task
    messages: tuple[Message, ...] | None
    """Those after the position that it has shown. None: policy does not show them."""
    comments: tuple[Comment, ...] | None
    steps: tuple[Step, ...]
    """What was done with the task since the revision that the page shows."""
    others: tuple[Onlooker, ...]
    names: dict[str, str]


async def begin(
    desk: Desk, task_id: str, person_id: str, *, since: int | None = None, now: datetime, auth: str
) -> Look:
    """Open a task's page: field by field as policy allows, recorded. `since` is a revision that the person has read before.

    Raises NotFoundError, DeniedError if policy shows them nothing.
    """
    look_id = new_id("look")
    async with desk.recording() as tx:
        opened = await inbox.open_page(desk, tx, task_id, person_id, also=_PARTS, now=now, auth=auth)
        page, standing, entry = opened.page, opened.standing, opened.entry
        task, withheld = page.task, list(page.withheld)
        journey = await journeys.read(tx.conn, task.journey_id)
        messages: tuple[Message, ...] | None = None
        if "conversation" in opened.may:
            messages = tuple(await transcript.read(tx.conn, tx.keyring, task.journey_id, task.customer_id))
        told = await briefing.read(tx, task, standing.authorizer, opened.may)
        shown = [*page.content, *(["comments"] if "comments" not in withheld else []), *told.shown]
        shown += ["conversation"] if messages is not None else []
        withheld += [] if messages is not None else ["conversation"]
        withheld += told.withheld
        position = messages[-1].position if messages else 0
        await tx.conn.execute(sql["begin"], look_id, task_id, person_id, auth, position, now)
        facts = entry.facts | {"fields": " ".join(shown), "withheld": " ".join(withheld), "position": position}
        tx.record(entry.model_copy(update={"facts": facts, "refs": entry.refs | {"look": look_id}}))
        steps = await _steps(tx.conn, task, since) if since is not None and since < task.revision else ()
        named = {
            task.assignee,
            task.offered_to,
            *(each.id for each in steps),
            *(each.author for each in page.comments),
            *told.people,
        }
        named |= {each.author for each in messages or () if each.author_kind == "person"}
        names = await briefing.names(tx.conn, named)
        others = await _others(tx.conn, task_id, person_id, now)
    return Look(look_id, standing.person, page, journey, messages, told, steps, others, names)


async def go_on(
    desk: Desk,
    look_id: str,
    task_id: str,
    person_id: str,
    *,
    position: int,
    revision: int,
    now: datetime,
    auth: str,
) -> Again:
    """What is new on a page that is open: messages after `position`, notes, what became of the task since `revision`.

    Raises NotFoundError if this is not the person's look at this task, DeniedError if policy shows them the task no longer.
    """
    async with desk.database.transaction() as conn:
        look = await _held(conn, look_id, task_id, person_id)
        task = await task_of(conn, task_id)
        standing = await desk.standing(conn, task, person_id, now)
        decision = view(standing.authorizer, standing.person, task, "task", "ordinary", standing.facts)
        if not decision.allowed:
            raise refusal(decision, standing.person, task_id)
        said: tuple[Message, ...] | None = None
        parts = {"conversation": "personal", "comments": "personal"}
        seen = viewable(standing.authorizer, standing.person, task, parts, standing.facts)
        if "conversation" in seen:
            journey, customer = task.journey_id, task.customer_id
            said = tuple(await transcript.read_after(conn, desk.keyring, journey, customer, position))
        notes = await inbox.comments_of(conn, desk.keyring, task) if "comments" in seen else None
        steps = await _steps(conn, task, revision) if revision < task.revision else ()
        last = said[-1].position if said else 0  # what was shown, not what the page says of itself
        if look["ended_at"] is None:
            await conn.execute(sql["go_on"], look_id, now, last)
        named = {task.assignee, *(each.author for each in notes or ()), *(each.id for each in steps)}
        named |= {each.author for each in said or () if each.author_kind == "person"}
        others = await _others(conn, task_id, person_id, now)
        found = Again(task, said, notes, steps, others, await briefing.names(conn, named))
    if look["ended_at"] is not None:
        await _begin_again(desk, look_id, task, standing, last, decision, auth=auth, now=now)
    return found


async def draft(desk: Desk, look_id: str, task_id: str, person_id: str, *, now: datetime) -> JsonValue:
    """The draft that a page shows, as policy shows it now; None where it does not. Raises NotFoundError."""
    async with desk.database.transaction() as conn:
        await _held(conn, look_id, task_id, person_id)
        task = await task_of(conn, task_id)
        standing = await desk.standing(conn, task, person_id, now)
        content, _, _ = await inbox.content_of(desk, conn, task, standing)
        return content.get("draft")


async def end(desk: Desk, look_id: str, task_id: str, person_id: str, *, now: datetime, auth: str) -> None:
    """The page was left. One that was left already stays so. Raises NotFoundError."""
    async with desk.recording() as tx:
        look = await _held(tx.conn, look_id, task_id, person_id)
        if look["ended_at"] is not None:
            tx.unchanged()
            return
        task = await task_of(tx.conn, task_id)
        about = {"id": look_id, "task_id": task_id, "person_id": person_id, "auth": auth}
        about |= {"journey_id": task.journey_id, "step": task.step, "queue": task.queue}
        await _end(tx, about | {name: look[name] for name in ("position", "began_at")}, until=now, at=now, left=True)


async def end_looks(desk: Desk, *, now: datetime, batch: int = 100) -> int:
    """A clock: end the looks of pages that were not heard of for `LAPSES`; returns how many. Those of a day ago are forgotten."""
    async with desk.database.connection() as conn:
        await conn.execute(sql["forget"], now - _FORGOTTEN)
    async with desk.recording() as tx:
        rows = await tx.conn.fetch(sql["lapsed"], now - LAPSES, batch)
        for row in rows:
            await _end(tx, row, until=row["seen_at"], at=now, left=False)
        if not rows:
            tx.unchanged()
    return len(rows)


async def _held(conn: Connection, look_id: str, task_id: str, person_id: str) -> Mapping[str, Any]:
    row = await conn.fetchrow(sql["of_person"], look_id, person_id)
    if row is None or row["task_id"] != task_id:
        raise NotFoundError("this page is of an earlier look; open the task again", field="look")
    found: Mapping[str, Any] = row
    return found


async def _begin_again(
    desk: Desk,
    look_id: str,
    task: Task,
    standing: Standing,
    position: int,
    decision: Decision,
    *,
    auth: str,
    now: datetime,
) -> None:
    async with desk.recording() as tx:
        if await tx.conn.fetchval(sql["begin_again"], look_id, now, position) is None:
            tx.unchanged()  # another request of the same page did
            return
        tx.record(
            Entry(
                type="task.viewed",
                at=now,
                actor=Actor(kind="person", id=standing.person.id, auth=auth),
                journey=task.journey_id,
                refs={"task": task.id, "step": task.step, "queue": task.queue, "look": look_id},
                facts={"again": True, "position": position, "bundle": decision.bundle},
                policies=list(decision.policies),
            )
        )


async def _end(tx: Recording, look: Mapping[str, Any], *, until: datetime, at: datetime, left: bool) -> None:
    await tx.conn.execute(sql["end"], look["id"], until)
    seconds = max(0, round((until - look["began_at"]).total_seconds()))
    tx.record(
        Entry(
            type="task.left",
            at=at,
            actor=Actor(kind="person", id=look["person_id"], auth=look["auth"]),
            journey=look["journey_id"],
            refs={"task": look["task_id"], "step": look["step"], "queue": look["queue"], "look": look["id"]},
            facts={"seconds": seconds, "position": look["position"], "lapsed": not left},
        )
    )


async def _others(conn: Connection, task_id: str, person_id: str, now: datetime) -> tuple[Onlooker, ...]:
    rows = await conn.fetch(sql["others"], task_id, person_id, now - LAPSES)
    return tuple(Onlooker(row["id"], row["name"], row["since"]) for row in rows)


async def _steps(conn: Connection, task: Task, revision: int) -> tuple[Step, ...]:
    rows = await conn.fetch(sql["steps"], task.journey_id, task.id, revision)
    return tuple(Step(row["at"], row["kind"], row["id"], TABLE[Action(row["action"])].means) for row in rows)
