"""Open event streams on one console process: `python -m benchmarks.streams [--json] [--streams 500]`.

A console in a process of its own, with its guard, sessions and policies, a durable Postgres, real connections, and a writer
of real entries in a process of its own, ENTRIES of them, RATE a second. First one stream is open, then all of them. Each is a
person's desk: it listens to its person and to one of QUEUES queues, and each WALL-th to everything. Latency is from the commit
of an entry, as its writer learns of it, until its event has arrived at a client; each entry at each stream that it concerns
counts. The feed reads every 200 ms, so half of that is the least that the median can be. Memory is the process's resident set.
"""

import argparse
import asyncio
import base64
import json
import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.desk_console import processor
from benchmarks.desk_console import running as console
from benchmarks.desk_seed import sql as seed_sql
from journeyman.customers.keys import Keyring
from journeyman.embedded.postgres import Postgres
from journeyman.governance import Bundle
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import recording
from journeyman.publishing import put_in_force
from journeyman.store import Database, migrate

POLICIES = Path(__file__).parent.parent / "policies"
STREAMS = 500
ENTRIES = 400
RATE = 20
QUEUES = 10
WALL = 50
PATIENCE = 30.0
"""Seconds in which what was written must have arrived."""


# The people -----------------------------------------------------------------------------------------------------------


async def prepare(dsn: str, keyring: Keyring, streams: int, walls: int) -> None:
    """The shipped policies in force, queues with a team each, and people of these teams who are signed in; some lead."""
    now = datetime.now(UTC)
    database = await Database.connect(dsn, max_size=1)
    async with recording(database, keyring) as tx:
        await put_in_force(tx, Bundle.load(POLICIES), [], Actor(kind="system", id="benchmark"), now)
        for number in range(QUEUES):
            queue = "insert into queue (id, title, teams) values ($1, $1, array[$1])"
            await tx.conn.execute(queue, f"q{number}")
        for number in range(streams):
            person = "insert into person (id, name, teams, roles) values ($1, $1, array[$2], array[$3])"
            role = "supervisor" if number % walls == 0 else "agent"
            await tx.conn.execute(person, f"p{number}", f"q{number % QUEUES}", role)
        await tx.conn.execute(seed_sql["sessions"], now)
    await database.close()


# The writer's process -------------------------------------------------------------------------------------------------


async def write(dsn: str, entries: int, name: str) -> None:
    """Entries of journeys `NAME-NUMBER`, in the queues by turns; prints when each had committed."""
    database = await Database.connect(dsn, max_size=2)
    keyring = Keyring(os.urandom(32))
    by = Actor(kind="system", id="benchmark")
    began = time.monotonic()
    for number in range(entries):
        await asyncio.sleep(began + number / RATE - time.monotonic())
        refs = {"task": f"task-{number}", "step": "assess", "queue": f"q{number % QUEUES}"}
        entry = Entry(type="task.opened", at=datetime.now(UTC), actor=by, journey=f"{name}-{number}", refs=refs)
        async with recording(database, keyring) as tx:
            tx.record(entry)
        print(f"{name}-{number} {time.monotonic()}", flush=True)  # noqa: T201 - told to the parent
    await database.close()


# The clients ----------------------------------------------------------------------------------------------------------


class Client(asyncio.Protocol):
    """One stream. Keeps when each journey's event arrived."""

    def __init__(self, person: str, query: str) -> None:
        self.arrived: list[tuple[str, float]] = []
        self.begun = asyncio.Event()
        self.resets = 0
        head = f"Host: console\r\nSec-Fetch-Site: same-origin\r\nCookie: journeyman=session-of-{person}\r\n"
        self._request = f"GET /api/v1/events?{query} HTTP/1.1\r\n{head}\r\n".encode()
        self._left = b""
        self._more = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask at once."""
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """What arrived in whole lines."""
        now = time.monotonic()
        *lines, self._left = (self._left + data).split(b"\n")
        for line in lines:
            if line.startswith(b"data: ") and len(line) > len(b"data: {}"):
                self.arrived.append((json.loads(line[6:])["journey"], now))
            elif line.startswith(b"id: "):
                self.begun.set()
            elif line == b"event: reset":
                self.resets += 1
        self._more.set()

    async def has(self, count: int) -> None:
        """Wait until so many have arrived."""
        while len(self.arrived) < count:
            self._more.clear()
            await self._more.wait()


async def connect(running: AsyncExitStack, port: int, count: int, walls: int) -> list[Client]:
    """Streams that have begun; each `walls`-th listens to everything."""
    clients = []
    for number in range(count):
        everything = "&all=true" if number % walls == 0 else ""
        client = Client(f"p{number}", f"queue=q{number % QUEUES}{everything}")
        transport, _ = await asyncio.get_running_loop().create_connection(lambda made=client: made, "127.0.0.1", port)  # type: ignore[misc]
        running.callback(transport.close)
        clients.append(client)
    for client in clients:
        await client.begun.wait()
    return clients


# The measurement ------------------------------------------------------------------------------------------------------


async def measure(dsn: str, streams: int, entries: int) -> dict[str, Any]:
    """One stream, then all, on one console process."""
    key = os.urandom(32)
    await prepare(dsn, Keyring(key), streams, WALL)
    async with AsyncExitStack() as running:
        port, pid = await running.enter_async_context(console(dsn, base64.urlsafe_b64encode(key).decode()))
        found: dict[str, Any] = {"streams": streams, "memory_before_mb": _resident(pid)}
        async with AsyncExitStack() as one:
            found |= _named("one_stream", await _round(dsn, await connect(one, port, 1, 1), entries, "one"))
        clients = await connect(running, port, streams, WALL)
        found["memory_open_mb"] = _resident(pid)
        used, began = processor(pid), time.monotonic()
        found |= _named("all_streams", await _round(dsn, clients, entries, "all"))
        found["processor_percent"] = round((processor(pid) - used) / (time.monotonic() - began) * 100, 1)
        found["memory_after_mb"] = _resident(pid)
        found["memory_a_stream_kb"] = round((found["memory_after_mb"] - found["memory_before_mb"]) * 1024 / streams, 1)
        return found | {"entries": entries, "rate": RATE, "cores": os.cpu_count()}


async def _round(dsn: str, clients: list[Client], entries: int, name: str) -> list[float]:
    """Seconds from commit to arrival, of each event at each stream. Raises AssertionError if one was lost or came twice."""
    async with AsyncExitStack() as running:
        writer = await _process(running, "--write", dsn, "--entries", str(entries), "--name", name)
        told, _ = await writer.communicate()
    committed = {journey: float(at) for journey, at in (line.split() for line in told.decode().splitlines())}
    async with asyncio.timeout(PATIENCE):
        for number, client in enumerate(clients):
            wall = len(clients) == 1 or number % WALL == 0
            due = {f"{name}-{each}" for each in range(entries) if wall or each % QUEUES == number % QUEUES}
            await client.has(len(due))
            assert Counter(journey for journey, _ in client.arrived) == Counter(due), f"stream {number}"
            assert not client.resets, f"stream {number}"
    return [at - committed[journey] for client in clients for journey, at in client.arrived]


def _named(what: str, seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=20, method="inclusive")
    figures = {"p50": cuts[9], "p95": cuts[18], "max": max(seconds)}
    return {f"{what}_{name}_ms": round(value * 1000, 1) for name, value in figures.items()} | {
        f"{what}_events": len(seconds)
    }


async def _process(running: AsyncExitStack, *arguments: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.streams", *arguments, stdout=asyncio.subprocess.PIPE
    )

    async def end() -> None:
        if process.returncode is None:
            process.terminate()
        await process.wait()

    running.push_async_callback(end)
    return process


def _resident(pid: int) -> float:
    """Megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 1024**2, 1)


async def alone(streams: int) -> dict[str, Any]:
    """With a durable Postgres of its own."""
    folder = Path(tempfile.mkdtemp(prefix="journeyman-bench-"))
    postgres = Postgres(folder)
    try:
        await postgres.start()
        await migrate(postgres.dsn())
        return await measure(postgres.dsn("journeyman_app"), streams, ENTRIES)
    finally:
        await postgres.remove()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--streams", type=int, default=STREAMS, help=f"open at once ({STREAMS})")
    parser.add_argument("--write", metavar="DSN", help=argparse.SUPPRESS)
    parser.add_argument("--entries", type=int, default=ENTRIES, help=argparse.SUPPRESS)
    parser.add_argument("--name", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if options.write:
        asyncio.run(write(options.write, options.entries, options.name))
    else:
        found = asyncio.run(alone(options.streams))
        lines = json.dumps(found) if options.json else "\n".join(f"{name:24} {value}" for name, value in found.items())
        print(lines)  # noqa: T201 - the result


if __name__ == "__main__":
    main()
