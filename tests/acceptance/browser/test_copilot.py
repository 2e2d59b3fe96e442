"""The copilot in a browser: by keyboard, while it writes, in both themes."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from playwright.async_api import Route, expect

from journeyman.agents.standin.faults import Fault
from journeyman.agents.standin.server import ServedStandin, serve_standin
from journeyman.tasks import staffing, working
from journeyman.tasks.models import Task
from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.served import Served


@pytest.fixture
async def standin(served: Served) -> AsyncIterator[ServedStandin]:
    """A stand-in model for the console, which opens its endpoint when it is first needed."""
    async with serve_standin() as standin:
        settings = served.console.settings
        settings.model, settings.model_base_url = "stand-in", standin.base_url
        yield standin


async def held(served: Served) -> Task:
    now = datetime.now(UTC)
    await staffing.set_presence(served.desk, "bea", "online", by="bea", now=now, auth="picker")
    task = await served.task()
    return await working.claim(served.desk, task.id, "bea", now=now, auth="picker")


async def test_a_reply_is_suggested_inserted_changed_and_sent_by_the_keyboard_alone(
    served: Served, standin: ServedStandin, tabs: Tabs
) -> None:
    task = await held(served)
    tab = await tabs.open(served, "bea")
    page = await tab.goto(f"/desk/tasks/{task.id}")
    await expect(page.get_by_role("button", name="Suggest a reply")).to_be_visible()
    await page.keyboard.press("y")
    await page.keyboard.press("r")
    await expect(page.get_by_role("heading", name="Suggested reply")).to_contain_text("AI")
    await tab.check()
    pressed, order = asyncio.Event(), list[str]()

    async def late(route: Route) -> None:
        await pressed.wait()
        await route.continue_()

    await page.route("**/insert", late)
    page.on("response", lambda answer: order.append("recorded") if answer.url.endswith("/insert") else None)
    page.on("request", lambda asked: order.append("sent") if asked.url.endswith("/say") else None)
    await page.keyboard.press("y")
    await page.keyboard.press("i")
    await expect(page.get_by_label("Reply to the customer")).to_be_focused()
    await page.keyboard.type(" Bea.")
    await page.keyboard.press("Control+Enter")
    pressed.set()
    await expect(page.get_by_role("log")).to_contain_text("Bea.")
    assert order == ["recorded", "sent"]
    await expect(page.get_by_role("heading", name="Suggested reply")).to_have_count(0)
    await page.keyboard.press("Escape")
    await page.keyboard.press("d")
    await expect(page.get_by_role("heading", name="Closing notes")).to_contain_text("AI")
    async with served.desk.database.connection() as conn:
        told = await conn.fetch("select type from entry where type in ('copilot.inserted', 'copilot.used') order by id")
    assert [each["type"] for each in told] == ["copilot.inserted", "copilot.used"]


async def test_what_is_written_can_be_stopped(served: Served, standin: ServedStandin, tabs: Tabs) -> None:
    task = await held(served)
    standin.standin.faults.add(Fault(kind="drip", seconds=1.5))
    page = await (await tabs.open(served, "bea")).goto(f"/desk/tasks/{task.id}")
    await page.get_by_role("button", name="Summarise").click()
    await page.locator("[data-copilot-cancel]").click()
    await expect(page.get_by_text("The AI writes no more.")).to_be_visible()


async def test_closing_notes_go_into_the_form_and_close_the_task(
    served: Served, standin: ServedStandin, tabs: Tabs
) -> None:
    task = await held(served)
    tab = await tabs.open(served, "bea")
    page = await tab.goto(f"/desk/tasks/{task.id}")
    await expect(page.get_by_role("button", name="Draft closing notes")).to_be_visible()
    for key in "yw":
        await page.keyboard.press(key)
    await expect(page.get_by_role("heading", name="Closing notes")).to_contain_text("AI")
    for key in "yc":
        await page.keyboard.press(key)
    await expect(page.locator("#work-comment")).to_be_focused()
    await expect(page.locator("#work-comment")).to_have_value(re.compile("Closing notes"))
    await expect(page.locator("#form-work [data-suggested]")).to_be_visible()
    await expect(page.locator("#form-say [data-suggested]")).to_be_hidden()
    await tab.check()
