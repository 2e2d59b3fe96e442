"""A rehearsal of a project's journeys: real Temporal, real Postgres, real policies; scripted AI and people.

async with Rehearsal.of(project, database, keyring, temporal, staff=STAFF) as rehearsal:
    rehearsal.ai["assessor"].then(result(Settlement(...)))
    journey = await rehearsal.customer().says("Someone hit my car", kind="insurance-claim")
    anna = rehearsal.person("anna")
    await anna.completes(await anna.takes("report-loss"), LossReport(...))
    assert await journey.outcome() == "settled"
    await journey.decided("complete", "deny", "claim-large-settlement-reviewed")
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from journeyman.agents.endpoint import Endpoint
from journeyman.agents.standin.server import serve_standin
from journeyman.customers import journeys
from journeyman.customers.keys import Keyring
from journeyman.customers.record import NewCustomer
from journeyman.journey import names
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.project import Project
from journeyman.publishing import put_in_force
from journeyman.store.database import Database
from journeyman.store.sql import load
from journeyman.tasks import roster, staffing
from journeyman.tasks.clocks import ABSENCE, sweep
from journeyman.temporal.dispatcher import dispatch
from journeyman.temporal.engine import Engine
from journeyman.temporal.plugin import JourneymanPlugin, converter
from journeyman.testing.pending import Pending, end_pending, pending_of
from journeyman.testing.players import AUTH, RehearsedCustomer, RehearsedPerson
from journeyman.testing.script import Scripts
from journeyman.testing.skipped import SkippedTime, upcoming
from journeyman.testing.staff import attending
from journeyman.testing.story import RehearsedJourney
from journeyman.testing.waiting import eventually

sql = load("testing")

_TICK = timedelta(milliseconds=1)  # the server's clock is no finer


class Rehearsal:
    """One project on one database; made by `Rehearsal.of`."""

    author = Actor(kind="system", id="rehearsal")
    """Who publishes the project and opens journeys that no customer asked for."""

    def __init__(self, engine: Engine, temporal: Client, scripts: Scripts, time: SkippedTime | None) -> None:
        self.engine = engine
        self.temporal = temporal
        self.ai = scripts
        self.desk = engine.desk
        self._time = time
        self._numbers = count(1)

    @classmethod
    @asynccontextmanager
    async def of(
        cls,
        project: Project,
        database: Database,
        keyring: Keyring,
        temporal: Client | SkippedTime,
        *,
        staff: Mapping[str, Any],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        roles: tuple[str, ...] = ("journeys", "agents", "engine"),
    ) -> "AsyncIterator[Rehearsal]":
        """Publish the project's policies and agents, set the roster `staff`, and run its workers while the block runs.

        On a `SkippedTime` its clock is everyone's, and `passes` moves it.
        """
        if isinstance(temporal, SkippedTime):
            time, server, clock = temporal, temporal.client, temporal.now
        else:
            time, server = None, temporal
        scripts = Scripts(project.agents)
        agents = {
            name: agent.model_copy(update={"standin": _script_of(name)}) for name, agent in project.agents.items()
        }
        played = {f"stand-in/{_script_of(name)}": script for name, script in scripts.items()}
        async with serve_standin(scripts=played) as served:
            endpoint = Endpoint(served.base_url, "none", "stand-in")
            engine = Engine(database, keyring, replace(project, agents=agents), endpoint, clock=clock)
            client = Client(server.service_client, namespace=server.namespace, data_converter=converter(engine))
            rehearsal = cls(engine, client, scripts, time)
            await rehearsal._prepare(staff)
            try:
                async with _Workers(rehearsal, roles):
                    yield rehearsal
            finally:
                await end_pending(rehearsal.temporal, database)
                await endpoint.close()

    def customer(self, address: str | None = None, *, channel: str = "chat", **record: Any) -> RehearsedCustomer:
        """A customer who writes from this address. `record` are fields of NewCustomer, such as `tier`."""
        return RehearsedCustomer(self, address or f"customer-{self.number()}", NewCustomer(**record), channel)

    def person(self, id: str) -> RehearsedPerson:
        """Someone of the roster."""
        return RehearsedPerson(self, id)

    def journey(self, id: str) -> RehearsedJourney:
        """A journey by its id."""
        return RehearsedJourney(self, id)

    def number(self) -> int:
        """One that this rehearsal has not used yet."""
        return next(self._numbers)

    # Time --------------------------------------------------------------------------------------------------------------

    async def passes(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        until: datetime | str | None = None,
        zone: str = "UTC",
    ) -> None:
        """Let time pass, or skip to a moment: a datetime, or the next `fri 16:00` of a time zone.

        Every timer of every journey and every clock of Postgres has its effect at its own moment on the way, and each
        journey comes to rest before time goes on. Raises AssertionError on a rehearsal whose time is not skipped.
        """
        if self._time is None:
            raise AssertionError(
                "this rehearsal's time is real; give it a `SkippedTime`, or `skip_time=True` in a test"
            )
        if isinstance(until, str):
            until = upcoming(until, after=self._time.now(), zone=zone)
        target = until or self._time.now() + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if target < self._time.now():
            raise AssertionError(f"{target.isoformat()} is over, and time only goes forward")
        await self._rest()
        while (now := self._time.now()) < target:
            moment = min([target, *await self._due(now)])
            await self._time.move(max(moment - now, _TICK))
            await self._rest()

    async def _due(self, now: datetime) -> list[datetime]:
        """When something happens next by itself: a journey's timer, a clock of Postgres."""
        async with self.engine.database.connection() as conn:
            clock = await conn.fetchval(sql["due"], now, ABSENCE)
        timers = [timer for each in await self._pending() for timer in each.timers.values()]
        return [*timers, *([clock] if clock else [])]

    async def _rest(self) -> None:
        """Do what is due now, and wait until every journey waits for someone, or for time."""
        await self._at_rest()
        await sweep(self.desk, now=self.engine.clock())
        await self.deliver()
        await self._at_rest()

    async def _at_rest(self) -> None:
        async def resting() -> bool | None:
            return None if any(each.at_work for each in await self._pending()) else True

        await eventually(resting, "every journey to wait for someone, or for time", self._stories)

    async def _pending(self) -> list[Pending]:
        return [await pending_of(self.temporal, id) for id in await self.open_journeys()]

    # What it does behind the scenes ------------------------------------------------------------------------------------

    async def deliver(self, journey: str | None = None) -> None:
        """Send what has been committed for a journey, or for all: the engine worker's dispatcher, at once."""
        await dispatch(
            self.engine.database, self.engine.keyring, self.temporal, now=self.engine.clock(), journey=journey
        )

    async def open_journeys(self) -> list[str]:
        """The ids of the journeys that have not ended."""
        async with self.engine.database.connection() as conn:
            return [row.id for row in await journeys.list_journeys(conn, status="open", limit=1000)]

    async def _stories(self) -> str:
        return "\n".join([await self.journey(id).story() for id in await self.open_journeys()])

    async def _prepare(self, staff: Mapping[str, Any]) -> None:
        now = self.engine.clock()
        async with recording(self.engine.database, self.engine.keyring) as tx:
            project = self.engine.project
            await put_in_force(
                tx, project.bundle(), project.agents.values(), self.author, now, knowledge=project.base()
            )
        await roster.apply(self.desk, staff, self.author, now)
        for person in attending(staff):
            await staffing.set_presence(self.desk, person, "online", by=person, now=now, auth=AUTH)


def _script_of(agent: str) -> str:
    return f"rehearsal:{agent.replace('-', '_')}"


class _Workers:
    """The project's workers, one a role."""

    def __init__(self, rehearsal: Rehearsal, roles: tuple[str, ...]) -> None:
        self._workers = [
            Worker(
                rehearsal.temporal,
                task_queue=names.QUEUES[role],
                plugins=[JourneymanPlugin(rehearsal.engine, roles=(role,))],
            )
            for role in roles
        ]

    async def __aenter__(self) -> None:
        self._running = [asyncio.create_task(worker.run()) for worker in self._workers]

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(worker.shutdown() for worker in self._workers))
        await asyncio.gather(*self._running)
