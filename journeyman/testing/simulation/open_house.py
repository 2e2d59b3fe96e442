"""Customers keep coming and their people keep working, unhurried, so that whoever sits down among them finds something to do."""

import asyncio
import logging
from collections.abc import Sequence
from itertools import count, cycle

from rich.console import Console

from journeyman.testing.simulation.customer import SimulatedCustomer
from journeyman.testing.simulation.demo import Demo
from journeyman.testing.simulation.person import SimulatedPerson
from journeyman.testing.simulation.play import at_work
from journeyman.testing.simulation.progress import Progress
from journeyman.testing.simulation.scene import Act, Scene
from journeyman.testing.simulation.watch import Watch
from journeyman.testing.simulation.world import World

log = logging.getLogger("journeyman.simulation")

FIRST = 4
"""So many customers come at once, so that there is work within seconds."""
EVERY = 8.0
"""Seconds between two customers after those."""
MOST = 30
"""With so many unserved, no more come."""

_THINKS, _WORKS = 4.0, 20.0  # seconds: a customer until they answer, a person on a task
_AWAY, _APART = 40.0, 7.0  # until who found nothing looks again, each person a little later: others may be quicker


async def open_house(world: World, demo: Demo, acts: Sequence[Act]) -> None:
    """Go on until cancelled, on a world that was furnished. What is then under way stays as it is."""
    people = [
        SimulatedPerson(world, id, demo.handle, pace=_WORKS, idle=_AWAY + _APART * number)
        for number, id in enumerate(demo.staff().get("people", {}))
    ]
    told = [scene for act in acts if not act.model_away for scene in act.scenes]
    scenes = cycle(told[::2] + told[1::2])  # neighbours are alike: apart, work for every team comes at all times
    async with (
        Watch(world.engine.database) as watch,
        at_work(people, Progress(Console(quiet=True))),
        asyncio.TaskGroup() as here,
    ):
        served: set[asyncio.Task[None]] = set()
        for number in count(1):
            scene = _anew(next(scenes), number)
            customer = SimulatedCustomer(world, watch, scene, demo.do, pause=_THINKS)
            served.add(coming := here.create_task(_serve(customer)))
            coming.add_done_callback(served.discard)
            if number >= FIRST:
                await asyncio.sleep(EVERY)
            while len(served) >= MOST:
                await asyncio.wait(served, return_when=asyncio.FIRST_COMPLETED)


def _anew(scene: Scene, number: int) -> Scene:
    """The same customer's story, told by another one."""
    return scene.model_copy(update={"id": f"{scene.id}-again-{number}"})


async def _serve(customer: SimulatedCustomer) -> None:
    """What goes wrong with one customer is logged, and does not end the others."""
    try:
        await customer.play()
        await customer.ended()
    except Exception:
        log.exception("customer `%s` was in trouble", customer.scene.id)
