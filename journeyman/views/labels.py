"""What a row of a task says beside the task: whose it is, the title of its queue, the names of its people.

A row is no look at a customer, and not on the record as one; that a task waited, in which queue, and for whom, is.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeyman.customers.record import sql as customers
from journeyman.errors import ErasedError
from journeyman.governance import Facts, Resource
from journeyman.store.database import Connection
from journeyman.tasks.desk import Desk
from journeyman.tasks.models import Task
from journeyman.tasks.people import titles_of
from journeyman.tasks.permission import known_facts
from journeyman.tasks.viewing import Viewer, viewer
from journeyman.views import briefing


@dataclass(frozen=True)
class Labels:
    """By id. What policy does not show, or nobody has told, is not there."""

    customers: Mapping[str, str]
    queues: Mapping[str, str]
    people: Mapping[str, str]


async def labels_of(
    desk: Desk, person_id: str, tasks: Collection[Task], *, now: datetime, looking: Viewer | None = None
) -> Labels:
    """The labels of tasks that are listed for this person. A customer is named while the task is open, or it is
    the person's."""
    if not tasks:
        return Labels({}, {}, {})
    named = {task.customer_id for task in tasks if task.open or task.assignee == person_id}
    others = {each for task in tasks for each in (task.assignee, task.offered_to)} - {person_id}
    async with desk.database.connection() as conn:
        looking = looking or await viewer(desk, conn, person_id)
        return Labels(
            customers=await _names(desk, conn, looking, named, now),
            queues=await titles_of(conn),
            people=await briefing.names(conn, others),
        )


async def names_of(desk: Desk, person_id: str, customers: Collection[str], *, now: datetime) -> dict[str, str]:
    """The names of these customers, by id, as far as policy shows them to this person."""
    async with desk.database.connection() as conn:
        return await _names(desk, conn, await viewer(desk, conn, person_id), customers, now)


async def _names(desk: Desk, conn: Connection, looking: Viewer, ids: Collection[str], now: datetime) -> dict[str, str]:
    rows = await conn.fetch(customers["named"], sorted(ids), now)
    things = [(Resource.customer(row["id"]), _facts(row)) for row in rows]
    records = looking.shown("record", things)
    fields = looking.shown("identifiers", things, "personal")
    shown = {row["id"]: row["name"] for row, *may in zip(rows, records, fields, strict=True) if all(may)}
    await desk.keyring.read_ahead(conn, shown)
    found: dict[str, str] = {}
    for id, sealed in shown.items():
        with suppress(ErasedError):
            found[id] = str(await desk.keyring.open(conn, id, sealed))
    return found


def _facts(row: Mapping[str, Any]) -> Facts:
    return known_facts(
        row["tier"],
        row["verification"],
        row["language"],
        frozenset(row["consents"]),
        frozenset(row["support_needs"]),
        row["simulated"],
    )
