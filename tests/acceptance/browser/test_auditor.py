"""The auditor's pages in a browser: find, read, open, verify, by the keyboard alone and in both themes."""

from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Page, expect

from journeyman.embedded.postgres import Postgres
from journeyman.ledger.checkpoint import SigningKey
from journeyman.ledger.integrator import integrate
from journeyman.store import Database
from journeyman.tasks import closing, staffing, working
from journeyman.tasks.models import Task
from journeyman.views import contents
from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.served import Served

KEY = SigningKey("ledger.example/browser", bytes(range(32)))
AUDITOR = "olga"
SCRIPT = "<img src=x onerror=alert(1)>"


async def worked(served: Served) -> Task:
    """A task that bea was shown, took and disposed of, for a customer who writes what would like to run."""
    said = await served.says("ada", f"I am {SCRIPT} <script>alert(1)</script>")
    task = await served.task(journey=said.journey, dispositions={"unreachable": "Could not be reached"})
    now = datetime.now(UTC)
    await staffing.set_presence(served.desk, "bea", "online", by="bea", now=now, auth="picker")
    await working.claim(served.desk, task.id, "bea", now=now, auth="picker")
    await contents.show(served.desk, task.id, "bea", now=now, auth="picker")
    await closing.dispose(served.desk, task.id, "bea", "unreachable", comment=SCRIPT, now=now, auth="picker")
    return task


async def integrated(postgres: Postgres, database_name: str) -> None:
    database = await Database.connect(postgres.dsn("journeyman_integrator", database_name))
    try:
        assert await integrate(database, KEY, now=datetime.now(UTC))
    finally:
        await database.close()


async def open_entry(page: Page, words: str) -> None:
    entry = page.locator(".entry", has_text=words).last
    await entry.locator("summary").first.click()
    await expect(entry.locator(".evidence")).to_be_visible()


async def test_an_auditor_finds_reads_and_verifies(
    served: Served, tabs: Tabs, postgres: Postgres, database_name: str, tmp_path: Path
) -> None:
    task = await worked(served)
    await integrated(postgres, database_name)
    tab = await tabs.open(served, AUDITOR)
    page = await tab.goto("/traces")
    await page.get_by_label("Person").fill("bea")
    await page.get_by_role("button", name="Find").click()
    await tab.check()
    await page.get_by_role("link", name=task.journey_id).click()
    await expect(page.get_by_role("heading", name=f"Trace of {task.journey_id}")).to_be_visible()
    await tab.check()
    await open_entry(page, "closes the task with a disposition")
    opened = page.locator(".evidence")
    await expect(opened.get_by_text("What they were shown")).to_be_visible()
    await expect(opened.get_by_text(SCRIPT).first).to_be_visible()
    await opened.get_by_role("link", name="Prove that it is in the tree").click()
    await expect(page.get_by_text("gives the root that the newest checkpoint signs")).to_be_visible()
    await tab.check()
    async with served.console.database.connection() as conn:
        note = await conn.fetchval("select note from checkpoint")
    kept = tmp_path / "kept.checkpoint"
    kept.write_text(note, encoding="utf-8")
    await page.keyboard.press("v")
    await page.locator(".trace-verify").get_by_label("or its files").set_input_files(kept)
    await page.get_by_label("The ledger's public key that you trust").fill(str(KEY.verifier))
    await page.get_by_role("button", name="Verify", exact=True).click()
    await expect(page.locator("#verdict").get_by_text("No fault")).to_be_visible()
    await tab.check()
    async with served.console.database.connection() as conn:
        assert await conn.fetchval("select count(*) from entry where type = 'trace.read'") == 1


async def test_tampering_is_shown_where_it_is(
    served: Served, tabs: Tabs, postgres: Postgres, database_name: str
) -> None:
    task = await worked(served)
    await integrated(postgres, database_name)
    owner = await Database.connect(postgres.dsn(database=database_name))
    async with owner.transaction() as conn:
        await conn.execute("set local session_replication_role = replica")
        await conn.execute(
            "update entry set body = convert_to(replace(convert_from(body, 'UTF8'), 'unreachable', 'untouchable'), 'UTF8')"
            " where journey_id = $1 and type = 'task.completed'",
            task.journey_id,
        )
    await owner.close()
    tab = await tabs.open(served, AUDITOR)
    page = await tab.goto(f"/traces/{task.journey_id}")
    altered = page.locator(".entry-altered")
    await expect(altered).to_have_count(1)
    await expect(altered.get_by_text("not as it was recorded")).to_be_visible()
    await page.get_by_text("Verify this trace").click()
    await page.get_by_label("The ledger's public key that you trust").fill(str(KEY.verifier))
    await page.get_by_role("button", name="Verify", exact=True).click()
    await expect(page.locator("#verdict").get_by_text("altered").first).to_be_visible()
    await tab.check()
    await page.locator("#verdict").get_by_role("link", name="entry").first.click()
    await page.wait_for_url("**#e*")


async def test_with_the_keyboard_alone(served: Served, tabs: Tabs) -> None:
    task = await worked(served)
    tab = await tabs.open(served, AUDITOR)
    page = await tab.goto("/traces")
    await page.keyboard.press("/")
    await page.keyboard.type("nobody")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("No journey fits")).to_be_visible()
    page = await tab.goto(f"/traces/{task.journey_id}")
    first = await page.locator(".entry").first.get_attribute("id")
    assert first is not None
    await page.keyboard.press("j")
    assert (await tab.focused()).startswith(f"Entry {first[1:]}")
    await page.keyboard.press("j")
    await page.keyboard.press("k")
    assert (await tab.focused()).startswith(f"Entry {first[1:]}")
    await page.keyboard.press("Enter")
    await expect(page.locator(".evidence")).to_be_visible()
    await page.keyboard.press("v")
    await expect(page.get_by_label("Checkpoint, as it was kept")).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys").get_by_text("Verify this trace")).to_be_visible()


async def test_policies_and_one_s_own_record(served: Served, tabs: Tabs) -> None:
    await worked(served)
    tab = await tabs.open(served, "bea")
    page = await tab.goto("/me/record")
    await expect(page.get_by_role("heading", name="What is recorded about you")).to_be_visible()
    page = await tab.goto("/policies")
    await page.keyboard.press("o")
    await expect(page.get_by_text("as it was published")).to_be_visible()
    await page.get_by_role("link", name="Its cases").click()
    await expect(page.get_by_text("11 of 12 are decided as expected")).to_be_visible()
