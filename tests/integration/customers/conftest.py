import pytest

from journeyman.customers.keys import Keyring
from journeyman.store import Database
from tests.integration.tasks.world import World


@pytest.fixture
async def world(database: Database, keyring: Keyring) -> World:
    """The world of the tests of tasks, with its roster in force and everyone online."""
    made = World(database, keyring)
    await made.roster()
    return made
