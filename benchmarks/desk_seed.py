"""Fills the database of the desk benchmark: years of tasks, some of them open, spread unevenly over queues."""

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel

from journeyman.customers.keys import DataKey, Keyring
from journeyman.journey.step import Step
from journeyman.store.database import Connection, alone
from journeyman.store.sql import parse

QUEUES = 40
TEAMS = 20

sql = parse("desk_seed", Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))

SEALED = {
    "input": {"loss": "a dent in the door", "where": "Elm Street", "reported": "yesterday evening"},
    "packet": {
        "reason": "people_only",
        "summary": "A dent in the left door, seen after parking. Photos were promised.",
    },
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
    dsn: str, keyring: Keyring, tasks: int, open_tasks: int, people: int, now: datetime, say: Callable[[str], None]
) -> None:
    """By set-based statements as the owner, without triggers; indexes are made again at the end, and all is analysed."""
    customers, journeys = max(tasks // 20, 1), max(tasks // 2, open_tasks)
    async with alone(dsn) as conn:
        await conn.execute("set session_replication_role = replica; set synchronous_commit = off")
        await conn.execute("set maintenance_work_mem = '512MB'; select setseed(0.5)")
        await _customers(conn, keyring, customers, now)
        say(f"{customers} customers")
        await conn.execute(sql["queues"], QUEUES, TEAMS)
        await conn.execute(sql["people"], people, TEAMS)
        await conn.execute(sql["journeys"], journeys, customers, open_tasks, now)
        say(f"{journeys} journeys")
        indexes = await conn.fetch(
            "select indexname, indexdef from pg_indexes where tablename = 'task'"
            " and indexname not in (select conname from pg_constraint)"
        )
        for row in indexes:
            await conn.execute(f'drop index "{row["indexname"]}"')
        await conn.execute(sql["tasks"], tasks, open_tasks, journeys, customers, people, now, sorted(STEPS))
        say(f"{tasks} tasks")
        for row in indexes:
            await conn.execute(row["indexdef"])
        await conn.execute(sql["comments"])
        for table in ("task", "journey", "customer", "person", "queue", "subject_key", "task_comment"):
            await conn.execute(f"vacuum (analyze) {table}")
        await conn.execute("drop table content; checkpoint")


async def _customers(conn: Connection, keyring: Keyring, customers: int, now: datetime) -> None:
    """Each with a real key, and something that is sealed under it."""
    await conn.execute("create table content (customer text primary key, input bytea, packet bytea)")
    keys: list[tuple[Any, ...]] = []
    contents: list[tuple[Any, ...]] = []
    for number in range(1, customers + 1):
        subject, plain = f"cus-{number}", os.urandom(32)
        key = DataKey(subject, AESGCM(plain), b"")
        keys.append((subject, keyring._wrap(subject, plain), now))
        contents.append((subject, *(key.encrypt(_json(SEALED[name])) for name in ("input", "packet"))))
    await conn.copy_records_to_table("subject_key", records=keys, columns=["subject", "wrapped", "created_at"])
    await conn.copy_records_to_table("content", records=contents)
    await conn.execute(sql["customers"], customers, now)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
