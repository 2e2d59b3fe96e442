"""What a browser is shown in the place of a page, and that people can read it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect
from pydantic import SecretStr

from journeyman.embedded.postgres import Postgres
from journeyman.settings import Settings
from journeyman.store import migrate
from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.served import Served, served_on
from tests.acceptance.browser.test_task_page import held


async def test_a_page_that_is_not_there(served: Served, tabs: Tabs) -> None:
    tab = await tabs.open(served, "bea")
    page = await tab.goto("/nothing")
    await expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    await tab.check()


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[Postgres]:
    """A Postgres that may be stopped."""
    server = Postgres(tmp_path / "mortal", durable=False)
    await server.start()
    await migrate(server.dsn())
    yield server
    await server.remove()


@pytest.fixture
async def apart(mortal: Postgres, settings: Settings) -> AsyncIterator[Served]:
    """A console on it."""
    async with served_on(
        settings.model_copy(update={"database_url": SecretStr(mortal.dsn("journeyman_app"))})
    ) as served:
        yield served


async def test_while_postgres_is_away_the_page_says_so_and_works_again_when_it_is_back(
    mortal: Postgres, apart: Served, tabs: Tabs
) -> None:
    tab = await tabs.open(apart, "bea")
    await tab.goto("/desk")
    await mortal.stop()
    page = await tab.goto("/desk")
    await expect(page.get_by_role("alert")).to_contain_text("The database is away")
    await tab.check()
    await mortal.restart()
    await page.get_by_role("link", name="Try again").click()
    await expect(page.get_by_role("alert")).to_be_hidden()
    await tab.shot("back")
    await tab.end()


async def test_while_postgres_is_away_what_is_typed_is_kept_and_open_pages_come_back_by_themselves(
    mortal: Postgres, apart: Served, tabs: Tabs
) -> None:
    task = await held(apart)
    tab, other = await tabs.open(apart, "bea"), await tabs.open(apart, "bea")
    page, desk = await tab.goto(f"/desk/tasks/{task.id}"), await other.goto("/desk")
    mark = page.locator("#form-note .saved")
    await page.keyboard.press("i")
    await page.keyboard.type("They ")
    await expect(mark).to_contain_text("Saved")
    await mortal.stop()
    await page.keyboard.type("call back")
    await desk.evaluate("htmx.trigger(document.body, 'live')")
    await expect(mark).to_contain_text("Kept in this browser", timeout=30_000)
    told = desk.get_by_role("alert").filter(has_text="The database is away")
    await expect(told.first).to_be_visible(timeout=30_000)
    await mortal.restart()
    await desk.evaluate("htmx.trigger(document.body, 'live')")
    await expect(told).to_have_count(0, timeout=30_000)
    await page.reload()
    await expect(page.get_by_label("Internal note")).to_have_value("They call back")
    await expect(mark).to_contain_text("Saved")
    for each in (tab, other):
        await each.end()
