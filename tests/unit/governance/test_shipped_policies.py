"""The shipped bundle: its cases, its check, and its schema beside the Python that it types."""

import re

import pytest

from journeyman.governance import Facts
from journeyman.governance.authorizer import NOT_PERMITTED, POLICY_ERROR
from journeyman.governance.cases import Case, load_cases, run, unproven
from journeyman.governance.schema import drift, generate, record_of
from tests.unit.governance.shipped import POLICIES, WORKED, authorizer, files
from tests.unit.governance.tools import SHIPPED

CASES = load_cases(POLICIES / "cases")


@pytest.mark.parametrize("case", CASES, ids=[f"{case.file}: {case.name}" for case in CASES])
def test_a_case_is_decided_for_its_reasons(case: Case) -> None:
    (result,) = run(authorizer(), [case])
    assert result.passed, result.failures


def test_every_policy_is_the_reason_of_a_case_and_has_one_for_and_one_against() -> None:
    assert unproven(authorizer().bundle, run(authorizer(), CASES)) == []


def test_a_policy_without_cases_would_be_found() -> None:
    without = [case for case in CASES if case.about != "bank-teller" and "bank-teller" not in case.policies]
    found = unproven(authorizer().bundle, run(authorizer(), without))
    assert any("`bank-teller` is never the reason" in line for line in found)


def test_cases_have_names_of_their_own() -> None:
    names = [(case.file, case.about, case.name) for case in CASES]
    assert len(names) == len(set(names))


def test_the_check_finds_nothing() -> None:
    assert authorizer().bundle.check() == []


def test_every_policy_that_keeps_an_ai_agent_away_says_why_in_a_word() -> None:
    for policy in authorizer().bundle.policies:
        if policy.effect == "forbid" and "AIAgent" in policy.text:
            assert policy.annotations.get("handoff"), policy.id


def test_the_type_of_facts_is_the_one_of_python() -> None:
    (declared,) = re.findall(r"type Facts = (\{.*?\});", files()["schema.cedarschema"], re.DOTALL)
    assert declared.split() == record_of(Facts, owner="facts").split()


def test_the_schema_of_tools_is_the_one_that_they_generate() -> None:
    assert drift(files()["tools.cedarschema"], SHIPPED) is None
    assert files()["tools.cedarschema"] == generate(reversed(SHIPPED))


def test_the_readme_names_every_agent_step_tool_and_reason() -> None:
    readme = (POLICIES / "README.md").read_text()
    names = {agent for agent, _ in WORKED} | {step.id.partition("/")[2] for _, step in WORKED}
    names |= {tool.name for tool in SHIPPED}
    names |= {word for policy in authorizer().bundle.policies if (word := policy.annotations.get("handoff"))}
    names |= {"people_only", "agent_handed_over", "agent_asks", "tool_uncertain", "customer_left", "customer_silent"}
    names |= {NOT_PERMITTED, POLICY_ERROR}
    assert {name for name in names if f"`{name}`" not in readme} == set()
