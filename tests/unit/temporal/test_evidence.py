"""What tool calls establish, and what they do not."""

from datetime import UTC, datetime

import pytest
from pydantic import BaseModel, JsonValue

from activities.bank_service.tools import get_balance, verify_identity
from journeyman.temporal.evidence import (
    Exchange,
    answered,
    calls_of,
    failed_calls,
    stated,
    unevidenced,
    verified_amounts,
)
from workflows.insurance_claim.contracts import Receipt

SETTLEMENT: JsonValue = {"outcome": "pay", "amount_minor": 199_900, "excess_minor": 30_000, "reasons": "by the rules"}
PAID = Receipt(token="T1", amount_minor=30_000, status="paid")


def done(tool: str, args: JsonValue, result: JsonValue, status: str = "done", *, approved: bool = False) -> Exchange:
    return Exchange("call-1", tool, args, status, result, datetime(2026, 1, 1, tzinfo=UTC), approved)


def link(token: str, amount: int) -> Exchange:
    made: JsonValue = {"token": token, "url": f"https://pay.example/{token}", "amount_minor": amount}
    return done("create_payment_link", {"amount_minor": amount, "reference": "excess"}, made)


def paid(token: str, amount: int, status: str = "paid") -> Exchange:
    return done("payment_status", {"token": token}, {"token": token, "amount_minor": amount, "status": status})


def test_one_exchange_bears_a_receipt_out() -> None:
    assert unevidenced(PAID, SETTLEMENT, [link("T1", 30_000), paid("T1", 30_000, "open"), paid("T1", 30_000)]) == set()


@pytest.mark.parametrize(
    ("exchanges", "lacking"),
    [
        ([], {"token", "amount_minor", "status"}),
        ([link("T1", 30_000)], {"amount_minor", "status"}),
        ([link("T1", 1), paid("T1", 1)], {"amount_minor"}),
        ([link("T1", 30_000), paid("T1", 30_000, "open"), paid("T2", 30_000)], {"token"}),
        ([done("payment_status", {"token": "T1"}, {"error": "away"}, "failed")], {"token", "amount_minor", "status"}),
    ],
)
def test_a_receipt_patched_together_is_not(exchanges: list[Exchange], lacking: set[str]) -> None:
    assert unevidenced(PAID, SETTLEMENT, exchanges) == lacking


def test_a_value_counts_under_its_own_name_only() -> None:
    class Told(BaseModel):
        excess_minor: int
        note: str = ""

    assert unevidenced(Told(excess_minor=30_000), SETTLEMENT, []) == set()
    assert unevidenced(Told(excess_minor=199_900), SETTLEMENT, []) == {"excess_minor"}
    assert unevidenced(Told(excess_minor=30_000, note="pay"), SETTLEMENT, []) == {"note"}
    # What a tool says of it counts before what the input says.
    looked_up = done("look_up", {}, {"excess_minor": 5, "note": "x"})
    assert unevidenced(Told(excess_minor=30_000, note="x"), SETTLEMENT, [looked_up]) == {"excess_minor"}


def test_an_amount_that_the_call_itself_names_is_no_evidence_until_a_person_approves_it() -> None:
    echo: JsonValue = {"amount_minor": 77, "fee_minor": 5}
    assert verified_amounts(None, [done("quote", {"amount_minor": 77}, echo)]) == {5}
    assert verified_amounts(None, [done("quote", {"amount_minor": 77}, echo, approved=True)]) == {5, 77}
    assert verified_amounts(SETTLEMENT, [link("T1", 30_000)]) == {199_900, 30_000}


def test_calls_are_counted_and_added_up() -> None:
    filed = [
        done("file", {"amount_minor": 10}, {"reference": "R1"}),
        done("file", {"amount_minor": 20}, None, "permitted"),
        done("file", {"amount_minor": 40}, {"error": "refused"}, "refused"),
        done("file", {"amount_minor": 80}, {"error": "away"}, "failed"),
        done("file", {"amount_minor": 160}, {"reference": "R2"}, approved=True),
        done("other", {"amount_minor": 320}, {}),
    ]
    assert calls_of("file", filed) == {"calls": 4, "called_sum": 30}


def test_a_check_that_verifies_nobody_has_failed() -> None:
    def checked(level: str) -> Exchange:
        return done("verify_identity", {}, {"verification": level, "missing": [], "reason": ""})

    exchanges = [checked("none"), checked("strong"), done("get_balance", {}, {"balance_minor": 1})]
    assert failed_calls((verify_identity, get_balance), exchanges) == 1
    uncertain = [done("get_balance", {}, None, "uncertain"), done("get_balance", {}, None, "failed")]
    assert failed_calls((verify_identity, get_balance), uncertain) == 2


@pytest.mark.parametrize(
    ("told", "amount", "unclear"),
    [
        (["Someone took money from me"], None, False),
        (["$300 is gone", "and then $250,000 more"], 25_000_000, False),
        (["A few thousand dollars are gone"], None, True),
        (["$" + "9" * 20], 2**53 - 1, False),
    ],
)
def test_amounts_come_from_the_customers_own_words(told: list[str], amount: int | None, *, unclear: bool) -> None:
    assert stated(told) == {"stated_amount": amount, "stated_unclear": unclear}


def test_a_number_may_be_told_that_a_tool_has_answered_and_was_not_given() -> None:
    args: JsonValue = {"number": "49001234567", "tries": 3}
    result: JsonValue = {
        "number": "49001234567",
        "report": {"reference": "R-2026000417", "open": True},
        "lines": [20, None],
    }
    assert answered([done("report", args, result)]) == {"R-2026000417", "20"}
    assert answered([done("report", args, result, approved=True)]) == {"49001234567", "R-2026000417", "20"}
    assert answered([done("report", args, result, "failed")]) == set()
