"""The customer chat: with the real engine and the stand-in model, on a phone, by keyboard alone, in both themes."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import Page, expect

from journeyman.console.texts import TEXTS
from journeyman.settings import Settings
from journeyman.tasks import speaking, staffing
from journeyman.tasks.working import claim
from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.served import Served, served_on
from tests.docs.pages import ROOT, blocks

ENGLISH = TEXTS.of("en")
PATIENCE = 20_000  # milliseconds: the engine's, not the page's


async def begun(page: Page) -> None:
    await page.get_by_label(ENGLISH["kind"]).select_option("bank-service")
    await page.get_by_label(ENGLISH["name"]).fill("Ada")
    await page.get_by_role("button", name=ENGLISH["begin"]).click()


async def value(served: Served, statement: str) -> Any:
    async with served.console.database.connection() as conn:
        return await conn.fetchval(statement)


async def test_a_customer_chats_asks_for_a_person_and_always_sees_who_answers(working: Served, tabs: Tabs) -> None:
    tab = await tabs.open(working, width=390)
    page = await tab.goto("/chat")
    await begun(page)
    await expect(page.get_by_text(ENGLISH["answers_nobody"])).to_be_visible()
    await expect(page.get_by_text(ENGLISH["practice"])).to_be_visible()
    await expect(page.get_by_text(ENGLISH["standin"])).to_be_visible()
    box = page.get_by_label(ENGLISH["message"])
    await box.fill("Hello, I would like to know my balance")
    await box.press("Enter")
    log = page.get_by_role("log")
    await expect(log.get_by_text("Hello, I would like to know my balance")).to_be_visible()
    await expect(box).to_have_value("")
    await expect(log.locator(".line.ai").first).to_be_visible(timeout=PATIENCE)
    await expect(log.get_by_text("You are talking with an AI assistant")).to_be_visible()
    await expect(page.get_by_text("An AI answers:")).to_be_visible()
    await tab.check()
    await page.get_by_role("button", name=ENGLISH["talk_to_person"]).click()
    await expect(log.get_by_text(ENGLISH["ask_for_person"])).to_be_visible()
    await expect(page.get_by_text(ENGLISH["answers_waiting"])).to_be_visible(timeout=PATIENCE)
    await expect(page.get_by_text(ENGLISH["place_next"])).to_be_visible()
    await expect(log.get_by_text("A colleague takes over from here")).to_be_visible()
    await tab.check()
    task = await value(working, "select id from task where kind = 'work' and state = 'ready'")
    now = datetime.now(UTC)
    await staffing.set_presence(working.desk, "bea", "online", by="bea", now=now, auth="picker")
    await claim(working.desk, task, "bea", now=now, auth="picker")
    await expect(page.get_by_text("A person answers: Bea.")).to_be_visible()
    await speaking.say(working.desk, task, "bea", "Good day, I am here now.", now=now, auth="picker")
    await expect(log.get_by_text("Good day, I am here now.")).to_be_visible()
    await expect(log.get_by_text("Bea · a person")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await tab.check()
    await page.get_by_role("button", name=ENGLISH["leave"]).click()
    await expect(page.get_by_text(ENGLISH["left"])).to_be_visible()
    await tab.check()


async def test_it_needs_no_pointer(served: Served, tabs: Tabs) -> None:
    tab = await tabs.open(served)
    page = await tab.goto("/chat")
    keys = page.keyboard
    while await tab.focused() != ENGLISH["begin"]:
        await keys.press("Tab")
    await keys.press("Enter")
    await page.wait_for_selector("[data-chat]")
    while not await page.evaluate("document.activeElement?.id === 'text'"):
        await keys.press("Tab")
    await keys.type("one")
    await keys.press("Shift+Enter")
    await keys.type("two")
    await keys.press("Enter")
    await expect(page.get_by_role("log").get_by_text("one two")).to_be_visible()
    await keys.press("Tab")
    await keys.press("Tab")
    assert await tab.focused() == ENGLISH["talk_to_person"]
    await keys.press("Enter")
    await expect(page.get_by_role("log").get_by_text(ENGLISH["ask_for_person"])).to_be_visible()


async def test_two_tabs_and_what_is_said_elsewhere_stay_together(served: Served, tabs: Tabs) -> None:
    tab = await tabs.open(served)
    page = await tab.goto("/chat")
    await begun(page)
    other = await page.context.new_page()
    await other.goto(served.url + "/chat")
    await other.get_by_label(ENGLISH["message"]).fill("from the second tab")
    await other.get_by_role("button", name=ENGLISH["send"]).click()
    await expect(other.get_by_role("log").get_by_text("from the second tab")).to_have_count(1)
    await page.get_by_label(ENGLISH["message"]).fill("from the first")
    await page.get_by_role("button", name=ENGLISH["send"]).click()
    for each in (page, other):
        lines = each.locator("[data-lines] .line p")
        await expect(lines).to_have_text(["from the second tab", "from the first"])


async def test_it_works_without_scripts(served: Served, tabs: Tabs) -> None:
    context = await tabs.browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{served.url}/chat?language=en")
    await begun(page)
    await page.get_by_label(ENGLISH["message"]).fill("plain")
    await page.get_by_role("button", name=ENGLISH["send"]).click()
    await expect(page.get_by_role("log").get_by_text("plain")).to_be_visible()
    await page.get_by_role("button", name=ENGLISH["talk_to_person"]).click()
    await expect(page.get_by_role("log").get_by_text(ENGLISH["ask_for_person"])).to_be_visible()
    await context.close()


async def _shop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Somebody's own web site, with the same page at every address."""
    await reader.readuntil(b"\r\n\r\n")
    page = b"<!doctype html><title>A shop</title>"
    writer.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(page)
    )
    writer.write(page)
    writer.close()


async def test_what_a_web_site_would_copy_from_the_page_of_the_docs_works_on_that_site(
    settings: Settings, tabs: Tabs
) -> None:
    (block,) = [each for each in blocks(ROOT / "docs" / "chat.md", "js") if each.file == "chat-client.js"]
    shop = await asyncio.start_server(_shop, "127.0.0.1", 0)
    site = f"http://localhost:{shop.sockets[0].getsockname()[1]}"
    async with shop, served_on(settings.model_copy(update={"chat_origins": [site]})) as served:
        page = (await tabs.open(served)).page
        await page.goto(f"{site}/")
        shown: list[str] = await page.evaluate(
            """async (console) => {
                const headers = {"Content-Type": "application/json"};
                const body = JSON.stringify({kind: "bank-service"});
                const begun = await fetch(`${console}/api/v1/chat`, {method: "POST", headers, body});
                const make = (() => { """
            + block.text
            + """
                return customerChat; })();
                const shown = [];
                const chat = make(console, (await begun.json()).token, (line) => {
                    if (line.kind !== "left") shown.push(line.text);  // it may be heard before the stream ends
                });
                await chat.say("one");
                const listening = chat.listen();
                await chat.person();
                await chat.leave();
                await listening.catch(() => null);
                return shown;
            }""",
            served.url,
        )
    assert shown == ["one", ENGLISH["ask_for_person"]]
