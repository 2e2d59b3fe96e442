"""The bank's double, over its socket, judged by its own log."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from activities.providers.bank_accounts import Account, accounts_of
from activities.providers.client import BankClient, ProviderRefusedError, ProviderUnavailableError
from activities.providers.journal import fingerprint, read
from activities.providers.process import running
from tests.unit.activities.accounts import BY_PIN_AND_BY_ANSWERS

ACCOUNTS = [
    *BY_PIN_AND_BY_ANSWERS,
    Account(full_name="Jane Doe", account_number="351531510", pin="0314", bank_name="PNC"),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "bank.jsonl"


@pytest.fixture
def address(tmp_path: Path, log: Path) -> Iterator[str]:
    accounts = tmp_path / "accounts.json"
    accounts.write_text(json.dumps([account.model_dump() for account in ACCOUNTS]))
    with running("bank", "--log", str(log), "--accounts", str(accounts)) as address:
        yield address


@pytest.fixture
async def bank(address: str) -> AsyncIterator[BankClient]:
    async with BankClient(address, timeout=httpx2.Timeout(2.0)) as client:
        yield client


async def test_name_account_and_pin_open_the_account(bank: BankClient, log: Path) -> None:
    verified = await bank.verify(key="k1", full_name="john  SMITH", account_number="9538 1901", pin="1596")
    assert verified.customer == {"full_name": "John Smith", "bank_name": "Chase"}
    assert (await bank.balance(verified.session)).model_dump() == {"bank_name": "Chase", "balance": 5679}
    report = await bank.report_fraud(verified.session, "someone took it", key="k2", amount=50000)
    assert report.reference == "FR-000001"
    assert [line["event"] for line in read(log)] == ["verified", "balance", "fraud_report"]


async def test_a_process_that_is_started_again_goes_on_from_its_log(tmp_path: Path, log: Path) -> None:
    accounts = tmp_path / "accounts.json"
    accounts.write_text(json.dumps([account.model_dump() for account in ACCOUNTS]))
    command = ("bank", "--log", str(log), "--accounts", str(accounts))
    with running(*command) as address:
        async with BankClient(address) as before:
            verified = await before.verify(
                key="k1", conversation="c1", full_name="John Smith", account_number="95381901", pin="1596"
            )
            report = await before.report_fraud(verified.session, "someone took it", key="k2", amount=50000)
    with running(*command) as address:
        async with BankClient(address) as after:
            for session in (verified.session, "c1"):
                assert (await after.balance(session)).balance == 5679
            assert await after.report_fraud("c1", "someone took it", key="k2", amount=50000) == report
            assert (await after.report_fraud("c1", "and more", key="k3")).reference == "FR-000002"
            with pytest.raises(ProviderRefusedError):
                await after.balance("c2")
    assert verified.session not in str(read(log))


async def test_name_birth_date_and_two_answers_open_the_account(bank: BankClient) -> None:
    verified = await bank.verify(
        key="k1",
        full_name="Brian White",
        date_of_birth=" 31/06/1996 ",  # no date of any calendar: birth dates are text
        security_answer_1="cooper",
        security_answer_2="NEMO",
    )
    assert (await bank.balance(verified.session)).balance == 3408


async def test_a_pin_keeps_its_leading_zero(bank: BankClient) -> None:
    await bank.verify(key="k1", full_name="Jane Doe", account_number="351531510", pin="0314")
    with pytest.raises(ProviderRefusedError) as refused:
        await bank.verify(key="k2", full_name="Jane Doe", account_number="351531510", pin="03140")
    assert refused.value.code == "no_match"


async def test_an_incomplete_proof_is_refused_and_told_what_is_missing(bank: BankClient, log: Path) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        await bank.verify(key="k1", full_name="John Smith", account_number="95381901")
    assert (refused.value.status, refused.value.code, refused.value.missing) == (403, "incomplete", ("pin",))
    with pytest.raises(ProviderRefusedError) as refused:
        await bank.verify(key="k2", full_name="Brian White", date_of_birth="31/06/1996", security_answer_1="Cooper")
    assert refused.value.missing == ("security_answer_2",)
    assert Counter(line["event"] for line in read(log)) == {"refused": 2}


async def test_proofs_of_two_people_do_not_add_up(bank: BankClient) -> None:
    with pytest.raises(ProviderRefusedError) as refused:
        await bank.verify(key="k1", full_name="Jane Doe", account_number="95381901", pin="1596")
    assert refused.value.code == "no_match"


async def test_without_a_session_nothing_is_told_and_it_is_written_down(bank: BankClient, log: Path) -> None:
    for call in (bank.balance("ses-made-up"), bank.report_fraud("ses-none", "text", key="k1")):
        with pytest.raises(ProviderRefusedError) as refused:
            await call
        assert refused.value.status == 401
    assert [line["event"] for line in read(log)] == ["unauthenticated", "unauthenticated"]


@pytest.mark.parametrize("session", ["", "ses-\nx", "ses-secret\r\nX: y"])
async def test_what_http_cannot_carry_is_refused_for_good_and_not_quoted(bank: BankClient, session: str) -> None:
    with pytest.raises(ProviderRefusedError, match="cannot be sent") as refused:
        await bank.balance(session)
    assert (refused.value.code, refused.value.retryable) == ("not_sendable", False)
    assert refused.value.__cause__ is None
    assert "secret" not in str(refused.value)


async def test_a_repeated_key_gets_the_first_answer(bank: BankClient, log: Path) -> None:
    verified = await bank.verify(key="k1", full_name="John Smith", account_number="95381901", pin="1596")
    again = await bank.verify(key="k1", full_name="John Smith", account_number="95381901", pin="1596")
    assert again == verified
    reports = await asyncio.gather(*(bank.report_fraud(verified.session, "gone", key="k2") for _ in range(8)))
    assert {report.reference for report in reports} == {"FR-000001"}
    events = Counter(line["event"] for line in read(log))
    assert events == {"verified": 1, "repeat": 8, "fraud_report": 1}


async def test_one_effect_under_two_keys_can_be_counted(bank: BankClient, log: Path) -> None:
    session = (await bank.verify(key="k1", full_name="John Smith", account_number="95381901", pin="1596")).session
    await bank.report_fraud(session, "gone", key="k2")
    await bank.report_fraud(session, "gone", key="k3")
    contents = Counter(line["content"] for line in read(log) if line["event"] == "fraud_report")
    assert list(contents.values()) == [2]


async def test_a_key_with_other_content_is_refused(bank: BankClient) -> None:
    session = (await bank.verify(key="k1", full_name="John Smith", account_number="95381901", pin="1596")).session
    await bank.report_fraud(session, "gone", key="k2")
    with pytest.raises(ProviderRefusedError) as refused:
        await bank.report_fraud(session, "something else", key="k2")
    assert refused.value.code == "key_reused"


async def test_the_log_names_nobody_and_compares_by_fingerprint(bank: BankClient, log: Path) -> None:
    await bank.verify(key="k1", full_name="John Smith", account_number="95381901", pin="1596")
    text = json.dumps(read(log))
    assert not any(clear in text for clear in ("1596", "95381901", "Smith", "smith"))
    line = read(log)[0]
    assert line["fields"] == ["account_number", "full_name", "pin"]
    assert line["fingerprints"]["pin"] == fingerprint("1596")
    assert line["fingerprints"]["full_name"] == fingerprint("john smith")


async def test_a_fault_before_the_effect_does_nothing(address: str, bank: BankClient, log: Path) -> None:
    await _fault(address, path="/verify", kind="before")
    with pytest.raises(ProviderUnavailableError):
        await bank.verify(key="k1", full_name="John Smith", account_number="95381901", pin="1596")
    await bank.verify(key="k1", full_name="John Smith", account_number="95381901", pin="1596")
    assert [line["event"] for line in read(log)] == ["fault", "verified"]


@pytest.mark.parametrize("kind", ["after", "hang"])
async def test_an_answer_that_is_lost_leaves_one_effect(address: str, log: Path, kind: str) -> None:
    async with BankClient(address, timeout=httpx2.Timeout(0.5)) as bank:
        session = (await bank.verify(key="k1", full_name="John Smith", account_number="95381901", pin="1596")).session
        await _fault(address, path="/fraud-reports", kind=kind, seconds=5)
        with pytest.raises(ProviderUnavailableError) as away:
            await bank.report_fraud(session, "gone", key="k2")
        assert away.value.uncertain
        assert away.value.retryable
        assert (await bank.report_fraud(session, "gone", key="k2")).reference == "FR-000001"
    assert Counter(line["event"] for line in read(log))["fraud_report"] == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"number": 7}'])
async def test_what_is_done_and_answered_otherwise_than_agreed_may_have_been_done(body: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1") as server:
        port = server.sockets[0].getsockname()[1]
        async with BankClient(f"http://127.0.0.1:{port}") as bank:
            with pytest.raises(ProviderUnavailableError) as done:
                await bank.report_fraud("ses-1", "gone", key="k1")
            assert done.value.uncertain
            with pytest.raises(ProviderRefusedError, match="something else than agreed"):
                await bank.balance("ses-1")


async def test_a_bank_that_is_away_is_unavailable() -> None:
    async with BankClient("http://127.0.0.1:9") as bank:
        with pytest.raises(ProviderUnavailableError) as away:
            await bank.balance("ses-1")
    assert not away.value.uncertain


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"text"'])
async def test_a_malformed_request_is_answered(address: str, body: bytes) -> None:
    async with httpx2.AsyncClient(base_url=address, trust_env=False) as http:
        answer = await http.post("/verify", content=body, headers={"Idempotency-Key": "k1"})
        assert answer.status_code == 400
        assert (await http.post("/verify", json={"full_name": "x"})).status_code == 400
        assert (await http.post("/control/faults", content=body)).status_code == 400


def test_accounts_come_from_accepted_recordings() -> None:
    def row(identifier: str, args: dict[str, object], result: dict[str, object]) -> dict[str, object]:
        return {"id": identifier, "actions": [{"api": "bank_balance", "args": args, "result": result}]}

    proof: dict[str, object] = {"FullName": "John Smith", "AccountNumber": 95381901, "PIN": 314}
    accounts = accounts_of(
        [
            row("a", proof, {"BankBalance": 1, "BankName": "Chase"}),
            row("b", {**proof, "FullName": "john smith "}, {"BankBalance": 2, "BankName": "Chase"}),
            row("c", {"FullName": "John Smith"}, {"BankBalance": 3}),
            row("d", {**proof, "PIN": 9999}, {"Message": "refused"}),
        ]
    )
    assert [(account.pin, account.balance, account.other_balances) for account in accounts] == [("0314", 1, [2])]
    assert accounts[0].conversations == ["a", "b"]


async def _fault(address: str, **fault: object) -> None:
    async with httpx2.AsyncClient(base_url=address, trust_env=False) as http:
        assert (await http.post("/control/faults", json=fault)).status_code == 201
