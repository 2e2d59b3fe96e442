"""The page of a task in a browser: everyone can use it, by the keyboard alone, and what happens elsewhere shows at once."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Page, expect

from journeyman.identifiers import new_id
from journeyman.tasks import looks, speaking, staffing, working
from journeyman.tasks.change import task_of
from journeyman.tasks.models import Task
from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.served import Served
from tests.integration.cli.waiting import until

FRAUD = {"reference": "FR-1", "text": "A card was used twice. It was in Oslo.", "amount_minor": 12050}


async def held(served: Served, person: str = "bea", **fields: Any) -> Task:
    """A task that a person has taken, who is there."""
    now = datetime.now(UTC)
    await staffing.set_presence(served.desk, person, "online", by=person, now=now, auth="picker")
    task = await served.task(**fields)
    return await working.claim(served.desk, task.id, person, now=now, auth="picker")


async def proposed(served: Served) -> tuple[Task, str]:
    """An AI agent may not file this report itself: a task of the fraud desk, and the call that it is about."""
    call = new_id("tc")
    said = await served.says(call, "I need to report fraud: $2,500 are gone.")
    async with served.desk.database.connection() as conn:
        await conn.execute(
            "insert into tool_call (id, journey_id, step, agent, tool, mode, args, args_hash, status, created_at)"
            " values ($1, $2, 'report-fraud', 'fraud-desk', 'file_fraud_report', 'idempotent', '', $3, 'proposed', now())",
            call,
            said.journey,
            "a" * 64,
        )
    draft = {"tool": "file_fraud_report", "args": {"text": FRAUD["text"], "amount_minor": 250_000}}
    fields = {"kind": "approval", "draft": draft, "tool_call": call, "title": "Approve: Take a fraud report"}
    return await served.task("report-fraud", "fraud-desk", journey=said.journey, **fields), call


async def type_into(page: Page, key: str, text: str) -> None:
    """Reach a field by its key, and type."""
    await page.keyboard.press(key)
    await page.keyboard.type(text)
    await page.keyboard.press("Escape")


async def test_everyone_can_use_it(served: Served, tabs: Tabs) -> None:
    tab = await tabs.open(served, "bea")
    work = await held(served, input={"wish": "balance"}, dispositions={"handled": "A person has dealt with it"})
    await speaking.say(served.desk, work.id, "bea", "I look into it.", now=datetime.now(UTC), auth="picker")
    page = await tab.goto(f"/desk/tasks/{work.id}")
    await expect(page.get_by_role("heading", name="Tell the balance")).to_be_visible()
    await tab.check()
    for summary in await page.locator("details.deed > summary").all():
        await summary.click()
    await tab.check()
    await page.get_by_role("button", name="Complete").click()
    await expect(page.get_by_role("alert")).to_contain_text("to be put right")
    await tab.check()


async def test_everyone_can_use_each_kind(served: Served, tabs: Tabs) -> None:
    tab = await tabs.open(served, "sofia", width=390)
    for fields in (
        {"kind": "review", "step": "report-fraud", "draft": FRAUD},
        {"kind": "review", "draft": "Your balance is 5.00.", "draft_kind": "message"},
        {"kind": "question", "draft": {"question": "May I tell it?"}},
        {"kind": "callback"},
    ):
        task = await held(served, "sofia", **fields)
        page = await tab.goto(f"/desk/tasks/{task.id}")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        await tab.check()
        await working.release(served.desk, task.id, "sofia", now=datetime.now(UTC), auth="picker")


async def test_a_task_is_taken_held_and_completed_with_an_error_first_by_the_keyboard_alone(
    served: Served, tabs: Tabs
) -> None:
    await staffing.set_presence(served.desk, "bea", "online", by="bea", now=datetime.now(UTC), auth="picker")
    task = await served.task()
    tab = await tabs.open(served, "bea")
    page = await tab.goto(f"/desk/tasks/{task.id}")
    await page.keyboard.press("c")
    await expect(page.get_by_role("button", name="Complete")).to_be_visible()
    await page.keyboard.press("h")
    await expect(page.get_by_label("Come back in")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.type("a document")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("button", name="Go on")).to_be_visible()
    await expect(page.locator("#head")).to_contain_text("Paused")
    await page.keyboard.press("u")
    await expect(page.get_by_role("button", name="Complete")).to_be_visible()
    await type_into(page, "f", "a lot")
    await page.keyboard.press("s")
    summary = page.get_by_role("alert").filter(has_text="to be put right")
    await expect(summary).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    field = page.get_by_label("Balance")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("a lot")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("12.50")
    await page.keyboard.press("Escape")
    await type_into(page, "r", "It is told.")
    await page.keyboard.press("s")
    await page.wait_for_url(re.compile("/desk$"))
    async with served.desk.database.connection() as conn:
        assert (await task_of(conn, task.id)).state == "completed"


async def test_exactly_one_call_is_approved_by_the_keyboard_alone(served: Served, tabs: Tabs) -> None:
    task, call = await proposed(served)
    await served.online("femi")
    tab = await tabs.open(served, "femi")
    page = await tab.goto("/desk")
    await page.keyboard.press("j")
    assert await tab.focused() == task.title
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/desk/tasks/{task.id}")
    await page.keyboard.press("c")
    approve = page.get_by_role("button", name="Approve exactly this call")
    await expect(approve).to_be_visible()
    work = page.get_by_role("region", name="The AI wants to do this")
    for words in ("file_fraud_report", "A card was used twice. It was in Oslo.", "250000"):
        await expect(work).to_contain_text(words)
    await tab.check()
    await page.keyboard.press("n")
    await expect(page.get_by_role("textbox", name="Why", exact=True)).to_be_focused()
    await tab.check()
    await page.keyboard.press("Escape")
    await page.keyboard.press("a")
    await page.wait_for_url("**/desk")
    async with served.desk.database.connection() as conn:
        assert await conn.fetchval("select status from tool_call where id = $1", call) == "permitted"


async def test_what_the_customer_writes_shows_within_a_second(served: Served, tabs: Tabs) -> None:
    said = await served.says("ada", "I would like to talk to a person.")
    task = await held(served, journey=said.journey)
    tab = await tabs.open(served, "bea")
    page = await tab.goto(f"/desk/tasks/{task.id}")
    await expect(page.locator("#mood")).to_have_text("By what they wrote last they are calm.")
    await type_into(page, "f", "12")
    log = page.get_by_role("log")
    for words in ("Are you there?", "Hello?", "This is terrible, I am furious and angry."):
        await served.says("ada", words)
        await tabs.soon(expect(log.get_by_text(words)).to_be_visible())
    assert await log.get_by_text("Are you there?").count() == 1
    await expect(page.locator("#mood")).to_contain_text("very upset")
    await expect(page.get_by_label("Balance")).to_have_value("12")
    await page.keyboard.press("r")
    await page.keyboard.type("I am here.")
    await page.keyboard.press("Control+Enter")
    await tabs.soon(expect(log.get_by_text("I am here.")).to_be_visible())
    await expect(page.get_by_label("Reply to the customer")).to_have_value("")
    await expect(page.get_by_label("Reply to the customer")).to_be_focused()
    await tab.check()


async def test_what_may_not_be_said_is_told_beside_it_and_stays(served: Served, tabs: Tabs) -> None:
    task = await held(served)
    tab = await tabs.open(served, "bea")
    page = await tab.goto(f"/desk/tasks/{task.id}")
    await page.keyboard.press("r")
    await page.keyboard.type("What is your card number, please?")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#form-say").get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("Reply to the customer")).to_have_value("What is your card number, please?")
    await tab.check()


async def test_a_draft_shows_what_one_changes_as_one_changes_it(served: Served, tabs: Tabs) -> None:
    task = await held(served, "sofia", kind="review", step="report-fraud", draft=FRAUD)
    tab = await tabs.open(served, "sofia")
    page = await tab.goto(f"/desk/tasks/{task.id}")
    await page.get_by_role("textbox", name="Text", exact=True).fill("A card was used twice. It was in Bergen.")
    changes = page.locator(".changes")
    await expect(changes.locator("ins")).to_contain_text("Bergen")
    await expect(changes.locator("del")).to_contain_text("Oslo")
    await tab.check()
    await page.keyboard.press("Escape")
    await page.keyboard.press("a")
    await expect(page.get_by_role("alert")).to_contain_text("changed the draft")
    await page.keyboard.press("s")
    await page.wait_for_url(re.compile("/desk$"))


async def test_two_see_each_other_and_what_the_other_does(served: Served, tabs: Tabs) -> None:
    task = await held(served)
    bea, sofia = await tabs.open(served, "bea"), await tabs.open(served, "sofia")
    hers = await bea.goto(f"/desk/tasks/{task.id}")
    await type_into(hers, "f", "12")
    await sofia.goto(f"/desk/tasks/{task.id}")
    await tabs.soon(expect(hers.get_by_text("Sofia Marques has this open too.")).to_be_visible())
    await sofia.page.keyboard.press("o")
    await sofia.page.keyboard.type("I know them")
    await sofia.page.keyboard.press("Control+Enter")
    changed = hers.get_by_role("alert").filter(has_text="This changed since you opened it")
    await tabs.soon(expect(changed).to_contain_text("Sofia Marques"))
    await expect(hers.get_by_label("Balance")).to_have_value("12")
    await bea.check()
    await expect(sofia.page.get_by_role("button", name="Complete")).to_be_visible()
    await sofia.page.wait_for_load_state()  # a page that is left before its scripts ran is missed a minute later
    await sofia.page.goto(served.url + "/signin")
    await tabs.soon(expect(hers.get_by_text("has this open too")).to_be_hidden())


async def test_a_colleague_is_asked_and_their_answer_appears(served: Served, tabs: Tabs) -> None:
    task = await held(served)
    ben, bea = await tabs.open(served, "ben"), await tabs.open(served, "bea")
    his = await ben.goto("/desk")
    hers = await bea.goto(f"/desk/tasks/{task.id}")
    await type_into(hers, "i", "Is this account frozen?")
    await hers.keyboard.press("q")
    await hers.get_by_label("Whom").select_option("sofia")
    await hers.get_by_label("Whom").select_option("ben")
    await hers.get_by_role("button", name="Add note").click()
    await tabs.soon(expect(hers.get_by_text("asks Ben")).to_be_visible())
    asked = his.get_by_role("region", name="Asked of you")
    await tabs.soon(expect(asked).to_contain_text("Bea"))
    await ben.check()
    await asked.get_by_role("link").click()
    await expect(his.get_by_text("A colleague asks you about this.")).to_be_visible()
    await expect(his.get_by_text("Is this account frozen?")).to_be_visible()
    await ben.check()
    await type_into(his, "i", "No, it is not.")
    await his.get_by_role("button", name="Add note").click()
    await his.wait_for_url(re.compile("/desk$"))
    await expect(his.get_by_role("region", name="Asked of you")).to_be_hidden()
    await tabs.soon(expect(hers.locator("#notes")).to_contain_text("No, it is not."))
    await type_into(hers, "i", "Since when?")
    await hers.keyboard.press("q")
    await hers.get_by_label("Whom").select_option("ben")
    await hers.get_by_role("button", name="Add note").click()
    await tabs.soon(expect(asked).to_contain_text("Bea"))
    await bea.check()
    await hers.get_by_role("button", name="Take back the question to Ben").click()
    await tabs.soon(expect(asked).to_be_hidden())
    await tabs.soon(expect(hers.locator("#notes")).to_contain_text("Taken back"))
    long_ago = datetime.now(UTC) - timedelta(minutes=65)
    told = hers.get_by_role("log").locator("time").first
    await told.evaluate("(time, at) => { time.dateTime = at }", long_ago.isoformat())
    await expect(told).to_have_text("1 h 5 min ago")


async def test_what_was_typed_without_a_connection_is_there_again(served: Served, tabs: Tabs) -> None:
    task = await held(served)
    tab = await tabs.open(served, "bea")
    page = await tab.goto(f"/desk/tasks/{task.id}")
    await page.keyboard.press("i")
    await page.keyboard.type("They ")
    await expect(page.locator("#form-note .saved")).to_contain_text("Saved")
    await page.context.set_offline(True)
    await page.keyboard.type("call back at noon")
    await expect(page.locator("#form-note .saved")).to_contain_text("Kept in this browser")
    await page.keyboard.type(", please")  # and leaves at once
    await page.context.set_offline(False)
    await page.reload()
    await expect(page.get_by_label("Internal note")).to_have_value("They call back at noon, please")
    await expect(page.locator("#form-note .saved")).to_contain_text("Saved")
    await tab.end()


async def test_what_was_taken_is_kept_nowhere_else(served: Served, tabs: Tabs) -> None:
    task = await held(served)
    tab = await tabs.open(served, "bea")
    page = await tab.goto(f"/desk/tasks/{task.id}")
    none_kept = "() => !Object.keys(localStorage).some((key) => key.startsWith('draft:'))"
    await page.keyboard.press("r")
    await page.keyboard.type("I look.")  # sent at once, before it is saved
    assert not await page.evaluate(none_kept)
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("log")).to_contain_text("I look.")
    await page.wait_for_function(none_kept)
    await page.keyboard.press("Escape")
    await page.keyboard.press("h")
    await page.get_by_label("Come back in").select_option("30")
    await page.get_by_label("What it waits for").fill("a letter")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("It is paused.")).to_be_visible()
    await page.wait_for_function(none_kept)
    await page.keyboard.press("Escape")
    await page.keyboard.press("u")
    await page.get_by_label("Balance").fill("12")
    await page.keyboard.press("Control+Enter")
    await page.wait_for_url(re.compile("/desk$"))
    assert await page.evaluate(none_kept)


async def test_what_an_ai_suggested_and_who_was_chosen_are_given_back(served: Served, tabs: Tabs) -> None:
    task = await held(served)
    tab = await tabs.open(served, "bea")
    page = await tab.goto(f"/desk/tasks/{task.id}")
    await page.keyboard.press("t")
    chosen = page.locator("#transfer-to")
    await chosen.locator("option").nth(1).wait_for(state="attached")
    await page.context.set_offline(True)
    value = await chosen.locator("option").nth(1).get_attribute("value")
    assert value
    await chosen.select_option(value)
    await page.locator("#form-say [name=suggestion]").evaluate("(field) => { field.value = 'sug-1'; }")
    await page.get_by_label("Reply to the customer").fill("As suggested")
    await page.context.set_offline(False)
    await page.reload()
    await expect(page.locator("#form-say [name=suggestion]")).to_have_value("sug-1")
    await expect(page.locator("#form-say [data-suggested]")).to_be_visible()
    await expect(chosen).to_have_value(value)
    await tab.end()


async def test_a_row_that_was_typed_without_a_connection_is_there_again(served: Served, tabs: Tabs) -> None:
    task = await held(served, step="authenticate")
    tab = await tabs.open(served, "bea")
    page = await tab.goto(f"/desk/tasks/{task.id}")
    await page.get_by_role("button", name="Add a row to Missing").click()
    row = page.get_by_role("group", name="Missing").get_by_role("textbox")
    await page.context.set_offline(True)
    await row.fill("the PIN")
    await page.context.set_offline(False)
    await page.reload()
    await expect(row).to_have_value("the PIN")
    await tab.end()


async def test_a_look_ends_when_the_page_is_left(served: Served, tabs: Tabs) -> None:
    task = await held(served)
    tab = await tabs.open(served, "bea")
    page = await tab.goto(f"/desk/tasks/{task.id}")
    await page.goto(served.url + "/signin")

    async def recorded() -> bool:
        async with served.desk.database.connection() as conn:
            rows = await conn.fetch("select type from entry where type in ('task.viewed', 'task.left') order by id")
        return [row["type"] for row in rows] == ["task.viewed", "task.left"]

    await until(recorded)
    assert await looks.end_looks(served.desk, now=datetime.now(UTC)) == 0
