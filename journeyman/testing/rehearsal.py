"""A rehearsal of a project's journeys: real Temporal, real Postgres, real policies; scripted AI and people.

async with Rehearsal.of(project, database, keyring, temporal) as rehearsal:
    rehearsal.ai["assessor"].then(result(Settlement(...)))
    ada = await rehearsal.customer("ada@example.org")
    journey = await ada.opens("insurance-claim")
    anna = rehearsal.person("anna")
    task = await anna.takes("report-loss")
    await anna.completes(task, LossReport(...))
    assert await journey.outcome() == "settled"
    assert await journey.decisions("complete") == [("deny", ("large-claims-reviewed",))]
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeVar

from pydantic import BaseModel, JsonValue
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from journeyman.agents.endpoint import Endpoint
from journeyman.agents.standin.server import serve_standin
from journeyman.conversation import transcript
from journeyman.conversation.inbound import Inbound, Received, receive
from journeyman.conversation.transcript import Message
from journeyman.customers import journeys
from journeyman.customers.journeys import JourneyRow
from journeyman.customers.keys import Keyring
from journeyman.customers.record import NewCustomer
from journeyman.journey import names
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.project import Project
from journeyman.publishing import publish_agent, publish_policies
from journeyman.store.database import Database
from journeyman.store.sql import load
from journeyman.tasks import closing, inbox, roster, working
from journeyman.tasks.desk import Desk
from journeyman.tasks.models import Task
from journeyman.temporal.dispatcher import dispatch
from journeyman.temporal.engine import Engine
from journeyman.temporal.plugin import JourneymanPlugin, converter
from journeyman.testing.script import Script

AUTH = "rehearsal"
_AUTHOR = Actor(kind="system", id="rehearsal")
_PATIENCE = 20.0  # seconds that a test waits for a state before it fails
sql = load("testing")

FoundT = TypeVar("FoundT")


class Rehearsal:
    """One project on one database; made by `Rehearsal.of`."""

    def __init__(self, engine: Engine, temporal: Client, scripts: dict[str, Script]) -> None:
        self.engine = engine
        self.temporal = temporal
        self.ai = scripts
        self.desk = Desk(engine.database, engine.keyring, engine.published.authorizer, engine.project.output_model)
        self._numbers = count(1)

    @classmethod
    @asynccontextmanager
    async def of(
        cls,
        project: Project,
        database: Database,
        keyring: Keyring,
        temporal: Client,
        *,
        staff: Mapping[str, Any],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        roles: tuple[str, ...] = ("journeys", "agents", "engine"),
    ) -> "AsyncIterator[Rehearsal]":
        """Publish the project's policies and agents, set the roster `staff`, and run its workers while the block runs."""
        scripts: dict[str, Script] = defaultdict(Script)
        agents = {
            name: agent.model_copy(update={"standin": f"rehearsal:{name}"}) for name, agent in project.agents.items()
        }
        played = {f"stand-in/rehearsal:{name}": scripts[name] for name in agents}
        async with serve_standin(scripts=played) as served:
            endpoint = Endpoint(served.base_url, "none", "stand-in")
            engine = Engine(database, keyring, replace(project, agents=agents), endpoint, clock=clock)
            client = Client(temporal.service_client, namespace=temporal.namespace, data_converter=converter(engine))
            rehearsal = cls(engine, client, scripts)
            await rehearsal._prepare(staff)
            try:
                async with _Workers(rehearsal, roles):
                    yield rehearsal
            finally:
                await rehearsal._end_what_is_open()
                await endpoint.close()

    async def _prepare(self, staff: Mapping[str, Any]) -> None:
        now = self.engine.clock()
        async with recording(self.engine.database, self.engine.keyring) as tx:
            await publish_policies(tx, self.engine.project.bundle(), _AUTHOR, now)
            for agent in self.engine.project.agents.values():
                await publish_agent(tx, agent, _AUTHOR, now)
        await roster.apply(self.desk, staff, _AUTHOR, now)
        for person in staff.get("people", {}):
            await roster.set_presence(self.desk, person, "online", by=person, now=now, auth=AUTH)

    async def _end_what_is_open(self) -> None:
        """No journey outlives its rehearsal: another one's workers would get it."""
        async with self.engine.database.connection() as conn:
            left = await journeys.list_journeys(conn, status="open", limit=1000)
        for row in left:
            with suppress(RPCError):
                await self.temporal.get_workflow_handle(row.id).terminate("the rehearsal has ended")

    def customer(self, address: str | None = None, **record: Any) -> "RehearsedCustomer":
        """A customer who writes from this address. `record` are fields of NewCustomer, such as `tier`."""
        return RehearsedCustomer(self, address or f"customer-{next(self._numbers)}", NewCustomer(**record))

    def person(self, id: str) -> "RehearsedPerson":
        """Someone of the roster."""
        return RehearsedPerson(self, id)

    def journey(self, id: str) -> "RehearsedJourney":
        """A journey by its id."""
        return RehearsedJourney(self, id)

    async def deliver(self, journey: str) -> None:
        """Send what has been committed for a journey."""
        await dispatch(
            self.engine.database, self.engine.keyring, self.temporal, now=self.engine.clock(), journey=journey
        )


@dataclass(frozen=True)
class RehearsedCustomer:
    """A customer, as a test plays them."""

    rehearsal: Rehearsal
    address: str
    record: NewCustomer
    channel: str = "chat"

    async def says(
        self, text: str, *, kind: str | None = None, left: bool = False, id: str | None = None
    ) -> "RehearsedJourney":
        """Write a message; outside an open journey it opens one of this kind."""
        received = await self._send(text, kind, left, id)
        return RehearsedJourney(self.rehearsal, received.journey)

    async def leaves(self) -> "RehearsedJourney":
        """Hang up."""
        return await self.says("", left=True)

    async def _send(self, text: str, kind: str | None, left: bool, id: str | None) -> Received:
        engine = self.rehearsal.engine
        provider_id = id or f"{self.address}-{next(self.rehearsal._numbers)}"
        received = await receive(
            engine.database,
            engine.keyring,
            Inbound(self.channel, self.address, text, provider_id, left),
            opens=engine.project.definition(kind) if kind else None,
            newcomer=self.record,
            now=engine.clock(),
        )
        await self.rehearsal.deliver(received.journey)
        return received


@dataclass(frozen=True)
class RehearsedPerson:
    """A person of the roster, as a test plays them."""

    rehearsal: Rehearsal
    id: str

    async def takes(self, step: str, *, kind: str = "work") -> Task:
        """Wait for a task of this step, claim and start it."""
        desk, now = self.rehearsal.desk, self.rehearsal.engine.clock

        async def found() -> Task | None:
            ranked = await inbox.waiting(desk, self.id, now=now())
            return next((each.task for each in ranked if (each.task.step, each.task.kind) == (step, kind)), None)

        task = await eventually(found, f"a task `{kind}` of step `{step}` for `{self.id}`")
        await working.claim(desk, task.id, self.id, now=now(), auth=AUTH)
        return await working.start(desk, task.id, self.id, now=now(), auth=AUTH)

    async def completes(self, task: Task, output: BaseModel) -> None:
        """Submit a result."""
        await self._close(closing.complete(*self._on(task), output.model_dump(mode="json"), **self._when()), task)

    async def disposes(self, task: Task, disposition: str) -> None:
        """Close it without a result."""
        await self._close(closing.dispose(*self._on(task), disposition, **self._when()), task)

    async def accepts(self, task: Task) -> None:
        """Let a draft count."""
        await self._close(closing.accept(*self._on(task), **self._when()), task)

    async def edits(self, task: Task, output: BaseModel | str) -> None:
        """Let a draft count as edited."""
        edited: JsonValue = output if isinstance(output, str) else output.model_dump(mode="json")
        await self._close(closing.edit(*self._on(task), edited, **self._when()), task)

    async def rejects(self, task: Task, comment: str) -> None:
        """Refuse a draft."""
        await self._close(closing.reject(*self._on(task), comment=comment, **self._when()), task)

    async def hands_back(self, task: Task, reason: str) -> None:
        """Return the work to the AI agent."""
        await self._close(closing.hand_back(*self._on(task), reason=reason, **self._when()), task)

    async def answers(self, task: Task, text: str) -> None:
        """Answer an AI agent's question."""
        await self._close(closing.answer(*self._on(task), text, **self._when()), task)

    async def approves(self, task: Task) -> None:
        """Approve exactly the tool call that the task is about."""
        page = await inbox.show(self.rehearsal.desk, task.id, self.id, now=self.rehearsal.engine.clock(), auth=AUTH)
        await self._close(closing.approve(*self._on(task), args_hash=page.tool_call_hash or "", **self._when()), task)

    async def denies(self, task: Task, comment: str) -> None:
        """Refuse the tool call."""
        page = await inbox.show(self.rehearsal.desk, task.id, self.id, now=self.rehearsal.engine.clock(), auth=AUTH)
        denial = closing.deny(*self._on(task), args_hash=page.tool_call_hash or "", comment=comment, **self._when())
        await self._close(denial, task)

    def _on(self, task: Task) -> tuple[Desk, str, str]:
        return self.rehearsal.desk, task.id, self.id

    def _when(self) -> dict[str, Any]:
        return {"now": self.rehearsal.engine.clock(), "auth": AUTH}

    async def _close(self, closed: Any, task: Task) -> None:
        await closed
        await self.rehearsal.deliver(task.journey_id)


@dataclass(frozen=True)
class RehearsedJourney:
    """A journey under way, as a test looks at it."""

    rehearsal: Rehearsal
    id: str

    async def row(self) -> JourneyRow:
        """What Postgres knows of it."""
        async with self.rehearsal.engine.database.connection() as conn:
            return await journeys.read(conn, self.id)

    async def outcome(self) -> str:
        """Wait for its end."""

        async def closed() -> str | None:
            row = await self.row()
            return row.outcome if row.status != "open" else None

        return await eventually(closed, f"the end of journey `{self.id}`", self.story)

    async def told(self, text: str) -> Message:
        """Wait until the customer was told something that contains `text`."""

        async def found() -> Message | None:
            return next((m for m in await self.messages() if m.author_kind != "customer" and text in m.text), None)

        return await eventually(found, f"a message with `{text}` in journey `{self.id}`", self.story)

    async def messages(self) -> list[Message]:
        """The transcript."""
        engine = self.rehearsal.engine
        row = await self.row()
        async with engine.database.connection() as conn:
            return await transcript.read(conn, engine.keyring, self.id, row.customer_id)

    async def decisions(self, action: str | None = None) -> list[tuple[str, str, tuple[str, ...]]]:
        """(action, verdict, ids of the policies), in order."""
        rows = await self._entries("decisions")
        found = [(row["action"], row["verdict"], tuple(row["policies"])) for row in rows]
        return [each for each in found if action in (None, each[0])]

    async def handoffs(self) -> list[tuple[str, str]]:
        """(direction, reason), in order."""
        return [(row["direction"], row["reason"]) for row in await self._entries("handoffs")]

    async def entries(self) -> list[str]:
        """The types of all ledger entries, in order."""
        return [row["type"] for row in await self._entries("entries")]

    async def story(self) -> str:
        """What has happened so far, for the message of a test that waited in vain."""
        told = [f"{row['type']} {row['told']}" for row in await self._entries("story")]
        return "\n".join(["it went like this:", *told])

    async def _entries(self, name: str) -> list[Any]:
        async with self.rehearsal.engine.database.connection() as conn:
            return list(await conn.fetch(sql[name], self.id))


class _Workers:
    """The project's workers, one a role."""

    def __init__(self, rehearsal: Rehearsal, roles: tuple[str, ...]) -> None:
        queues = {"journeys": names.JOURNEYS_QUEUE, "agents": names.AGENTS_QUEUE, "engine": names.ENGINE_QUEUE}
        self._workers = [
            Worker(
                rehearsal.temporal, task_queue=queues[role], plugins=[JourneymanPlugin(rehearsal.engine, roles=(role,))]
            )
            for role in roles
        ]

    async def __aenter__(self) -> None:
        self._running = [asyncio.create_task(worker.run()) for worker in self._workers]

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(worker.shutdown() for worker in self._workers))
        await asyncio.gather(*self._running)


async def eventually(
    look: Callable[[], Awaitable[FoundT | None]], what: str, story: Callable[[], Awaitable[str]] | None = None
) -> FoundT:
    """Look until there is something. A state is waited for, never slept for."""
    try:
        async with asyncio.timeout(_PATIENCE):
            while (found := await look()) is None:  # noqa: ASYNC110 - the state is another process's, it has no event
                await asyncio.sleep(0.02)
            return found
    except TimeoutError:
        told = f"; {await story()}" if story is not None else ""
        raise AssertionError(f"waited {_PATIENCE:g} s for {what}{told}") from None
