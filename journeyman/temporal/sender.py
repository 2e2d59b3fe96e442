"""Sends journeys what a process has committed for them, at once and beside its other work: a console's part of the outbox."""

import asyncio
import logging
from datetime import UTC, datetime

from temporalio.client import Client
from temporalio.service import RPCError

from journeyman.customers.keys import Keyring
from journeyman.errors import JourneymanError, UnavailableError
from journeyman.settings import Settings
from journeyman.store.database import Database
from journeyman.temporal.connection import connect
from journeyman.temporal.dispatcher import dispatch

log = logging.getLogger("journeyman.sender")

_RESTS = 10.0  # seconds after a service was found to be away
_GRACE = 1.0  # seconds that what is under way has when the process ends


class Sender:
    """One a process. It connects when it first has something to send, and nobody waits for it: what it cannot send stays in the
    outbox, and an engine worker's sweep sends that."""

    def __init__(self, settings: Settings, database: Database, keyring: Keyring) -> None:
        self._settings, self._database, self._keyring = settings, database, keyring
        self._client: Client | None = None
        self._connecting = asyncio.Lock()
        self._rests_until = 0.0
        self._sending: set[asyncio.Task[None]] = set()

    def told(self, journey: str) -> None:
        """Send what has just been committed for a journey. Returns at once, and raises nothing."""
        if asyncio.get_running_loop().time() >= self._rests_until:
            sending = asyncio.create_task(self._send(journey))
            self._sending.add(sending)
            sending.add_done_callback(self._sending.discard)

    async def close(self) -> None:
        """End what is under way; it has a second."""
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=_GRACE)
            for sending in late:
                sending.cancel()

    async def _send(self, journey: str) -> None:
        try:
            client = await self._connected()
            if client is not None:
                await dispatch(self._database, self._keyring, client, now=datetime.now(UTC), journey=journey)
        except UnavailableError as error:
            self._rests_until = asyncio.get_running_loop().time() + _RESTS
            log.warning("the engine worker sends what is committed: %s", error)
        except (JourneymanError, RPCError) as error:
            log.warning("journey `%s` is told later, by the engine worker: %s", journey, error)

    async def _connected(self) -> Client | None:
        """The client; None while Temporal was found to be away."""
        async with self._connecting:
            if self._client is None and asyncio.get_running_loop().time() >= self._rests_until:
                self._client = await connect(self._settings, self._database, self._keyring)
            return self._client
