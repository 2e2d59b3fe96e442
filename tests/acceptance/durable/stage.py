"""Errands whose workers are another process: it is killed and started again, and everything else stays."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeVar

from temporalio.client import Client
from temporalio.service import RPCError

from journeyman.agents.standin.server import ServedStandin
from journeyman.customers.keys import Keyring, load_master_key, new_master_key
from journeyman.errors import UnavailableError
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.project import Project
from journeyman.publishing import Published, put_in_force
from journeyman.store import Database
from journeyman.tasks import roster, staffing
from journeyman.tasks.desk import Desk
from tests.acceptance.durable.double import Double
from tests.acceptance.durable.errand import DOUBLE
from tests.acceptance.durable.project import STAFF

PATIENCE = 40.0  # seconds that a test waits for a state before it fails

FoundT = TypeVar("FoundT")
AUTHOR = Actor(kind="system", id="test")


@dataclass
class Errands:
    """What the test knows: the servers, the double, the stand-in; and the worker as long as it lives."""

    database: Database
    keyring: Keyring
    double: Double
    standin: ServedStandin
    environment: dict[str, str]
    folder: Path
    nursery: IO[bytes]
    temporal: Client
    desk: Desk = field(init=False)
    deaths: int = 0
    _wanted: dict[str, str] = field(default_factory=dict)
    _pid: int = 0
    _stopped: bool = False
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _births: asyncio.Server | None = None

    async def prepare(self, project: Project) -> None:
        """Publish and staff."""
        now = datetime.now(UTC)
        async with recording(self.database, self.keyring) as tx:
            await put_in_force(tx, project.bundle(), project.agents.values(), AUTHOR, now)
        self.desk = Desk(self.database, self.keyring, Published().authorizer, project.step)
        await roster.apply(self.desk, STAFF, AUTHOR, now)
        await staffing.set_presence(self.desk, "ada", "online", by="ada", now=now, auth="test")

    # The worker --------------------------------------------------------------------------------------------------------

    async def start(self, kill_at: str | None = None, *, again: bool = False) -> None:
        """Start the worker; whenever it is killed, another one takes its place, and is killed only where `again`."""
        self._births = await asyncio.start_unix_server(self._life, self.environment["ERRAND_BIRTHS"])
        self._wanted = {"JOURNEYMAN_KILL_AT": kill_at} if kill_at else {}
        self._bear()
        if not again:
            self._wanted = {}
        await self._until_ready()

    def kill(self) -> None:
        """kill -9, from outside."""
        self._ready.clear()
        os.kill(self._pid, signal.SIGKILL)

    async def stop(self) -> None:
        """End the worker."""
        if self._births is not None:
            self._births.close()
        if self._pid:
            self._stopped = True
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def _bear(self) -> None:
        self.nursery.write(json.dumps(self.environment | self._wanted).encode() + b"\n")
        self.nursery.flush()

    async def _life(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One worker's life: from its first word to the end of its connection."""
        self._pid = int(await reader.readline())
        self._ready.set()
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        self._ready.clear()
        if not self._stopped:
            self.deaths += 1
            self._bear()

    async def _until_ready(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ready.wait()
        except TimeoutError:
            raise AssertionError(f"no worker came up: {self.words()}") from None

    def words(self) -> str:
        """The end of the workers' log."""
        return (self.folder / "worker.log").read_text()[-4000:]

    # What comes from outside -------------------------------------------------------------------------------------------

    async def asks(self, deed: str, **told: Any) -> str:
        """Have something done at the front; whoever gets no answer asks again, as people and channels do."""
        async with asyncio.timeout(PATIENCE):
            while True:
                await self._until_ready()
                try:
                    reader, writer = await asyncio.open_unix_connection(self.environment["ERRAND_FRONT"])
                    writer.write(json.dumps({"deed": deed} | told).encode() + b"\n")
                    line = await reader.readline()
                    writer.close()
                except OSError:
                    line = b""
                if line:
                    answer = json.loads(line)
                    if "done" in answer:
                        return str(answer["done"])
                    if not answer["error"].startswith("DatabaseUnavailableError"):
                        raise AssertionError(answer["error"])
                await asyncio.sleep(0.02)

    async def until(self, look: Callable[[], Awaitable[FoundT | None]], what: str) -> FoundT:
        """Wait for a state, and fail with the workers' log."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    with suppress(UnavailableError, RPCError):  # a server may be away, as servers are in these tests
                        if (found := await look()) is not None:
                            return found
                    await asyncio.sleep(0.03)
        except TimeoutError:
            raise AssertionError(f"waited {PATIENCE:g} s for {what}; {self.words()}") from None


@asynccontextmanager
async def errands_with(
    folder: Path,
    project: Project,
    standin: ServedStandin,
    double: Double,
    nursery: IO[bytes],
    dsn: str,
    temporal: Client,
) -> AsyncIterator[Errands]:
    """Errands on these servers; no worker runs yet."""
    key = new_master_key()
    environment = {
        "JOURNEYMAN_DATABASE_URL": dsn,
        "JOURNEYMAN_MASTER_KEY": key,
        "JOURNEYMAN_TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
        "OPENAI_BASE_URL": standin.base_url,
        "ERRAND_FRONT": str(folder / "front"),
        "ERRAND_BIRTHS": str(folder / "births"),
        "ERRAND_LOG": str(folder / "worker.log"),
        DOUBLE: str(double.port),
    }
    database = await Database.connect(dsn)
    errands = Errands(database, Keyring(load_master_key(key)), double, standin, environment, folder, nursery, temporal)
    try:
        await errands.prepare(project)
        yield errands
    finally:
        await errands.stop()
        await database.close()
