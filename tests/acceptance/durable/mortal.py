"""A process that may be killed: the errands' workers, the dispatcher, and a front where messages and submits come in.

Born by the nursery, with everything from its environment. It ends with its parent.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from typing import Any

from temporalio.common import WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig

from journeyman.agents.endpoint import Endpoint
from journeyman.conversation.inbound import Inbound, receive
from journeyman.errors import JourneymanError, UnavailableError
from journeyman.journey.names import QUEUES
from journeyman.settings import Settings
from journeyman.store import Database
from journeyman.tasks import closing, working
from journeyman.tasks.cases import open_case
from journeyman.tasks.permission import OPERATOR, Permission
from journeyman.temporal.connection import connect, keyring_of
from journeyman.temporal.dispatcher import dispatch
from journeyman.temporal.engine import Engine
from journeyman.temporal.plugin import JourneymanPlugin
from journeyman.views import contents
from tests.acceptance.durable.project import POLICIES, errands

AUTH = "test"
_BUILD = WorkerDeploymentConfig(version=WorkerDeploymentVersion("mortal", "1"), use_worker_versioning=False)
"""Without a name for it, the client reads all code again to make one."""


class Front:
    """One JSON line in, one out. Each deed may be asked for again: what has been done is not done twice."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.desk = engine.desk

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One deed."""
        told = json.loads(await reader.readline())
        deeds: dict[str, Callable[..., Awaitable[str]]] = {"say": self.say, "open": self.open, "finish": self.finish}
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

    async def open(self, plan: list[str]) -> str:
        """Errands with another plan."""
        row = await open_case(
            self.desk,
            self.engine.project.definition("errand"),
            address="plan",
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
        await stack.enter_async_context(await asyncio.start_unix_server(Front(engine).serve, socket))
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
