"""The bare SQL beside the desk's pages and routes: the statements that read the rows which an answer shows and, for what writes,
one transaction with the same changes and the same entries, on a connection that is open already. Nothing is opened, decided,
ranked or drawn."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from journeyman.console.identity import IDLE
from journeyman.console.identity import sql as session_sql
from journeyman.console.pages.desk import SHOWN
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks.models import Person
from journeyman.tasks.viewing import SEES_ALL
from journeyman.views import inbox
from journeyman.views.inbox import Search
from journeyman.views.listing import MOST
from journeyman.views.queues import PACE

tasks, people, queues, keys = load("tasks"), load("people"), load("queues"), load("keys")
briefing, looks, customers, drafts = load("briefing"), load("looks"), load("customers"), load("drafts")
conversation, consultations = load("conversation"), load("consultations")


async def session(conn: Connection, person: Person) -> None:
    """Who asks."""
    await conn.fetchrow(session_sql["session"], os.urandom(32), now(), now() - IDLE)


async def waiting(conn: Connection, person: Person, _: str) -> list[str]:
    """The person, the candidates, and those that are shown."""
    return [row["id"] for row in await _waiting(conn, person, 50)]


async def _waiting(conn: Connection, person: Person, shown: int) -> Sequence[Any]:
    await session(conn, person)
    await conn.fetch(people["read"], [person.id])
    found = await conn.fetch(tasks["waiting_for"], person.id, sorted(person.teams), sorted(person.skills), 50)
    rows: Sequence[Any] = await conn.fetch(tasks["read"], [row["id"] for row in found[:shown]])
    return rows


async def mine(conn: Connection, person: Person, _: str) -> None:
    """The person and their tasks."""
    await session(conn, person)
    await conn.fetch(people["read"], [person.id])
    await conn.fetch(tasks["mine"], person.id, None, None, MOST)


async def board(conn: Connection, person: Person, _: str) -> None:
    """What a person holds, what waits for them, what they are asked, and what the rows say beside it: of whom, in which queue."""
    rows = [*await _waiting(conn, person, SHOWN), *await conn.fetch(tasks["mine"], person.id, None, None, MOST)]
    await conn.fetch(consultations["asked"], person.id, None, None, MOST)
    found = await conn.fetch(customers["named"], [row["customer_id"] for row in rows], now())
    await conn.fetch(keys["read_ahead"], [row["id"] for row in found])
    await conn.fetch(queues["titles"])


async def desk(conn: Connection, person: Person, _: str) -> None:
    """The board, what the person has in hand, and their queues."""
    await board(conn, person, _)
    await conn.fetch(people["holding"], [person.id])
    rows = await conn.fetch(queues["everything"], None if person.roles & SEES_ALL else list(person.teams))
    await conn.fetch(queues["overview"], [row["id"] for row in rows], now(), PACE)


async def search(conn: Connection, person: Person, wanted: Search) -> None:
    """The person, the ids, the rows."""
    await session(conn, person)
    await conn.fetch(people["read"], [person.id])
    await conn.fetch(tasks["read"], await inbox._ids(conn, person, wanted))


async def task(conn: Connection, person: Person, id: str) -> None:
    """The task, its content and comments, and the entry."""
    await session(conn, person)
    async with conn.transaction():
        row = await conn.fetchrow(tasks["opened"], id, now(), person.id)
        await conn.fetch(tasks["comments"], id)
        await _entry(conn, row["id"], "task.viewed")


async def page(conn: Connection, person: Person, id: str) -> None:
    """The task with its journey, the conversation, how it came here, the customer; the look and the two entries."""
    await session(conn, person)
    async with conn.transaction():
        row = await conn.fetchrow(tasks["opened"], id, now(), person.id)
        journey, customer, found = row["id"], row["journey"]["customer_id"], row["task"]
        await conn.fetch(tasks["comments"], id)
        await conn.fetch(conversation["read"], journey)
        opened_at = datetime.fromisoformat(found["created_at"])
        await conn.fetch(briefing["way"], journey, found["step"], found["effect"], opened_at, True)
        await conn.fetch(briefing["handoffs"], journey)
        await conn.fetch(queues["titles"])
        await conn.fetch(briefing["names"], [person.id])
        await conn.fetch(looks["others"], id, person.id, now())
        await conn.fetchrow(keys["read"], customer)
        await conn.fetch(customers["contacts"], customer)
        await conn.fetchrow(customers["dealings"], customer, 100)
        await conn.fetch(customers["packets"], customer, 100)
        await conn.fetch(drafts["of_task"], person.id, id)
        await conn.execute(
            "insert into look (id, task_id, person_id, auth, position, began_at, seen_at)"
            " values ($1, $2, $3, 'picker', 0, $4, $4)",
            f"look-{uuid4().hex}",
            id,
            person.id,
            now(),
        )
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


async def take_next(conn: Connection, person: Person, _: str) -> str:
    """Find and take; returns which."""
    id: str = (await _waiting(conn, person, SHOWN))[0]["id"]
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
