"""The pytest plugin of an author's project. Its conftest.py needs one line:

    pytest_plugins = ["journeyman.testing.fixtures"]

and its tests take the fixture `rehearsal`:

    async def test_a_story(rehearsal: Rehearse) -> None:
        async with rehearsal() as story:
            journey = await story.customer().says("hello", kind="my-kind")

The project is the one of pytest's root folder; override the fixture `project` to rehearse another.
"""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client

from journeyman.customers.keys import Keyring
from journeyman.errors import ConfigurationError
from journeyman.project import Project
from journeyman.tasks import roster
from journeyman.testing.rehearsal import Rehearsal
from journeyman.testing.servers import Servers
from journeyman.testing.skipped import SkippedTime


@dataclass(frozen=True)
class Rehearse:
    """Opens rehearsals of a project, each on a fresh database."""

    project: Project
    servers: Servers

    @asynccontextmanager
    async def __call__(
        self,
        *,
        project: Project | None = None,
        staff: Mapping[str, Any] | None = None,
        skip_time: bool = False,
        **more: Any,
    ) -> AsyncIterator[Rehearsal]:
        """A rehearsal, while the block runs. `staff` replaces the project's roster.

        With `skip_time` the story's `passes` moves time. Without, every queue of the project's roster is open, or a test
        would depend on the hour at which it is run.
        """
        chosen = project or self.project
        async with AsyncExitStack() as stack:
            database = await stack.enter_async_context(self.servers.database())
            temporal: Client | SkippedTime
            if skip_time:
                temporal = await stack.enter_async_context(SkippedTime.open())
            else:
                temporal = await self.servers.client()
            if staff is None:
                staff = roster_of(chosen) if skip_time else _always_open(roster_of(chosen))
            rehearsed = Rehearsal.of(chosen, database, Keyring(os.urandom(32)), temporal, staff=staff, **more)
            yield await stack.enter_async_context(rehearsed)


def roster_of(project: Project) -> dict[str, Any]:
    """The document of the project's roster file. Raises ConfigurationError where it names none."""
    if project.roster is None:
        raise ConfigurationError(
            '[tool.journeyman] names no roster; add `roster = "roster.yaml"`, or give the rehearsal `staff=...`'
        )
    return roster.read(project.roster)


def _always_open(roster: dict[str, Any]) -> dict[str, Any]:
    queues = roster.get("queues", {})
    hourless = {name: {**queue, "calendar": None} for name, queue in queues.items()}
    return {**roster, "queues": hourless}


@pytest.fixture(scope="session")
def project(pytestconfig: pytest.Config) -> Project:
    """The project that is rehearsed."""
    return Project.load(pytestconfig.rootpath)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def journeyman_servers(pytestconfig: pytest.Config) -> AsyncIterator[Servers]:
    """The session's Temporal and Postgres."""
    servers = Servers(Path(pytestconfig.rootpath) / ".journeyman" / "tests")
    await servers.start()
    try:
        yield servers
    finally:
        await servers.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def rehearsal(project: Project, journeyman_servers: Servers) -> Rehearse:
    """Opens a rehearsal: `async with rehearsal() as story`."""
    return Rehearse(project, journeyman_servers)
