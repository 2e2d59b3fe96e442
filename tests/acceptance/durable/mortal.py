"""A process that may be killed: the errands' workers, the dispatcher, and a front where messages and submits come in.

Born by the nursery, with everything from its environment. It ends with its parent.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from journeyman.agents.endpoint import Endpoint
from journeyman.conversation.inbound import Inbound, receive
from journeyman.customers.erasing import erase
from journeyman.errors import ConflictError, JourneymanError, RepeatedError, UnavailableError
from journeyman.journey.names import QUEUES
from journeyman.ledger.checkpoint import SigningKey
from journeyman.ledger.integrator import integrate
from journeyman.ledger.publish import publish
from journeyman.settings import Settings
from journeyman.store import Database
from journeyman.tasks import closing, working
from journeyman.tasks.cases import cancel, open_case
from journeyman.tasks.clocks import lapse_offers
from journeyman.tasks.desk import Desk
from journeyman.tasks.offering import make_offers
from journeyman.tasks.once import Once
from journeyman.tasks.permission import OPERATOR, Permission
from journeyman.tasks.speaking import say_in
from journeyman.tasks.stops import stop
from journeyman.temporal.archive import archive
from journeyman.temporal.connection import connect, keyring_of
from journeyman.temporal.dispatcher import dispatch
from journeyman.temporal.engine import Engine
from journeyman.temporal.plugin import JourneymanPlugin
from journeyman.views import contents
from tests.acceptance.durable.project import POLICIES, errands

AUTH = "test"
KEY = SigningKey("ledger.example/errands", bytes(range(32)))
_BUILD = WorkerDeploymentConfig(version=WorkerDeploymentVersion("mortal", "1"), use_worker_versioning=False)
"""Without a name for it, the client reads all code again to make one."""


class Front:
    """One JSON line in, one out. Each deed may be asked for again: what has been done is not done twice."""

    def __init__(self, engine: Engine, temporal: Client) -> None:
        self.engine = engine
        self.temporal = temporal
        self.desk = engine.desk

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One deed."""
        told = json.loads(await reader.readline())
        deeds: dict[str, Callable[..., Awaitable[str]]] = {
            "say": self.say,
            "open": self.open,
            "finish": self.finish,
            "aim": self.aim,
            "do": self.do,
            "erase": self.erase,
            "archive": self.archive,
            "integrate": self.integrate,
            "publish": self.publish,
        }
        try:
            answer = {"done": await deeds[told.pop("deed")](**told)}
        except JourneymanError as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        writer.write(json.dumps(answer).encode() + b"\n")
        await writer.drain()
        writer.close()

    async def say(self, address: str, text: str, id: str) -> str:
        """A customer's message; returns its journey."""
        received = await receive(
            self.engine.database,
            self.engine.keyring,
            Inbound("chat", address, text, id),
            opens=self.engine.project.definition("errand"),
            now=_now(),
        )
        return received.journey

    async def open(self, plan: list[str], address: str = "plan") -> str:
        """Errands with another plan."""
        row = await open_case(
            self.desk,
            self.engine.project.definition("errand"),
            address=address,
            input={"plan": [*plan]},
            permitted=Permission(OPERATOR),
            now=_now(),
        )
        return row.id

    async def finish(self, task: str, person: str, output: Any = None) -> str:
        """Take a task, start it, and do with it what it is for."""
        page = await contents.show(self.desk, task, person, now=_now(), auth=AUTH)
        if page.task.state == "ready":
            await working.claim(self.desk, task, person, now=_now(), auth=AUTH)
            page = await contents.show(self.desk, task, person, now=_now(), auth=AUTH)
        if page.task.state == "reserved":
            await working.start(self.desk, task, person, now=_now(), auth=AUTH)
        if page.task.open:
            match page.task.kind:
                case "review":
                    await closing.accept(self.desk, task, person, now=_now(), auth=AUTH)
                case "approval":
                    digest = page.tool_call_hash or ""
                    await closing.approve(self.desk, task, person, args_hash=digest, now=_now(), auth=AUTH)
                case _:
                    await closing.complete(self.desk, task, person, output, now=_now(), auth=AUTH)
        return "finished"

    async def aim(self, at: str) -> str:
        """Die when that kill point comes next."""
        os.environ["JOURNEYMAN_KILL_AT"] = at
        return "aimed"

    async def do(self, what: str, key: str, journey: str = "") -> str:
        """One of the deeds that write, under the key of its request."""
        now = _now()
        desk = replace(self.desk, once=Once("ada", key, key.encode(), now))
        with suppress(RepeatedError):
            await _DEEDS[what](desk, self.engine, journey, now)
        return "done"

    async def erase(self, customer: str) -> str:
        """Erase a customer; their journeys end."""
        with suppress(ConflictError):  # they are erased
            await erase(self.desk, customer, person=None, now=_now())
        return "erased"

    async def archive(self) -> str:
        """Keep the histories of what has closed."""
        await archive(self.engine.database, self.temporal, now=_now() + timedelta(hours=1))
        return "archived"

    async def integrate(self, dsn: str) -> str:
        """A round of the integrator."""
        async with _integrator(dsn) as database:
            await integrate(database, KEY, now=_now())
        return "integrated"

    async def publish(self, dsn: str, folder: str) -> str:
        """A round of the publisher."""
        async with _integrator(dsn) as database:
            await publish(database, Path(folder))
        return "published"


@asynccontextmanager
async def _integrator(dsn: str) -> AsyncIterator[Database]:
    database = await Database.connect(dsn, max_size=1)
    try:
        yield database
    finally:
        await database.close()


async def _start(desk: Desk, engine: Engine, journey: str, now: datetime) -> None:
    definition = engine.project.definition("errand")
    await open_case(desk, definition, address="new", input={"plan": []}, permitted=Permission(OPERATOR), now=now)


async def _offer(desk: Desk, engine: Engine, journey: str, now: datetime) -> None:
    await make_offers(replace(desk, once=None), now=now)  # clocks have no requests


async def _lapse(desk: Desk, engine: Engine, journey: str, now: datetime) -> None:
    await lapse_offers(replace(desk, once=None), now=now + timedelta(hours=1))


async def _speak(desk: Desk, engine: Engine, journey: str, now: datetime) -> None:
    await say_in(desk, journey, "ada", "I am here.", now=now, auth=AUTH)


async def _stop(desk: Desk, engine: Engine, journey: str, now: datetime) -> None:
    await stop(desk, f"journey:{journey}", reason="odd", now=now)


async def _cancel(desk: Desk, engine: Engine, journey: str, now: datetime) -> None:
    await cancel(desk, journey, "customer_request", now=now)


_DEEDS = {"start": _start, "offer": _offer, "lapse": _lapse, "speak": _speak, "stop": _stop, "cancel": _cancel}


def _now() -> datetime:
    return datetime.now(UTC)


async def main() -> None:
    """Work until killed, or until the parent is gone."""
    settings = Settings()
    database = await Database.connect(settings.need("database_url"))
    endpoint = Endpoint(settings.need("model_base_url"), "none", "stand-in")
    engine = Engine(database, keyring_of(settings), errands(POLICIES), endpoint)
    client = await connect(settings, engine.database, engine.keyring)
    async with AsyncExitStack() as stack:
        for role, queue in QUEUES.items():
            # No cache: the one who comes after a killed worker is to be asked at once, not the dead one's own queue.
            worker = Worker(
                client,
                task_queue=queue,
                plugins=[JourneymanPlugin(engine, roles=(role,))],
                max_cached_workflows=0,
                deployment_config=_BUILD,
            )
            await stack.enter_async_context(worker)
        socket = os.environ["ERRAND_FRONT"]
        with suppress(FileNotFoundError):
            os.unlink(socket)
        await stack.enter_async_context(await asyncio.start_unix_server(Front(engine, client).serve, socket))
        parent, births = await asyncio.open_unix_connection(os.environ["ERRAND_BIRTHS"])
        births.write(f"{os.getpid()}\n".encode())
        ending = asyncio.create_task(_end_with(parent))
        while not ending.done():
            with suppress(UnavailableError):
                await dispatch(engine.database, engine.keyring, client, now=_now())
            await asyncio.sleep(0.05)


async def _end_with(parent: asyncio.StreamReader) -> None:
    await parent.read()
    os._exit(0)
