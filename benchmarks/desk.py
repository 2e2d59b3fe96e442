"""What a person waits for at the desk: `python -m benchmarks.desk [--json] [--tasks 1000000] [--open 50000] [--people 200]`.

A durable Postgres of its own is filled with tasks of several years, of which some are open, spread unevenly over queues, with
their journeys, messages and entries. Then many people who are signed in look and take, at a console in a process of its own,
over one connection on loopback that is kept open; each call beside the bare SQL of the same result (`desk_bare`). Both take
turns in who goes first, and both are timed by this process's clock: from the request until the last byte of the answer is here,
so that the client's own share counts against the console. What is over the bare SQL is HTTP, policy, ranking, models, opening
what is sealed, the ledger, and drawing the page. The console's feed runs. `processor` is what its process used a call.
"""

import argparse
import asyncio
import base64
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from benchmarks import desk_bare as bare
from benchmarks.desk_bare import now
from benchmarks.desk_console import Answer, Browser, console, processor
from benchmarks.desk_seed import QUEUES, STEPS, seed
from benchmarks.desk_seed import sql as seed_sql
from journeyman.customers.keys import Keyring
from journeyman.embedded.postgres import Postgres
from journeyman.governance import Bundle
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.publishing import put_in_force
from journeyman.store import migrate
from journeyman.store.database import Connection, Database
from journeyman.tasks.lifecycle import State
from journeyman.tasks.models import Person, Task
from journeyman.tasks.people import everyone
from journeyman.tasks.routing import suits
from journeyman.views.inbox import Search

POLICIES = Path(__file__).parent.parent / "policies"
WARM_UP = 200
"""Calls of each before those that are timed: one a person or so, that nobody's queues are read from disk for the first time."""
LIMIT_MS, ABOVE_MS = 50, 15
"""The targets: p95, and how much of it may be above the p95 of the bare SQL."""
API = "/api/v1/tasks"


Ours = Callable[[Person, str], Awaitable[Answer]]
Bare = Callable[[Connection, Person, str], Awaitable[Any]]


@dataclass(frozen=True)
class Measure:
    """Both sides of a measure. `taken`: which task was taken, by the console's answer or by what the bare SQL returned."""

    ours: Ours
    bare: Bare
    taken: Callable[[Any, str], str] | None = None


@dataclass
class Bench:
    """The console, the people, what each of them could take, and what each has in hand."""

    browser: Browser
    people: list[Person]
    tasks: dict[str, list[str]]
    own: dict[str, list[str]]
    chance: random.Random

    @property
    def measures(self) -> dict[str, Measure]:
        """What is measured: the pages as htmx and browsers ask for them, and the routes of programs."""
        return {
            "GET desk": Measure(self.get("/desk"), bare.desk),
            "GET desk, live part": Measure(self.get("/desk/board.part"), bare.board),
            "GET api waiting": Measure(self.get(f"{API}/waiting?limit=50"), bare.waiting),
            "GET api mine": Measure(self.get(f"{API}/mine"), bare.mine),
            "GET api search": Measure(self.search, self.bare_search),
            "POST next": Measure(self.post("/desk/next"), bare.take_next, _led_to),
            "POST api next": Measure(self.post(f"{API}/next"), bare.take_next, _told),
            "POST claim": Measure(self.post("/desk/waiting/{}/claim"), bare.claim, _asked_for),
            "POST api claim": Measure(self.post(f"{API}/{{}}/claim"), bare.claim, _asked_for),
            "GET task": Measure(self.get("/desk/tasks/{}"), bare.page),
            "GET own task": Measure(self.in_hand, self.bare_in_hand),
            "GET api task": Measure(self.get(f"{API}/{{}}"), bare.task),
        }

    def get(self, path: str) -> Ours:
        """Read; `{}` is the task."""
        return lambda person, task: self.browser.ask(person.id, "GET", path.format(task))

    def post(self, path: str) -> Ours:
        """Do; each once."""
        return lambda person, task: self.browser.ask(person.id, "POST", path.format(task), f"once={uuid4().hex}")

    async def in_hand(self, person: Person, _: str) -> Answer:
        """The page of a task that the person works on, with its form; of whoever has none, one that waits."""
        return await self.get("/desk/tasks/{}")(person, self._own(person, _))

    async def bare_in_hand(self, conn: Connection, person: Person, _: str) -> None:
        """The same."""
        await bare.page(conn, person, self._own(person, _))

    def _own(self, person: Person, else_: str) -> str:
        return self.chance.choice(self.own.get(person.id) or [else_])

    async def search(self, person: Person, _: str) -> Answer:
        """A page of what is open or closed, by what each looks for."""
        query = self._wanted(person).model_dump(mode="json", exclude_defaults=True)
        return await self.browser.ask(person.id, "GET", f"{API}?{urlencode(query)}")

    async def bare_search(self, conn: Connection, person: Person, _: str) -> None:
        """The same."""
        await bare.search(conn, person, self._wanted(person))

    def _wanted(self, person: Person) -> Search:
        """What this person looks for: six people look for six things."""
        number = len(person.name) % 6
        return (
            Search(),
            Search(step=sorted(STEPS)[0]),
            Search(kind="review", state=State.READY),
            Search(late_at=now()),
            Search(closed=True),
            Search(closed=True, assignee=person.id),
        )[number]

    async def run(self, measure: Measure, conn: Connection, calls: int, pid: int) -> dict[str, float]:
        """Milliseconds of both, each for all people in turn, in orders that are drawn: some see far more than others."""
        turns = {side: self._turns() for side in ("ours", "bare")}
        times: dict[str, list[float]] = {"ours": [], "bare": []}
        used = 0.0

        async def one(side: str) -> None:
            person = next(turns[side])
            task = self.chance.choice(self.tasks[person.id])
            began = time.perf_counter()
            found = await (measure.ours(person, task) if side == "ours" else measure.bare(conn, person, task))
            times[side].append((time.perf_counter() - began) * 1000)
            if isinstance(found, Answer):
                assert found.status in (200, 204), found
            if measure.taken:
                await conn.execute(seed_sql["put_back"], measure.taken(found, task))

        warm_up = min(calls, WARM_UP)
        for number in range(calls + warm_up):
            if number == warm_up:
                used = processor(pid)
            for side in ("ours", "bare") if number % 2 else ("bare", "ours"):
                await one(side)
        cuts = {side: statistics.quantiles(found[warm_up:], n=100) for side, found in times.items()}
        return {f"{side}_p{p}_ms": round(cut[p - 1], 2) for side, cut in cuts.items() for p in (50, 95, 99)} | {
            "processor_ms": round((processor(pid) - used) * 1000 / calls, 1)
        }

    def _turns(self) -> Iterator[Person]:
        while True:
            yield from self.chance.sample(self.people, len(self.people))


def _asked_for(_: Answer | None, task: str) -> str:
    return task


def _led_to(found: Answer | str, _: str) -> str:
    """The task that a page was led to."""
    return found.location.rpartition("/")[2] if isinstance(found, Answer) else found


def _told(found: Answer | str, _: str) -> str:
    """The task that a program was told of."""
    if not isinstance(found, Answer):
        return found
    return str(json.loads(found.body)["task"]["id"]) if found.body else ""


async def measure(tasks: int, open_tasks: int, people: int, calls: int) -> dict[str, Any]:
    """Start a Postgres, fill it, measure each."""
    async with _postgres() as server:
        return await measure_on(server.dsn(), server.dsn("journeyman_app"), tasks, open_tasks, people, calls)


async def measure_on(owner: str, app: str, tasks: int, open_tasks: int, people: int, calls: int) -> dict[str, Any]:
    """The same on an empty, migrated database, by the DSNs of its owner and of the application."""
    master_key = os.urandom(32)
    keyring = Keyring(master_key)
    began = time.perf_counter()
    database = await Database.connect(app, max_size=4)
    try:
        bundle = Bundle.load(POLICIES)
        async with recording(database, keyring) as tx:
            await put_in_force(tx, bundle, [], Actor(kind="system", id="benchmark"), now())
        await seed(owner, keyring, bundle.hash, tasks, open_tasks, people, now(), _say)
        seeded = time.perf_counter() - began
        _say(f"seeded in {seeded:.0f} s")
        found = await measured(database, app, master_key, calls)
    finally:
        await database.close()
    sizes = {"tasks": tasks, "open": open_tasks, "people": people, "queues": QUEUES, "calls": calls}
    load = [round(value, 1) for value in os.getloadavg()]
    machine = {"seeded_s": round(seeded, 1), "cores": os.cpu_count(), "load": load}
    return {"benchmark": "desk", **sizes, **machine, "results": found}


async def measured(
    database: Database, app: str, master_key: bytes, calls: int, only: str = ""
) -> dict[str, dict[str, float]]:
    """The measures of which the name has `only` in it, on a database that is filled."""
    found: dict[str, dict[str, float]] = {}
    key = base64.urlsafe_b64encode(master_key).decode()
    async with console(app, key) as (browser, pid), database.connection() as conn:
        staff = [person for person in await everyone(conn) if "auditor" not in person.roles]
        waiting = [Task.from_row(row) for row in await conn.fetch(seed_sql["waiting"])]
        could = {person.id: [task.id for task in waiting if suits(task, person)] for person in staff}
        own: dict[str, list[str]] = {}
        for row in await conn.fetch(seed_sql["in_hand"]):
            own.setdefault(row["assignee"], []).append(row["id"])
        bench = Bench(browser, staff, could, own, random.Random(7))
        for name, sides in bench.measures.items():
            if only in name:
                found[name] = await bench.run(sides, conn, calls, pid)
                _say(_line(name, found[name]))
    return found


@asynccontextmanager
async def _postgres() -> AsyncIterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="journeyman-bench-"))
    server = Postgres(folder)
    try:
        await server.start()
        await migrate(server.dsn())
        yield server
    finally:
        await server.remove()
        shutil.rmtree(folder, ignore_errors=True)


def _line(name: str, row: dict[str, float]) -> str:
    above = row["ours_p95_ms"] - row["bare_p95_ms"]
    met = "met" if row["ours_p95_ms"] < LIMIT_MS and above <= ABOVE_MS else "NOT MET"
    ours, sql = (" / ".join(f"{row[f'{side}_p{p}_ms']:6.1f}" for p in (50, 95, 99)) for side in ("ours", "bare"))
    used = f"processor {row['processor_ms']:5.1f}"
    return f"{name:20} p50/p95/p99 {ours}   bare {sql}   p95 above {above:5.1f}   {used}   {met}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - progress


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--tasks", type=int, default=1_000_000, help="tasks in all (1,000,000)")
    parser.add_argument("--open", type=int, default=50_000, help="of them open (50,000)")
    parser.add_argument("--people", type=int, default=200, help="people (200)")
    parser.add_argument("--calls", type=int, default=500, help="calls of each, and of its bare SQL (500)")
    options = parser.parse_args()
    found = asyncio.run(measure(options.tasks, options.open, options.people, options.calls))
    if options.json:
        print(json.dumps(found))  # noqa: T201 - the result
        return
    sizes = f"{found['tasks']} tasks, {found['open']} open, {found['people']} people"
    print(f"{sizes}; milliseconds; load {found['load']} on {found['cores']} cores")  # noqa: T201 - the result
    for name, row in found["results"].items():
        print(_line(name, row))  # noqa: T201 - the result


if __name__ == "__main__":
    main()
