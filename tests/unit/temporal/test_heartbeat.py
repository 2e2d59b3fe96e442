"""A turn that takes its time is heard of all the while, and no longer."""

import asyncio

import pytest
from temporalio.testing import ActivityEnvironment

from journeyman.temporal.activities import heartbeat


class Slow:
    """Ends once it has been heard of three times."""

    def __init__(self) -> None:
        self.heard = 0
        self.enough = asyncio.Event()

    def hear(self, *_: object) -> None:
        self.heard += 1
        if self.heard == 3:
            self.enough.set()

    @heartbeat.heartbeating
    async def work(self, request: str) -> str:
        async with asyncio.timeout(10):
            await self.enough.wait()
        return request


async def test_it_beats_while_the_activity_runs_and_not_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "_EVERY", 0.001)
    slow, environment = Slow(), ActivityEnvironment()
    environment.on_heartbeat = slow.hear
    assert await environment.run(slow.work, "done") == "done"
    heard = slow.heard
    loop = asyncio.get_running_loop()
    later = loop.create_future()
    loop.call_later(0.02, later.set_result, None)  # twenty beats, were there any
    await later
    assert slow.heard == heard
