"""Waiting for a state: it is looked for, never slept for, and a test that waits in vain is told what happened instead."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

PATIENCE = 20.0
"""Seconds that a test waits for a state before it fails."""

FoundT = TypeVar("FoundT")


async def eventually(
    look: Callable[[], Awaitable[FoundT | None]], what: str, story: Callable[[], Awaitable[str]] | None = None
) -> FoundT:
    """Look until there is something. Raises AssertionError that says what it waited for, and the story so far."""
    try:
        async with asyncio.timeout(PATIENCE):
            while (found := await look()) is None:  # noqa: ASYNC110 - the state is another process's, it has no event
                await asyncio.sleep(0.02)
            return found
    except TimeoutError:
        told = f"\n{await story()}" if story is not None else ""
        raise AssertionError(f"waited {PATIENCE:g} s for {what}{told}") from None
