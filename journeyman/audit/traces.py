"""The ledger as people look for what is in it: journeys by what their entries name, and what is kept about a person.

How one trace is read: see `reading`.
"""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from journeyman.customers import journeys
from journeyman.customers.journeys import JourneyRow
from journeyman.governance import Facts, Resource
from journeyman.ledger.entry import Entry
from journeyman.ledger.trace import TraceLine, mentions_of
from journeyman.tasks.desk import Desk, principal_of
from journeyman.tasks.people import person_of
from journeyman.tasks.viewing import viewer
from journeyman.views.journeys import place, shown
from journeyman.views.listing import Found, Place, filled


class Search(BaseModel):
    """What to look for; the newest journeys come first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person: str | None = None
    """Who did something in it, or is named by what was done: given, asked, taken from."""
    agent: str | None = None
    """An AI agent that did something in it."""
    policy: str | None = None
    """A policy that determined a decision of it."""
    customer: str | None = None
    kind: str | None = None
    outcome: str | None = None
    since: datetime | None = None
    """Open then or later; `until`: opened before then."""
    until: datetime | None = None
    before: tuple[datetime, str] | None = None
    """Go on after the last journey of a page: its `opened_at` and `id`."""
    limit: int = Field(default=50, ge=1, le=200)


@dataclass(frozen=True)
class Mention:
    """An entry that names someone, without its values, which are others'."""

    journey: str | None
    line: TraceLine


async def search(desk: Desk, person_id: str, wanted: Search) -> Found[JourneyRow]:
    """The journeys whose traces fit, of those that this person may view, as `journeys.search`."""
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)
        fitting = (
            looking.teams,
            wanted.customer,
            wanted.kind,
            wanted.outcome,
            wanted.since,
            wanted.until,
        )
        # A policy is named more often than a person or an AI agent.
        names = _names(person=wanted.person, ai=wanted.agent, policy=wanted.policy)

        async def read(before: Place | None) -> list[tuple[JourneyRow, bool]]:
            within = (*fitting, *(before or (None, None)), wanted.limit)
            if not names:
                return shown(looking, await conn.fetch(journeys.sql["search_traces"], *within))
            return shown(looking, await conn.fetch(journeys.sql["search_named"], *within, names[0], names[1:]))

        return await filled(read, place, wanted.before, wanted.limit)


async def about(
    desk: Desk, other: str, person_id: str, *, before: int | None = None, limit: int = 50, auth: str, now: datetime
) -> list[Mention]:
    """What is kept about a person, the newest first: what they did, and what was done that names them. `before` goes on after the
    last one of a page, by its `line.entry`.

    Recorded. Everyone may read of themselves, policy says who else may. Raises NotFoundError, DeniedError.
    """
    async with desk.recording() as tx:
        looking = await viewer(desk, tx.conn, person_id, auth)
        person = await person_of(tx.conn, other)
        facts, resource = Facts(simulated=person.simulated), Resource.person(principal_of(person))
        decision = looking.require(resource, "record", "personal", facts=facts)
        found = await mentions_of(tx.conn, f"person:{other}", before=before, limit=limit)
        tx.record(
            Entry(
                type="person.record_read",
                at=now,
                actor=looking.actor,
                refs={"person": other},
                facts={"entries": len(found), "bundle": decision.bundle},
                policies=list(decision.policies),
            )
        )
    return [Mention(journey, line) for journey, line in found]


def _names(**named: str | None) -> list[str]:
    """As the ledger's entries are indexed: `policy:ID`, ..."""
    return [f"{kind}:{name}" for kind, name in named.items() if name is not None]
