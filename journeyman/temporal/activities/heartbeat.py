"""Heartbeats: a worker that dies in the middle is noticed within seconds, not when the activity's time is up."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar

from temporalio import activity

from journeyman.journey.limits import LIMITS

SelfT = TypeVar("SelfT")
RequestT = TypeVar("RequestT")
OutcomeT = TypeVar("OutcomeT")

_EVERY = LIMITS.heartbeat / 3  # seconds: two may be lost


def heartbeating(
    run: Callable[[SelfT, RequestT], Awaitable[OutcomeT]],
) -> Callable[[SelfT, RequestT], Awaitable[OutcomeT]]:
    """Beat while the activity runs."""

    @wraps(run)
    async def wrapped(self: SelfT, request: RequestT) -> OutcomeT:
        loop = asyncio.get_running_loop()
        next_beat: asyncio.TimerHandle

        def beat() -> None:
            nonlocal next_beat
            activity.heartbeat()
            next_beat = loop.call_later(_EVERY, beat)

        next_beat = loop.call_later(_EVERY, beat)
        try:
            return await run(self, request)
        finally:
            next_beat.cancel()

    return wrapped
