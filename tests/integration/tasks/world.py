"""A small world for the tests of tasks: a desk with the shipped policies, a roster, customers and journeys."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel

from journeyman.conversation.inbound import Inbound, receive
from journeyman.customers import record
from journeyman.customers.keys import Keyring
from journeyman.errors import NotFoundError
from journeyman.governance import Authorizer, Bundle
from journeyman.journey.step import DataClass, Fact, Step
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.store import Database
from journeyman.store.database import Connection
from journeyman.tasks import roster, staffing, working
from journeyman.tasks.change import task_of
from journeyman.tasks.desk import Desk
from journeyman.tasks.models import NewTask, Packet, Task
from journeyman.tasks.opening import open_task

AUTHORIZER = Authorizer(Bundle.load(Path(__file__).parents[3] / "policies"))
NOW = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)  # a Monday, noon in Berlin
CLI = Actor(kind="person", id="operator", auth="cli")

ROSTER: dict[str, Any] = {
    "calendars": {
        "office": {
            "time_zone": "Europe/Berlin",
            "hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
            "holidays": ["2026-12-25"],
            "emergency": "Call 112",
        }
    },
    "teams": ["claims", "billing", "experts"],
    "people": {
        "ana": {"name": "Ana", "teams": ["claims"], "capacity": 3},
        "bea": {"name": "Bea", "teams": ["claims"], "capacity": 3, "skills": ["german"]},
        "sue": {"name": "Sue", "teams": ["claims"], "roles": ["agent", "supervisor"]},
        "out": {"name": "Otto", "teams": ["billing"], "capacity": 3},
    },
    "queues": {
        "claims": {"title": "Claims", "teams": ["claims"], "respond": "2m", "complete": "20m"},
        "pushed": {"title": "Pushed", "teams": ["claims"], "push": True, "offer_for": "30s"},
        "experts": {"title": "Experts", "teams": ["experts"]},
        "office": {"title": "Office", "teams": ["claims"], "calendar": "office", "respond": "2h", "complete": "8h"},
        "billing": {"title": "Billing", "teams": ["billing"]},
    },
}


class Settlement(BaseModel):
    """The output of the step under test."""

    amount_minor: Annotated[int, Fact("amount")]
    outcome: Annotated[str, Fact("outcome")]


async def authorizer(_: Connection, current: str | None = None) -> Authorizer:
    return AUTHORIZER


class Loss(BaseModel):
    """Its input."""

    loss: str
    injuries: Annotated[list[str], DataClass("special")] = []
    password: Annotated[str, DataClass("secret")] = ""


ASSESS = Step("assess", input=Loss, output=Settlement, ai="assessor", queue="claims")


def step_of(kind: str, version: int, step: str) -> Step[Any]:
    if (kind, version, step) != ("motor", 1, "assess"):
        raise NotFoundError(f"there is no step `{step}` in `{kind}` version {version}")
    return ASSESS


class World:
    """The desk, and short words for what the tests do all the time."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self.desk = Desk(database, keyring, authorizer, step_of)
        self.database = database
        self._count = count(1)

    async def roster(self, **queues: Mapping[str, Any]) -> None:
        """Put the roster in force and everyone online; `queues` are added or changed."""
        document = ROSTER | {"queues": ROSTER["queues"] | queues}
        await roster.apply(self.desk, document, CLI, NOW)
        for person in ROSTER["people"]:
            await self.presence(person, "online")

    async def presence(self, person: str, presence: Any, now: datetime = NOW) -> None:
        await staffing.set_presence(self.desk, person, presence, by=person, now=now, auth="token")

    async def journey(self, *, tier: str = "standard", simulated: bool = False) -> str:
        """A customer and their open journey; returns the journey's id."""
        number = next(self._count)
        async with self.database.transaction() as conn:
            await conn.execute(
                "insert into customer (id, tier, simulated, created_at) values ($1, $2, $3, $4)",
                f"cus-{number}",
                tier,
                simulated,
                NOW,
            )
            await conn.execute(
                "insert into journey (id, kind, version, customer_id, owner, stage, simulated, opened_at)"
                " values ($1, 'motor', 1, $2, 'claims', 'settle', $3, $4)",
                f"jrn-{number}",
                f"cus-{number}",
                simulated,
                NOW,
            )
        return f"jrn-{number}"

    async def task(self, queue: str = "claims", *, now: datetime = NOW, **fields: Any) -> Task:
        """An open task, of a journey of its own unless one is given."""
        if "journey_id" not in fields:
            fields["journey_id"] = await self.journey()
        number = next(self._count)
        plain = {
            "effect": f"run:{number}",
            "step": "assess",
            "kind": "work",
            "title": "Assess the claim",
            "reason": "people_only",
            "queue": queue,
            "giver": "ai:assessor",
            "input": {"loss": "a dent"},
            "packet": Packet(reason="asked_for_person", summary="A dent in the door"),
            "dispositions": {"unreachable": "The customer could not be reached"},
        }
        async with recording(self.database, self.desk.keyring) as tx:
            return await open_task(tx, NewTask.model_validate(plain | fields), now=now)

    async def says(self, journey_id: str, text: str) -> None:
        """The customer of a journey writes something, by chat."""
        number = next(self._count)
        async with recording(self.database, self.desk.keyring) as tx:
            customer = await tx.conn.fetchval("select customer_id from journey where id = $1", journey_id)
            await record.add_address(tx, customer, channel="chat", address=f"address-{number}", by=CLI, now=NOW)
        message = Inbound(channel="chat", address=f"address-{number}", text=text, provider_id=f"said-{number}")
        await receive(self.database, self.desk.keyring, message, opens=None, now=NOW)

    async def claimed(self, person: str = "ana", queue: str = "claims", **fields: Any) -> Task:
        """A task that someone holds."""
        task = await self.task(queue, **fields)
        return await working.claim(self.desk, task.id, person, now=NOW, auth="token")

    async def read(self, task_id: str) -> Task:
        async with self.database.connection() as conn:
            return await task_of(conn, task_id)

    async def value(self, statement: str, *args: Any) -> Any:
        async with self.database.connection() as conn:
            return await conn.fetchval(statement, *args)

    async def waits(self, other: asyncio.Task[Any]) -> None:
        """Until the other waits for a lock, or has not had to."""
        while not (other.done() or await self.value("select count(*) from pg_locks where not granted")):
            pass  # each look gives the other its turn

    async def execute(self, statement: str, *args: Any) -> None:
        """What no operation does."""
        async with self.database.connection() as conn:
            await conn.execute(statement, *args)

    async def rows(self, statement: str, *args: Any) -> list[Any]:
        async with self.database.connection() as conn:
            return list(await conn.fetch(statement, *args))

    async def entries(self, task_id: str) -> list[str]:
        """The types of a task's entries, in order."""
        rows = await self.rows(
            "select type from entry where convert_from(body, 'UTF8')::jsonb -> 'refs' ->> 'task' = $1 order by id",
            task_id,
        )
        return [row["type"] for row in rows]

    async def everything(self) -> list[Any]:
        """A fingerprint of every table that an operation may write."""
        tables = (
            "task",
            "task_comment",
            "handoff",
            "callback",
            "outbox",
            "entry",
            "entry_value",
            "person",
            "tool_call",
        )
        return [
            await self.value(f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t")
            for table in tables
        ]

    async def tool_call(self, journey_id: str, *, id: str = "tc-1", args_hash: str = "a1") -> str:
        """A proposed tool call."""
        async with self.database.transaction() as conn:
            await conn.execute(
                "insert into tool_call (id, journey_id, step, agent, tool, mode, args, args_hash, status, created_at)"
                " values ($1, $2, 'assess', 'assessor', 'pay', 'at_most_once', '', $3, 'proposed', $4)",
                id,
                journey_id,
                args_hash,
                NOW,
            )
        return id

    def later(self, **duration: float) -> datetime:
        return NOW + timedelta(**duration)
