"""The desk in a real browser: by keyboard, live, and for everyone."""

import re
from datetime import UTC, datetime

from playwright.async_api import Page, expect

from journeyman.tasks import closing, roster, staffing, working
from journeyman.tasks.offering import make_offers
from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.served import TESTS, Served


async def present(served: Served) -> None:
    """Bea is there."""
    await staffing.set_presence(served.desk, "bea", "online", by="bea", now=datetime.now(UTC), auth="token")


async def at_desk(served: Served, tabs: Tabs, width: int = 1280) -> Page:
    """Bea's desk, once it listens."""
    tab = await tabs.open(served, "bea", width=width)
    async with tab.page.expect_response(lambda answer: "/api/v1/events" in answer.url):
        page = await tab.goto("/desk")
    await expect(page.get_by_role("heading", name="Desk", exact=True)).to_be_visible()
    return page


async def test_everyone_can_use_it(served: Served, tabs: Tabs) -> None:
    await present(served)
    held = await served.task(title="Held")
    now = datetime.now(UTC)
    await working.claim(served.desk, held.id, "bea", now=now, auth="token")
    await served.task(title="First", priority=90)
    await served.task(title="Second")
    page = await at_desk(served, tabs)
    await expect(page.get_by_role("region", name="Next for you")).to_contain_text("priority 90")
    await tabs.tabs[-1].check()
    await page.keyboard.press("j")
    await tabs.tabs[-1].check()


async def test_from_waiting_to_open_by_keyboard_alone(served: Served, tabs: Tabs) -> None:
    await present(served)
    await served.task(title="First", priority=90)
    task = await served.task(title="Second")
    page = await at_desk(served, tabs)
    tab = tabs.tabs[-1]
    await page.keyboard.press("j")
    assert await tab.focused() == "First"
    await page.keyboard.press("j")
    assert await tab.focused() == "Second"
    await page.keyboard.press("c")
    await expect(page.get_by_role("region", name="In your hands")).to_contain_text("Second")
    assert await tab.focused() == "Second"
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/desk/tasks/{task.id}")


async def test_the_next_best_with_one_key(served: Served, tabs: Tabs) -> None:
    await present(served)
    best = await served.task(title="First", priority=90)
    await served.task(title="Second")
    page = await at_desk(served, tabs)
    await page.keyboard.press("n")
    await page.wait_for_url(f"**/desk/tasks/{best.id}")


async def test_the_keys_are_told(served: Served, tabs: Tabs) -> None:
    await present(served)
    await served.task(title="First")
    page = await at_desk(served, tabs)
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    for words in (
        "Next task",
        "Previous task",
        "Claim",
        "Take the next",
        "Open it (or Enter)",
        "Search tasks",
        "Macros",
    ):
        await expect(dialog.get_by_text(words, exact=True)).to_be_visible()
    await tabs.tabs[-1].check()
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await page.keyboard.type("task-none")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("There is no such task or journey")).to_be_visible()
    await page.keyboard.press("g")
    await page.keyboard.press("d")
    await page.wait_for_url("**/desk")


async def test_a_new_task_is_there_within_a_second_and_the_focus_stays(served: Served, tabs: Tabs) -> None:
    await present(served)
    await served.task(title="First")
    page = await at_desk(served, tabs)
    await page.keyboard.press("j")
    await served.task(title="Just now", priority=90)
    await tabs.soon(expect(page.get_by_role("region", name="Next for you")).to_contain_text("Just now"))
    assert await tabs.tabs[-1].focused() == "First"
    await expect(page.get_by_role("region", name="Your queues").get_by_role("row", name="Bank")).to_contain_text("2")


async def test_an_offer_is_told_counts_down_and_is_accepted_with_a_key(served: Served, tabs: Tabs) -> None:
    await present(served)
    async with served.desk.database.connection() as conn:
        await conn.execute("update queue set push = true, offer_for = '1 minute' where id = 'bank-care'")
    page = await at_desk(served, tabs)
    task = await served.task(title="For you")
    assert await make_offers(served.desk, now=datetime.now(UTC)) == 1
    offered = page.get_by_role("region", name="Offered to you")
    await tabs.soon(expect(offered).to_contain_text("For you"))
    await expect(page.get_by_role("status").filter(has_text="Offered to you: For you")).to_be_visible()
    await expect(offered.locator("time")).to_have_text(re.compile(r"^[1-5]\d s$"))
    await tabs.tabs[-1].check()
    await page.keyboard.press("a")
    await page.wait_for_url(f"**/desk/tasks/{task.id}")


async def test_a_break_and_back_with_one_key(served: Served, tabs: Tabs) -> None:
    await present(served)
    page = await at_desk(served, tabs)
    me = page.get_by_role("region", name="You", exact=True)
    await expect(me).to_contain_text("Here")
    await page.keyboard.press("b")
    await expect(me).to_contain_text("On a break")
    await page.keyboard.press("b")
    await expect(me).to_contain_text("Here")


async def test_notes_of_a_wrap_up_survive_what_changes_meanwhile(served: Served, tabs: Tabs) -> None:
    await present(served)
    async with served.desk.database.connection() as conn:
        await conn.execute("update queue set wrap_up = '5 minutes' where id = 'bank-care'")
    task = await served.task(title="Closed", dispositions={"unreachable": "Could not be reached"})
    now = datetime.now(UTC)
    await working.claim(served.desk, task.id, "bea", now=now, auth="token")
    await closing.dispose(served.desk, task.id, "bea", "unreachable", now=now, auth="token")
    page = await at_desk(served, tabs)
    notes = page.get_by_label("Notes")
    await notes.click()
    await page.keyboard.type("She will ")
    await served.task(title="Another")
    await tabs.soon(expect(page.get_by_role("region", name="Next for you")).to_contain_text("Another"))
    await page.keyboard.type("call.")
    await expect(notes).to_have_value("She will call.")
    await tabs.tabs[-1].check()
    await page.get_by_role("button", name="Done").click()
    await expect(notes).to_be_hidden()
    async with served.desk.database.connection() as conn:
        assert await conn.fetchval("select count(*) from task_comment where task_id = $1", task.id) == 1


async def test_what_is_refused_is_said_and_everything_stays(served: Served, tabs: Tabs) -> None:
    await present(served)
    task = await served.task(title="Wanted")
    page = await at_desk(served, tabs)
    async with served.desk.database.connection() as conn:
        await conn.execute("update person set capacity = 0 where id = 'bea'")
    await page.keyboard.press("n")
    await expect(page.get_by_role("alert")).to_contain_text("0 of 0 tasks in hand")
    assert task.title in await page.get_by_role("region", name="Next for you").inner_text()


async def test_whoever_comes_to_another_team_has_its_queues_and_hears_of_them(served: Served, tabs: Tabs) -> None:
    await present(served)
    page = await at_desk(served, tabs)
    queues = page.get_by_role("region", name="Your queues")
    await expect(queues).to_contain_text("Bank customer care")
    moved = {"teams": ["fraud"], "people": {"bea": {"name": "Bea Lindqvist", "teams": ["fraud"], "capacity": 3}}}
    await roster.apply(served.desk, moved, TESTS, datetime.now(UTC))
    await expect(queues).to_contain_text("Fraud desk")
    await expect(queues).not_to_contain_text("Bank customer care")
    await expect(page.locator(".offline")).to_have_count(0)
    await served.task(title="A fraud", step="report-fraud", queue="fraud-desk")
    await tabs.soon(expect(page.get_by_role("region", name="Next for you")).to_contain_text("A fraud"))


async def test_whoever_is_signed_out_elsewhere_is_taken_to_where_they_sign_in(served: Served, tabs: Tabs) -> None:
    page = await at_desk(served, tabs)
    async with served.desk.database.connection() as conn:
        await conn.execute("update session set ended_at = now()")
    assert served.console.feed is not None
    served.console.feed.close("bea")
    await expect(page).to_have_url(f"{served.url}/signin?next=/desk")  # each part leads there, one after the other


async def test_on_a_phone_it_fits(served: Served, tabs: Tabs) -> None:
    await present(served)
    await served.task(title="A title that goes on and on, so that it has to be broken somewhere")
    page = await at_desk(served, tabs, width=390)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
