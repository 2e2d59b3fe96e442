"""Fills the database of the desk benchmark: years of tasks, some of them open, spread unevenly over queues."""

import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, JsonValue

from journeyman.customers.keys import DataKey, Keyring
from journeyman.journey.step import Step
from journeyman.store.database import Connection, alone
from journeyman.store.sql import parse

QUEUES = 40
TEAMS = 20
_TABLES = (
    "task",
    "journey",
    "customer",
    "customer_identifier",
    "person",
    "queue",
    "subject_key",
    "task_comment",
    "message",
    "entry",
    "entry_value",
    "session",
)

sql = parse("desk_seed", Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

SEALED: dict[str, JsonValue] = {
    "input": {"loss": "a dent in the door", "where": "Elm Street", "reported": "yesterday evening"},
    "packet": {
        "reason": "people_only",
        "summary": "A dent in the left door, seen after parking. Photos were promised.",
        "tried": ["asked for the policy number"],
        "open": ["the photos are missing", "the other driver is unknown"],
        "promises": ["a call before six"],
        "sentiment": -20,
        "verification": "basic",
    },
    "said": "I found a dent in the left door this morning. What happens now, and whom do I send the photos to?",
    "name": "Ada Lovelace",
    "facts": {"salt": "00" * 32, "value": {"sentiment": -20, "triggers": ["distress"], "turns": 2}},
}


class Loss(BaseModel):
    """The input of each seeded step."""

    loss: str
    where: str = ""
    reported: str = ""


class Settled(BaseModel):
    """Its output."""

    amount_minor: int


STEPS = {
    name: Step(name, input=Loss, output=Settled, ai="assessor", queue="q-1")
    for name in ("assess", "call-back", "check-papers", "collect", "inform", "report-loss")
}


async def seed(
    dsn: str,
    keyring: Keyring,
    bundle: str,
    tasks: int,
    open_tasks: int,
    people: int,
    now: datetime,
    say: Callable[[str], None],
) -> None:
    """By set-based statements as the owner, without triggers; indexes are made again at the end, and all is analysed.

    `bundle` is the hash of the policies that decided.
    """
    customers, journeys = max(tasks // 20, 1), max(tasks // 2, open_tasks)
    async with alone(dsn) as conn:
        await conn.execute("set session_replication_role = replica; set synchronous_commit = off")
        await conn.execute("set maintenance_work_mem = '512MB'; select setseed(0.5)")
        await _customers(conn, keyring, customers, now)
        say(f"{customers} customers")
        await conn.execute(sql["queues"], QUEUES, TEAMS)
        await conn.execute(sql["people"], people, TEAMS)
        await conn.execute(sql["sessions"], now)
        await conn.execute(sql["journeys"], journeys, customers, open_tasks, now)
        say(f"{journeys} journeys")
        async with _without_indexes(conn, "task"):
            await conn.execute(sql["tasks"], tasks, open_tasks, journeys, customers, people, now, sorted(STEPS))
            say(f"{tasks} tasks")
        await conn.execute("analyze task")
        async with _without_indexes(conn, "message"):
            await conn.execute(sql["messages"], journeys, customers, open_tasks, now)
        say("messages")
        async with _without_indexes(conn, "entry"):
            await conn.execute(sql["entries"], journeys, open_tasks, bundle, now)
        await conn.execute(sql["facts"])
        say("entries")
        await conn.execute(sql["comments"])
        for table in _TABLES:
            await conn.execute(f"vacuum (analyze) {table}")
        await conn.execute("drop table content; checkpoint")


@asynccontextmanager
async def _without_indexes(conn: Connection, table: str) -> AsyncIterator[None]:
    """They are made again once the table is filled."""
    indexes = await conn.fetch(
        "select indexname, indexdef from pg_indexes where tablename = $1"
        " and indexname not in (select conname from pg_constraint)",
        table,
    )
    for row in indexes:
        await conn.execute(f'drop index "{row["indexname"]}"')
    yield
    for row in indexes:
        await conn.execute(row["indexdef"])


async def _customers(conn: Connection, keyring: Keyring, customers: int, now: datetime) -> None:
    """Each with a real key, and something that is sealed under it."""
    await conn.execute(
        "create unlogged table content ("
        "customer text primary key, input bytea, packet bytea, said bytea, facts bytea, name bytea)"
    )
    keys: list[tuple[Any, ...]] = []
    contents: list[tuple[Any, ...]] = []
    for number in range(1, customers + 1):
        subject, plain = f"cus-{number}", os.urandom(32)
        key = DataKey(subject, AESGCM(plain), b"")
        keys.append((subject, keyring._wrap(subject, plain), now))
        contents.append((subject, *(key.encrypt(_json(SEALED[name])) for name in SEALED)))
    await conn.copy_records_to_table("subject_key", records=keys, columns=["subject", "wrapped", "created_at"])
    await conn.copy_records_to_table("content", records=contents)
    await conn.execute(sql["customers"], customers, now)
    await conn.execute(sql["names"], now)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
