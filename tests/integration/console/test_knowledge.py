"""Looking up what is known, over the API."""

import httpx2

from journeyman.knowledge import Base
from journeyman.publishing import publish_knowledge
from tests.integration.console.site import PROJECT, Site
from tests.integration.tasks.world import CLI


async def test_what_is_known_is_found_cited_and_opened(site: Site, ana: httpx2.AsyncClient) -> None:
    base = PROJECT.base()
    assert isinstance(base, Base)
    async with site.world.desk.recording() as tx:
        await publish_knowledge(tx, base, CLI, site.now)
    found = (await ana.get("/api/v1/knowledge", params={"q": "fraud report"})).json()["items"]
    assert found
    opened = (await ana.get("/api/v1/knowledge/opened", params={"citation": found[0]["citation"]})).json()
    assert opened["text"] == found[0]["text"]
    assert opened["current"]
    missing = await ana.get("/api/v1/knowledge/opened", params={"citation": "x"})
    assert missing.status_code in (404, 422)
