"""The real servers of one test session: a Postgres and a Temporal of its own, and a fresh database for each rehearsal."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from temporalio.client import Client

from journeyman.embedded import Postgres, TemporalServer
from journeyman.embedded.home import ROOT_HOME
from journeyman.embedded.lock import FolderLock
from journeyman.errors import ConfigurationError
from journeyman.store import Database, migrate
from journeyman.store.database import alone
from journeyman.store.sql import load

sql = load("testing")

_TEMPLATE = "template_journeyman"
_MOST = 64  # sessions at once in one folder
_ROOM = 2 * 2**30  # bytes: what sessions at once may come to


def in_memory() -> Path | None:
    """The machine's folder in memory, if it has room. A test's database is some 300 files, made and deleted: on a disk that costs
    more than most tests do."""
    folder = Path("/dev/shm")
    try:
        return folder if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= _ROOM else None
    except OSError:
        return None


def scratch_home() -> Path:
    """Where root's databases stand that nobody keeps."""
    folder = in_memory()
    return ROOT_HOME if folder is None else folder / "journeyman"


class Servers:
    """Fast and not durable, and gone when the session ends: nothing of one session reaches the next.

    Each session takes the first folder below `root` that no other one holds, and removes what a killed one left there.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._numbers = count(1)

    async def start(self) -> None:
        """Start both. Raises ConfigurationError (no wheel) or UnavailableError with a server's last words."""
        self._lock, folder = self._take()
        self._temporal = TemporalServer(log=folder / "temporal.log")
        self._postgres = Postgres(folder, durable=False, root_home=scratch_home())
        try:
            self._temporal.end_orphan()
            await Postgres(folder, root_home=scratch_home()).remove()
            await self._temporal.start()
            await self._postgres.start()
            await self._administer("create_empty", _TEMPLATE)
            await migrate(self._postgres.dsn(database=_TEMPLATE))
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End both, and leave nothing but their logs."""
        self._temporal.kill()  # nothing of it is kept, and an orderly end takes a second
        try:
            await self._postgres.remove()
        finally:
            self._lock.release()

    async def client(self) -> Client:
        """A Temporal client, without the payload codec."""
        return await self._temporal.client()

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        """A fresh, migrated, empty database as the application's role, while the block runs."""
        name = f"rehearsal_{next(self._numbers)}"
        await self._administer("create_from_template", name)
        try:
            database = await Database.connect(self._postgres.dsn("journeyman_app", name))
            try:
                yield database
            finally:
                await database.close()
        finally:
            await self._administer("drop", name)

    def _take(self) -> tuple[FolderLock, Path]:
        for number in range(1, _MOST + 1):
            folder = self._root / str(number)
            lock = FolderLock(folder)
            try:
                lock.acquire()
            except ConfigurationError:  # another session's
                continue
            return lock, folder
        raise ConfigurationError(f"{_MOST} test sessions run in `{self._root}`; end some of them")

    async def _administer(self, statement: str, name: str) -> None:
        async with alone(self._postgres.dsn(database="postgres")) as conn:
            await conn.execute(sql[statement].format(name=name, template=_TEMPLATE))
