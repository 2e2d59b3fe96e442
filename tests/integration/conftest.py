"""The small world of the tests of tasks (`tests.integration.tasks.world`), and what happens in it meanwhile, for whoever asks."""

import os
from collections.abc import Awaitable, Callable

import pytest

from journeyman.customers.keys import Keyring
from journeyman.embedded.postgres import Postgres
from journeyman.ledger.log import Recording
from journeyman.store import Database
from journeyman.store.database import alone
from tests.integration.tasks.world import World


@pytest.fixture(scope="session")
def world_key() -> bytes:
    """The master key of every small world: they are copies of one."""
    return os.urandom(32)


@pytest.fixture(scope="session")
async def world_template(postgres: Postgres, world_key: bytes) -> str:
    """A database with the roster in force and everyone online: putting it in force takes longer than copying it."""
    async with alone(postgres.dsn(database="postgres")) as conn:
        await conn.execute("create database template_world template template_journeyman strategy file_copy")
    database = await Database.connect(postgres.dsn("journeyman_app", "template_world"))
    try:
        await World(database, Keyring(world_key)).roster()
    finally:
        await database.close()
    return "template_world"


@pytest.fixture
def template(request: pytest.FixtureRequest) -> str:
    """The database that a test's is a copy of: a small world, where it asks for one."""
    if "world" not in request.fixturenames:
        return "template_journeyman"
    name: str = request.getfixturevalue("world_template")
    return name


@pytest.fixture
def keyring(request: pytest.FixtureRequest, world_key: bytes) -> Keyring:
    """A keyring under a master key of its own, or the small world's. It knows no key of another test's customers."""
    return Keyring(world_key if "world" in request.fixturenames else os.urandom(32))


@pytest.fixture
def world(database: Database, keyring: Keyring) -> World:
    """The world with its roster in force and everyone online."""
    return World(database, keyring)


Meanwhile = list[Callable[[], Awaitable[object]]]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """What happens, each once, after something was decided on that nobody holds, and before it is written."""
    finish, happens = Recording._finish, Meanwhile()

    async def late(tx: Recording) -> None:
        if tx._only_if and happens:
            await happens.pop()()
        await finish(tx)

    monkeypatch.setattr(Recording, "_finish", late)
    return happens
