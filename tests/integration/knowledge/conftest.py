import pytest

from journeyman.customers.keys import Keyring
from journeyman.store import Database
from journeyman.tasks import roster
from tests.integration.tasks.world import CLI, NOW, ROSTER, World


@pytest.fixture
async def world(database: Database, keyring: Keyring) -> World:
    """The world of tasks, with an author among its people."""
    made = World(database, keyring)
    people = ROSTER["people"] | {"paula": {"name": "Paula", "teams": [], "roles": ["author"]}}
    await roster.apply(made.desk, ROSTER | {"people": people}, CLI, NOW)
    return made
