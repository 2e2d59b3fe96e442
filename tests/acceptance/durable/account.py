"""What came of errands, counted from outside the engine: in Postgres, at the double, at the stand-in."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from journeyman.conversation import transcript
from journeyman.store import Database
from tests.acceptance.durable.stage import Errands

_BESIDE = ["published", "roster.applied", "person.presence", "task.viewed"]
"""Entries of what went before the story, and of looking, which may be done as often as one likes."""
_HANDLE = re.compile(r"\[pin:[^\]]+\]")


@dataclass(frozen=True)
class Account:
    """Everything that must be the same however often the worker died."""

    outcomes: list[str]
    messages: list[str]
    tasks: list[tuple[str, str, str]]
    entries: Counter[str]
    tools: list[str]


async def account(errands: Errands, journey: str) -> Account:
    """What came of one journey and those linked from it."""
    async with errands.database.connection() as conn:
        row = await conn.fetchrow("select customer_id from journey where id = $1", journey)
        messages = await transcript.read(conn, errands.keyring, journey, row["customer_id"])
        return Account(
            outcomes=await _column(
                conn, "select outcome from journey where $1 in (id, linked_from) order by opened_at, id", journey
            ),
            messages=[f"{m.author_kind}: {_HANDLE.sub('[pin]', m.text)}" for m in messages],
            tasks=[
                tuple(found) for found in await conn.fetch("select kind, step, state from task order by created_at")
            ],
            entries=Counter(await _column(conn, "select type from entry where type <> all($1)", _BESIDE)),
            tools=[tool for tool, _ in errands.double.effects],
        )


async def unfinished(database: Database) -> dict[str, Any]:
    """What is still open: nothing, once all is done."""
    async with database.connection() as conn:
        return {
            "journeys": await _column(conn, "select id from journey where status = 'open'"),
            "tasks": await _column(conn, "select id from task where closed_at is null"),
            "events": await _column(conn, "select event_id from outbox where settled_at is null"),
            "calls": await _column(conn, "select id from tool_call where status in ('permitted', 'started')"),
            "secrets": await _column(conn, "select id from secret_handle where sealed is not null"),
        }


async def orphans(database: Database) -> dict[str, Any]:
    """Entries whose effect is not there, and effects that no entry tells of: none."""
    async with database.connection() as conn:
        entries = set(
            await _column(
                conn,
                "select distinct convert_from(body, 'UTF8')::jsonb -> 'refs' ->> 'effect' from entry "
                "where convert_from(body, 'UTF8')::jsonb -> 'refs' ? 'effect'",
            )
        )
        effects = set(await _column(conn, "select distinct key from effect"))
        tasks = set(await _column(conn, "select effect from task"))
        begun = set(await _column(conn, "select key from effect group by key having not bool_or(phase = 'outcome')"))
    return {
        "entries": sorted(entries - effects),
        "effects": sorted(effects - entries),
        "tasks": sorted(tasks - effects),
        "unfinished": sorted(begun),
    }


async def _column(conn: Any, statement: str, *args: Any) -> list[Any]:
    return [row[0] for row in await conn.fetch(statement, *args)]
