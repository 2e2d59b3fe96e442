"""The wall and the pages of journeys in a real browser: live, and by the keyboard alone."""

from datetime import UTC, datetime

from playwright.async_api import expect

from journeyman.tasks import staffing, working
from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.served import Served


async def at_work(served: Served) -> str:
    """Bea has a task in hand; another one waits. Its journey."""
    now = datetime.now(UTC)
    await staffing.set_presence(served.desk, "bea", "online", by="bea", now=now, auth="token")
    held = await served.task(title="Held by Bea")
    await served.task(title="Waits")
    await working.claim(served.desk, held.id, "bea", now=now, auth="token")
    return held.journey_id


async def test_the_wall_is_live_and_a_supervisor_steps_in_by_the_keyboard_alone(served: Served, tabs: Tabs) -> None:
    await at_work(served)
    tab = await tabs.open(served, "sofia")
    page = await tab.goto("/desk")
    async with page.expect_response(lambda answer: "/api/v1/events?all" in answer.url):
        await page.keyboard.press("g")
        await page.keyboard.press("w")
        await page.wait_for_url("**/wall")
    people = page.get_by_role("region", name="People")
    await expect(people.get_by_role("link", name="Held by Bea")).to_be_visible()
    await tab.reach("Stop Teller")
    other = await served.task(title="Taken now")
    async with page.expect_request(lambda request: request.url.endswith("/board.part")) as reading:
        await working.claim(served.desk, other.id, "bea", now=datetime.now(UTC), auth="token")
        await tabs.soon(expect(people.get_by_role("link", name="Taken now")).to_be_visible())
    assert (await reading.value).headers["journeyman-unattended"] == "yes", "nobody asked for it"
    assert await tab.focused() == "Stop Teller"  # though all was read again
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Why")).to_be_focused()
    await page.keyboard.type("it misreads dates")
    await tab.reach("Stop")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("it misreads dates").first).to_be_visible()
    await tab.reach("Held by Bea")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/journeys/*")
    await page.keyboard.press("w")
    await page.keyboard.type("Ask for their name")
    await tab.reach("Whisper")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("listitem").get_by_text("Ask for their name")).to_be_visible()
    await tab.reach("Take over Held by Bea")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Held by Bea")).to_be_visible()


async def test_what_is_opened_and_typed_stays_when_the_journey_goes_on(served: Served, tabs: Tabs) -> None:
    journey = await at_work(served)
    await served.online("ben")
    tab = await tabs.open(served, "sofia")
    async with tab.page.expect_response(lambda answer: "/api/v1/events" in answer.url):
        page = await tab.goto(f"/journeys/{journey}")
    await tab.reach("Give it to someone else")
    await page.keyboard.press("Enter")
    await tab.reach("Give it away")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.type("Ben knows ")
    await served.task(title="Meanwhile", journey=journey)
    await tabs.soon(expect(page.get_by_role("link", name="Meanwhile")).to_be_visible())
    await page.keyboard.type("them")
    await expect(page.get_by_label("Why", exact=True).last).to_have_value("Ben knows them")
