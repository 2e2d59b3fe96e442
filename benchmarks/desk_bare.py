"""The bare SQL beside the desk's pages and routes: the statements that read the rows which an answer shows and, for what writes,
one transaction with the same changes and the same entries, on a connection that is open already. Nothing is opened, decided,
ranked or drawn."""

import os
from datetime import UTC, datetime
from uuid import uuid4

from journeyman.console.identity import IDLE
from journeyman.console.identity import sql as session_sql
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks.models import Person
from journeyman.tasks.viewing import SEES_ALL
from journeyman.views import inbox
from journeyman.views.inbox import Search
from journeyman.views.queues import PACE

tasks, people, queues = load("tasks"), load("people"), load("queues")
briefing, looks, customers, drafts = load("briefing"), load("looks"), load("customers"), load("drafts")
conversation, journeys, once = load("conversation"), load("journeys"), load("requests")


async def session(conn: Connection, person: Person) -> None:
    """Who asks."""
    await conn.fetchrow(session_sql["session"], os.urandom(32), now(), now() - IDLE)


async def waiting(conn: Connection, person: Person, _: str, limit: int = 50) -> list[str]:
    """The person and the candidates."""
    await session(conn, person)
    await conn.fetch(people["read"], [person.id])
    rows = await conn.fetch(tasks["waiting_for"], person.id, sorted(person.teams), sorted(person.skills), limit)
    return [row["id"] for row in rows]


async def mine(conn: Connection, person: Person, _: str) -> None:
    """The person and their tasks."""
    await session(conn, person)
    await conn.fetch(people["read"], [person.id])
    await conn.fetch(tasks["mine"], person.id)


async def board(conn: Connection, person: Person, _: str) -> None:
    """What a person holds, and what waits for them."""
    await waiting(conn, person, _)
    await conn.fetch(tasks["mine"], person.id)


async def desk(conn: Connection, person: Person, _: str) -> None:
    """The board, what the person has in hand, and their queues."""
    await board(conn, person, _)
    await conn.fetch(people["holding"], [person.id])
    sees_all = bool(person.roles & SEES_ALL)
    rows = await conn.fetch(queues["everything"])
    own = [row["id"] for row in rows if sees_all or set(row["teams"]) & person.teams]
    await conn.fetch(queues["overview"], own, now(), PACE)


async def search(conn: Connection, person: Person, wanted: Search) -> None:
    """The person, the ids, the rows."""
    await session(conn, person)
    await conn.fetch(people["read"], [person.id])
    await conn.fetch(tasks["read"], await inbox._ids(conn, person, wanted))


async def task(conn: Connection, person: Person, id: str) -> None:
    """The task, its content and comments, and the entry."""
    await session(conn, person)
    async with conn.transaction():
        row = await conn.fetchrow(tasks["read"], [id])
        await conn.fetchrow(tasks["standing"], row["journey_id"], now(), person.id)
        await conn.fetchrow(tasks["contents"], id)
        await conn.fetch(tasks["comments"], id)
        await _entry(conn, row["journey_id"], "task.viewed")


async def page(conn: Connection, person: Person, id: str) -> None:
    """The task with its journey, the conversation, how it came here, the customer; the look and the two entries."""
    await session(conn, person)
    async with conn.transaction():
        row = await conn.fetchrow(tasks["read"], [id])
        journey, customer = row["journey_id"], row["customer_id"]
        await conn.fetchrow(tasks["standing"], journey, now(), person.id)
        await conn.fetchrow(tasks["contents"], id)
        await conn.fetch(tasks["comments"], id)
        await conn.fetchrow(journeys["read"], journey)
        await conn.fetch(conversation["read"], journey)
        await conn.fetch(briefing["stages"], journey)
        await conn.fetch(briefing["causes"], journey, row["step"], row["effect"], row["created_at"])
        await conn.fetch(briefing["handoffs"], journey)
        await conn.fetch(briefing["names"], [person.id])
        await conn.fetch(looks["others"], id, person.id, now())
        await conn.fetchrow(customers["read"], customer)
        await conn.fetch(customers["identifiers"], customer)
        await conn.fetch(customers["addresses"], customer)
        await conn.fetch(journeys["list"], None, None, customer, 100)
        await conn.fetch(customers["notices"], customer, 100)
        await conn.fetch(customers["packets"], customer, 100)
        await conn.fetch(customers["callbacks"], customer, 100)
        await conn.fetch(drafts["of_task"], person.id, id)
        await conn.execute(looks["begin"], f"look-{uuid4().hex}", id, None, person.id, "picker", 0, now())
        await _entry(conn, journey, "task.viewed")
        await _entry(conn, None, "customer.viewed")


async def claim(conn: Connection, person: Person, id: str) -> None:
    """Hold, look, change, record."""
    await session(conn, person)
    async with conn.transaction():
        row = await conn.fetchrow(tasks["held"], id, now(), person.id)
        await conn.fetch(people["lock"], [person.id])
        await conn.fetch(people["read"], [person.id])
        await conn.execute(
            "update task set state = 'reserved', assignee = $2, revision = revision + 1 where id = $1", id, person.id
        )
        await conn.execute(tasks["performer"], row["id"], f"person:{person.id}")
        await conn.execute(people["worked"], person.id, now())
        await _entry(conn, row["id"], "task.claimed")


async def claim_and_board(conn: Connection, person: Person, id: str) -> None:
    """Take it, and see what there is then."""
    await claim(conn, person, id)
    await board(conn, person, id)


async def take_next(conn: Connection, person: Person, _: str) -> str:
    """Find and take; returns which."""
    id = (await waiting(conn, person, _))[0]
    await claim(conn, person, id)
    return id


async def _entry(conn: Connection, journey: str | None, type: str) -> None:
    body = os.urandom(600)
    await conn.execute(
        "insert into entry (journey_id, type, at, body, leaf_hash) values ($1, $2, $3, $4, $5)",
        journey,
        type,
        now(),
        body,
        body[:32],
    )


def now() -> datetime:
    """The time, as a console has it."""
    return datetime.now(UTC)
