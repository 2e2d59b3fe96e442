"""Reading and locking people and queues."""

from collections.abc import Iterable, Mapping
from typing import Any

from journeyman.errors import NotFoundError
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks.calendar import ALWAYS, Calendar
from journeyman.tasks.models import Person, Queue, ServiceLevel

people = load("people")
queues = load("queues")


async def hold_person(conn: Connection, person_id: str) -> None:
    """Nobody else changes what they hold until the transaction ends."""
    await conn.fetch(people["lock"], [person_id])


async def person_of(conn: Connection, person_id: str) -> Person:
    """One person. Raises NotFoundError."""
    for person in await people_of(conn, [person_id]):
        return person
    raise NotFoundError(f"there is no person `{person_id}`; add them to the roster", field="person")


async def people_of(conn: Connection, ids: Iterable[str]) -> list[Person]:
    """Those of these people that exist, in the order of their ids."""
    return [Person.model_validate(dict(row)) for row in await conn.fetch(people["read"], list(ids))]


async def everyone(conn: Connection) -> list[Person]:
    """All people, in the order of their ids."""
    return [Person.model_validate(dict(row)) for row in await conn.fetch(people["everyone"])]


async def queue_of(conn: Connection, queue_id: str) -> Queue:
    """One queue. Raises NotFoundError."""
    row = await conn.fetchrow(queues["read"], [queue_id])
    if row is None:
        raise NotFoundError(f"there is no queue `{queue_id}`; add it to the roster", field="queue")
    return _queue(row)


async def all_queues(conn: Connection, teams: Iterable[str] | None = None) -> list[Queue]:
    """All queues, or those of these teams, in the order of their ids."""
    return [_queue(row) for row in await conn.fetch(queues["everything"], None if teams is None else list(teams))]


async def titles_of(conn: Connection) -> dict[str, str]:
    """What each queue is called, by its id."""
    return {row["id"]: row["title"] for row in await conn.fetch(queues["titles"])}


async def queue_counts(conn: Connection, teams: list[str]) -> dict[str, dict[str, Any]]:
    """Of each queue of these teams: how many tasks are `waiting`, `in_hand`, `on_hold`; `waiting_since` when the longest is."""
    return {row["id"]: dict(row) for row in await conn.fetch(queues["counts"], teams)}


def _queue(row: Mapping[str, Any]) -> Queue:
    return Queue(
        id=row["id"],
        title=row["title"],
        teams=row["teams"],
        calendar=Calendar.model_validate(row["calendar_row"]) if row["calendar_row"] else ALWAYS,
        service_level=ServiceLevel(respond=row["respond"], complete=row["complete"]),
        offer_for=row["offer_for"],
        wrap_up=row["wrap_up"],
        push=row["push"],
        max_waiting=row["max_waiting"],
        fallback=row["fallback"],
        fallback_queue=row["fallback_queue"],
    )
