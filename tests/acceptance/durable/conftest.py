"""The errands on real servers: in this process, with workers that live."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from temporalio.client import Client

from journeyman.customers.keys import Keyring
from journeyman.embedded.postgres import Postgres
from journeyman.project import Project
from journeyman.store import Database, migrate
from journeyman.testing import Rehearsal
from tests.acceptance.durable.double import Double, serving
from tests.acceptance.durable.errand import DOUBLE
from tests.acceptance.durable.project import STAFF, errands, write_policies
from tests.acceptance.durable.script import runner


@pytest.fixture(scope="session")
def errand_policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default rules with the runner's own."""
    return write_policies(tmp_path_factory.mktemp("errands"))


@pytest.fixture
def project(errand_policies: Path) -> Project:
    """The errands."""
    return errands(errand_policies)


@pytest.fixture
async def double(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Double]:
    """What the tools act on."""
    async with serving() as up:
        monkeypatch.setenv(DOUBLE, str(up.port))
        yield up


Rehearse = Callable[..., AbstractAsyncContextManager[Rehearsal]]


@pytest.fixture
def rehearse(project: Project, database: Database, keyring: Keyring, temporal: Client, double: Double) -> Rehearse:
    """Opens a rehearsal of the errands, in which the runner answers as its script says."""

    @asynccontextmanager
    async def opened(changed: Project = project, client: Client = temporal, **more: Any) -> AsyncIterator[Rehearsal]:
        async with Rehearsal.of(changed, database, keyring, client, staff=STAFF, **more) as rehearsal:
            rehearsal.ai["runner"].then(*[runner] * 500)
            yield rehearsal

    return opened


@pytest.fixture
async def own_postgres(server_folder: Path) -> AsyncIterator[Postgres]:
    """A Postgres that may die."""
    server = Postgres(server_folder / "mortal", durable=False)
    await server.start()
    conn = await asyncpg.connect(server.dsn(database="postgres"))
    await conn.execute("create database mortal")
    await conn.close()
    await migrate(server.dsn(database="mortal"))
    yield server
    await server.remove()
