"""What changes, told live: one poller a process reads the ledger's new entries and tells everyone whom they concern.

Every change writes its entry in its own transaction, so the ledger misses nothing, and needs nothing that tells of it. A
listener hears that something changed and reads again what it may see; so what is told twice does no harm, and of what cannot be
told it is told to read everything.

    feed = Feed(await Database.connect(dsn, max_size=1, command_timeout=5))   # a connection of its own: no request delays it
    running = asyncio.create_task(feed.run())
    subscription = feed.subscribe([Topic.parse("queue:claims")], person="ana", after=after(request))
    return EventStream(subscription)
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from journeyman.console.live.change import Named, Topic, change, named
from journeyman.console.live.fanout import KEPT, MOST_OF_PERSON, Fanout, Subscription
from journeyman.console.live.horizon import Horizon
from journeyman.errors import UnavailableError
from journeyman.store import Database
from journeyman.store.database import Connection
from journeyman.store.sql import load

sql = load("feed")

BATCH: Final = 1_000
EVERY: Final = 0.2
IDLE: Final = 2.0
"""Seconds between two reads while somebody listens, and while nobody does."""
_LONGEST: Final = 2.0

_log = logging.getLogger(__name__)


class Feed:
    """The feed of one process. All of it runs in one event loop; nothing but `run` and `poll` waits for Postgres."""

    def __init__(self, database: Database, *, kept: int = KEPT) -> None:
        self._database = database
        self._kept = kept
        self._fanout = Fanout(kept)
        self._horizon: Horizon | None = None
        self._missed = False

    @property
    def position(self) -> int:
        """Where to resume from. A page takes it *before* it reads what it shows, and listens with it as `after`."""
        return self._fanout.position

    @property
    def streams(self) -> int:
        """How many listen."""
        return len(self._fanout)

    def subscribe(
        self, topics: Iterable[Topic], *, person: str, after: int | None = None, most: int = MOST_OF_PERSON
    ) -> Subscription:
        """Listen for a person to what they were found to be allowed to; `after` is the position that they have read up to.

        Whoever subscribes ends it. Raises ConflictError if the person has `most` streams open.
        """
        return self._fanout.subscribe(topics, person=person, after=after, most=most)

    def close(self, person: str) -> None:
        """End a person's streams in this process, at once. The ledger's word that someone has signed out ends them in all."""
        self._fanout.close(person)

    def end(self) -> None:
        """End all streams, and open no more."""
        self._fanout.end()

    async def run(self) -> None:
        """Tell until cancelled, and then end all streams. While Postgres is away they stay open; nothing is lost."""
        failures = 0
        more = False
        try:
            while True:
                try:
                    more = await self.poll()
                    failures = 0
                except (UnavailableError, TimeoutError) as error:
                    failures += 1
                    if failures == 1:
                        _log.warning("the feed waits: %s", str(error) or "Postgres answers too late")
                except Exception:
                    failures += 1  # a feed that ended here would be silent, and nobody would know
                    _log.exception("the feed could not read, and tries again")
                if failures:
                    await asyncio.sleep(min(EVERY * 2.0 ** min(failures, 10), _LONGEST))
                elif more:
                    await asyncio.sleep(0)
                elif self.streams:
                    await asyncio.sleep(EVERY)
                else:
                    await self._fanout.arrival(IDLE)
        finally:
            self.end()

    async def poll(self) -> bool:
        """Read once what is new, and tell it; True if there may be more already.

        Raises DatabaseUnavailableError; then the next one reads again all that is kept, and tells what is not as it was: a
        Postgres that was killed takes back the last commits that waited for no disk, and may give their ids to others.
        """
        try:
            async with self._database.connection() as conn:
                if self._horizon is None:
                    self._horizon = await self._begin(conn)
                return await self._read(conn, self._horizon)
        except Exception:
            if self._horizon is not None:
                self._horizon.rewind(self._fanout.oldest)
            raise

    async def _begin(self, conn: Connection) -> Horizon:
        floor = max(0, await conn.fetchval(sql["newest"]) - self._kept)
        late = frozenset(await conn.fetchval(sql["writers"])) if floor else frozenset[str]()
        self._fanout.begin(floor)
        return Horizon(floor, late=late)

    async def _read(self, conn: Connection, horizon: Horizon) -> bool:
        if horizon.waits and horizon.still_open(frozenset(await conn.fetchval(sql["writers"]))):
            self._missed = True
        rows = await conn.fetch(sql["entries"], horizon.floor, list(horizon.ahead), BATCH)
        says = {row["id"]: named(row["body"]) for row in rows if not self._fanout.knows(row["id"], row["leaf_hash"])}
        tasks = await _tasks(conn, rows, says)
        for row in rows:
            position = horizon.see(row["id"])
            if (named_there := says.get(row["id"])) is not None:
                self._fanout.publish(change(row, named_there, tasks[row["id"]], position))
        more = len(rows) == BATCH
        if not more:
            horizon.settle()
        self._fanout.position = horizon.floor
        if self._missed:
            self._missed = False
            self._fanout.reset()
        if not more and not self._fanout.ready:
            self._fanout.open()
        return more


async def _tasks(conn: Connection, rows: Iterable[Any], says: dict[int, Named]) -> defaultdict[int, list[Any]]:
    """By entry: the task that it names, and the open ones of its journey."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    journeys = {row["journey_id"] for row in rows if row["id"] in says} - {None}
    ids = {named.task for named in says.values()} - {None}
    if not journeys and not ids:
        return found
    by_id: dict[str, Any] = {}
    open_of: defaultdict[str, list[Any]] = defaultdict(list)
    for task in await conn.fetch(sql["tasks"], list(ids), list(journeys)):
        by_id[task["id"]] = task
        if task["open"]:
            open_of[task["journey_id"]].append(task)
    for row in rows:
        if (named_there := says.get(row["id"])) is not None:
            beside = open_of[row["journey_id"]]
            own = by_id.get(named_there.task or "")
            found[row["id"]] = beside if own is None or own in beside else [own, *beside]
    return found
