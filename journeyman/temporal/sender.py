"""Sends journeys what a process has committed for them, at once and beside its other work: a console's part of the outbox."""

import asyncio
import logging
from datetime import UTC, datetime

from temporalio.client import Client

from journeyman.customers.keys import Keyring
from journeyman.settings import Settings
from journeyman.store.database import Database
from journeyman.temporal.connection import check_search_attributes, connect
from journeyman.temporal.dispatcher import dispatch

log = logging.getLogger("journeyman.sender")

_RESTS = 10.0  # seconds after something could not be sent
_GRACE = 1.0  # seconds that what is under way has when the process ends


class Sender:
    """One a process, and one journey after the other. It connects when it first has something to send, and nobody waits for it:
    what it cannot send stays in the outbox as it is, and an engine worker's sweep sends that."""

    def __init__(self, settings: Settings, database: Database, keyring: Keyring) -> None:
        self._settings, self._database, self._keyring = settings, database, keyring
        self._client: Client | None = None
        self._waiting: set[str] = set()
        self._sending: asyncio.Task[None] | None = None
        self._rests_until = 0.0

    def send(self, journey: str) -> None:
        """Send what has just been committed for a journey. Returns at once, and raises nothing."""
        if asyncio.get_running_loop().time() >= self._rests_until:
            self._waiting.add(journey)
            if self._sending is None or self._sending.done():
                self._sending = asyncio.create_task(self._send())

    async def close(self) -> None:
        """End. What is under way has a second."""
        self._rests_until = float("inf")
        if self._sending is not None:
            await asyncio.wait([self._sending], timeout=_GRACE)
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    async def _send(self) -> None:
        try:
            while self._waiting:
                client = await self._connected()
                now = datetime.now(UTC)
                await dispatch(self._database, self._keyring, client, now=now, journey=self._waiting.pop())
        except Exception as error:  # whatever it is, the sweep meets it too, tries again and tells
            self._waiting.clear()
            self._rests_until = max(self._rests_until, asyncio.get_running_loop().time() + _RESTS)
            log.warning("the engine worker sends what is committed: %s", error)

    async def _connected(self) -> Client:
        """The client of a namespace that is Journeyman's."""
        if self._client is None:
            client = await connect(self._settings, self._database, self._keyring)
            await check_search_attributes(client)
            self._client = client
        return self._client
