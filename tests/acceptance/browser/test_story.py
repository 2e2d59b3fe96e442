"""The whole story in real browsers, with all behind the console: a customer is served by AI agents and a person in turn, an
auditor reads and proves what happened, and a supervisor takes another customer over from the AI."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Page, expect

from journeyman.console.texts import TEXTS
from journeyman.ledger.checkpoint import SigningKey
from journeyman.ledger.pack import Pack
from journeyman.ledger.publish import published
from journeyman.ledger.verify import verify
from journeyman.settings import Settings
from journeyman.tasks import roster
from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.served import TESTS, Served
from tests.acceptance.browser.tab import Tab

CHAT = TEXTS.of("en")
STORY = (
    "opens the journey",
    "asks policy: may it work on this? allowed",
    "I would like to talk to a person.",
    "asks policy: may it work on this? denied",
    "A colleague takes over from here.",
    "offers the task to one person",
    "takes what was offered",
    "Good day, Bea here.",
    "I want to check my balance.",
    "submits the result",
    "An AI assistant goes on from here.",
    "takes what was offered",
    "hands the work, or the draft, back to the AI agent",
    "An AI assistant goes on from here.",
    "asks policy: may it call the tool verify_identity? allowed",
    "finds the customer to be who they say",
    "The balance of your account at Example Bank is $4,218.00.",
    "ends the journey",
)
PATIENCE = 30_000  # milliseconds: the engine's, not a page's


@dataclass
class Customer:
    """Someone in the chat, on a phone."""

    tab: Tab

    @property
    def page(self) -> Page:
        return self.tab.page

    async def begins(self, name: str) -> None:
        page = await self.tab.goto("/chat")
        await page.get_by_label(CHAT["kind"]).select_option("bank-service")
        await page.get_by_label(CHAT["name"]).fill(name)
        await page.get_by_role("button", name=CHAT["begin"]).click()

    async def says(self, text: str) -> None:
        box = self.page.get_by_label(CHAT["message"])
        await box.fill(text)
        await box.press("Enter")
        await expect(box).to_have_value("")

    async def asks_for_a_person(self) -> None:
        await self.page.get_by_role("button", name=CHAT["talk_to_person"]).click()

    async def hears(self, words: str) -> None:
        await expect(self.page.get_by_role("log").get_by_text(words).last).to_be_visible(timeout=PATIENCE)

    async def is_answered_by(self, words: str | re.Pattern[str]) -> None:
        await expect(self.page.get_by_role("region", name=CHAT["who_answers"])).to_have_text(words, timeout=PATIENCE)


async def accepts(desk: Page, title: str) -> None:
    """What is offered, with its countdown, is taken with a key, and its page opens."""
    offered = desk.get_by_role("region", name="Offered to you")
    await expect(offered).to_contain_text(title, timeout=PATIENCE)
    await expect(offered.locator("time")).to_have_text(re.compile(r"^[1-4]?\d s$"))
    await desk.keyboard.press("a")
    await desk.wait_for_url("**/desk/tasks/*")
    await expect(desk.get_by_role("heading", level=1)).to_have_text(title)


async def replies(desk: Page, text: str) -> None:
    await desk.keyboard.press("r")
    await desk.keyboard.type(text)
    await desk.keyboard.press("Control+Enter")


async def test_the_whole_story(working: Served, settings: Settings, tabs: Tabs, tmp_path: Path) -> None:
    await offering(working, "bank-care")
    bea, ada = await tabs.open(working), Customer(await tabs.open(working, width=390))
    await comes_to_work(bea)
    await ada.begins("Ada Lovelace")
    await a_person_helps(tabs, bea, ada)
    await a_person_hands_back(tabs, bea, ada)
    await the_ai_finishes(ada)
    await an_auditor_reads(await tabs.open(working, "olga"), settings, tmp_path)
    grace = Customer(await tabs.open(working, width=390))
    await a_supervisor_takes_over(tabs, await tabs.open(working, "sofia"), grace)


async def offering(served: Served, queue: str) -> None:
    """The queue's people do not look for its work: it is offered to them."""
    assert served.console.project.roster is not None
    document = roster.read(served.console.project.roster)
    document["queues"][queue]["push"] = True
    await roster.apply(served.desk, document, TESTS, datetime.now(UTC))


async def comes_to_work(bea: Tab) -> None:
    desk = await bea.goto("/")
    await desk.get_by_role("button", name="Bea Lindqvist").click()
    await desk.wait_for_url("**/desk")
    await desk.keyboard.press("b")
    await expect(desk.get_by_role("region", name="You", exact=True)).to_contain_text("Here")


async def a_person_helps(tabs: Tabs, bea: Tab, ada: Customer) -> None:
    """Asked for, accepted, live both ways; and the form, which has an error first."""
    desk = bea.page
    await ada.says("Hello!")
    await ada.is_answered_by("An AI answers: Receptionist.")
    await ada.hears("How can I help you?")
    await ada.asks_for_a_person()
    await ada.hears("A colleague takes over from here")
    await ada.is_answered_by(re.compile(re.escape(CHAT["answers_waiting"])))
    await ada.tab.shot("waits")
    await accepts(desk, "Understand what the customer wants")
    await tabs.soon(ada.is_answered_by("A person answers: Bea."))
    await replies(desk, "Good day, Bea here. What do you need?")
    await tabs.soon(ada.hears("Good day, Bea here. What do you need?"))
    await ada.tab.shot("person")
    await ada.says("I want to check my balance.")
    await tabs.soon(expect(desk.get_by_role("log").get_by_text("I want to check my balance.")).to_be_visible())
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("s")
    summary = desk.get_by_role("alert").filter(has_text="One thing has to be put right")
    await expect(summary).to_be_focused()
    await expect(summary.get_by_role("link")).to_have_text("Wish: choose one")
    await bea.shot("error")
    await desk.keyboard.press("Tab")
    await desk.keyboard.press("Enter")
    await expect(desk.get_by_role("radio", name="Balance")).to_be_focused()
    await desk.keyboard.press("Space")
    await desk.keyboard.press("Escape")
    await desk.keyboard.press("s")
    await desk.wait_for_url("**/desk")


async def a_person_hands_back(tabs: Tabs, bea: Tab, ada: Customer) -> None:
    desk = bea.page
    await ada.is_answered_by("An AI answers: Authenticator.")
    await ada.hears("An AI assistant goes on from here")
    await ada.hears("full name, please")
    await ada.says("Ada Lovelace")
    await ada.hears("account number")
    await ada.asks_for_a_person()
    await accepts(desk, "Authenticate the customer")
    await tabs.soon(ada.is_answered_by("A person answers: Bea."))
    await desk.keyboard.press("b")
    await desk.keyboard.type("Please go on: they have their account number at hand")
    await bea.shot("hand-back")
    await desk.keyboard.press("Control+Enter")
    await desk.wait_for_url("**/desk")
    await expect(ada.page.get_by_role("log").get_by_text("An AI assistant goes on from here")).to_have_count(2)
    await ada.is_answered_by("An AI answers: Authenticator.")


async def the_ai_finishes(ada: Customer) -> None:
    await ada.says("My account number is 55501234.")
    await ada.hears("PIN")
    await ada.says("My PIN is 7391.")
    await ada.hears("$4,218.00")
    await ada.tab.shot("balance")
    await ada.says("No, that is all. Thank you, goodbye!")
    await ada.is_answered_by(CHAT["answers_closed"])
    await expect(ada.page.get_by_role("log")).not_to_contain_text("7391")


async def an_auditor_reads(olga: Tab, settings: Settings, folder: Path) -> None:
    """Found by who worked on it, read as a story, proved in place, and taken along."""
    page = await olga.goto("/traces")
    await page.get_by_label("Person").fill("bea")
    await page.get_by_label("Outcome").fill("served")
    await page.keyboard.press("Enter")
    await page.get_by_role("table").get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Trace of")
    await olga.shot("trace")
    told = iter(await page.locator(".entry").all_inner_texts())
    assert all(any(sentence in entry for entry in told) for sentence in STORY), "the story is told in another order"
    await page.locator(".entry", has_text="takes what was offered").last.locator("summary").first.click()
    await page.locator(".evidence").get_by_role("link", name="Prove that it is in the tree").click()
    await expect(page.get_by_text("gives the root that the newest checkpoint signs")).to_be_visible()
    assert settings.checkpoints is not None
    key, notes = SigningKey.parse(settings.need("ledger_key")).verifier, published(settings.checkpoints)
    await page.keyboard.press("v")
    await page.get_by_label("Checkpoint, as it was kept").fill(notes[-1])
    await page.get_by_label("The ledger's public key that you trust").fill(str(key))
    await page.get_by_role("button", name="Verify", exact=True).click()
    verdict = page.locator("#verdict")
    await expect(verdict.get_by_text("No fault")).to_be_visible()
    await expect(verdict.get_by_text("Held against 1 checkpoint from outside")).to_be_visible()
    await olga.shot("verified")
    await page.get_by_text("Take it along").click()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Take a pack").click()
    pack = folder / "taken.pack"
    await (await download.value).save_as(pack)
    with pack.open(encoding="utf-8") as lines:
        report = verify(Pack.read(lines), kept=notes, trusted=[key])
    assert report.ok, report.render()


async def a_supervisor_takes_over(tabs: Tabs, sofia: Tab, grace: Customer) -> None:
    """Another customer's journey comes up on the wall, and is taken from the AI."""
    desk = await sofia.goto("/desk")
    await desk.keyboard.press("b")
    await expect(desk.get_by_role("region", name="You", exact=True)).to_contain_text("Here")
    wall = await sofia.goto("/wall")
    receptionist = wall.get_by_role("listitem").filter(has=wall.get_by_role("heading", name="Receptionist"))
    await expect(receptionist).to_contain_text("nothing now")
    await grace.begins("Grace Hopper")
    await grace.says("Hello!")
    await grace.hears("How can I help you?")
    await tabs.soon(expect(receptionist).to_contain_text("1 journey"))
    await sofia.shot("wall")
    await receptionist.get_by_role("link", name="bank service").click()
    await wall.get_by_label("Take it away from AI agents: why").fill("she is a customer of long standing")
    await wall.get_by_role("button", name="Take over from AI").click()
    await wall.wait_for_url("**/desk/tasks/*")
    await tabs.soon(grace.hears("A colleague takes over from here"))
    await tabs.soon(grace.is_answered_by("A person answers: Sofia."))
    await replies(wall, "Good day, I am Sofia.")
    await tabs.soon(grace.hears("Good day, I am Sofia."))
    await grace.tab.shot("supervisor")
