"""A browser's tab: what its page reports, what it looks like, and whether everyone can use it."""

import json
import re
from importlib.resources import files
from itertools import count
from pathlib import Path
from typing import Any, Final, Literal

from playwright.async_api import ConsoleMessage, Page

_AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
_RUN = "options => axe.run(document, {resultTypes: ['violations'], ...options}).then(found => found.violations)"
_WHERE = "() => [...document.querySelectorAll('*')].indexOf(document.activeElement) + location.pathname"

_NO_FAULTS = (
    "Failed to load resource",  # what was refused is what some tests are about
    "[object Event]",  # a stream of events ended, and is connected again
)


THEMES: Final[tuple[tuple[Literal["dark", "light"], dict[str, Any]], ...]] = (
    ("dark", {"runOnly": ["color-contrast", "link-in-text-block"]}),  # in nothing but colours a theme differs
    ("light", {}),
)
"""With axe-core's options: the rules about colours are run in both; all the others, which take most of the time, see the same
page in either (`test_a_theme_differs_in_colours_alone`). The last is the one in which a page goes on."""


class Tab:
    """A page in a browser of its own: `page` is Playwright's. `faults` is what must be empty at the end of a test.

    `whose` is in the names of its pictures.
    """

    def __init__(self, page: Page, url: str, artefacts: Path, whose: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []
        self._artefacts = artefacts
        self._whose = whose
        self._numbers = count(1)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: a script broke: {error.message}"))

    async def goto(self, path: str) -> Page:
        """Open a path of the console."""
        await self.page.goto(self.url + path)
        return self.page

    async def end(self) -> None:
        """Close it, and let pass what it has reported: parts of its page were being read as the other side went away."""
        await self.page.context.close()
        self.faults.clear()

    async def shot(self, name: str) -> Path:
        """Keep a picture of the page as it is now."""
        plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "start"
        file = self._artefacts / f"{next(self._numbers):02}-{plain}-{self._whose}.jpg"
        await self.page.screenshot(path=file, full_page=True, animations="disabled", type="jpeg", quality=80)
        return file

    async def check(self) -> None:
        """Assert that axe-core finds no violation in the page as it is now, in either theme, and keep a picture of both."""
        await self.page.evaluate(_AXE)  # by the debugger's door: the page's policy lets no other script in
        for theme, options in THEMES:
            await self.page.emulate_media(color_scheme=theme)
            await self.shot(f"{self.page.url.removeprefix(self.url).partition('?')[0]} {theme}")
            found: list[dict[str, Any]] = await self.page.evaluate(_RUN, options)
            assert not found, f"in the {theme} theme:\n" + "\n".join(
                f"{each['id']} ({each['impact']}): {each['help']}\n"
                + "\n".join(f"    {json.dumps(node['target'])} {node['failureSummary']}" for node in each["nodes"])
                for each in found
            )

    async def reach(self, words: str) -> None:
        """Go on with the Tab key until what has these words has the focus. Fails where the focus comes round without it."""
        passed: set[str] = set()
        while (told := await self.focused()) != words:
            where: str = await self.page.evaluate(_WHERE)
            assert where not in passed, f"nothing that one can reach says `{words}`; the focus came round to `{told}`"
            passed.add(where)
            await self.page.keyboard.press("Tab")

    async def focused(self) -> str:
        """What has the focus, in the words that a screen reader would read."""
        told: str = await self.page.evaluate(
            "() => { const at = document.activeElement;"
            " return (at.getAttribute('aria-label') ?? at.innerText ?? at.name ?? '').replace(/\\s+/g, ' ').trim(); }"
        )
        return told

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_NO_FAULTS):
            self.faults.append(f"{self.page.url}: {message.text}")
