"""The pages of customers: found by what they say of themselves, all of one that policy shows, and a new case for them."""

import re
from dataclasses import replace
from typing import Annotated, Any

import httpx2
import pytest
from pydantic import BaseModel, Field

from journeyman.console.app import build
from journeyman.customers import identifiers, record
from journeyman.customers.erasing import erase
from journeyman.governance import Authorizer
from journeyman.ledger.log import recording
from journeyman.store.database import Connection
from tests.integration.console.site import PROJECT, Site
from tests.integration.console.test_matrix import REFUSING
from tests.integration.console.test_task_page import Forms
from tests.integration.tasks.world import CLI, NOW

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
async def customer(site: Site) -> str:
    """One with a name, a number and an address, whose claim a team works on."""
    task = await site.world.task(title="Assess the dent")
    async with recording(site.world.database, site.world.desk.keyring) as tx:
        await identifiers.identify(tx, task.customer_id, "name", "Ada García", by=CLI, now=NOW)
        await identifiers.identify(tx, task.customer_id, "policy", "P-12 345", by=CLI, now=NOW)
        await record.add_address(tx, task.customer_id, channel="email", address="ada@example.org", by=CLI, now=NOW)
        await record.consent(tx, task.customer_id, "recording", True, by=CLI, now=NOW)
        await record.change(tx, task.customer_id, tier="premium", support_needs=["interpreter"], by=CLI, now=NOW)
    return task.customer_id


async def recorded(site: Site, type: str) -> int:
    return int(await site.world.value("select count(*) from entry where type = $1", type))


async def test_somebody_is_found_by_a_form_that_puts_nothing_into_an_address(
    site: Site, ana: httpx2.AsyncClient, customer: str
) -> None:
    page = (await ana.get("/customers")).text
    assert '<form role="search" method="post" action="/customers"' in page
    assert '<option value="policy">Policy</option>' in page
    for text, kind, by in (("garcia ada", "", "name"), ("p12345", "policy", "policy")):
        found = await ana.post("/customers", data={"text": text, "kind": kind})
        assert found.status_code == 200
        assert f'href="/customers/{customer}"' in found.text
        assert ("Ada García</bdi>" in found.text, f"by {by}; premium customer" in found.text) == (True, True)
    none = await ana.post("/customers", data={"text": "p12345", "kind": "name"})
    assert "No customer whom you may see has this name, number or address." in none.text
    assert await recorded(site, "customer.searched") == 3
    for typed in ({"text": "4111 1111 1111 1111"}, {"text": "x", "kind": "shoe"}, {"text": "\0"}, {}):
        wrong = await ana.post("/customers", data=typed)
        assert (wrong.status_code, 'role="alert"' in wrong.text) == (422, True)


async def test_a_page_has_all_of_one_that_policy_shows_and_the_look_is_recorded(
    site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient, customer: str
) -> None:
    await site.world.execute(
        "insert into journey (id, kind, version, customer_id, owner, stage, status, outcome, opened_at, closed_at)"
        " values ('jrn-past', 'bank-service', 1, $1, 'billing', 'listen', 'completed', 'served', $2, $2)",
        customer,
        NOW,
    )
    page = (await ana.get(f"/customers/{customer}")).text
    for told in (
        "Ada García",
        "P-12 345",
        "ada@example.org",
        "Premium customer.",
        "Recording: given",
        "Assess the dent",
    ):
        assert told in page
    for told in (">Open</span>", ">Finished, served</span>", "Not shown to you: support needs"):
        assert told in page
    assert ("interpreter" in page, "Waiting</span>" in page, ">ready<" in page) == (False, True, False)
    journey = await site.world.value("select id from journey where customer_id = $1 and status = 'open'", customer)
    assert (f'href="/journeys/{journey}"' in page, 'href="/journeys/jrn-past"' in page) == (True, False)
    assert await recorded(site, "customer.viewed") == 1
    hers = (await sue.get(f"/customers/{customer}")).text
    assert ("interpreter" in hers, 'href="/journeys/jrn-past"' in hers) == (True, True)
    async with site.signed_in("out") as out:  # of another team: the customer, and not the task
        other = (await out.get(f"/customers/{customer}")).text
        assert ("Ada García" in other, "Assess the dent" in other) == (True, False)
    assert (await ana.get("/customers/none")).status_code == 404


async def test_pages_of_tasks_and_journeys_lead_to_the_customer(
    site: Site, ana: httpx2.AsyncClient, customer: str
) -> None:
    task, journey = (await site.world.rows("select id, journey_id from task where title = 'Assess the dent'"))[
        0
    ].values()
    for path in (f"/desk/tasks/{task}", f"/journeys/{journey}"):
        assert f'href="/customers/{customer}"' in (await ana.get(path)).text
    await site.world.execute("update person set roles = '{author}' where id = 'out'")
    async with site.signed_in("out") as author:
        assert "/customers" not in (await author.get("/journeys")).text
        assert (await author.get(f"/customers/{customer}")).status_code == 403
        assert (await author.post("/customers", data={"text": "garcia ada"})).status_code == 403
        assert (await author.get(f"/customers/{customer}/cases/bank-service")).status_code == 403


async def test_where_policy_forbids_everything_the_pages_show_nobody(
    site: Site, ana: httpx2.AsyncClient, customer: str
) -> None:
    authorizer = Authorizer(REFUSING)

    async def policies(conn: Connection, current: str | None = None) -> Authorizer:
        return authorizer

    refusing = Site(site.world)
    refusing.console = replace(site.console, desk=replace(site.world.desk, policies=policies))
    refusing.app = build(refusing.console)
    case = f"/customers/{customer}/cases/bank-service"
    async with refusing.signed_in("ana") as client:
        for path in (f"/customers/{customer}", case):
            assert (await client.get(path)).status_code == 403, path
        for path in ("/customers", case, f"{case}/form"):
            assert (await client.post(path, data={"text": "garcia ada"})).status_code == 403, path


async def test_a_case_is_opened_once_and_leads_to_its_page(
    site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient, customer: str
) -> None:
    path = f"/customers/{customer}/cases/bank-service"
    assert f'href="{path}"' in (await sue.get(f"/customers/{customer}")).text
    page = (await sue.get(path)).text
    assert '<option value="email">Email</option>' in page
    form = Forms(page).forms[path] | {"channel": "email"}
    first, again = [await sue.post(path, data=form) for _ in range(2)]
    rows = await site.world.rows("select id, channel, customer_id from journey where kind = 'bank-service'")
    assert [(row["channel"], row["customer_id"]) for row in rows] == [("email", customer)]
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["location"] == again.headers["location"] == f"/journeys/{rows[0]['id']}"
    assert (await sue.get(first.headers["location"])).status_code == 200
    wrong = await sue.post(path, data=form | {"channel": "pigeon", "once": "another"})
    assert (wrong.status_code, "Choose one of email." in wrong.text) == (422, True)
    # whom policy does not show its page yet comes back to the customer's
    own = Forms((await ana.get(path)).text).forms[path]
    back = (await ana.post(path, data=own | {"channel": "email"})).headers["location"]
    assert re.fullmatch(rf"/customers/{customer}\?opened=jrn-\w+", back)
    assert "The case is open." in (await ana.get(back)).text
    assert "The case is open." not in (await ana.get(f"/customers/{customer}?opened=jrn-none")).text
    assert (await ana.get(f"/customers/{customer}/cases/none")).status_code == 404
    assert (await ana.post(f"/customers/{customer}/cases/none", data={})).status_code == 404


class Trip(BaseModel):
    """What a case may begin with."""

    goal: Annotated[str, Field(min_length=3)]
    days: int = 1
    stops: list[str] = []


async def test_what_a_kind_begins_with_is_a_form_that_loses_nothing(
    site: Site, ana: httpx2.AsyncClient, customer: str
) -> None:
    bank = PROJECT.definition("bank-service")
    newest: dict[str, Any] = {"trip": replace(bank, kind="trip", title="A trip", state=Trip)}
    site.console = replace(site.console, project=replace(PROJECT, newest=newest))
    site.app = build(site.console)
    path = f"/customers/{customer}/cases/trip"
    async with site.signed_in("ana") as client:
        page = (await client.get(path)).text
        assert "<details open>" in page  # the goal has to be given
        form = Forms(page).forms[path] | {"channel": "email"}
        typed = form | {"input.goal": HOSTILE, "input.days": "some"}
        row = await client.post(f"{path}/form", data=typed | {"add": "input.stops"}, headers={"HX-Request": "true"})
        assert ('name="input.stops.0"' in row.text, "<html" in row.text) == (True, False)
        without_scripts = await client.post(path, data=typed | {"add": "input.stops"})
        assert (without_scripts.status_code, 'name="input.stops.0"' in without_scripts.text) == (200, True)
        wrong = await client.post(path, data=typed)
        assert (wrong.status_code, "<details open>" in wrong.text, "<img" in wrong.text) == (422, True, False)
        assert 'href="#field-input-days"' in wrong.text
        again = Forms(wrong.text).forms[path]
        assert (again["input.goal"], again["input.days"]) == (HOSTILE, "some")
        assert 'value="email" selected' in wrong.text
        done = await client.post(path, data=again | {"input.days": "2", "channel": "email"})
        assert done.status_code == 303
    assert await site.world.value("select count(*) from journey where kind = 'trip'") == 1


async def test_nothing_is_opened_for_who_is_erased(site: Site, sue: httpx2.AsyncClient, customer: str) -> None:
    await erase(site.world.desk, customer, person=None, now=NOW)
    page = (await sue.get(f"/customers/{customer}")).text
    assert ("The customer was erased." in page, "/cases/" in page, "Ada" in page) == (True, False, False)
    assert (await sue.get(f"/customers/{customer}/cases/bank-service")).status_code == 409
    assert (await sue.post(f"/customers/{customer}/cases/bank-service", data={})).status_code == 409
