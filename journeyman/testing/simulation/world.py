"""The deployment that a simulation plays on, and what customers and people act through."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from temporalio.client import Client, Interceptor

from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.project import Project
from journeyman.publishing import put_in_force
from journeyman.settings import Settings
from journeyman.tasks import roster, staffing
from journeyman.tasks.desk import Desk
from journeyman.temporal import worker
from journeyman.temporal.connection import check_search_attributes, connect
from journeyman.temporal.dispatcher import dispatch
from journeyman.temporal.engine import Engine
from journeyman.testing.staff import attending

AUTH = "simulated"
"""How the ledger says that a simulated person was authenticated."""

T = TypeVar("T")

_LONGEST = 5.0  # seconds that what is under way has when the world closes

DIRECTOR = Actor(kind="system", id="simulation", auth=AUTH)


@dataclass
class World:
    """What everyone in a simulation shares. `ahead` is how far the people's clock is set ahead of the real one."""

    engine: Engine
    temporal: Client
    settings: Settings
    desk: Desk = field(init=False)
    ahead: timedelta = timedelta()
    _under_way: set[asyncio.Task[Any]] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self.desk = self.engine.desk

    def now(self) -> datetime:
        """The simulation's moment."""
        return datetime.now(UTC) + self.ahead

    async def deliver(self, journey: str) -> None:
        """Send what has been committed for a journey."""
        await dispatch(self.engine.database, self.engine.keyring, self.temporal, now=datetime.now(UTC), journey=journey)

    async def through(self, deed: Coroutine[Any, Any, T]) -> T:
        """Do it to its end, even where whoever asked for it is cancelled: the world closes after it."""
        doing = asyncio.create_task(deed)
        self._under_way.add(doing)
        doing.add_done_callback(self._under_way.discard)
        return await asyncio.shield(doing)

    async def settle(self) -> None:
        """Wait for what is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_LONGEST)

    async def furnish(self, staff: Mapping[str, Any]) -> None:
        """Publish the project's policies, AI agents and knowledge, set the roster, and have its people come."""
        now = self.now()
        async with recording(self.engine.database, self.engine.keyring) as tx:
            project = self.engine.project
            await put_in_force(tx, project.bundle(), project.agents.values(), DIRECTOR, now, knowledge=project.base())
        await self.staff(staff)
        for person in attending(staff):
            await staffing.set_presence(self.desk, person, "online", by=person, now=now, auth=AUTH)

    async def staff(self, document: Mapping[str, Any]) -> None:
        """Apply a roster document."""
        await roster.apply(self.desk, document, DIRECTOR, self.now())


@asynccontextmanager
async def opened(
    settings: Settings, project: Project, *, workers: bool = False, interceptors: Sequence[Interceptor] = ()
) -> AsyncIterator[World]:
    """Connect to a deployment. With `workers`, run the project's workers, all roles, in this process while the block runs."""
    async with worker.engine_of(settings, project) as engine, AsyncExitStack() as stack:
        client = await connect(settings, engine.database, engine.keyring, interceptors=interceptors)
        await check_search_attributes(client)
        if workers:
            await stack.enter_async_context(worker.running(engine, client, worker.ROLES, settings))
        world = World(engine, client, settings)
        stack.push_async_callback(world.settle)
        yield world
