"""What is under way when a simulation ends."""

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest
from temporalio.client import Client

from journeyman.settings import Settings
from journeyman.temporal.engine import Engine
from journeyman.testing.simulation import World


async def test_what_is_under_way_is_done_before_the_world_closes() -> None:
    world = World(cast(Engine, SimpleNamespace(desk=None)), cast(Client, None), Settings())
    begun, going, done = asyncio.Event(), asyncio.Event(), []

    async def deed() -> None:
        begun.set()
        await going.wait()
        done.append(1)

    asking = asyncio.create_task(world.through(deed()))
    await begun.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    asyncio.get_running_loop().call_soon(going.set)
    await world.settle()
    assert done == [1]
    assert await world.through(asyncio.sleep(0, "told")) == "told"
