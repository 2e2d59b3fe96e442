"""The tools of `bank-service` at the bank's double, over its socket."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.bank_service.tools import (
    AccountBalance,
    FraudStatement,
    Identification,
    NoArguments,
    Verification,
    file_fraud_report,
    get_balance,
    verify_identity,
)
from activities.providers.client import ProviderRefusedError, ProviderUnavailableError
from activities.providers.journal import read
from activities.providers.process import running
from journeyman.agents.tool import ToolCall
from journeyman.errors import ConfigurationError, DeniedError
from journeyman.temporal.evidence import verification
from tests.unit.activities.accounts import BY_PIN_AND_BY_ANSWERS

BY_PIN = Identification(full_name="John Smith", account_number="95381901", pin="[pin:sec-1]")
BY_ANSWERS = Identification(
    full_name="Brian White", date_of_birth="31/06/1996", security_answer_1="cooper", security_answer_2="nemo"
)


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A bank that is up, by its log."""
    accounts = tmp_path / "accounts.json"
    accounts.write_text(json.dumps([account.model_dump() for account in BY_PIN_AND_BY_ANSWERS]))
    path = tmp_path / "bank.jsonl"
    with running("bank", "--log", str(path), "--accounts", str(accounts)) as address:
        monkeypatch.setenv("BANK_URL", address)
        yield path


def call(key: str = "call-1", journey: str = "journey-1", secrets: dict[str, str] | None = None) -> ToolCall:
    """A call in a journey whose customer typed these PINs."""

    async def resolve(handle: str, kinds: tuple[str, ...]) -> str:
        assert kinds == ("pin",)
        return (secrets or {"sec-1": "1596"})[handle]

    return ToolCall(
        idempotency_key=key,
        journey=journey,
        customer="customer-1",
        step="authenticate",
        agent="authenticator",
        secrets=verify_identity.secrets,
        resolve=resolve,
    )


async def verify(args: Identification, made: ToolCall) -> Verification:
    result = await verify_identity.run(args, made)
    assert isinstance(result, Verification)
    return result


@pytest.mark.usefixtures("log")
async def test_name_account_number_and_pin_verify_strongly() -> None:
    verified = await verify(BY_PIN, call())
    assert verified.verification == "strong"
    assert verification(verify_identity, verified.model_dump(mode="json")) == "strong"


@pytest.mark.usefixtures("log")
async def test_birth_date_and_two_answers_verify() -> None:
    assert (await verify(BY_ANSWERS, call())).verification == "basic"


@pytest.mark.usefixtures("log")
async def test_what_does_not_match_verifies_nobody() -> None:
    verified = await verify(BY_PIN, call(secrets={"sec-1": "1597"}))
    assert (verified.verification, verified.reason) == ("none", "no_match")
    assert verification(verify_identity, verified.model_dump(mode="json")) is None


@pytest.mark.usefixtures("log")
async def test_an_incomplete_set_is_told_what_is_missing() -> None:
    verified = await verify(Identification(full_name="John Smith", account_number="95381901"), call())
    assert (verified.verification, verified.missing, verified.reason) == ("none", ["pin"], "incomplete")


@pytest.mark.usefixtures("log")
async def test_nothing_of_a_verification_is_a_token_or_a_pin() -> None:
    shown = (await verify(BY_PIN, call())).model_dump_json()
    assert "ses-" not in shown
    assert "1596" not in shown


@pytest.mark.usefixtures("log")
async def test_the_balance_is_in_minor_units_and_belongs_to_the_conversation() -> None:
    await verify(BY_PIN, call())
    assert await get_balance.run(NoArguments(), call("call-2")) == AccountBalance(
        balance_minor=567900, bank_name="Chase"
    )
    with pytest.raises(ProviderRefusedError, match="unauthenticated"):
        await get_balance.run(NoArguments(), call("call-3", journey="journey-2"))


async def test_a_report_is_filed_once_under_one_key(log: Path) -> None:
    await verify(BY_ANSWERS, call())
    statement = FraudStatement(text="transfers of $100 that I did not make", amount_minor=10000)
    filed = [await file_fraud_report.run(statement, call("call-2")) for _ in range(2)]
    assert [report.model_dump() for report in filed] == [{"reference": "FR-000001"}] * 2
    reports = [line for line in read(log) if line["event"] == "fraud_report"]
    assert [(line["key"], line["amount"]) for line in reports] == [("call-2", 10000)]


async def test_a_pin_in_clear_is_no_handle() -> None:
    unresolved = ToolCall(
        idempotency_key="call-1", journey="journey-1", customer="customer-1", step="authenticate", agent="authenticator"
    )
    with pytest.raises(DeniedError):
        await verify_identity.run(BY_PIN, unresolved)


async def test_a_bank_that_is_away_may_be_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANK_URL", "http://127.0.0.1:9")
    with pytest.raises(ProviderUnavailableError) as away:
        await get_balance.run(NoArguments(), call())
    assert away.value.retryable


async def test_an_unset_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BANK_URL", raising=False)
    with pytest.raises(ConfigurationError, match="`BANK_URL` is not set"):
        await get_balance.run(NoArguments(), call())
