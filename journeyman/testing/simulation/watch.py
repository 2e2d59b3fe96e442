"""One look at all journeys of a simulation, again and again, for everyone who waits for something."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from journeyman.errors import UnavailableError
from journeyman.store.database import Database
from journeyman.store.sql import load

sql = load("simulation")

EVERY = 0.1
"""Seconds between two looks."""


@dataclass(frozen=True)
class Seen:
    """A journey as it stood at the last look. `told` is the position of the last thing that its customer was told."""

    id: str
    status: str = "open"
    stage: str = ""
    outcome: str | None = None
    performer: str | None = None
    told: int = 0

    @property
    def ended(self) -> bool:
        return self.status != "open"


class Watch:
    """Sees journeys change. Use it as a context: it looks while the block runs. `on_change` gets (before, now)."""

    def __init__(self, database: Database, on_change: Callable[[Seen | None, Seen], None] | None = None) -> None:
        self.seen: dict[str, Seen] = {}
        self._database = database
        self._on_change = on_change
        self._changed = asyncio.Condition()

    def add(self, journey: str) -> None:
        """Watch one more."""
        if journey not in self.seen:
            self.seen[journey] = Seen(journey)

    @property
    def open(self) -> list[Seen]:
        """Those that have not ended."""
        return [seen for seen in self.seen.values() if not seen.ended]

    async def until(self, journey: str, ready: Callable[[Seen], bool], limit: float | None = None) -> Seen:
        """Wait until a look finds it so, or `limit` seconds have passed; returns how it stands then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit), self._changed:
                await self._changed.wait_for(lambda: ready(self.seen[journey]))
        return self.seen[journey]

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._look_for_ever())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)

    async def look(self) -> None:
        """Look once."""
        ids = [seen.id for seen in self.open]
        if not ids:
            return
        async with self._database.connection() as conn:
            rows = await conn.fetch(sql["watch"], ids)
        async with self._changed:
            for row in rows:
                now, before = Seen(**dict(row)), self.seen[row["id"]]
                if now != before:
                    self.seen[now.id] = now
                    if self._on_change is not None:
                        self._on_change(before, now)
            self._changed.notify_all()

    async def _look_for_ever(self) -> None:
        while True:
            with suppress(UnavailableError):
                await self.look()
            await asyncio.sleep(EVERY)
