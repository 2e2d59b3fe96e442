"""Whole journeys, as people look for them and see them. Opening one is recorded; lists are not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from journeyman.conversation import transcript
from journeyman.conversation.transcript import Message
from journeyman.customers import journeys as rows
from journeyman.customers.journeys import JourneyRow, Status
from journeyman.governance import Decision, Facts, Resource
from journeyman.ledger.entry import Entry
from journeyman.store.database import Connection
from journeyman.tasks.cases import resource_of
from journeyman.tasks.change import tasks_of_journey
from journeyman.tasks.desk import Desk
from journeyman.tasks.desk import view as view_task
from journeyman.tasks.models import Task
from journeyman.tasks.viewing import Viewer, viewer
from journeyman.views.listing import Found, Place, filled

ENDED_WITHIN: Final = timedelta(days=1)
"""How far back `kinds` counts the ends of journeys."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Search(_Frozen):
    """What to look for; the newest come first."""

    kind: str | None = None
    status: Status | None = None
    stage: str | None = None
    outcome: str | None = None
    customer: str | None = None
    person: str | None = None
    """Who holds or held a task of it."""
    agent: str | None = None
    """The AI agent that works on it, or has spoken in it."""
    since: datetime | None = None
    """Opened then or later; `until`: before then."""
    until: datetime | None = None
    before: tuple[datetime, str] | None = None
    """Go on after the last journey of a page: its `opened_at` and `id`."""
    limit: int = Field(default=50, ge=1, le=200)


class JourneyPage(_Frozen):
    """A journey as far as a person may see it."""

    journey: JourneyRow
    tasks: tuple[Task, ...]
    """Those of it that they may view, the newest first."""
    conversation: tuple[Message, ...]
    withheld: tuple[str, ...]
    """`conversation`, where policy does not show it to this person."""

    @property
    def position(self) -> int:
        """Of the last message that is shown."""
        return self.conversation[-1].position if self.conversation else 0


class Standing(_Frozen):
    """How many open journeys of a version are in a stage, and with whom."""

    version: int
    stage: str
    performer: Literal["ai", "queue", "person", ""]
    """Empty: they wait for their customer or a time."""
    name: str
    """The AI agent or the queue; people are not named."""
    journeys: int


class Ending(_Frozen):
    """How many journeys of a version ended so within the last day."""

    version: int
    status: Literal["completed", "failed", "cancelled"]
    outcome: str | None
    journeys: int


class Kind(_Frozen):
    """The journeys of one kind, in numbers."""

    kind: str
    open: tuple[Standing, ...]
    ended: tuple[Ending, ...]


async def search(desk: Desk, person_id: str, wanted: Search) -> Found[JourneyRow]:
    """The journeys that fit, of those that this person's teams have a task of (supervisors, auditors: of all), and that they may
    view."""
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)
        fitting = (
            looking.teams,
            wanted.kind,
            wanted.status,
            wanted.stage,
            wanted.outcome,
            wanted.customer,
            wanted.person,
            wanted.agent,
            wanted.since,
            wanted.until,
        )

        async def read(before: Place | None) -> list[tuple[JourneyRow, bool]]:
            return shown(
                looking, await conn.fetch(rows.sql["search"], *fitting, *(before or (None, None)), wanted.limit)
            )

        return await filled(read, place, wanted.before, wanted.limit)


@dataclass(frozen=True)
class Opened:
    """What `show` shows, the entry that is to be recorded of it, and the decision that lets them see it."""

    page: JourneyPage
    entry: Entry
    decision: Decision


async def show(desk: Desk, journey_id: str, person_id: str, *, auth: str, now: datetime) -> JourneyPage:
    """One journey with its tasks and its conversation opened, as policy allows; recorded. Raises NotFoundError, DeniedError."""
    async with desk.recording() as tx:
        opened = await open_page(desk, tx.conn, journey_id, person_id, auth=auth, now=now)
        tx.record(opened.entry)
    return opened.page


async def open_page(
    desk: Desk, conn: Connection, journey_id: str, person_id: str, *, auth: str, now: datetime
) -> Opened:
    """The same in the caller's transaction, which records it."""
    row = await rows.read(conn, journey_id)
    standing = await desk.standing_on(conn, journey_id, person_id, now)
    looking = Viewer(standing.person, standing.authorizer, auth)
    resource = await resource_of(conn, row)
    decision = looking.require(resource, "journey", facts=standing.facts)
    tasks = [
        task
        for task in await tasks_of_journey(conn, journey_id)
        if view_task(looking.authorizer, looking.person, task, "task", "ordinary", standing.facts).allowed
    ]
    said: Sequence[Message] = ()
    withheld: tuple[str, ...] = ("conversation",)
    if looking.decide(resource, "conversation", "personal", facts=standing.facts).allowed:
        said, withheld = await transcript.read(conn, desk.keyring, journey_id, row.customer_id), ()
        if not looking.decide(resource, "whispers", "personal", facts=standing.facts).allowed:
            said = transcript.without_whispers(said)
    shown: dict[str, str | bool | int] = {"tasks": len(tasks), "messages": len(said)}
    entry = Entry(
        type="journey.viewed",
        at=now,
        actor=looking.actor,
        journey=journey_id,
        facts=shown | {"withheld": " ".join(withheld), "bundle": decision.bundle},
        policies=list(decision.policies),
    )
    return Opened(
        JourneyPage(journey=row, tasks=tuple(tasks), conversation=tuple(said), withheld=withheld), entry, decision
    )


async def kinds(desk: Desk, person_id: str, *, now: datetime) -> list[Kind]:
    """Of each kind that this person may view: where its open journeys stand, and how those of the last day ended."""
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)
        found: dict[str, tuple[list[Standing], list[Ending]]] = {}
        for row in await conn.fetch(rows.sql["standings"]):
            kind, fields = _of_kind(row)
            found.setdefault(kind, ([], []))[0].append(Standing.model_validate(fields))
        for row in await conn.fetch(rows.sql["ends"], now - ENDED_WITHIN):
            kind, fields = _of_kind(row)
            found.setdefault(kind, ([], []))[1].append(Ending.model_validate(fields))
    return [
        Kind(kind=kind, open=tuple(standings), ended=tuple(endings))
        for kind, (standings, endings) in sorted(found.items())
        if looking.decide(Resource.kind(kind), "counts").allowed
    ]


def place(row: JourneyRow) -> Place:
    """Where a journey stands in lists, of which the newest come first."""
    return row.opened_at, row.id


def shown(looking: Viewer, found: Sequence[Mapping[str, Any]]) -> list[tuple[JourneyRow, bool]]:
    """These journeys, which come with their `teams`, each with whether it is shown to them in a list."""
    rows = [JourneyRow.model_validate(dict(each)) for each in found]
    about = [
        (
            Resource.journey(row.id, kind=row.kind, teams=each["teams"]),
            Facts(simulated=row.simulated, channel=row.channel, language=row.language),
        )
        for row, each in zip(rows, found, strict=True)
    ]
    return list(zip(rows, looking.shown("journey", about), strict=True))


def _of_kind(row: Any) -> tuple[str, dict[str, Any]]:
    fields = dict(row)
    return fields.pop("kind"), fields
