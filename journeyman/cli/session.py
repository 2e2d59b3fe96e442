"""What a command works with: settings, project, Postgres, Temporal. Each connects when it is first needed."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from journeyman.cli import folder, output
from journeyman.customers.keys import Keyring
from journeyman.errors import ConfigurationError, DatabaseUnavailableError, TemporalUnavailableError
from journeyman.publishing import Published
from journeyman.settings import Settings
from journeyman.store.database import UNMIGRATED, Database
from journeyman.tasks.desk import Desk

if TYPE_CHECKING:  # a command that needs neither starts a second sooner
    from temporalio.client import Client

    from journeyman.project import Project

AUTH = "cli"
"""How the ledger says that a person was authenticated: by holding the deployment's keys."""


class Session:
    """One command's. `async with Session.open() as session`."""

    def __init__(self, settings: Settings, dev_folder: Path | None) -> None:
        self.settings = settings
        self.dev_folder = dev_folder
        self.published = Published()
        self._stack = AsyncExitStack()
        self._database: Database | None = None
        self._temporal: Client | None = None

    @classmethod
    def open(cls) -> Self:
        """From the environment, or the `dev` folder. Raises ConfigurationError."""
        return cls(*folder.read_settings())

    @staticmethod
    def now() -> datetime:
        """The command's moment."""
        return datetime.now(UTC)

    @cached_property
    def project(self) -> "Project":
        """The project of the settings' folder. Raises ConfigurationError, DefinitionError."""
        from journeyman.project import Project

        return Project.load(self.settings.project)

    @cached_property
    def keyring(self) -> Keyring:
        from journeyman.temporal.connection import keyring_of

        return keyring_of(self.settings)

    async def database(self) -> Database:
        """Postgres as the application's role. Raises DatabaseUnavailableError."""
        if self._database is None:
            try:
                self._database = await Database.connect(self.settings.need("database_url"), max_size=4)
            except (ConfigurationError, DatabaseUnavailableError) as error:
                raise self._hinted(error) from error
            self._stack.push_async_callback(self._database.close)
        return self._database

    async def desk(self) -> Desk:
        """What operations on tasks need."""
        return Desk(
            await self.database(),
            self.keyring,
            self.published.authorizer,
            lambda *name: self.project.step(*name),  # the project is loaded only by what needs it
            links=lambda: self.project.links,
            notices=lambda row: self.project.notices_due(row, by_ai=False),
        )

    async def temporal(self) -> "Client":
        """Temporal. Raises TemporalUnavailableError."""
        if self._temporal is None:
            from journeyman.temporal.connection import connect

            try:
                self._temporal = await connect(self.settings, await self.database(), self.keyring)
            except TemporalUnavailableError as error:
                raise self._hinted(error) from error
        return self._temporal

    async def deliver(self, journey: str) -> bool:
        """Send a journey what has just been committed for it. While Temporal is away it waits, and the person is told."""
        from temporalio.service import RPCError

        from journeyman.temporal.dispatcher import dispatch

        try:
            await dispatch(await self.database(), self.keyring, await self.temporal(), now=self.now(), journey=journey)
        except TemporalUnavailableError:
            output.note(f"it is committed; Temporal is away, and journey `{journey}` continues when it is back")
            return False
        except RPCError as error:
            output.note(f"it is committed, and Temporal refuses it: {error.message}; see `journeyman audit reconcile`")
            return False
        return True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def _hinted(self, error: Exception) -> Exception:
        """With what to do where the addresses are those of a `dev` folder."""
        if self.dev_folder is None:
            return error
        return type(error)(f"{error}; `{self.dev_folder}` is where they were: is `journeyman dev` running on it?")


def run(work: Callable[[Session], Awaitable[Any]]) -> None:
    """Do a command's work in a session. Raises ConfigurationError where the schema is not what this build needs."""

    async def whole() -> None:
        async with Session.open() as session:
            try:
                await work(session)
            except UNMIGRATED as error:
                raise ConfigurationError(
                    f"the database lacks what this build needs ({error}); run `journeyman migrate`"
                ) from error

    asyncio.run(whole())
