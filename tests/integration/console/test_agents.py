"""AI agents over the API: what is in force, and the stop button."""

import httpx2
import pytest

from journeyman.ledger.log import recording
from journeyman.publishing import publish_agent
from tests.integration.console.site import PROJECT, Site
from tests.integration.tasks.world import CLI, NOW

AGENTS = "/api/v1/agents"


@pytest.fixture
async def published(site: Site) -> None:
    """The teller is in force."""
    async with recording(site.world.database, site.world.desk.keyring) as tx:
        await publish_agent(tx, PROJECT.agents["teller"], CLI, NOW)


async def test_each_tells_its_version_and_what_it_has(published: None, site: Site, ana: httpx2.AsyncClient) -> None:
    journey = await site.world.journey()
    await site.world.execute("update journey set performer = 'ai:teller' where id = $1", journey)
    shown = {each["name"]: each for each in (await ana.get(AGENTS)).json()["items"]}
    assert set(shown) == set(PROJECT.agents)
    assert (shown["teller"]["current"], shown["teller"]["journeys"], shown["teller"]["stopped"]) == (True, 1, False)
    assert (shown["assessor"]["version"], shown["assessor"]["current"]) == (None, False)
    assert (await ana.get(f"{AGENTS}/teller")).json() == shown["teller"]
    assert (await ana.get(f"{AGENTS}/none")).status_code == 404


async def test_a_supervisor_stops_one_and_all(site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient) -> None:
    why = {"reason": "it misreads dates"}
    for path in ("teller/stop", "stop"):
        assert (await ana.post(f"{AGENTS}/{path}", json=why)).status_code == 403
        assert (await sue.post(f"{AGENTS}/{path}", json=why)).status_code == 204
        assert (await sue.post(f"{AGENTS}/{path}", json=why)).status_code == 409
    assert (await sue.post(f"{AGENTS}/none/stop", json=why)).status_code == 404
    seen = (await sue.get(f"{AGENTS}/teller")).json()
    assert (seen["stopped"], seen["stop"]["set_by"], seen["stop"]["reason"]) == (True, "sue", "it misreads dates")
    assert (await ana.get(f"{AGENTS}/assessor")).json()["stop"] is None
    assert (await ana.get(f"{AGENTS}/assessor")).json()["stopped"] is True
    assert (await ana.post(f"{AGENTS}/resume")).status_code == 403
    assert (await sue.post(f"{AGENTS}/resume")).status_code == 204
    assert (await sue.get(f"{AGENTS}/assessor")).json()["stopped"] is False
    assert (await sue.get(f"{AGENTS}/teller")).json()["stopped"] is True
    assert (await sue.post(f"{AGENTS}/teller/resume")).status_code == 204
