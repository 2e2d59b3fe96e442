"""The play itself: acts one after the other, their customers several at a time, the people at work all the while."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journeyman.store.sql import load
from journeyman.testing.simulation.customer import SimulatedCustomer
from journeyman.testing.simulation.demo import Demo
from journeyman.testing.simulation.person import SimulatedPerson
from journeyman.testing.simulation.progress import Progress
from journeyman.testing.simulation.scene import Act
from journeyman.testing.simulation.stage import Night, model_away
from journeyman.testing.simulation.watch import Watch
from journeyman.testing.simulation.world import World

sql = load("simulation")
log = logging.getLogger("journeyman.simulation")

_LOOK = 0.2  # seconds between two looks whether everyone who called at night waits for the morning


@dataclass
class Played:
    """What was played. `journeys` maps each journey to its customer; `unfinished` says what was still open at the deadline."""

    customers: list[SimulatedCustomer] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def journeys(self) -> dict[str, SimulatedCustomer]:
        return {customer.journey: customer for customer in self.customers if customer.journey is not None}


@dataclass
class Play:
    """One simulation on a furnished world."""

    world: World
    demo: Demo
    progress: Progress
    concurrency: int = 6
    played: Played = field(default_factory=Played)

    async def run(self, acts: Sequence[Act], *, deadline: float) -> Played:
        """Play the acts; stops after `deadline` seconds, saying what is open."""
        staff = self.demo.staff()
        await self.world.furnish(staff)
        people = [SimulatedPerson(self.world, id, self.demo.handle) for id in staff.get("people", {})]
        async with Watch(self.world.engine.database, self.progress.changed) as watch, at_work(people, self.progress):
            self.progress.begin(acts, watch, people)
            try:
                async with asyncio.timeout(deadline):
                    for act in acts:
                        await self._act(act, watch, people, staff)
            except TimeoutError:
                self.played.unfinished = await self._open(f"not finished within {deadline:g} s")
        return self.played

    async def _act(self, act: Act, watch: Watch, people: list[SimulatedPerson], staff: dict[str, Any]) -> None:
        self.progress.act(act)
        gate = asyncio.Semaphore(self.concurrency)
        customers = [SimulatedCustomer(self.world, watch, scene, self.demo.do) for scene in act.scenes]
        self.played.customers += customers
        async with AsyncExitStack() as stage:
            if act.model_away:
                await stage.enter_async_context(model_away(self.world))
            night = Night(self.world, people, staff) if act.closed is not None else None
            if night is not None:
                await night.fall(act.closed or {})
                stage.callback(night.over)
            async with asyncio.TaskGroup() as group:
                for customer in customers:
                    group.create_task(self._customer(customer, gate))
                if night is not None:
                    group.create_task(self._morning(night, customers))

    async def _customer(self, customer: SimulatedCustomer, gate: asyncio.Semaphore) -> None:
        """One customer, and their journey to its end. What goes wrong with one is told, and does not end the others."""
        try:
            async with gate:
                self.progress.arrived(customer)
                await customer.play()
            await customer.ended()
        except Exception as error:
            log.exception("customer `%s` was in trouble", customer.scene.id)
            self.played.troubles.append(f"customer {customer.scene.id}: {type(error).__name__}: {error}")

    async def _morning(self, night: Night, customers: list[SimulatedCustomer]) -> None:
        """Once everyone waits for closed queues, go to the moment at which somebody comes."""
        while (due := await self._all_wait(night, customers)) is None:  # noqa: ASYNC110 - the state is Postgres's
            await asyncio.sleep(_LOOK)
        if due:
            self.progress.note(f"the night passes: it is {await night.morning(due):%A %H:%M}, and the people come")

    async def _all_wait(self, night: Night, customers: list[SimulatedCustomer]) -> list[datetime] | None:
        """When what waits is due, if all of these journeys have ended or wait for closed queues; None as long as not."""
        begun = {customer.journey for customer in customers if customer.journey is not None}
        if len(begun) < len(customers):
            return None
        async with self.world.engine.database.connection() as conn:
            rows = await conn.fetch(sql["watch"], list(begun))
            tasks = await conn.fetch(sql["open_tasks"], list(begun))
        open_ones = {row["id"] for row in rows if row["status"] == "open"}
        waiting = {task["journey_id"] for task in tasks if task["queue"] in night.queues}
        if open_ones - waiting:
            return None
        return [task["follow_up_date"] or self.world.now() for task in tasks]

    async def _open(self, why: str) -> list[str]:
        """What has not ended, a line each."""
        found = [why]
        ids = list(self.played.journeys)
        async with self.world.engine.database.connection() as conn:
            rows = [row for row in await conn.fetch(sql["watch"], ids) if row["status"] == "open"]
            tasks = {task["journey_id"]: task for task in await conn.fetch(sql["open_tasks"], ids)}
        for row in rows:
            task, customer = tasks.get(row["id"]), self.played.journeys[row["id"]]
            waits = (
                f"task {task['id']} ({task['kind']}, {task['state']}, queue {task['queue']})"
                if task
                else "no task is open"
            )
            found.append(
                f"journey {row['id']} of {customer.scene.id}: stage {row['stage']}, {row['performer'] or 'nobody yet'}, {waits}, "
                f"{customer.unsaid} turns unsaid"
            )
        found += [f"customer {each.scene.id}: has not begun" for each in self.played.customers if each.journey is None]
        return found


@asynccontextmanager
async def at_work(people: Sequence[SimulatedPerson], progress: Progress) -> AsyncIterator[None]:
    """Have them work while the block runs."""
    tasks = []
    for person in people:
        person.present.set()
        tasks.append(asyncio.create_task(_for_ever(person, progress)))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _for_ever(person: SimulatedPerson, progress: Progress) -> None:
    """Whatever goes wrong with one task, the person goes on with the next; what they held shows up as open."""
    while True:
        try:
            await person.work()
        except Exception as error:
            log.exception("`%s` was in trouble", person.id)
            progress.note(f"{person.id} was in trouble: {type(error).__name__}: {error}")
            with suppress(asyncio.TimeoutError):
                await asyncio.sleep(1.0)
