"""Real servers for the tests: one Postgres and one Temporal a session, one fresh database a test."""

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from temporalio.client import Client

from journeyman.customers.keys import Keyring
from journeyman.embedded.postgres import Postgres
from journeyman.embedded.process import command_of
from journeyman.embedded.temporal import TemporalServer
from journeyman.errors import ConfigurationError
from journeyman.store import Database, migrate
from journeyman.store.database import Connection, alone
from journeyman.testing.servers import in_memory, scratch_home

_PREFIX = "journeyman-tests-"
_BASE = in_memory() or Path(tempfile.gettempdir())
_numbers = count(1)


gc.disable()  # what is imported and collected stays until the end


def pytest_collection_finish() -> None:
    """No collection walks it: one of seven hundred thousand objects takes most of a second, in which Temporal's worker
    would take a workflow for stuck."""
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever needs a server is not quick: together they take minutes."""
    for item in items:
        if isinstance(item, pytest.Function) and {"temporal_server", "postgres"} & set(item.fixturenames):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for the session's servers; its name has our process id, by which the next session knows what is left over."""
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_BASE))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _left_over() -> list[Path]:
    """The folders of sessions that were killed."""
    folders = []
    for folder in _BASE.glob(f"{_PREFIX}*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and command_of(int(pid)) is None:
            folders.append(folder)
    return folders


@pytest.fixture(scope="session")
async def postgres(server_folder: Path) -> AsyncIterator[Postgres]:
    """The session's Postgres, fast and not durable, with the migrated database `template_journeyman`."""
    for folder in _left_over():
        with suppress(OSError, ConfigurationError):  # another session may be at it too
            TemporalServer(log=folder / "temporal.log").end_orphan()
            await Postgres(folder, root_home=scratch_home()).remove()
        shutil.rmtree(folder, ignore_errors=True)
    server = Postgres(server_folder, durable=False, root_home=scratch_home())
    try:
        await server.start()
        async with alone(server.dsn(database="postgres")) as conn:
            await conn.execute("create database template_journeyman")
        await migrate(server.dsn(database="template_journeyman"))
        yield server
    finally:
        await server.remove()


@pytest.fixture(scope="session")
async def administrator(postgres: Postgres) -> AsyncIterator[Connection]:
    """Its owner's connection, by which databases are made and dropped."""
    async with alone(postgres.dsn(database="postgres")) as conn:
        yield conn


@pytest.fixture
def template() -> str:
    """The database that a test's is a copy of: migrated, and empty."""
    return "template_journeyman"


@pytest.fixture
async def database_name(administrator: Connection, template: str) -> AsyncIterator[str]:
    """A fresh, migrated database."""
    name = f"test_{next(_numbers)}"
    await administrator.execute(f"create database {name} template {template} strategy file_copy")
    yield name
    await administrator.execute(f"drop database if exists {name} with (force)")


@pytest.fixture
async def database(postgres: Postgres, database_name: str) -> AsyncIterator[Database]:
    """The test's database as the application role."""
    async for opened in _open(postgres.dsn("journeyman_app", database_name)):
        yield opened


@pytest.fixture
async def owner_database(postgres: Postgres, database_name: str) -> AsyncIterator[Database]:
    """The same database as its owner."""
    async for opened in _open(postgres.dsn(database=database_name)):
        yield opened


@pytest.fixture
async def integrator_database(postgres: Postgres, database_name: str) -> AsyncIterator[Database]:
    """The same database as the ledger's integrator."""
    async for opened in _open(postgres.dsn("journeyman_integrator", database_name)):
        yield opened


@pytest.fixture
def keyring() -> Keyring:
    """A keyring under a master key of its own."""
    return Keyring(os.urandom(32))


@pytest.fixture(scope="session")
async def temporal_server(server_folder: Path) -> AsyncIterator[TemporalServer]:
    """The session's Temporal server, in memory."""
    server = TemporalServer(log=server_folder / "temporal.log")
    try:
        await server.start()
        yield server
    finally:
        server.kill()  # nothing of it is kept, and an orderly end takes a second


@pytest.fixture(scope="session")
async def temporal(temporal_server: TemporalServer) -> Client:
    """A client of it, without the payload codec. Tests share its namespace: give workflows and task queues fresh names."""
    return await temporal_server.client()


async def _open(dsn: str) -> AsyncIterator[Database]:
    database = await Database.connect(dsn)
    try:
        yield database
    finally:
        await database.close()
