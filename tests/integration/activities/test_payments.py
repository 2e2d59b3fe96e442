"""The payment provider's double, over its socket, judged by its own log."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from activities.providers.client import PaymentsClient, ProviderRefusedError
from activities.providers.journal import fingerprint, read
from activities.providers.process import running

CARD = "4111 1111 1111 1111"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "payments.jsonl"


@pytest.fixture
def address(log: Path) -> Iterator[str]:
    with running("payments", "--log", str(log)) as address:
        yield address


@pytest.fixture
async def payments(address: str) -> AsyncIterator[PaymentsClient]:
    async with PaymentsClient(address) as client:
        yield client


@pytest.fixture
async def customer(address: str) -> AsyncIterator[httpx2.AsyncClient]:
    """The customer's own browser: what it sends does not pass through us."""
    async with httpx2.AsyncClient(base_url=address, trust_env=False) as client:
        yield client


async def test_a_link_is_paid_by_the_customer_and_once(
    payments: PaymentsClient, customer: httpx2.AsyncClient, log: Path
) -> None:
    link = await payments.create_link(25000, "eur", "excess of claim 1", key="k1")
    assert (link.status, link.currency, link.receipt) == ("open", "EUR", None)
    paid = await customer.post(f"/links/{link.token}/pay", json={"card": CARD})
    again = await customer.post(f"/links/{link.token}/pay", json={"card": CARD})
    assert (paid.status_code, again.status_code) == (200, 409)
    now = await payments.link(link.token)
    assert (now.status, now.receipt) == ("paid", paid.json()["receipt"])
    assert Counter(line["event"] for line in read(log)) == {"link": 1, "paid": 1, "paid_already": 1}


async def test_a_process_that_is_started_again_goes_on_from_its_log(log: Path) -> None:
    with running("payments", "--log", str(log)) as address:
        async with PaymentsClient(address) as before, httpx2.AsyncClient(base_url=address, trust_env=False) as customer:
            paid = await before.create_link(100, "USD", "r", key="k1")
            receipt = (await customer.post(f"/links/{paid.token}/pay", json={"card": CARD})).json()["receipt"]
            waits = await before.create_link(200, "USD", "r", key="k2")
    with running("payments", "--log", str(log)) as address:
        async with PaymentsClient(address) as after, httpx2.AsyncClient(base_url=address, trust_env=False) as customer:
            assert ((await after.link(paid.token)).status, (await after.link(paid.token)).receipt) == ("paid", receipt)
            assert (await after.create_link(200, "USD", "r", key="k2")).token == waits.token
            assert "Pay 2.00 USD" in (await customer.get(f"/pay/{waits.token}")).text
    assert Counter(line["event"] for line in read(log)) == {"link": 2, "paid": 1, "repeat": 1}


async def test_the_log_holds_no_card_number(payments: PaymentsClient, customer: httpx2.AsyncClient, log: Path) -> None:
    link = await payments.create_link(100, "USD", "r", key="k1")
    await customer.post(f"/links/{link.token}/pay", json={"card": CARD})
    assert "111111" not in json.dumps(read(log))
    assert read(log)[-1]["card"] == fingerprint(CARD)


@pytest.mark.parametrize("card", ["4000000000000002", "4111111111111112", "", "1234"])
async def test_a_bad_card_is_declined_and_the_link_stays_open(
    payments: PaymentsClient, customer: httpx2.AsyncClient, card: str
) -> None:
    link = await payments.create_link(100, "USD", "r", key="k1")
    assert (await customer.post(f"/links/{link.token}/pay", json={"card": card})).status_code == 402
    assert (await payments.link(link.token)).status == "open"


async def test_a_repeated_key_makes_one_link(payments: PaymentsClient, log: Path) -> None:
    first = await payments.create_link(100, "USD", "r", key="k1")
    assert await payments.create_link(100, "USD", "r", key="k1") == first
    assert (await payments.create_link(100, "USD", "r", key="k2")).token != first.token
    assert Counter(line["event"] for line in read(log)) == {"link": 2, "repeat": 1}


@pytest.mark.parametrize(
    ("amount", "currency", "reference"), [(0, "USD", "r"), (-5, "USD", "r"), (5, "dollars", "r"), (5, "USD", " ")]
)
async def test_a_wrong_request_is_refused_for_good(
    payments: PaymentsClient, amount: int, currency: str, reference: str
) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        await payments.create_link(amount, currency, reference, key="k1")
    assert (refused.value.status, refused.value.retryable) == (400, False)


async def test_an_unknown_link_is_refused(payments: PaymentsClient, customer: httpx2.AsyncClient) -> None:
    with pytest.raises(ProviderRefusedError, match="unknown_link"):
        await payments.link("tok_none")
    assert (await customer.post("/links/tok_none/pay", json={"card": CARD})).status_code == 404


async def test_the_link_leads_to_a_page_that_takes_the_card(
    payments: PaymentsClient, customer: httpx2.AsyncClient
) -> None:
    link = await payments.create_link(12345, "EUR", "r", key="k1")
    assert link.link is not None
    assert "Pay 123.45 EUR" in (await customer.get(link.link)).text
    assert "Paid: 123.45 EUR" in (await customer.post(link.link, data={"card": CARD})).text
    assert (await payments.link(link.token)).status == "paid"
    assert (await customer.get("/pay/tok_none")).status_code == 404
