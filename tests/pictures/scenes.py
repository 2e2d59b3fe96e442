"""What is seen on the pictures: one evening at the desk of the shipped bank and insurer."""

import asyncio
import re
from dataclasses import dataclass

from playwright.async_api import Browser, Page, expect

from tests.pictures.album import keep
from tests.pictures.guests import House

COLLEAGUE, SUPERVISOR, AUDITOR = "fay", "sofia", "olga"
_WIDE, _PHONE = (1280, 800), (390, 800)
_TAKE = re.compile(r"^(Take it|Accept)$")  # whether it was offered to her, or waits for anyone
_PATIENCE = 20_000  # milliseconds until what others do is on a page


@dataclass
class Sitting:
    """A browser, the console that it looks at, and who comes to it."""

    browser: Browser
    url: str
    house: House
    told: str = ""
    """The journey whose trace is read in the end."""

    async def page(self, person: str | None = None, *, size: tuple[int, int] = _WIDE) -> Page:
        """A browser of somebody's own, signed in."""
        context = await self.browser.new_context(
            base_url=self.url,
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
        )
        page = await context.new_page()
        if person is not None:
            await page.goto("/signin")
            await page.locator(f"button[name=person][value={person}]").click()
            await page.wait_for_url(lambda url: "/signin" not in url)
        return page


async def play(sitting: Sitting) -> None:
    """Make all pictures, in the order in which the evening goes."""
    await arriving(sitting)
    await waiting(sitting)
    await helping(sitting)
    await approving(sitting)
    await supervising(sitting)
    await auditing(sitting)


async def arriving(sitting: Sitting) -> None:
    """Who one may be on a developer's machine."""
    page = await sitting.page()
    await page.goto("/signin")
    await keep(page, "signin")


async def waiting(sitting: Sitting) -> None:
    """Customers who want a person, while Fay is not here yet. She takes more than one at a time: the bank offers its work."""
    supervisor = await sitting.page(SUPERVISOR)
    await supervisor.request.put(
        f"/api/v1/people/{COLLEAGUE}/capacity", data={"capacity": 9}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    await supervisor.context.close()
    for name, wish in (
        ("Priya Nair", "Hello, somebody wrote to me about my account, and I do not understand the letter."),
        ("Jonas Berg", "Good evening, I would like to close my account."),
    ):
        guest = await sitting.house.comes(name, wish)
        await guest.wants_a_person()


async def helping(sitting: Sitting) -> None:
    """Maria asks for a person; Fay takes her on, with the copilot beside her."""
    chat = await sitting.page(size=_PHONE)
    await chat.goto("/chat")
    await chat.get_by_label("Your name").fill("Maria Santos")
    await chat.get_by_role("button", name="Begin").click()
    log = chat.get_by_role("log")
    for text, answer in (
        ("Hello, I would like to know my balance.", "full name"),
        ("Maria Santos", "account number"),
        ("I have lost the letter with my account number. May I talk to a person?", "A colleague takes over"),
    ):
        await chat.get_by_role("textbox").fill(text)
        await chat.get_by_role("button", name="Send").click()
        await expect(log).to_contain_text(answer, timeout=_PATIENCE)
    desk = await sitting.page(COLLEAGUE)
    if await desk.get_by_role("button", name="I am here").is_visible():
        await desk.get_by_role("button", name="I am here").click()
    await expect(desk.get_by_role("button", name="Take a break")).to_be_visible()
    journey = await chat.locator(".state").get_attribute("data-journey")
    await desk.goto(f"/desk/tasks/{await _task(desk, journey or '')}")
    await desk.get_by_role("button", name=_TAKE).click()
    await desk.get_by_role("button", name="Begin").click()
    await desk.get_by_role("button", name="Suggest a reply").click()
    await expect(desk.get_by_role("heading", name="Suggested reply")).to_be_visible(timeout=_PATIENCE)
    await desk.mouse.move(0, 0)
    await keep(desk, "task")
    await desk.emulate_media(color_scheme="dark")
    await keep(desk, "task-dark")
    await desk.get_by_role("button", name="Insert into the reply").click()
    await desk.get_by_label("Reply to the customer").fill(
        "Hello Maria, I am Fay. You do not need the number: your date of birth and two answers will do."
    )
    await desk.get_by_role("button", name="Send").click()
    await expect(log).to_contain_text("I am Fay", timeout=_PATIENCE)
    await chat.get_by_role("textbox").blur()
    await chat.evaluate("scrollTo(0, 0)")
    await keep(chat, "chat")
    for page in (desk, chat):
        await page.context.close()


async def _task(page: Page, journey: str) -> str:
    """The one task of a journey, as soon as there is one."""
    async with asyncio.timeout(_PATIENCE / 1000):
        while True:
            answer = await page.request.get("/api/v1/tasks", params={"journey": journey})
            if found := (await answer.json())["items"]:
                return str(found[0]["id"])
            await asyncio.sleep(0.1)


async def approving(sitting: Sitting) -> None:
    """Alan reports a large fraud: the very report is put before Fay."""
    alan = await sitting.house.comes(
        "Alan Turing",
        "I need to report fraud: $2,500 were transferred from my account yesterday and it was not me.",
        "Alan Turing",
        "My account number is 55509876",
        "My PIN is 1936",
    )
    desk = await sitting.page(COLLEAGUE)
    sitting.told = alan.journey
    task = await _task(desk, alan.journey)
    await desk.goto("/desk")
    await keep(desk, "desk")
    await desk.goto(f"/desk/tasks/{task}")
    await desk.get_by_role("button", name=_TAKE).click()
    await desk.get_by_role("button", name="Begin").click()
    await expect(desk.get_by_text("with exactly these arguments")).to_be_visible()
    await keep(desk, "approval")
    await desk.get_by_role("button", name="Approve exactly this call").click()
    await desk.wait_for_url("**/desk")
    await desk.context.close()


async def supervising(sitting: Sitting) -> None:
    """Sofia sees AI agents and people side by side, and where journeys stand."""
    page = await sitting.page(SUPERVISOR)
    for name in ("wall", "journeys"):
        await page.goto(f"/{name}")
        await keep(page, name)
    await page.context.close()


async def auditing(sitting: Sitting) -> None:
    """Olga reads Alan's trace, opens what Fay approved, and looks at the policies."""
    page = await sitting.page(AUDITOR)
    await page.goto(f"/traces/{sitting.told}")
    approved = page.locator(".entry", has_text=COLLEAGUE).filter(has_text="lets exactly this tool call run").last
    await approved.locator("summary").first.click()
    await expect(approved.locator(".evidence")).to_be_visible()
    await approved.evaluate("entry => scrollTo(0, entry.offsetTop - 200)")
    await keep(page, "trace")
    await page.goto("/policies")
    await page.keyboard.press("o")
    await expect(page.get_by_text("as it was published")).to_be_visible()
    await keep(page, "policies")
    await page.context.close()
