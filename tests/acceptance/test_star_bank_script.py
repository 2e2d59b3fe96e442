"""The shipped scripts serve the recorded customers of STAR's bank, under the shipped policies."""

import re

import pytest

from tests.acceptance.star_bank.measure import INCOMPLETE, balances, played, reports, told_by_recorded_proofs
from tests.acceptance.star_bank.play import Played
from tests.acceptance.star_bank.recordings import DATA

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.exists(), reason="the recordings of STAR are not here"),
]


def of(id: str) -> Played:
    """One conversation."""
    return next(one for one in played() if one.recording.id == id)


def test_all_recordings_of_the_bank_are_played_to_an_end() -> None:
    assert len(played()) == 216
    assert {one.end for one in played()} == {"nothing", "left", "person", "empty"}
    assert [one for one in played() if one.end != "empty" and not one.recording.turns] == []


def test_customers_get_their_balance_by_the_proofs_that_were_recorded() -> None:
    told = [one for one in balances() if told_by_recorded_proofs(one)]
    assert len(told) >= 0.92 * len(balances())


def test_a_balance_is_the_one_of_the_account() -> None:
    for one in played():
        assert set(one.bank.told) <= {account.balance for account in one.recording.accounts}, one.recording.id


UNFILED = {
    # Of two PINs that are offered in one line the first is tried, and it was the other: trying both would be guessing.
    **dict.fromkeys(("star-718", "star-1785", "star-1814", "star-4831"), "offers two PINs"),
    "star-1801": "gives no complete proof",  # a day of birth of which they say that it starts with an 18
}
"""Reports of recorded calls that went through, which are not filed by AI, and why."""


def test_every_report_is_filed_but_for_those_named_here() -> None:
    assert {one.recording.id: _why_unfiled(one) for one in reports() if not one.bank.reports} == UNFILED


def _why_unfiled(one: Played) -> str:
    if one.bank.account is not None:
        return "verified, and not filed"
    if any(len(re.findall(r"\[pin:", line.text)) > 1 for line in one.lines):
        return "offers two PINs" if len(one.bank.checks) == 1 else f"offers two PINs, {len(one.bank.checks)} tried"
    return "gives no complete proof" if not one.bank.checks else "is refused"


def test_nothing_of_an_account_is_touched_before_its_customer_is_verified() -> None:
    assert sum(one.bank.early for one in played()) == 0
    for one in played():
        assert one.bank.account is not None or (not one.bank.told and not one.bank.reports)


@pytest.mark.parametrize("id", INCOMPLETE)
def test_who_was_let_through_with_an_incomplete_proof_is_not_verified(id: str) -> None:
    assert of(id).bank.account is None
    assert of(id).people[0] == "review: not_verified"
    assert set(of(id).people[1:]) <= {"handed back: ai_failed"}


def test_who_the_bank_never_accepted_is_not_verified() -> None:
    assert [one.recording.id for one in played() if one.bank.account and not one.recording.complete] == []


def test_a_customer_in_distress_goes_to_a_person_at_once() -> None:
    one = of("star-3160")
    assert one.people == ["work: distress"]
    assert one.lines[-1].author_kind == "customer"
    assert "want to die" in one.lines[-1].text


def test_most_conversations_need_no_person() -> None:
    spoken = [one for one in played() if one.end != "empty"]
    assert sum(one.by_ai_alone for one in spoken) >= 0.65 * len(spoken)


def test_what_the_ai_can_finish_is_handed_back_to_it() -> None:
    kept = {one.recording.id: one.people[-1] for one in played() if one.end == "person"}
    assert set(kept.values()) <= {"work: distress", "work: sensitive_matter"}, kept
    assert sum("handed back: ai_failed" in one.people for one in played()) < 0.15 * len(played())


def test_what_goes_to_people_is_what_the_policies_give_them() -> None:
    reasons = {why for one in played() for why in one.people}
    assert reasons <= {
        "review: not_verified",
        "review: fraud_above_limit",
        "approval: fraud_above_limit",
        "work: distress",
        "work: sensitive_matter",
        "handed back: distress",
        "handed back: ai_failed",
    }


def test_no_sentence_that_waits_for_the_customer_is_said_twice() -> None:
    for one in played():
        assert one.repeated == 0, one.recording.id


def test_no_secret_is_ever_said() -> None:
    for one in played():
        said = " ".join(line.text for line in one.lines if line.author_kind == "ai")
        assert "[pin:" not in said
        assert not any(pin in said.split() for check in one.bank.checks if (pin := check.get("pin")))


def test_few_recorded_wishes_are_left_behind_at_the_end() -> None:
    early = [one for one in played() if one.end == "nothing" and one.left_over > 1]
    assert len(early) <= 0.1 * len(played())
