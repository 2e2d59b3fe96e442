"""The sign-in page of a developer's machine, and what every page has: keys and themes."""

from playwright.async_api import expect

from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.served import Served


async def test_it_says_what_it_is_and_shows_everyone(served: Served, tabs: Tabs) -> None:
    tab = await tabs.open(served)
    page = await tab.goto("/")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await expect(page.get_by_text("whoever comes may choose who they are")).to_be_visible()
    await expect(page.get_by_role("button", name="Bea Lindqvist")).to_be_visible()


async def test_one_signs_in_with_the_keyboard_alone(served: Served, tabs: Tabs) -> None:
    tab = await tabs.open(served)
    page = await tab.goto("/signin")
    await page.keyboard.press("Tab")
    assert await tab.focused() == "To the content"
    await tab.shot("to-the-content")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    while not (await tab.focused()).startswith("Bea Lindqvist"):
        before = await tab.focused()
        await page.keyboard.press("Tab")
        assert await tab.focused() not in (before, "To the content"), "the focus went round"
    await tab.shot("bea")
    await page.keyboard.press("Enter")
    await page.wait_for_url(lambda url: "/signin" not in url)
    (cookie,) = await page.context.cookies()
    assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Lax")


async def test_the_question_mark_shows_the_keys(served: Served, tabs: Tabs) -> None:
    tab = await tabs.open(served)
    page = await tab.goto("/signin")
    await page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keys")
    await expect(dialog).to_be_visible()
    await expect(dialog.get_by_text("These keys")).to_be_visible()
    await tab.check()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await page.get_by_role("button", name="Keys").click()
    await dialog.get_by_role("button", name="Close").click()
    await expect(dialog).to_be_hidden()


async def test_the_theme_that_one_chooses_stays(served: Served, tabs: Tabs) -> None:
    tab = await tabs.open(served)
    page = await tab.goto("/signin")

    async def background() -> str:
        told: str = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        return told

    light = await background()
    await page.get_by_role("button", name="Light or dark").click()
    dark = await background()
    assert dark != light
    await expect(page.get_by_role("status")).to_have_text("dark theme")
    await tab.check()
    await page.reload()
    assert await background() == dark


async def test_what_breaks_is_reported(served: Served, tabs: Tabs) -> None:
    tab = await tabs.open(served)
    page = await tab.goto("/signin")
    await page.evaluate("document.body.setAttribute('style', 'color: red')")
    await page.evaluate("setTimeout(() => { throw new Error('broken') })")
    await page.wait_for_event("pageerror")
    policy, script = tab.faults
    assert "Content Security Policy" in policy
    assert "broken" in script
    tab.faults.clear()
