"""What can be done to a deployment while an act lasts: its model goes away, its queues close and open again."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx2

from journeyman.errors import ConfigurationError
from journeyman.tasks import staffing
from journeyman.tasks.clocks import sweep
from journeyman.tasks.models import Queue
from journeyman.tasks.people import all_queues
from journeyman.testing.simulation.person import SimulatedPerson
from journeyman.testing.simulation.world import AUTH, World


@asynccontextmanager
async def model_away(world: World) -> AsyncIterator[None]:
    """Have the stand-in model answer every request with 500 while the block runs. Raises ConfigurationError for another model."""
    if not world.engine.endpoint.is_standin:
        raise ConfigurationError(
            "only the stand-in model goes away on demand; unset OPENAI_API_KEY and OPENAI_BASE_URL"
        )
    async with httpx2.AsyncClient(
        base_url=world.engine.endpoint.base_url.removesuffix("/v1"), trust_env=False
    ) as control:
        (await control.post("/faults", json={"kind": "500", "count": None})).raise_for_status()
        try:
            yield
        finally:
            (await control.delete("/faults")).raise_for_status()


class Night:
    """Queues are closed, their people are away. `morning` goes to where they open and what waits is due."""

    def __init__(self, world: World, people: Iterable[SimulatedPerson], staff: Mapping[str, Any]) -> None:
        self.world = world
        self.people = list(people)
        self.staff = staff
        self._closed: list[Queue] = []
        self._away: list[SimulatedPerson] = []

    async def fall(self, document: Mapping[str, Any]) -> None:
        """Close the queues that the document closes; who works on no other goes home."""
        await self.world.staff(document)
        now = self.world.now()
        async with self.world.engine.database.connection() as conn:
            queues = await all_queues(conn)
        self._closed = [queue for queue in queues if not queue.calendar.open_at(now)]
        teams = frozenset[str]().union(*(queue.teams for queue in self._closed))
        members = self.staff.get("people", {})
        self._away = [person for person in self.people if teams & set(members[person.id].get("teams", ()))]
        for person in self._away:
            person.present.clear()
            await staffing.set_presence(self.world.desk, person.id, "offline", by=person.id, now=now, auth=AUTH)

    @property
    def queues(self) -> frozenset[str]:
        """The ids of those that are closed."""
        return frozenset(queue.id for queue in self._closed)

    async def morning(self, due: Iterable[datetime]) -> datetime:
        """Set the people's clock to when all is open and due, open the queues, and have their people come."""
        world = self.world
        now = world.now()
        opening = max([queue.calendar.next_opening(now) for queue in self._closed] + list(due), default=now)
        world.ahead += opening - now + timedelta(seconds=1)
        await world.staff(self.staff)
        await sweep(world.desk, now=world.now())
        for person in self._away:
            await staffing.set_presence(world.desk, person.id, "online", by=person.id, now=world.now(), auth=AUTH)
            person.present.set()
        return opening

    def over(self) -> None:
        """Back to the real time."""
        self.world.ahead = timedelta()
