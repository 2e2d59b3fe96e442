"""Reading one journey's trace. Opening it is recorded, once: what is read on from there refers to that reading.

What the values of entries say is opened for those who may see all of a journey's data; others read who did what, when, and by
which policies. Policy is asked again for everything that is read.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from journeyman.audit import bundles
from journeyman.customers import journeys
from journeyman.customers.journeys import JourneyRow
from journeyman.errors import NotFoundError
from journeyman.identifiers import new_id
from journeyman.ledger.canonical import canonical
from journeyman.ledger.entry import Entry
from journeyman.ledger.merkle import leaf_hash
from journeyman.ledger.pack import ValueRow
from journeyman.ledger.trace import TraceLine, line_of, opened
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks.cases import resource_of
from journeyman.tasks.desk import Desk
from journeyman.tasks.viewing import Viewer

sql = load("traces")

LASTS: Final = timedelta(hours=12)
"""How long what is read on belongs to a reading. After that it is a reading of its own."""
WINDOW: Final = 100


@dataclass(frozen=True)
class Reading:
    """A trace that a person has open. `id` is what they read on with."""

    id: str
    journey: JourneyRow
    opened: bool
    """Whether policy shows them what the values of entries say."""


@dataclass(frozen=True)
class Trace:
    """A window of a journey's trace, in the order of the ledger: the lines after the first `after` of `total`."""

    reading: Reading
    lines: tuple[TraceLine, ...]
    after: int
    total: int
    altered: frozenset[int]
    """Entries whose body does not hash to what stands beside it, or to what is in the tree: they are not as they were."""
    intents: Mapping[tuple[str, str], str]
    """What the policies that decided are for, by bundle and id, as they were written then."""

    @property
    def journey(self) -> str:
        return self.reading.journey.id

    @property
    def opened(self) -> bool:
        return self.reading.opened


@asynccontextmanager
async def reading(
    desk: Desk, journey_id: str, person_id: str, begun: str | None, *, auth: str, now: datetime
) -> AsyncIterator[tuple[Connection, Reading]]:
    """The transaction in which a trace is read: of the reading `begun`, if that is one of this person's and trace's, else of a
    new one, which is recorded. Raises NotFoundError, DeniedError."""
    async with desk.recording() as tx:
        row = await journeys.read(tx.conn, journey_id)
        standing = await desk.standing_on(tx.conn, journey_id, person_id, now)
        looking = Viewer(standing.person, standing.authorizer, auth)
        resource = await resource_of(tx.conn, row)
        decision = looking.require(resource, "trace", facts=standing.facts)
        shows = looking.decide(resource, "values", "special", facts=standing.facts).allowed
        if begun is not None and await _is_begun(tx.conn, journey_id, person_id, begun, now):
            tx.unchanged()
            id = begun
        else:
            id = new_id("rdg")
            tx.record(
                Entry(
                    type="trace.read",
                    at=now,
                    actor=looking.actor,
                    journey=journey_id,
                    refs={"reading": id},
                    facts={"values": shows, "bundle": decision.bundle},
                    policies=list(decision.policies),
                )
            )
        yield tx.conn, Reading(id, row, shows)


async def read(
    desk: Desk,
    journey_id: str,
    person_id: str,
    *,
    begun: str | None = None,
    after: int = 0,
    limit: int = WINDOW,
    auth: str,
    now: datetime,
) -> Trace:
    """A window of a journey's trace. A new reading is recorded, and not yet in what is returned. Raises NotFoundError,
    DeniedError."""
    async with reading(desk, journey_id, person_id, begun, auth=auth, now=now) as (conn, mine):
        rows = await conn.fetch(sql["window"], journey_id, after, after + limit)
        total = rows[0]["total"] if rows else await conn.fetchval(sql["total"], journey_id)
        values = await values_of(desk, conn, mine, rows)
        lines = tuple(line_of(row, values.get(row["id"], [])) for row in rows)
        intents = await intents_of(conn, lines)
    return Trace(mine, lines, after, total, frozenset(row["id"] for row in rows if _is_altered(row)), intents)


async def place_of(
    desk: Desk, journey_id: str, entry: int, person_id: str, *, begun: str | None = None, auth: str, now: datetime
) -> tuple[int, str]:
    """How many entries come before this one, and the reading that says so. Raises NotFoundError, DeniedError."""
    async with reading(desk, journey_id, person_id, begun, auth=auth, now=now) as (conn, mine):
        place = await conn.fetchval(sql["place"], journey_id, entry)
        if place is None:
            raise no_entry(journey_id, entry)
    return place - 1, mine.id


async def values_of(desk: Desk, conn: Connection, mine: Reading, rows: list[Any]) -> dict[int, list[ValueRow]]:
    """The values beside these entries, as far as policy shows them: by the entry's id."""
    if not mine.opened:
        return {}
    found = await conn.fetch(sql["values_of"], [row["id"] for row in rows])
    return await opened(conn, desk.keyring, found)


def no_entry(journey_id: str, entry: int) -> NotFoundError:
    """What to raise where a trace has no such entry."""
    return NotFoundError(f"the trace of `{journey_id}` has no entry `{entry}`; see its entries", field="entry")


async def intents_of(conn: Connection, lines: Iterable[TraceLine]) -> dict[tuple[str, str], str]:
    """What the policies that decided are for, by bundle and id, as they were written then."""
    found: dict[tuple[str, str], str] = {}
    for bundle in {str(line.facts["bundle"]) for line in lines if "bundle" in line.facts}:
        then = await bundles.kept(conn, bundle)
        found |= {(bundle, policy.id): policy.intent for policy in then.policies} if then is not None else {}
    return found


def _is_altered(row: Any) -> bool:
    return row["leaf_hash"] != leaf_hash(row["body"]) or row["integrated_hash"] not in (None, row["leaf_hash"])


async def _is_begun(conn: Connection, journey_id: str, person_id: str, begun: str, now: datetime) -> bool:
    """Whether the ledger has this reading of theirs."""
    who = canonical({"id": person_id, "kind": "person"})[1:-1]
    what = canonical({"reading": begun})[1:-1]
    return bool(await conn.fetchval(sql["reading"], journey_id, now - LASTS, who, what))
