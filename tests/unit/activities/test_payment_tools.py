"""The tools of `insurance-claim` at the payment provider's double, over its socket."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from activities.insurance_claim.tools import (
    LinkRequest,
    PaymentLink,
    PaymentStatus,
    PaymentToken,
    create_payment_link,
    payment_status,
)
from activities.providers.client import ProviderRefusedError
from activities.providers.journal import read
from activities.providers.process import running
from journeyman.agents.tool import ToolCall
from journeyman.errors import ConfigurationError

EXCESS = LinkRequest(amount_minor=30_000, reference="excess")


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A provider that is up, by its log."""
    path = tmp_path / "payments.jsonl"
    with running("payments", "--log", str(path)) as address:
        monkeypatch.setenv("PAYMENTS_URL", address)
        yield path


def call(key: str = "call-1") -> ToolCall:
    return ToolCall(
        idempotency_key=key, journey="journey-1", customer="customer-1", step="collect-excess", agent="payments"
    )


async def link(key: str = "call-1") -> PaymentLink:
    made = await create_payment_link.run(EXCESS, call(key))
    assert isinstance(made, PaymentLink)
    return made


async def test_a_link_is_made_once_under_one_key(log: Path) -> None:
    first, again = await link(), await link()
    assert first == again
    assert first.amount_minor == 30_000
    assert first.url.endswith(first.token)
    assert [line["event"] for line in read(log)] == ["link", "repeat"]


@pytest.mark.usefixtures("log")
async def test_a_payment_is_open_until_the_customer_has_paid() -> None:
    made = await link()
    open_still = await payment_status.run(PaymentToken(token=made.token), call())
    assert open_still == PaymentStatus(token=made.token, status="open", amount_minor=30_000)
    async with httpx2.AsyncClient(trust_env=False) as customer:
        paid = await customer.post(made.url, data={"card": "4111 1111 1111 1111"})
    assert paid.status_code == 200
    assert await payment_status.run(PaymentToken(token=made.token), call()) == PaymentStatus(
        token=made.token, status="paid", amount_minor=30_000
    )


@pytest.mark.usefixtures("log")
async def test_an_unknown_payment_is_refused() -> None:
    with pytest.raises(ProviderRefusedError, match="unknown_link"):
        await payment_status.run(PaymentToken(token="tok_made-up"), call())


async def test_an_unset_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAYMENTS_URL", raising=False)
    with pytest.raises(ConfigurationError, match="`PAYMENTS_URL` is not set"):
        await link()
