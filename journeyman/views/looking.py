"""A look at a task: what its page shows a person when it opens, and what it reads again while it is open. See `tasks.looks`."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from journeyman.conversation import transcript
from journeyman.conversation.transcript import Message
from journeyman.customers.journeys import JourneyRow
from journeyman.errors import DeniedError
from journeyman.identifiers import new_id
from journeyman.store.database import Connection
from journeyman.tasks import looks
from journeyman.tasks.desk import Desk, viewable
from journeyman.tasks.lifecycle import TABLE, Action
from journeyman.tasks.looks import LAPSES, sql
from journeyman.tasks.models import Comment, Person, Task
from journeyman.tasks.viewing import Viewer, seen
from journeyman.views import briefing, contents, customers
from journeyman.views.briefing import Briefing
from journeyman.views.contents import Page

_PARTS: Final = ("conversation", "whispers", "causes", "handoffs")


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
    customer: customers.CustomerPage | None
    """None: policy does not show them who the customer is."""
    time_zone: str
    """The customer's, in which moments are read and written."""
    messages: tuple[Message, ...] | None
    """None: policy does not show the conversation."""
    briefing: Briefing
    steps: tuple[Step, ...]
    """What was done with the task since the revision that was asked about."""
    others: tuple[Onlooker, ...]
    names: dict[str, str]
    """Of the others who are named in it, by id."""

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
    async with desk.recording(at_once=True) as tx:
        opened = await contents.open_page(desk, tx, task_id, person_id, also=_PARTS, now=now, auth=auth)
        page, standing, entry = opened.page, opened.standing, opened.entry
        task, withheld = page.task, list(page.withheld)
        messages: tuple[Message, ...] | None = None
        if "conversation" in opened.may:
            messages = tuple(await transcript.read(tx.conn, tx.keyring, task.journey_id, task.customer_id))
            messages = messages if "whispers" in opened.may else transcript.without_whispers(messages)
        told = await briefing.read(tx, task, standing.authorizer, opened.may)
        shown = [*page.content, *(["comments"] if "comments" not in withheld else []), *told.shown]
        shown += ["conversation"] if messages is not None else []
        withheld += [] if messages is not None else ["conversation"]
        withheld += told.withheld
        position = messages[-1].position if messages else 0
        tx.look(look_id, person_id, task=task_id, auth=auth, position=position, at=now)
        facts = entry.facts | {"fields": " ".join(shown), "withheld": " ".join(withheld), "position": position}
        tx.record(entry.model_copy(update={"facts": facts, "refs": entry.refs | {"look": look_id}}))
        customer: customers.CustomerPage | None = None
        with suppress(DeniedError):
            looking = Viewer(standing.person, standing.authorizer, auth)
            customer = await customers.open_page(tx, opened.customer, looking, now=now)
        steps = await _steps(tx.conn, task, since) if since is not None and since < task.revision else ()
        named = {
            task.assignee,
            task.offered_to,
            *(each.id for each in steps),
            *(name for each in page.comments for name in (each.author, each.to)),
            *told.people,
        }
        named |= {each.author for each in messages or () if each.author_kind == "person"}
        names = await briefing.names(tx.conn, named - {person_id})
        others = await _others(tx.conn, task_id, person_id, now)
    return Look(
        id=look_id,
        person=standing.person,
        page=page,
        journey=opened.journey,
        customer=customer,
        time_zone=opened.customer.time_zone,
        messages=messages,
        briefing=told,
        steps=steps,
        others=others,
        names=names,
    )


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
        look = await looks.held(conn, look_id, task_id, person_id)
        task, standing, decision = await seen(desk, conn, task_id, person_id, now)
        said: tuple[Message, ...] | None = None
        parts = dict.fromkeys(("conversation", "whispers", "comments"), "personal")
        may = viewable(standing.authorizer, standing.person, task, parts, standing.facts)
        if "conversation" in may:
            journey, customer = task.journey_id, task.customer_id
            said = tuple(await transcript.read_after(conn, desk.keyring, journey, customer, position))
            said = said if "whispers" in may else transcript.without_whispers(said)
        notes = await contents.comments_of(conn, desk.keyring, task) if "comments" in may else None
        steps = await _steps(conn, task, revision) if revision < task.revision else ()
        last = said[-1].position if said else 0  # what was shown, not what the page says of itself
        await looks.go_on(conn, look, last, now=now)
        named = {
            task.assignee,
            *(name for each in notes or () for name in (each.author, each.to)),
            *(each.id for each in steps),
        }
        named |= {each.author for each in said or () if each.author_kind == "person"}
        others = await _others(conn, task_id, person_id, now)
        found = Again(task, said, notes, steps, others, await briefing.names(conn, named))
    await looks.begin_again(desk, look, last, decision, auth=auth, now=now)
    return found


async def draft(desk: Desk, look_id: str, task_id: str, person_id: str, *, now: datetime) -> JsonValue:
    """The draft that a page shows, as policy shows it now; None where it does not. Raises NotFoundError."""
    async with desk.database.transaction() as conn:
        await looks.held(conn, look_id, task_id, person_id)
        task, standing, row = await desk.seen(conn, task_id, person_id, now, "opened")
        content, _, _ = await contents.content_of(desk, conn, task, standing, row)
        return content.get("draft")


async def _others(conn: Connection, task_id: str, person_id: str, now: datetime) -> tuple[Onlooker, ...]:
    rows = await conn.fetch(sql["others"], task_id, person_id, now - LAPSES)
    return tuple(Onlooker(row["id"], row["name"], row["since"]) for row in rows)


async def _steps(conn: Connection, task: Task, revision: int) -> tuple[Step, ...]:
    rows = await conn.fetch(sql["steps"], task.journey_id, task.id, revision)
    return tuple(Step(row["at"], row["kind"], row["id"], TABLE[Action(row["action"])].means) for row in rows)
