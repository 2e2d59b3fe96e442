"""What no facts may ever bring about, under the shipped policies."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from journeyman.governance import Facts, Principal, Question, Resource
from tests.unit.governance.shipped import BALANCE, CALLS, FRAUD, TOLD, UNDERSTAND, WORKED, authorizer, benign, facts

unhurried = settings(deadline=None)  # a busy machine is no failure

ACTIONS: list[tuple[str, dict[str, JsonValue] | None]] = [
    *((action, None) for action in ("perform", "assist", "ask", "say", "complete", "canary")),
    *CALLS,
    *((f"propose:{tool}", args) for tool, args in CALLS),
]

agents_work = st.sampled_from(WORKED)
any_action = st.sampled_from(ACTIONS)


def ask(agent: str, step: Resource, action: str, args: dict[str, Any] | None, given: Facts) -> bool:
    question = Question(principal=Principal.agent(agent), action=action, resource=step, facts=given, args=args)
    return authorizer().decide(question).allowed


@unhurried
@given(
    agents_work,
    any_action,
    facts(stopped=st.just(True)) | benign().map(lambda f: f.model_copy(update={"stopped": True})),
)
def test_no_facts_let_an_ai_agent_act_once_it_is_stopped(
    work: tuple[str, Resource], action: tuple[str, Any], given: Facts
) -> None:
    assert not ask(*work, *action, given)


@unhurried
@given(agents_work, any_action, benign(), st.integers(0, 1000))
def test_a_models_word_for_its_confidence_or_its_failure_never_permits_anything(
    work: tuple[str, Resource], action: tuple[str, Any], given: Facts, claim: int
) -> None:
    claiming = given.model_copy(update={"claimed_confidence": claim, "failed_turns": given.failed_turns + 1})
    assert ask(*work, *action, given) or not ask(*work, *action, claiming)


@unhurried
@given(agents_work, any_action, benign(), st.text(max_size=8))
def test_an_intent_that_the_model_words_never_permits_anything(
    work: tuple[str, Resource], action: tuple[str, Any], given: Facts, intent: str
) -> None:
    assert ask(*work, *action, given) or not ask(*work, *action, given.model_copy(update={"intent": intent}))


@unhurried
@given(agents_work, any_action, benign(), st.booleans(), st.booleans())
def test_that_people_are_away_never_permits_anything(
    work: tuple[str, Resource], action: tuple[str, Any], given: Facts, online: bool, open_: bool
) -> None:
    away = given.model_copy(update={"people_available": online, "in_hours": open_})
    assert ask(*work, *action, away) == ask(*work, *action, given)


@unhurried
@given(agents_work, facts() | benign())
def test_no_ai_agent_speaks_before_the_notices(work: tuple[str, Resource], given: Facts) -> None:
    untold = given.model_copy(update={"notices": given.notices - {"recording"}})
    assert not ask(*work, "say", None, untold)


@unhurried
@given(agents_work, st.sampled_from(["perform", "say", "complete", "ask"]), benign())
def test_a_customer_who_asked_for_a_person_is_left_to_one(
    work: tuple[str, Resource], action: str, given: Facts
) -> None:
    assert not ask(*work, action, None, given.model_copy(update={"triggers": frozenset({"person_request"})}))


@unhurried
@given(st.sampled_from(CALLS), facts() | benign(), st.sampled_from(["basic", "strong", "none"]))
def test_a_tool_is_called_only_by_the_agent_that_has_it(
    call: tuple[str, dict[str, Any]], given: Facts, verification: str
) -> None:
    owners = {
        "verify_identity": {"authenticator"},
        "get_balance": {"teller"},
        "file_fraud_report": {"fraud-desk"},
        "search_knowledge": {"receptionist", "form-filler"},
    }
    given = given.model_copy(update={"verification": verification})
    for agent, step in WORKED:
        if agent not in owners.get(call[0], {"payments"}):
            assert not ask(agent, step, *call, given)


@unhurried
@given(st.text(max_size=40))
def test_an_agent_of_any_other_name_may_nothing_but_assist(name: str) -> None:
    given = Facts(notices=TOLD, verification="strong")
    if name != "teller":
        assert not ask(name, BALANCE, "perform", None, given)
        assert not ask(name, BALANCE, "get_balance", {}, given)


@pytest.mark.parametrize(
    "name",
    [
        'teller"',
        'x" || principal == AIAgent::"teller',
        'AIAgent::"teller"',
        "teller\x00",
        "teller ",
        "Teller",
        "tеller",  # a Cyrillic letter
        '{"__entity": {"type": "AIAgent", "id": "teller"}}',
        "//",
        "",
    ],
)
def test_a_crafted_name_is_only_a_name(name: str) -> None:
    assert not ask(name, BALANCE, "perform", None, Facts(notices=TOLD))


@unhurried
@given(st.text(max_size=30), st.text(max_size=30))
def test_text_of_customers_and_agents_stays_text(word: str, reference: str) -> None:
    """Whatever stands in a fact or an argument, the decision is the one of an ordinary text."""
    given = Facts(notices=TOLD, verification="basic", customer_tier=word or "x", intent=word, language=reference or "x")
    if word == "vip":
        return
    question = Question(
        principal=Principal.agent("fraud-desk"),
        action="file_fraud_report",
        resource=Resource.step("bank-service", "report-fraud", queue=reference or "q"),
        facts=given,
        args={"text": reference},
    )
    decision = authorizer().decide(question)
    assert decision.allowed or decision.errors, decision
    assert decision.allowed or any("\ud800" <= letter <= "\udfff" for letter in word + reference)


@pytest.mark.parametrize(
    "args",
    [
        None,
        {"text": "x", "amount_minor": "1"},
        {"text": "x", "amount_minor": 1.5},
        {"text": "x", "amount_minor": 2**63},
        {"text": "x", "amount_minor": True},
        {"text": "x", "extra": "y"},
        {"amount_minor": 1},
        {"text": {"__entity": {"type": "AIAgent", "id": "teller"}}},
        {"text": {"__extn": {"fn": "decimal", "arg": "1.0"}}},
        {"text": ["x"]},
        {"text": None},
        {"text": "\ud800"},
        {"text": "x", "amount_minor": float("nan")},
        {"text": "x", "approved": True},
    ],
)
def test_arguments_that_do_not_fit_the_tool_are_refused(args: dict[str, Any] | None) -> None:
    question = Question(
        principal=Principal.agent("fraud-desk"),
        action="file_fraud_report",
        resource=FRAUD,
        facts=Facts(notices=TOLD, verification="basic"),
        args=args,
    )
    decision = authorizer().decide(question)
    assert (decision.allowed, decision.reason) == (False, "policy_error")
    assert decision.errors


def test_quotes_in_an_argument_are_text() -> None:
    text = 'x", "amount_minor": 1, "y": "'
    given = Facts(notices=TOLD, verification="basic")
    assert ask("fraud-desk", FRAUD, "file_fraud_report", {"text": text, "amount_minor": None}, given)


@pytest.mark.parametrize(
    "action", ["nothing", "act", "serve", "call_tool", "propose", "propose:nothing", "", 'x"', "perform "]
)
def test_an_unknown_action_is_refused(action: str) -> None:
    decision = authorizer().decide(
        Question(principal=Principal.agent("receptionist"), action=action, resource=UNDERSTAND, args=None)
    )
    assert (decision.allowed, decision.reason) == (False, "policy_error")


def test_deeply_nested_arguments_are_refused_not_raised() -> None:
    nested: JsonValue = "x"
    for _ in range(5000):
        nested = [nested]
    question = Question(principal=Principal.agent("teller"), action="get_balance", resource=BALANCE)
    decision = authorizer().decide(replace(question, args={"x": nested}))
    assert (decision.allowed, decision.reason) == (False, "policy_error")
