"""Whatever anybody writes is text: nothing of it runs, in any page, for anyone."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from fastapi.routing import RouteContext, iter_route_contexts
from playwright.async_api import FilePayload, Page, expect

from journeyman.agents.copilot import Answer
from journeyman.console.app import build
from journeyman.console.pages import traces
from journeyman.copilot import asking
from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.planting import LONG, RUN, SHORT, Planted, plant
from tests.acceptance.browser.served import Served
from tests.acceptance.browser.tab import Tab

_READ = """() => [document.title, document.body.innerText,
    ...[...document.querySelectorAll('input, textarea')].map(each => each.value),
    ...[...document.querySelectorAll('option, title, optgroup')].map(each => each.label || each.textContent)].join('\\n')"""
_UNFOLD = """() => { const closed = [...document.querySelectorAll('details:not([open])')];
    for (const each of closed) each.open = true; return closed.length; }"""
_QUIET = "() => !document.querySelector('.htmx-request')"

LIVE = frozenset({"/api/v1/events", "/api/v1/chat/journeys/{journey}/events"})
"""Streams: no page ends with them."""
WHOSE: tuple[tuple[str | tuple[str, ...], str], ...] = (
    ("/api/", "program"),
    (("/chat", "/signin"), "customer"),
    (("/traces", "/policies", "/me"), "auditor"),
    ("/desk", "agent"),
    ("/", "supervisor"),
)
"""Who opens what."""
GIVEN = ("citation", "q", "since")
"""Parameters with which a page shows what was planted."""
MORE = {"/traces": traces.FIELDS}
"""Parameters that a page takes without declaring them."""


def plain(text: str) -> str:
    """How a page shows it: white space is one blank, and badges may be in capitals."""
    return " ".join(text.split()).casefold()


@dataclass
class Reader:
    """Opens pages, and keeps all that they show."""

    tab: Tab
    shown: set[str] = field(default_factory=set)

    async def open(self, *paths: str) -> None:
        for path in paths:
            await self.tab.page.goto(self.tab.url + path)
            await self.read()

    async def fetch(self, path: str) -> tuple[int, str]:
        """An answer that nobody has opened yet: what is no page is never taken for one."""
        answer = await self.tab.page.context.request.get(self.tab.url + path, max_redirects=0)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in answer.headers["content-security-policy"]
        if path.startswith("/api/") and answer.status != 204:
            assert "json" in answer.headers["content-type"], path
        return answer.status, await answer.text()

    async def open_what_reflects(self, *paths: str) -> None:
        """Of those that have in their answer what their address has: one of each status."""
        reflected: dict[int, str] = {}
        for path in paths:
            status, text = await self.fetch(path)
            if "svg" in text and not path.startswith("/api/"):
                reflected.setdefault(status, path)
        await self.open(*reflected.values())

    async def read(self) -> None:
        """The page as it is, with all that unfolds in it."""
        page = self.tab.page
        while await page.evaluate(_UNFOLD):
            await page.wait_for_function(_QUIET)
        await self.look()

    async def look(self) -> None:
        """The page as it is."""
        page = self.tab.page
        self.shown.add(plain(await page.evaluate(_READ)))
        assert await page.evaluate("window.ran") is None, page.url
        assert not await page.locator("[data-hostile]").count(), page.url


@dataclass(frozen=True)
class Opened:
    """What a browser can open."""

    path: str
    parameters: tuple[str, ...]

    @property
    def by(self) -> str:
        """Whose page it is. Programs' answers are no pages; what they reflect is looked at all the same."""
        return next(who for places, who in WHOSE if self.path.startswith(places))


def gets(served: Served) -> list[Opened]:
    """Everything that a browser can open, from the application itself: a page that is added is opened here too."""
    found = [
        Opened(route.path, (*_declared(route), *MORE.get(route.path, ())))
        for route in iter_route_contexts(build(served.console).routes)
        if route.path is not None and "GET" in (route.methods or ()) and route.path not in LIVE
    ]
    assert len(found) > 50
    return found


def _declared(route: RouteContext) -> list[str]:
    return [each.alias for each in route.dependant.query_params] if hasattr(route, "dependant") else []


def showing(route: Opened, planted: Planted) -> list[str]:
    """A route with what was planted in its place; a task's page of each task."""
    named = set(re.findall(r"\{(\w+)\}", route.path))
    unknown = named - planted.ids.keys()
    assert not unknown, f"{route.path}: say in `plant` which {min(unknown)} it shall show"
    tasks = planted.tasks if route.path == "/desk/tasks/{task}" else planted.tasks[:1]
    paths = [route.path.format(**planted.ids | {"task": task}) for task in (tasks if "task" in named else [""])]
    given = {name: planted.ids[name] for name in GIVEN if name in route.parameters}
    return [*paths, *([f"{paths[0]}?{urlencode(given)}"] if given else [])]


def reflecting(route: Opened) -> list[str]:
    """A route with what would like to run in its path, and in each of its parameters."""
    path, plain = (re.sub(r"\{\w+\}", put, route.path) for put in (quote(SHORT, safe=""), "x"))
    names = route.parameters
    if route.path.startswith("/api/"):
        return [f"{path}?{urlencode(dict.fromkeys(names, SHORT))}"]
    return [path, *(f"{plain}?{urlencode({name: SHORT})}" for name in names)]


async def chats(page: Page, planted: Planted) -> None:
    """A customer begins a chat, writes, and asks for a person."""
    await page.locator("#name").fill(planted.short("chat name"))
    await page.locator("section.begin button.main").click()
    await writes(page, planted.long("chat message"), 1)


async def writes(page: Page, text: str, lines: int) -> None:
    await page.locator("#text").fill(text)
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("[data-lines] li")).to_have_count(lines)


async def looks_up(agent: Reader, planted: Planted) -> None:
    """An agent looks for a customer: what they type is shown, and the names of those whom it fits."""
    page = agent.tab.page
    for typed, found in ((planted.texts["name"], "One customer"), (planted.short("sought"), "Nobody")):
        await agent.open("/customers")
        await page.locator("#text").fill(typed)
        await page.get_by_role("button", name="Find", exact=True).click()
        await expect(page.get_by_role("heading", name=found)).to_be_visible()
        await agent.look()


async def takes_checkpoints(auditor: Reader, planted: Planted) -> None:
    """An auditor is given checkpoints and a key by somebody else, pasted and as files: what is wrong with them is told."""
    page, key, pasted = auditor.tab.page, planted.short("ledger key"), f"note\n\n{planted.short('checkpoint')}"
    note, drawing = f"note\n\n{planted.short('checkpoint file')}", f"<svg onload={RUN}>\xff"
    files: list[FilePayload] = [
        {"name": f"{SHORT}.html", "mimeType": "text/html", "buffer": note.encode()},
        {"name": f"{SHORT}.svg", "mimeType": "image/svg+xml", "buffer": drawing.encode("latin-1")},
    ]
    for form, button in (("verify", "Verify"), ("export", "Take a pack")):
        for given, trusted in (([], key), (files[:1], ""), (files, "")):
            await page.goto(f"{auditor.tab.url}/traces/{planted.ids['journey']}")
            await page.locator(f"details:has(#{form}-file)").evaluate("details => { details.open = true; }")
            await page.locator(f"#{form}-file").set_input_files(given)
            await page.locator(f"#{form}-checkpoint").fill(pasted)
            if form == "verify":
                await page.locator("#key").fill(trusted)
            async with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
                await page.get_by_role("button", name=button, exact=True).click()
            headers = (await answered.value).headers
            assert "html" in headers["content-type"] or "attachment" in headers["content-disposition"]
            await page.wait_for_load_state()
            await page.wait_for_function(_QUIET)
            await auditor.look()


async def test_nothing_that_anybody_writes_runs(served: Served, tabs: Tabs, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(*_: Any, told: Callable[[str], None]) -> Answer:
        told(LONG)
        await asyncio.sleep(0.2)
        return Answer(text=planted.texts["suggestion"], model="hostile")

    monkeypatch.setattr(asking, "ask", ask)
    settings = served.console.settings
    settings.model, settings.model_base_url = "hostile", "http://127.0.0.1:9"  # nothing is sent there
    people = {"supervisor": "sofia", "agent": "bea", "auditor": "olga", "customer": None}
    readers = {name: Reader(await tabs.open(served, person)) for name, person in people.items()}
    agent, customer = readers["agent"], readers["customer"]
    asked: list[str] = []
    for reader in readers.values():
        reader.tab.page.context.on("request", lambda request: asked.append(request.url))
        reader.tab.page.on("dialog", lambda dialog: asked.append(f"dialog: {dialog.message}"))

    planted = Planted()
    planted.long("suggestion")
    await customer.open("/chat")
    await chats(customer.tab.page, planted)
    async with served.desk.database.connection() as conn:
        journey = await conn.fetchval("select id from journey")
    await plant(served, planted, journey)

    # live: what comes while a page is open, and what the model writes
    await agent.open(f"/desk/tasks/{planted.tasks[0]}")
    await customer.open("/chat")
    lines = await customer.tab.page.locator("[data-lines] li").count()
    await writes(customer.tab.page, planted.long("said live"), lines + 1)
    await expect(agent.tab.page.get_by_text("[said live]")).to_be_visible()
    await agent.tab.page.get_by_role("button", name="Suggest a reply").click()
    await agent.tab.page.get_by_role("button", name="Insert into the reply").click()
    await agent.read()
    await customer.read()

    await takes_checkpoints(readers["auditor"], planted)
    await looks_up(agent, planted)

    pages = gets(served)

    async def reads(name: str, reader: Reader) -> None:
        await reader.open(*(path for each in pages if each.by == name for path in showing(each, planted)))

    await asyncio.gather(*(reads(name, reader) for name, reader in readers.items()))
    await readers["supervisor"].open(f"/desk/tasks/{planted.tasks[0]}")
    for each in pages:
        told = showing(each, planted) if each.by == "program" else []
        await readers["supervisor"].open_what_reflects(*told, *reflecting(each))

    shown = set().union(*(reader.shown for reader in readers.values()))
    assert [field for field, text in planted.texts.items() if not any(plain(text) in each for each in shown)] == []
    assert [url for url in asked if not url.startswith((served.url, "data:"))] == []
