"""Tests in a real browser: Debian's Chromium, which `scripts/browser` installs, driven by Playwright.

    async def test_a_task_can_be_taken(served: Served, tabs: Tabs) -> None:
        task = await served.task(queue="bank-care")                    # waits for somebody
        tab = await tabs.open(served, "bea")                           # a browser of hers, signed in
        page = await tab.goto("/desk")                                 # Playwright's page
        await page.get_by_role("button", name="Take").click()
        await expect(page.get_by_role("heading", name=task.title)).to_be_visible()
        await tab.check()                                              # axe-core finds nothing, in light and dark, pictured

* `served`: a console on a fresh Postgres database, with the shipped project, whose queues never close, and its roster's people
  (bea, sofia, olga, ...). No workers and no Temporal: what a test needs it puts there with `served.says`, `served.task`, and the
  operations of `journeyman.tasks` on `served.desk`, at the real time.
* `working`: the same with Temporal, workers, a stand-in model and doubles of bank and payments: a customer who says something is
  answered, and what people submit goes on.
* `tabs`: opens browsers, each with cookies of its own: `tabs.open(served, person)`, without a person nobody is signed in; `width`
  (390 is a phone). When the test ends, no page may have reported anything: a violation of the Content Security
  Policy, a script that broke, a warning. What a test means to provoke it takes out of `tab.faults`.

Pictures are in `.artefacts/browser/TEST/`, which git ignores.
"""

import json
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from playwright.async_api import Browser

from activities.demo.show import ShippedDemo
from journeyman.agents.endpoint import STANDIN
from journeyman.agents.standin.server import serve_standin
from journeyman.embedded.postgres import Postgres
from journeyman.embedded.temporal import TemporalServer
from journeyman.project import Project
from journeyman.settings import Settings
from journeyman.testing.pending import end_pending
from journeyman.testing.simulation import opened
from tests.acceptance.browser.chromium import ROOT, launched
from tests.acceptance.browser.served import Served, served_on
from tests.acceptance.browser.tab import Tab
from tests.acceptance.demo.staging import settings_of
from tests.integration.cli.running import project_files

SOON = 1.0
"""Seconds within which what is new shows, without a reload."""


@dataclass
class Tabs:
    """The browsers of a test."""

    browser: Browser
    artefacts: Path
    shown: list[float]
    tabs: list[Tab] = field(default_factory=list)

    async def open(self, served: Served, person: str | None = None, *, width: int = 1280) -> Tab:
        """A browser of its own with one tab, in which nothing is open yet."""
        context = await self.browser.new_context(
            color_scheme="light", viewport={"width": width, "height": 800}, reduced_motion="reduce"
        )
        context.set_default_timeout(10_000)
        if person is not None:
            await served.sign_in(context, person)
        tab = Tab(await context.new_page(), served.url, self.artefacts, person or "nobody")
        self.tabs.append(tab)
        return tab

    async def soon(self, shown: Awaitable[None]) -> None:
        """Wait for what shows by itself: all of it must, and of all tests' together half within a second (`shown`)."""
        begun = perf_counter()
        await shown
        self.shown.append(perf_counter() - begun)

    async def close(self) -> None:
        """Close them; none may have reported anything."""
        for tab in self.tabs:
            await tab.page.context.close()
        faults = [fault for tab in self.tabs for fault in tab.faults]
        assert not faults, "\n".join(faults)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One browser a session."""
    async with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def shown() -> Iterator[list[float]]:
    """The seconds that what is new took to show; one slow moment of a busy machine refuses nothing, a slow console does."""
    took: list[float] = []
    yield took
    assert not took or median(took) <= SOON, f"what was new took {took} seconds to show"


@pytest.fixture
async def tabs(chromium: Browser, shown: list[float], request: pytest.FixtureRequest) -> AsyncIterator[Tabs]:
    """Opens tabs; their pictures replace those of the last run."""
    artefacts = ROOT / ".artefacts" / "browser" / re.sub(r"[^\w.-]+", "-", request.node.name).strip("-")
    shutil.rmtree(artefacts, ignore_errors=True)
    artefacts.mkdir(parents=True)
    made = Tabs(chromium, artefacts, shown)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped project, whose queues never close; of the cases of its policies a few, of which the first one fails."""
    folder = tmp_path_factory.mktemp("project")
    policies = folder / "policies"
    shutil.copytree(ROOT / "policies", policies, ignore=shutil.ignore_patterns("cases"))
    shipped = json.loads((ROOT / "policies" / "cases" / "insurance-claim.json").read_text())
    few = shipped["cases"][:12]
    few[0] = {**few[0], "expect": "deny", "policies": []}
    (policies / "cases").mkdir()
    (policies / "cases" / "few.json").write_text(json.dumps({**shipped, "cases": few}))
    return project_files(folder, policies=policies)


@pytest.fixture
def settings(
    project: Path, postgres: Postgres, database_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """A deployment on a database of its own, without Temporal."""
    return settings_of(postgres, database_name, TemporalServer(log=tmp_path / "no.log"), tmp_path).model_copy(
        update={"project": project}
    )


@pytest.fixture
async def served(settings: Settings) -> AsyncIterator[Served]:
    """A console that nobody works behind."""
    async with served_on(settings) as console:
        yield console


@pytest.fixture
async def working(
    settings: Settings, temporal_server: TemporalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Served]:
    """A console with everything behind it."""
    demo = ShippedDemo()
    acts = demo.scenarios()
    async with AsyncExitStack() as stack:
        for name, value in stack.enter_context(demo.doubles(tmp_path, acts)).items():
            monkeypatch.setenv(name, value)
        standin = await stack.enter_async_context(serve_standin(project=ROOT))
        whole = settings.model_copy(
            update={"temporal_address": temporal_server.address, "model_base_url": standin.base_url, "model": STANDIN}
        )
        console = await stack.enter_async_context(served_on(whole))
        project = Project.load(whole.project)
        world = await stack.enter_async_context(opened(whole, project, workers=True))
        stack.push_async_callback(end_pending, world.temporal, world.engine.database)
        yield console
