"""The wall and the pages of journeys in a real browser: live, on a phone, for everyone."""

from datetime import UTC, datetime

from playwright.async_api import expect

from journeyman.tasks import roster, working
from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.served import Served


async def at_work(served: Served) -> str:
    """Bea has a task in hand; another one waits. Its journey."""
    now = datetime.now(UTC)
    await roster.set_presence(served.desk, "bea", "online", by="bea", now=now, auth="token")
    held = await served.task(title="Held by Bea")
    await served.task(title="Waits")
    await working.claim(served.desk, held.id, "bea", now=now, auth="token")
    return held.journey_id


async def test_everyone_can_use_the_pages(served: Served, tabs: Tabs) -> None:
    journey = await at_work(served)
    for width in (1280, 390):
        tab = await tabs.open(served, "sofia", width=width)
        for path in ("/wall", "/wall/stop", "/journeys", "/journeys/list", f"/journeys/{journey}"):
            page = await tab.goto(path)
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, path
            await tab.check()


async def test_the_wall_is_live_and_stops_an_agent(served: Served, tabs: Tabs) -> None:
    journey = await at_work(served)
    tab = await tabs.open(served, "sofia")
    async with tab.page.expect_response(lambda answer: "/api/v1/events" in answer.url):
        page = await tab.goto("/wall")
    people = page.get_by_role("region", name="People")
    await expect(people.get_by_role("link", name="Held by Bea")).to_be_visible()
    other = await served.task(title="Taken now")
    async with tab.page.expect_request(lambda request: request.url.endswith("/board.part")) as reading:
        await working.claim(served.desk, other.id, "bea", now=datetime.now(UTC), auth="token")
        await expect(people.get_by_role("link", name="Taken now")).to_be_visible(timeout=2_000)
    assert (await reading.value).headers["journeyman-unattended"] == "yes", "nobody asked for it"
    await page.get_by_role("link", name="Stop Teller").click()
    await page.get_by_label("Why").fill("it misreads dates")
    await page.get_by_role("button", name="Stop").click()
    await expect(page.get_by_text("it misreads dates").first).to_be_visible()
    await page.goto(f"{served.url}/journeys/{journey}")
    await page.get_by_label("Whisper").fill("Ask for their name")
    await page.get_by_role("button", name="Whisper").click()
    await expect(page.get_by_text("Ask for their name")).to_be_visible()
    await page.get_by_role("button", name="Take over Held by Bea").click()
    await expect(page.get_by_role("heading", name="Held by Bea")).to_be_visible()
