"""Everyone can use every page: axe-core finds nothing in any of them, and each fits a phone.

`PAGES` has them all; a page that the console has and the table has not is a failure.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi.routing import APIRoute
from playwright.async_api import ViewportSize, expect

from journeyman.agents.breaker import Breaker
from journeyman.console import app
from journeyman.console.pages.page import STATIC
from journeyman.customers import identifiers
from journeyman.governance import Bundle
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import recording
from journeyman.publishing import publish_policies, put_in_force
from journeyman.tasks import closing, macros, stops, working
from journeyman.tasks.models import Task
from journeyman.tasks.offering import make_offers
from journeyman.views import endpoints
from journeyman.views.knowledge import consult
from tests.acceptance.browser.conftest import Tabs
from tests.acceptance.browser.served import TESTS, Served
from tests.acceptance.browser.tab import Tab

PAGES: Mapping[str, tuple[tuple[str | None, str, int], ...]] = {
    "/signin": ((None, "/signin", 200),),
    "/signin/provider": ((None, "/signin/provider", 404),),
    "/signin/back": ((None, "/signin/back?error=access_denied", 404),),
    "/chat": ((None, "/chat?language=de", 200),),
    "/desk": (("bea", "/desk", 200), ("femi", "/desk", 200)),
    "/desk/search": (("bea", "/desk/search?q=&kind=work", 200), ("bea", "/desk/search?q=task-none", 200)),
    "/desk/macros": (("bea", "/desk/macros", 200), ("sofia", "/desk/macros", 200)),
    "/desk/tasks/{task}": (
        ("bea", "/desk/tasks/{held}", 200),
        ("bea", "/desk/tasks/{offered}", 200),
        ("bea", "/desk/tasks/{paused}", 200),
        ("bea", "/desk/tasks/{closed}", 200),
        ("olga", "/desk/tasks/{held}", 200),
        ("femi", "/desk/tasks/{held}", 403),
        ("bea", "/desk/tasks/task-none", 404),
    ),
    "/desk/tasks/{task}/copilot": (("bea", "/desk/tasks/{held}/copilot", 200),),
    "/desk/tasks/{task}/copilot/knowledge": (("bea", "/desk/tasks/{held}/copilot/knowledge?q=fraud", 200),),
    "/desk/tasks/{task}/copilot/source": (
        ("bea", "/desk/tasks/{held}/copilot/source?citation={citation}", 200),
        ("bea", "/desk/tasks/{held}/copilot/source?citation=none", 422),
    ),
    "/customers": (("bea", "/customers", 200),),
    "/customers/{customer}": (("bea", "/customers/{customer}", 200),),
    "/customers/{customer}/cases/{kind}": (("bea", "/customers/{customer}/cases/insurance-claim", 200),),
    "/wall": (("sofia", "/wall", 200), ("bea", "/wall", 403)),
    "/wall/stop": (("sofia", "/wall/stop", 200),),
    "/wall/agents/{agent}/stop": (("sofia", "/wall/agents/teller/stop", 200),),
    "/journeys": (("sofia", "/journeys", 200),),
    "/journeys/list": (("sofia", "/journeys/list", 200), ("sofia", "/journeys/list?stage=none", 200)),
    "/journeys/{journey}": (("sofia", "/journeys/{journey}", 200), ("bea", "/journeys/{journey}", 200)),
    "/traces": (("olga", "/traces", 200), ("olga", "/traces?since=never", 422)),
    "/traces/{journey}": (("olga", "/traces/{journey}", 200), ("paula", "/traces/{journey}", 403)),
    "/traces/{journey}/entries/{entry}": (("olga", "/traces/{journey}/entries/{entry}", 200),),
    "/traces/{journey}/entries/{entry}/proof": (("olga", "/traces/{journey}/entries/{entry}/proof", 200),),
    "/me/record": (("bea", "/me/record", 200), ("paula", "/me/record", 200)),
    "/policies": (("paula", "/policies", 200),),
    "/policies/{bundle}": (("paula", "/policies/{bundle}", 200),),
    "/policies/{bundle}/cases": (("paula", "/policies/{bundle}/cases", 200),),
}
"""Every page: who opens it, by what address, and the status. What stands in braces is of `furnished`."""

TELLING: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("paula", "/policies/{bundle}?since={earlier}", ("What changed", "added", "removed", "formerly")),
    ("sofia", "/wall", ("very upset", "1 failed turn", "Spared", "one journey", "It miscounts")),
    ("sofia", "/journeys/{journey}", ("AI stopped", "It guesses")),
    ("bea", "/desk/tasks/{held}", ()),
)
"""Pages that have more to tell, most where something is wrong (see `troubled`), and what they say."""

PARTS = {
    "/",  # leads to the first page of whoever comes
    "/desk/board.part",
    "/desk/me.part",
    "/desk/queues.part",
    "/desk/macros.part",
    "/desk/tasks/{task}/messages",
    "/desk/tasks/{task}/head",
    "/desk/tasks/{task}/choices/{form}",
    "/chat/lines",
    "/chat/state",
    "/wall/board.part",
    "/journeys/kinds.part",
    "/journeys/{journey}/now.part",
    "/journeys/{journey}/seen",
}
"""What is read into a page that is open, and seen there."""

CUSTOMER = "Ada Lovelace"
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 800}


def test_every_page_of_the_console_is_in_the_table() -> None:
    routes = [route for router in app.PAGES for route in router.routes if isinstance(route, APIRoute)]
    assert {route.path for route in routes if "GET" in (route.methods or ())} == PAGES.keys() | PARTS


def test_a_theme_differs_in_colours_alone() -> None:
    """Themes are `light-dark()`, which CSS has for colours only: see `THEMES`."""
    for sheet in STATIC.glob("*.css"):
        text = sheet.read_text()
        assert "prefers-color-scheme" not in text, sheet.name
        themed = re.findall(r"data-theme[^{]*\{([^}]*)\}", text)
        assert all(re.fullmatch(r"\s*color-scheme: \w+;\s*", rule) for rule in themed), sheet.name


async def test_everyone_can_use_every_page(served: Served, tabs: Tabs) -> None:
    named = await furnished(served)
    opened: dict[str | None, Tab] = {}
    for person, path, status in (shown for pages in PAGES.values() for shown in pages):
        if person not in opened:
            opened[person] = await tabs.open(served, person)
        await looked_at(opened[person], path.format_map(named), status)
    await troubled(served, named)
    for person, path, told in TELLING:
        await looked_at(opened[person], path.format_map(named), 200)
        shown = await opened[person].page.inner_text("main")
        assert [words for words in told if words.casefold() not in shown.casefold()] == [], path
    await looked_up(opened["bea"], named["customer"])


async def looked_up(tab: Tab, customer: str) -> None:
    """A customer is found and a case opened for them, by the keyboard alone."""
    page = await tab.goto("/desk")
    await page.set_viewport_size(DESK)
    for key in ("g", "c"):
        await page.keyboard.press(key)
    await page.wait_for_url("**/customers")
    for text, heading in (("nobody", "Nobody"), (CUSTOMER, "One customer")):
        await page.keyboard.press("/")
        await page.keyboard.press("Control+a")
        await page.keyboard.type(text)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=heading)).to_be_visible()
        assert page.url == f"{tab.url}/customers"
    await tab.check()
    await page.set_viewport_size(PHONE)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await page.keyboard.press("j")
    assert await tab.focused() == CUSTOMER
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/customers/{customer}")
    await page.keyboard.press("o")
    await page.wait_for_url("**/cases/bank-service")
    for key in ("f", "s"):
        await page.keyboard.press(key)
    await page.wait_for_url(f"**/customers/{customer}?opened=*")
    await expect(page.get_by_role("status").filter(has_text="The case is open.")).to_be_visible()


async def looked_at(tab: Tab, path: str, status: int) -> None:
    page = tab.page
    await page.set_viewport_size(DESK)
    answer = await page.goto(tab.url + path)
    assert answer is not None
    assert answer.status == status, path
    await tab.check()
    await page.set_viewport_size(PHONE)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


async def furnished(served: Served) -> dict[str, str]:
    """Everything that pages have something to show of, and what it is called."""
    desk, now = served.desk, datetime.now(UTC)
    by_bea: dict[str, Any] = {"now": now, "auth": "picker"}
    await served.online("bea", "sofia")
    async with recording(desk.database, desk.keyring) as tx:
        project = served.console.project
        await publish_policies(tx, earlier(project.bundle()), TESTS, now)
        await put_in_force(tx, project.bundle(), project.agents.values(), TESTS, now, knowledge=project.base())
    await macros.add(desk, "bea", name="Thanks", text="Thank you, {customer}.", keys="ty", **by_bea)
    await macros.add(desk, "sofia", name="Wait", text="One moment.", team="bank-care", **by_bea)
    offered = await served.task(title="Offered")
    await queue(served, push=True)
    assert await make_offers(desk, now=now) == 1
    await queue(served, push=False)

    async def taken(title: str) -> Task:
        ways = {"unreachable": "Could not be reached"}
        task = await served.task(title=title, dispositions=ways, input={"wish": "balance"})
        return await working.claim(desk, task.id, "bea", **by_bea)

    held, paused, closed = [await taken(title) for title in ("Held", "Paused", "Closed")]
    await working.suspend(desk, paused.id, "bea", until=now + timedelta(hours=2), reason="a document", **by_bea)
    await queue(served, wrap_up=timedelta(minutes=5))
    await closing.dispose(desk, closed.id, "bea", "unreachable", **by_bea)
    for number in range(2):
        await served.task(title=f"Waits {number}")
    async with recording(desk.database, desk.keyring) as tx:
        await identifiers.identify(tx, held.customer_id, identifiers.NAME, CUSTOMER, by=TESTS, now=now)
    passages = await consult(desk, "bea", "fraud", auth="picker", kind="bank-service", limit=1)
    async with served.console.database.connection() as conn:
        entry = await conn.fetchval("select max(id) from entry where journey_id = $1", held.journey_id)
    return {
        "held": held.id,
        "offered": offered.id,
        "paused": paused.id,
        "closed": closed.id,
        "journey": held.journey_id,
        "customer": held.customer_id,
        "entry": str(entry),
        "bundle": project.bundle().hash,
        "earlier": earlier(project.bundle()).hash,
        "citation": passages[0].citation.replace("#", "%23"),
    }


def earlier(bundle: Bundle) -> Bundle:
    """Policies that differ from these in each way: one was, one was not yet, and one was otherwise."""
    files = dict(bundle.files)
    name = next(name for name in files if name.endswith(".cedar") and files[name].count("@id(") > 2)
    *first, changed, _ = files[name].split("\n\n")
    files[name] = "\n\n".join((*first, changed.replace('@serves("', '@serves("formerly ', 1))) + "\n"
    files["odd.cedar"] = (
        '// Odd.\n@id("odd")\n@serves("a test")\nforbid (principal, action, resource) when { false };\n'
    )
    return Bundle.from_files(files)


async def troubled(served: Served, named: Mapping[str, str]) -> None:
    """A customer who grows unhappy, an AI agent whose turns fail, an endpoint that does not answer, an AI agent that is stopped
    everywhere and one that is stopped in a journey."""
    desk, now = served.desk, datetime.now(UTC)
    by_sofia: dict[str, Any] = {"person": "sofia", "auth": "picker", "now": now}
    for text in ("Hello", "This is terrible, I am furious and angry"):
        unhappy = await served.says("unhappy", text)
    breaker = Breaker(threshold=1)
    breaker.record(False, 0.0)
    async with recording(desk.database, desk.keyring) as tx:
        teller = Actor(kind="ai", id="teller")
        tx.record(Entry(type="agent.failed", at=now, actor=teller, journey=unhappy.journey))
        await endpoints.report(tx.conn, "one", "stand-in", breaker.snapshot(), now)
    await stops.stop(desk, "agent:assessor", reason="It miscounts", **by_sofia)
    await stops.stop(desk, f"journey:{named['journey']}", reason="It guesses", **by_sofia)


async def queue(served: Served, **columns: object) -> None:
    async with served.console.database.connection() as conn:
        for name, value in columns.items():
            await conn.execute(f"update queue set {name} = $1 where id = 'bank-care'", value)
