"""Temporal and Postgres together in one folder, with the keys that they need: what `journeyman dev` runs on.

FOLDER/lock            held by the process that runs it
FOLDER/stack.json      the ports, kept over restarts
FOLDER/master.key      wraps the keys of data subjects (0600)
FOLDER/ledger.skey     signs checkpoints (0600); ledger.vkey verifies them
FOLDER/temporal.sqlite Temporal's state
FOLDER/postgres/       Postgres (as root: under /var/lib/journeyman, named by FOLDER/postgres.id)
FOLDER/*.log           what the servers say
"""

import asyncio
import json
import secrets
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from temporalio.client import Client

from journeyman.customers.keys import Keyring, load_master_key, new_master_key
from journeyman.embedded import secret
from journeyman.embedded.lock import FolderLock
from journeyman.embedded.postgres import Postgres
from journeyman.embedded.process import free_port
from journeyman.embedded.temporal import TemporalServer
from journeyman.errors import ConfigurationError
from journeyman.ledger.checkpoint import SigningKey
from journeyman.store import Database, migrate
from journeyman.temporal.codec import data_converter

_T = TypeVar("_T")


class Stack:
    """The servers of one folder. `async with Stack(folder) as stack:` starts them and stops them; it prints nothing.

    `temporal_port` and `ui_port` are kept in the folder; where none is given, a free one is taken and kept, and replaced if
    something else has taken it meanwhile. `ui=False` leaves Temporal's own pages out. `durable=False` is for tests.
    """

    def __init__(
        self,
        folder: Path,
        *,
        temporal_port: int | None = None,
        ui: bool = True,
        ui_port: int | None = None,
        postgres_port: int | None = None,
        durable: bool = True,
    ) -> None:
        self.folder = folder.resolve()
        self.postgres = Postgres(self.folder, port=postgres_port, durable=durable)
        self._ports = {"temporal": temporal_port, "ui": ui_port}
        self._ui = ui
        self._lock = FolderLock(self.folder)
        self._temporal: TemporalServer | None = None
        self._master_key: bytes | None = None
        self._signing_key: SigningKey | None = None

    @property
    def temporal(self) -> TemporalServer:
        """The Temporal server, once started."""
        return _started(self._temporal)

    @property
    def master_key(self) -> bytes:
        """32 bytes that wrap the keys of data subjects."""
        return _started(self._master_key)

    @property
    def signing_key(self) -> SigningKey:
        """Signs the ledger's checkpoints."""
        return _started(self._signing_key)

    @property
    def keyring(self) -> Keyring:
        """A new keyring under the master key: make one a process and share it."""
        return Keyring(self.master_key)

    def dsn(self, role: str = "postgres") -> str:
        """How `postgres` (owner), `journeyman_app` or `journeyman_integrator` connects."""
        return self.postgres.dsn(role)

    async def client(self, database: Database, keyring: Keyring) -> Client:
        """A Temporal client whose payloads are sealed."""
        return await self.temporal.client(data_converter=data_converter(database, keyring))

    async def occupy(self) -> None:
        """Make the folder ours before anything is started: its lock, its keys, the ports. `ConfigurationError` tells what stands
        in the way.

        Whatever a killed process left running on this folder is ended first.
        """
        self._lock.acquire()
        try:
            self._keys()
            self._temporal = await asyncio.to_thread(self._server)
            await asyncio.to_thread(self._temporal.make_room)
            await asyncio.to_thread(self.postgres.make_room)
        except BaseException:
            self._lock.release()
            raise

    async def start(self) -> None:
        """Start both, and migrate; `occupy` first, where that was not done."""
        if not self._lock.held:
            await self.occupy()
        try:
            # both to their end, so that a failure of one leaves no half-started other
            _check(await asyncio.gather(self._database(), self.temporal.start(), return_exceptions=True))
            self._remember()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop both in order; what they hold is on disk."""
        servers = [self.postgres.stop()]
        if self._temporal is not None:
            servers.append(self._temporal.stop())
        try:
            await asyncio.gather(*servers)
        finally:
            self._lock.release()

    def kill(self) -> None:
        """What a crash of the machine looks like."""
        self.postgres.kill()
        if self._temporal is not None:
            self._temporal.kill()
        self._lock.release()

    async def remove(self) -> None:
        """Delete the folder with all that it holds, and Postgres' data also where they stand outside of it.

        Whatever a killed process left running on it is ended first. Raises ConfigurationError if another process runs it.
        """
        self._lock.acquire()
        try:
            for inner in self.folder.glob("*/stack.json"):  # a demo's, in the default folder of `dev`
                await Stack(inner.parent).remove()
            await asyncio.to_thread(TemporalServer(self.folder).end_orphan)
            await self.postgres.remove()
            await asyncio.to_thread(shutil.rmtree, self.folder)
        finally:
            self._lock.release()

    def describe(self) -> dict[str, str]:
        """What runs where, for people. No secrets."""
        told = {
            "folder": str(self.folder),
            "postgres": self.dsn(),
            "temporal": self.temporal.address,
            "ledger key": str(self.signing_key.verifier),
        }
        if self.temporal.ui_port is not None:
            told["temporal pages"] = f"http://127.0.0.1:{self.temporal.ui_port}"
        return told

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _keys(self) -> None:
        used = (self.folder / "stack.json").exists()
        self._master_key = load_master_key(secret.keep(self.folder / "master.key", new_master_key, needed=used))
        origin = f"journeyman.local/{secrets.token_hex(4)}"
        text = secret.keep(self.folder / "ledger.skey", lambda: SigningKey.generate(origin).secret(), needed=used)
        self._signing_key = SigningKey.parse(text)
        (self.folder / "ledger.vkey").write_text(f"{self._signing_key.verifier}\n")

    def _server(self) -> TemporalServer:
        kept = self._kept()
        TemporalServer(self.folder, port=kept.get("temporal")).end_orphan()
        temporal_port = self._ports["temporal"] or free_port(kept.get("temporal"))
        ui_port = (self._ports["ui"] or free_port(kept.get("ui"))) if self._ui else None
        return TemporalServer(self.folder, port=temporal_port, ui_port=ui_port)

    async def _database(self) -> None:
        await self.postgres.start()
        await migrate(self.postgres.dsn())

    def _kept(self) -> dict[str, int]:
        try:
            kept: dict[str, int] = json.loads((self.folder / "stack.json").read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise ConfigurationError(f"`{self.folder / 'stack.json'}` is no JSON; delete it and start again") from error
        return kept

    def _remember(self) -> None:
        kept = self._kept() | {"temporal": self.temporal.port}
        if self.temporal.ui_port is not None:
            kept["ui"] = self.temporal.ui_port
        secret.write(self.folder / "stack.json", json.dumps(kept))


def _check(outcomes: Sequence[BaseException | None]) -> None:
    """Raise the first error among them."""
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


def _started(value: _T | None) -> _T:
    if value is None:
        raise ConfigurationError("the stack has not been started; use `async with Stack(...)`")
    return value
