"""The stand-in scripts of `insurance-claim`."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from activities.insurance_claim.agents import ASSESSOR, FORM_FILLER, PAYMENTS
from activities.insurance_claim.standin import assessor, form_filler, payments
from journeyman.agents.prompt import Line
from journeyman.agents.standin.reply import StandinReply
from journeyman.agents.standin.scripts import script_of
from tests.unit.activities.conversations import fits, harmless, lines, messages, request, speech
from workflows.insurance_claim.contracts import (
    ASSESS_CLAIM,
    COLLECT_EXCESS,
    FILL_CLAIM_FORM,
    ClaimForm,
    LossReport,
    Receipt,
    Settlement,
)

REPORT = LossReport(
    policy_number="MC-204816", what_happened="A van hit me yesterday in the car park and broke the front bumper."
)
BARE = LossReport(policy_number="MC-204816", what_happened="I had an accident.")
SETTLEMENT = Settlement(outcome="pay", amount_minor=200_000, excess_minor=30_000, reasons="as the rules say")
URL = "https://pay.example/pay/tok_1"
LINK: JsonValue = {"token": "tok_1", "url": URL, "amount_minor": 30_000}
MADE: tuple[str, dict[str, JsonValue], JsonValue] = (
    "create_payment_link",
    {"amount_minor": 30_000, "reference": "excess"},
    LINK,
)


def status(value: str, token: str = "tok_1") -> tuple[str, dict[str, JsonValue], JsonValue]:
    return "payment_status", {"token": token}, {"token": token, "status": value, "amount_minor": 30_000}


def fills(*texts: str, report: LossReport = REPORT) -> StandinReply:
    return form_filler(request(FORM_FILLER, FILL_CLAIM_FORM, lines(*texts), input=report))


def form_of(report: LossReport, *answers: str) -> Any:
    """The form after these answers, and how many questions it took."""
    texts: list[str] = []
    for answer in (*answers, ""):
        reply = fills(*texts, report=report)
        if reply.result is not None:
            return reply.result
        texts += [f"A: {reply.say}", f"C: {answer}"]
    raise AssertionError(f"not filled: {texts}")


def test_the_form_asks_for_what_the_report_does_not_say() -> None:
    form = form_of(REPORT, "no", "$2,300.00")
    assert ClaimForm.model_validate(form) == ClaimForm(
        date_of_loss="yesterday",
        place="in the car park",
        other_party="A van",
        police_reference="",
        damage="the front bumper",
        repair_estimate_minor=230_000,
    )


def test_a_form_is_filled_one_question_at_a_time() -> None:
    form = form_of(BARE, "last Monday", "on Main Street", "nobody", "PR-4711", "the left door", "1200")
    assert form == {
        "date_of_loss": "last Monday",
        "place": "on Main Street",
        "other_party": "nobody",
        "police_reference": "PR-4711",
        "damage": "the left door",
        "repair_estimate_minor": 120_000,
    }


def test_what_is_said_before_it_is_asked_is_not_asked_again() -> None:
    reply = fills("C: the garage estimates the repair at 1,234.50 dollars, and there is no police report")
    assert reply.result is not None
    assert ClaimForm.model_validate(reply.result).repair_estimate_minor == 123_450


def test_a_correction_counts() -> None:
    answers = ("yesterday", "sorry, it was last Friday", "on Main Street", "nobody", "no", "the hood", "900 dollars")
    form = form_of(BARE, *answers)
    assert (form["date_of_loss"], form["place"]) == ("last Friday", "on Main Street")


def test_what_the_customer_does_not_know_a_person_finds_out() -> None:
    texts: list[str] = []
    for _ in range(3):
        reply = fills(*texts, report=BARE)
        assert reply.say is not None
        texts += [f"A: {reply.say}", "C: I don't know"]
    packet = fills(*texts, report=BARE).hand_over
    assert packet is not None
    assert packet["reason"] == "missing_information"


@pytest.mark.parametrize(
    ("form", "outcome", "amount"),
    [
        ({}, "pay", 200_000),
        ({"repair_estimate_minor": 30_000}, "refuse", 0),
        ({"damage": "rust on the wheel arches"}, "refuse", 0),
        ({"other_party": "a car that drove off"}, "reduce", 100_000),
        ({"other_party": "a car that drove off", "police_reference": "PR-1"}, "pay", 200_000),
    ],
)
def test_the_assessor_drafts_by_the_written_rules(form: dict[str, Any], outcome: str, amount: int) -> None:
    reply = assesses(form)
    settlement = Settlement.model_validate(reply.result)
    assert (settlement.outcome, settlement.amount_minor, settlement.excess_minor) == (outcome, amount, 30_000)
    assert settlement.reasons
    assert reply.say is None


def test_a_returned_draft_follows_the_colleague_within_the_rules() -> None:
    lower = Settlement.model_validate(assesses({}, notes=("please settle at $1,500.00",)).result)
    assert (lower.outcome, lower.amount_minor) == ("reduce", 150_000)
    higher = Settlement.model_validate(assesses({}, notes=("please settle at $9,000.00",)).result)
    assert (higher.outcome, higher.amount_minor) == ("pay", 200_000)


def assesses(form: dict[str, Any], notes: tuple[str, ...] = ()) -> StandinReply:
    plain = {
        "date_of_loss": "yesterday",
        "place": "Main Street",
        "other_party": "a van",
        "damage": "the door",
        "repair_estimate_minor": 230_000,
    }
    return assessor(request(ASSESSOR, ASSESS_CLAIM, [], input=ClaimForm.model_validate(plain | form), notes=notes))


def pays(texts: list[str], *exchanges: tuple[str, dict[str, JsonValue], JsonValue]) -> StandinReply:
    return payments(request(PAYMENTS, COLLECT_EXCESS, lines(*texts), *exchanges, input=SETTLEMENT))


def test_the_excess_is_collected_by_a_link() -> None:
    assert pays([]).calls == (("create_payment_link", {"amount_minor": 30_000, "reference": "excess"}),)
    told = pays([], MADE)
    assert told.say is not None
    assert URL in told.say
    assert "$300.00" in told.say
    assert harmless(speech(told, amounts=(30_000,), links=("pay.example/pay",)))
    texts = [f"A: {told.say}", "C: done"]
    assert pays(texts, MADE).calls == (("payment_status", {"token": "tok_1"}),)
    open_still = pays(texts, MADE, status("open"))
    assert open_still.result is None
    texts += [f"A: {open_still.say}", "C: now it is"]
    assert pays(texts, MADE, status("open")).calls
    paid = pays(texts, MADE, status("open"), status("paid"))
    assert Receipt.model_validate(paid.result) == Receipt(token="tok_1", amount_minor=30_000, status="paid")


def test_card_data_is_never_taken() -> None:
    told = pays([], MADE)
    warned = pays([f"A: {told.say}", "C: it is [card], code [cvv]"], MADE, status("open"))
    assert warned.say is not None
    assert URL in warned.say
    said = speech(warned, amounts=(30_000,), links=("pay.example/pay",))
    assert harmless(said)
    assert not said.asks


def test_a_link_that_expired_is_replaced() -> None:
    told = pays([], MADE)
    texts = [f"A: {told.say}", "C: it says expired"]
    assert pays(texts, MADE, status("expired")).calls[0][0] == "create_payment_link"
    other: JsonValue = {"token": "tok_2", "url": "https://pay.example/pay/tok_2", "amount_minor": 30_000}
    new = pays(texts, MADE, status("expired"), (MADE[0], MADE[1], other))
    assert new.say is not None
    assert "tok_2" in new.say


def test_who_will_not_pay_by_the_link_gets_a_person() -> None:
    told = pays([], MADE)
    assert pays([f"A: {told.say}", "C: I can't open that link"], MADE, status("open")).hand_over is not None


ROLES: list[tuple[Any, Any, Any, Any]] = [
    (FORM_FILLER, FILL_CLAIM_FORM, form_filler, BARE),
    (PAYMENTS, COLLECT_EXCESS, payments, SETTLEMENT),
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ROLES), st.lists(messages, min_size=40, max_size=40))
def test_a_step_ends_whatever_the_customer_types_and_nothing_harmful_is_said(role: Any, typed: list[str]) -> None:
    agent, step, script, given_input = role
    transcript: list[Line] = []
    exchanges: list[tuple[str, dict[str, JsonValue], JsonValue]] = []
    results: dict[str, JsonValue] = {
        "create_payment_link": LINK,
        "payment_status": {"token": "tok_1", "status": "open", "amount_minor": 30_000},
    }
    for text in typed:
        for _ in range(4):
            reply = script(request(agent, step, transcript, *exchanges, input=given_input))
            fits(reply, agent, step)
            assert harmless(speech(reply, amounts=(30_000,), links=("pay.example/pay",)))
            exchanges += [(name, args, results[name]) for name, args in reply.calls]
            if not reply.calls:
                break
        if reply.result is not None or reply.hand_over is not None:
            return
        assert reply.say is not None
        assert reply.say not in [line.text for line in transcript]
        transcript += [Line(author_kind="ai", text=reply.say), Line(author_kind="customer", text=text)]
    raise AssertionError("it did not end")


@pytest.mark.parametrize("agent", [FORM_FILLER, ASSESSOR, PAYMENTS])
def test_the_stand_in_finds_the_script_of_each_agent(agent: Any) -> None:
    assert script_of(f"stand-in/{agent.standin}") is not None
