"""Cases, differences between bundles, stories, and the four questions as functions."""

import json
from pathlib import Path

import pytest
from pydantic import JsonValue

from journeyman.errors import PolicyError
from journeyman.governance import (
    Authorizer,
    Bundle,
    Facts,
    Principal,
    Question,
    Resource,
    may_ask,
    may_assist,
    may_call,
    may_complete,
    may_perform,
    may_propose,
    may_say,
    unpermitted,
)
from journeyman.governance.cases import diff, load_cases, run
from journeyman.governance.check import problems_of
from journeyman.governance.explain import explain, would_allow
from tests.unit.governance.shipped import (
    ASSESS,
    BALANCE,
    FRAUD,
    LOSS,
    POLICIES,
    TOLD,
    UNDERSTAND,
    WORKED,
    authorizer,
    files,
)

CASE = {
    "name": "a case",
    "about": "bank-teller",
    "principal": {"type": "AIAgent", "id": "teller"},
    "action": "perform",
    "resource": {"type": "Step", "id": "bank-service/inform-balance", "queue": "bank-care"},
    "expect": "allow",
    "policies": ["bank-teller"],
}


def write(folder: Path, **changes: object) -> Path:
    (folder / "x.json").write_text(json.dumps({"cases": [CASE | changes]}))
    return folder


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"expect": "deny"}, "expected `deny`, but it is allowed"),
        ({"policies": ["stopped"]}, "expected the policies `stopped`, but `bank-teller` determined it"),
        ({"reason": "vip"}, "expected the reason `vip`, but it is `None`"),
        ({"action": "peform"}, "it could not be decided"),
        ({"facts": {"stopped": True}}, "expected `allow`, but it is denied"),
    ],
)
def test_a_case_that_fails_says_how(tmp_path: Path, changes: dict[str, object], failure: str) -> None:
    (result,) = run(authorizer(), load_cases(write(tmp_path, **changes)))
    assert not result.passed
    assert any(failure in line for line in result.failures)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"facts": {"stoped": True}}, "stoped"),
        ({"principal": "nobody"}, "'nobody' is not defined in the file"),
        ({"given": ["nothing"]}, "'nothing' is not defined"),
        ({"expect": "maybe"}, "`cases.0.expect`"),
        ({"resource": {"type": "Step", "id": "a/b"}}, "queue"),
        ({"more": 1}, "`cases.0.more`"),
    ],
)
def test_a_case_that_is_written_wrongly_is_refused(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(PolicyError, match=rf"(?s)^x\.json: .*{message}"):
        load_cases(write(tmp_path, **changes))


def test_a_file_that_is_not_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(PolicyError, match=r"x\.json: not JSON"):
        load_cases(tmp_path)


def test_a_difference_between_bundles_is_the_cases_that_change() -> None:
    before = authorizer().bundle
    strict = "context.args.amount_minor + context.facts.called_sum <= 100000"
    looser = files()["bank-service.cedar"].replace(strict, strict.replace("1", "2"))
    after = Bundle.from_files(files() | {"bank-service.cedar": looser})
    cases = load_cases(POLICIES / "cases")
    changes = diff(before, after, cases)
    assert [change.case.name for change in changes] == ["several that come to more are not either"]
    assert (changes[0].before.allowed, changes[0].after.allowed) == (False, True)
    assert diff(before, before, cases) == []


def test_the_story_of_a_denial_names_policy_intent_place_and_what_would_change_it() -> None:
    question = Question(
        principal=Principal.agent("teller"), action="get_balance", resource=BALANCE, facts=Facts(notices=TOLD), args={}
    )
    story = explain(authorizer(), question)
    assert story.startswith(
        "AI agent `teller` may not call `get_balance` in the step `inform-balance` of `bank-service`."
    )
    assert "`bank-verified-first` forbids it: No account is touched before its customer is verified." in story
    assert "(bank-service.cedar:" in story
    assert "reason `not_verified`" in story
    assert "It would be allowed if `verification` were `basic`." in story
    assert authorizer().bundle.hash[:12] in story


def test_the_story_of_a_permission_names_the_permit() -> None:
    question = Question(principal=Principal.agent("teller"), action="perform", resource=BALANCE)
    story = explain(authorizer(), question)
    assert "AI agent `teller` may work the step `inform-balance`" in story
    assert "`bank-teller` permits it: The teller reads balances out." in story


def test_the_story_of_what_nobody_permits_says_so() -> None:
    question = Question(principal=Principal.person("anna"), action="stop", resource=Resource.deployment())
    assert "No policy permits it" in explain(authorizer(), question)


def test_the_story_of_what_could_not_be_decided_says_so() -> None:
    question = Question(principal=Principal.agent("teller"), action="nothing", resource=BALANCE)
    assert "what cannot be decided is refused" in explain(authorizer(), question)


@pytest.mark.parametrize(
    ("given", "change"),
    [
        (Facts(stopped=True), "`stopped` were `false`"),
        (Facts(triggers=frozenset({"person_request", "fraud"})), "`triggers` were `fraud`"),
        (Facts(failed_turns=5), "`failed_turns` were `0`"),
        (Facts(model_failure="timeout"), "`model_failure` were unknown"),
    ],
)
def test_the_one_fact_in_the_way_is_found(given: Facts, change: str) -> None:
    question = Question(principal=Principal.agent("receptionist"), action="perform", resource=UNDERSTAND, facts=given)
    assert change in would_allow(authorizer(), question, authorizer().decide(question))


def test_two_facts_in_the_way_are_not_told_as_one() -> None:
    given = Facts(stopped=True, failed_turns=5)
    question = Question(principal=Principal.agent("receptionist"), action="perform", resource=UNDERSTAND, facts=given)
    assert would_allow(authorizer(), question, authorizer().decide(question)) == []


def test_what_a_step_s_collaboration_model_falls_out_of() -> None:
    good = Facts(amount=1000, result_outcome="pay", token_probability=990, calibrated=True)
    ask = authorizer()
    assert may_perform(ask, "assessor", ASSESS, Facts()).allowed
    assert may_complete(ask, "assessor", ASSESS, good).allowed
    assert not may_complete(ask, "assessor", ASSESS, good.model_copy(update={"amount": 500_001})).allowed
    assert not may_complete(ask, "assessor", ASSESS, good.model_copy(update={"calibrated": False})).allowed
    assert not may_perform(ask, "form-filler", LOSS, Facts()).allowed
    assert may_assist(ask, "form-filler", LOSS, Facts()).allowed
    assert not may_assist(ask, "form-filler", LOSS, Facts(consents=frozenset({"no-ai"}))).allowed


def test_the_questions_read_as_they_are_asked() -> None:
    ask, told = authorizer(), Facts(notices=TOLD, verification="basic")
    report: dict[str, JsonValue] = {"text": "x", "amount_minor": 100_001}
    assert may_perform(ask, "fraud-desk", FRAUD, told).allowed
    assert may_assist(ask, "fraud-desk", FRAUD, told).allowed
    assert may_complete(ask, "fraud-desk", FRAUD, told).allowed
    assert may_say(ask, "fraud-desk", FRAUD, told).allowed
    assert may_ask(ask, "fraud-desk", FRAUD, told).allowed
    assert may_call(ask, "fraud-desk", FRAUD, told, "file_fraud_report", {"text": "x"}).allowed
    refused = may_call(ask, "fraud-desk", FRAUD, told, "file_fraud_report", report)
    assert (refused.allowed, refused.reason) == (False, "fraud_above_limit")
    assert may_propose(ask, "fraud-desk", FRAUD, told, "file_fraud_report", report).allowed


@pytest.mark.parametrize(
    "name", ["complete", "say", "perform", "propose:file_fraud_report", "call_tool", "nothing", ""]
)
def test_a_tool_called_like_another_action_is_refused(name: str) -> None:
    told = Facts(notices=TOLD, verification="basic")
    assert not may_call(authorizer(), "fraud-desk", FRAUD, told, name, {}).allowed
    assert not may_call(authorizer(), "fraud-desk", FRAUD, told, name, {"text": "x"}).allowed


def test_a_step_whose_agent_no_policy_permits_is_told() -> None:
    assert unpermitted(authorizer(), [*WORKED, ("form-filler", LOSS)]) == []
    (line,) = unpermitted(authorizer(), [("teller", FRAUD)])
    assert line.startswith("step `bank-service/report-fraud` names the AI agent `teller`, but no policy permits it")


def test_the_policy_that_is_suggested_for_it_fits_as_it_stands() -> None:
    (line,) = unpermitted(authorizer(), [("teller", FRAUD)])
    together = files() | {"own.cedar": line.partition("\n")[2]}
    assert problems_of(together) == []
    assert unpermitted(Authorizer(Bundle.from_files(together)), [("teller", FRAUD)]) == []
