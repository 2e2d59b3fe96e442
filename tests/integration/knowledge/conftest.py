import pytest

from journeyman.tasks import roster
from tests.integration.tasks.world import CLI, NOW, ROSTER, World


@pytest.fixture
async def world(world: World) -> World:
    """The small world, with an author among its people."""
    people = ROSTER["people"] | {"paula": {"name": "Paula", "teams": [], "roles": ["author"]}}
    await roster.apply(world.desk, ROSTER | {"people": people}, CLI, NOW)
    return world
