"""The console of the benchmarks, in a process of its own, and the browser of the people who use it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from pydantic import SecretStr

from benchmarks.desk_seed import STEPS
from journeyman.console.asked import Console
from journeyman.console.listening import listen, url_of
from journeyman.console.live.feed import Feed
from journeyman.console.serve import serving, spare_collections
from journeyman.journey.step import Step
from journeyman.project import Project
from journeyman.publishing import Published
from journeyman.settings import Settings
from journeyman.store.database import Database
from journeyman.tasks.desk import Desk
from journeyman.temporal.connection import keyring_of

_ROOT = Path(__file__).parent.parent
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_LOCATION = re.compile(rb"\r\n(?:location|hx-redirect): (\S+)", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What the console answered. `location`: where it leads."""

    status: int
    location: str
    body: bytes


class Browser:
    """One connection that is kept, for whoever asks. It reads an answer to its last byte, and does nothing with it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def ask(self, person: str, method: str, path: str, form: str = "") -> Answer:
        """A request of a person who is signed in."""
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: console\r\nSec-Fetch-Site: same-origin\r\nHX-Request: true\r\n"
            f"Cookie: journeyman=session-of-{person}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(form)}\r\n\r\n"
        )
        self._writer.write((head + form).encode())
        told = await self._reader.readuntil(b"\r\n\r\n")
        length, location = _LENGTH.search(told), _LOCATION.search(told)
        body = await self._reader.readexactly(int(length[1])) if length else b""
        return Answer(int(told[9:12]), location[1].decode() if location else "", body)


@asynccontextmanager
async def console(dsn: str, master_key: str) -> AsyncIterator[tuple[Browser, int]]:
    """A console while the block runs: a browser at it, and the id of its process."""
    async with running(dsn, master_key) as (port, pid):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        try:
            yield Browser(reader, writer), pid
        finally:
            writer.close()


@asynccontextmanager
async def running(dsn: str, master_key: str) -> AsyncIterator[tuple[int, int]]:
    """A console while the block runs: its port, and the id of its process."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JOURNEYMAN_")}
    environment |= {"JOURNEYMAN_DATABASE_URL": dsn, "JOURNEYMAN_MASTER_KEY": master_key}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        yield int(await process.stdout.readline()), process.pid
    finally:
        process.terminate()
        await process.wait()


def processor(pid: int) -> float:
    """Seconds of the processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def step_of(kind: str, version: int, name: str) -> Step[Any]:
    """The step of a seeded task."""
    return STEPS[name]


async def _serve() -> None:
    """As `journeyman.console.serve` does, but for the steps, which the seed has made up."""
    settings = Settings(project=_ROOT)
    database = await Database.connect(settings.need("database_url"), max_size=20)
    feed = Feed(await Database.connect(settings.need("database_url"), max_size=1))
    telling = asyncio.create_task(feed.run())
    desk = Desk(database, keyring_of(settings), Published().authorizer, step_of)
    listening = listen("127.0.0.1", 0)
    settings = settings.model_copy(update={"console_url": url_of(listening), "master_key": SecretStr("")})
    async with serving(Console(settings, Project.load(_ROOT), desk, feed=feed), listening) as task:
        spare_collections()
        print(listening.getsockname()[1], flush=True)  # noqa: T201 - told to the parent
        await task
    telling.cancel()


if __name__ == "__main__":
    uvloop.run(_serve())
