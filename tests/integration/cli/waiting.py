"""Waiting for a state, with a limit."""

import asyncio
from collections.abc import Awaitable, Callable

_LOOK_EVERY = 0.1  # seconds
_AT_MOST = 30.0


async def until(ready: Callable[[], Awaitable[bool]]) -> None:
    """Wait until `ready`. Raises TimeoutError."""
    async with asyncio.timeout(_AT_MOST):
        while not await ready():  # noqa: ASYNC110 - the state is in another process
            await asyncio.sleep(_LOOK_EVERY)
