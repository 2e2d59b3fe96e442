from collections.abc import AsyncIterator

import httpx2
import pytest

from journeyman.store import Database
from tests.integration.console.audited import Audited
from tests.integration.console.site import Site
from tests.integration.tasks.world import World


@pytest.fixture
async def site(world: World) -> Site:
    """The console on it."""
    return Site(world)


@pytest.fixture
async def ana(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    """Ana's browser."""
    async with site.signed_in("ana") as client:
        yield client


@pytest.fixture
async def sue(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    """That of Sue, a supervisor."""
    async with site.signed_in("sue") as client:
        yield client


@pytest.fixture
async def audited(site: Site, integrator_database: Database, owner_database: Database) -> Audited:
    """A journey with its ledger, and Eve, an auditor."""
    made = Audited(site, integrator_database, owner_database)
    await made.begin()
    return made
