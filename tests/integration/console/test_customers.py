"""Customers over the API: found by what they say of themselves, seen as policy allows, served with a case."""

import httpx2
import pytest

from journeyman.customers import identifiers
from journeyman.ledger.log import recording
from tests.integration.console.site import Site
from tests.integration.tasks.world import CLI, NOW

CUSTOMERS = "/api/v1/customers"


@pytest.fixture
async def customer(site: Site) -> str:
    """One with a name and a policy number."""
    journey = await site.world.journey()
    customer: str = await site.world.value("select customer_id from journey where id = $1", journey)
    async with recording(site.world.database, site.world.desk.keyring) as tx:
        await identifiers.identify(tx, customer, "name", "Ada García", by=CLI, now=NOW)
        await identifiers.identify(tx, customer, "policy", "P-12 345", by=CLI, now=NOW)
    return customer


async def test_one_is_found_by_name_and_by_number(site: Site, ana: httpx2.AsyncClient, customer: str) -> None:
    for text, by in (("garcia ada", "name"), ("p12345", "policy")):
        found = (await ana.post(f"{CUSTOMERS}/find", json={"text": text})).json()["items"]
        assert [(each["id"], each["by"]) for each in found] == [(customer, [by])]
    other = await ana.post(f"{CUSTOMERS}/find", json={"text": "p12345", "kind": "name"})
    assert other.json()["items"] == []
    searches = await site.world.value("select count(*) from entry where type = 'customer.searched'")
    assert searches == 3


async def test_what_is_sought_does_not_fit_in_words(ana: httpx2.AsyncClient) -> None:
    for body, field in (
        ({"text": "4111 1111 1111 1111"}, "text"),
        ({"text": "x", "kind": "shoe"}, "kind"),
        ({}, "text"),
    ):
        refused = await ana.post(f"{CUSTOMERS}/find", json=body)
        assert (refused.status_code, refused.json()["field"]) == (422, field)


async def test_a_page_shows_what_policy_lets_and_the_look_is_recorded(
    site: Site, ana: httpx2.AsyncClient, customer: str
) -> None:
    await site.world.execute("update customer set support_needs = '{vulnerable}' where id = $1", customer)
    seen = (await ana.get(f"{CUSTOMERS}/{customer}")).json()
    assert {each["text"] for each in seen["fields"]["identifiers"]} == {"Ada García", "P-12 345"}
    assert (seen["withheld"], "vulnerable" in str(seen)) == (["support_needs"], False)
    assert await site.world.value("select count(*) from entry where type = 'customer.viewed'") == 1
    assert (await ana.get(f"{CUSTOMERS}/none")).status_code == 404


async def test_a_case_goes_on_with_journeys_of_the_same_customer_alone(
    site: Site, ana: httpx2.AsyncClient, customer: str
) -> None:
    own = await site.world.value("select id from journey where customer_id = $1", customer)
    others = await site.world.journey()
    for closed in (False, True):
        if closed:
            ended = "update journey set status = 'completed', outcome = 'done', closed_at = now() where id = $1"
            await site.world.execute(ended, others)
        for field in ("linked_from", "reopens"):
            told = []
            for before in (others, "jrn-none"):
                body = {"kind": "bank-service", field: before}
                refused = await ana.post(f"{CUSTOMERS}/{customer}/journeys", json=body)
                assert (refused.status_code, refused.json()["field"]) == (404, field)
                told.append(refused.json()["detail"].replace(before, "JOURNEY"))
            assert told[0] == told[1]  # nor whether there is one
    linked = await ana.post(f"{CUSTOMERS}/{customer}/journeys", json={"kind": "bank-service", "linked_from": own})
    assert (linked.status_code, linked.json()["linked_from"]) == (201, own)


async def test_a_case_is_opened_once(site: Site, ana: httpx2.AsyncClient, customer: str) -> None:
    headers = {"Idempotency-Key": "1"}
    body = {"kind": "bank-service"}
    first, again = [await ana.post(f"{CUSTOMERS}/{customer}/journeys", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert (first.json()["kind"], first.json()["customer_id"]) == ("bank-service", customer)
    other = await ana.post(f"{CUSTOMERS}/{customer}/journeys", json=body)
    assert other.json()["id"] != first.json()["id"]
    for wrong, status in (({"kind": "none"}, 404), ({"kind": "bank-service", "input": "x"}, 422)):
        assert (await ana.post(f"{CUSTOMERS}/{customer}/journeys", json=wrong)).status_code == status
