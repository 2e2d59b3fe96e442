"""The traps of Cedar that were measured, and that they are shut."""

import json
from dataclasses import replace
from typing import Any

import cedarpy
import pytest

from journeyman.errors import PolicyError
from journeyman.governance import Bundle, Facts, Principal, Question, Resource
from journeyman.governance.canary import release_canary
from journeyman.governance.cases import load_cases
from journeyman.governance.cedar import Cedar
from tests.unit.governance.shipped import BALANCE, POLICIES, TOLD, UNDERSTAND, authorizer, files, texts, with_policy


class Schemaless(Cedar):
    """Cedar with entities that were parsed without the schema: the mistake that the canary is there for."""

    def _entities(self, principal: Principal, *resources: Resource) -> Any:
        rendered = json.loads(str(super()._entities(principal, *resources)))
        ours = [entity for entity in rendered if entity["uid"]["type"] != "Action"]
        return cedarpy.Entities.from_json_str(json.dumps(ours))


class Whole(Cedar):
    """Cedar that is asked with all policies at once, as they are written."""

    def _about(self, action: str) -> Any:
        numbered = {f"policy{at}": policy for at, policy in enumerate(self._policies)}
        return cedarpy.PolicySet.from_json_str(
            json.dumps({"staticPolicies": numbered, "templates": {}, "templateLinks": []})
        )


HEADS = """
forbid (principal, action == Action::"perform", resource) when { context.facts.tokens == 1 };
forbid (principal, action in Action::"serve", resource) when { context.facts.tokens == 1 };
forbid (principal, action in Action::"act", resource) when { context.facts.tokens == 1 };
forbid (principal, action in [Action::"perform", Action::"say"], resource) when { context.facts.tokens == 1 };
forbid (principal, action in [Action::"serve", Action::"view"], resource) when { context.facts.tokens == 1 };
forbid (principal, action, resource) when { context.facts.tokens == 1 };
forbid (principal, action, resource) when { action in Action::"serve" && context.facts.tokens == 1 };
forbid (principal, action in Action::"act", resource) when { context.facts.tokens * 9223372036854775807 < 0 };
forbid (principal, action == Action::"view", resource);
forbid (principal, action in [Action::"view", Action::"claim"], resource);
forbid (principal, action in Action::"call_tool", resource);
"""


def test_without_the_schema_a_forbid_on_a_group_silently_does_not_apply() -> None:
    """The fact as it is: should Cedar ever mend it, this test says so, and the canary may retire."""
    stopped = Question(
        principal=Principal.agent("receptionist"), action="perform", resource=UNDERSTAND, facts=Facts(stopped=True)
    )
    outcome = Schemaless(*texts()).evaluate(stopped)
    assert outcome.allowed
    assert outcome.errors == ()
    assert not Cedar(*texts()).evaluate(stopped).allowed


def test_the_canary_notices_entities_without_the_schema() -> None:
    release_canary(Cedar(*texts()))
    with pytest.raises(PolicyError, match="the canary lives: a forbid on the group `act` does not deny `perform`"):
        release_canary(Schemaless(*texts()))


def test_the_canary_notices_a_schema_whose_actions_left_the_group() -> None:
    schema = files()["schema.cedarschema"].replace("action call_tool in [serve];", "action call_tool;")
    with pytest.raises(PolicyError, match=r"the canary lives: .* `canary`"):
        Bundle.from_files(files() | {"schema.cedarschema": schema})


def test_a_bundle_in_which_a_stop_does_not_stop_is_refused() -> None:
    base = files()["base.cedar"].replace(
        "when { context.facts.stopped };", "when { context.facts.stopped && false };", 1
    )
    with pytest.raises(PolicyError, match=r"not denied when `facts\.stopped`"):
        Bundle.from_files(files() | {"base.cedar": base})


def test_a_bundle_whose_stop_names_single_actions_is_refused() -> None:
    base = files()["base.cedar"].replace('action in Action::"act"', 'action == Action::"perform"', 1)
    with pytest.raises(PolicyError, match=r"not denied when `facts\.stopped`"):
        Bundle.from_files(files() | {"base.cedar": base})


def test_a_forbid_that_fails_denies() -> None:
    """Cedar itself skips it, and allows."""
    failing = """\
// Overflows for some facts.
@id("failing")
@serves("a test")
forbid (principal is AIAgent, action == Action::"perform", resource)
when { context.facts.tokens * 9223372036854775807 < 0 };
"""
    authorizer = with_policy(failing)
    question = Question(
        principal=Principal.agent("teller"), action="perform", resource=BALANCE, facts=Facts(notices=TOLD, tokens=1)
    )
    assert authorizer.decide(question).allowed
    overflowing = replace(question, facts=Facts(notices=TOLD, tokens=2))
    decision = authorizer.decide(overflowing)
    assert (decision.allowed, decision.reason) == (False, "policy_error")
    assert "overflow" in decision.errors[0]


def test_a_permit_that_fails_denies_even_where_another_permits() -> None:
    failing = """\
// Overflows for some facts.
@id("failing")
@serves("a test")
permit (principal is AIAgent, action == Action::"perform", resource)
when { context.facts.tokens * 9223372036854775807 < 0 };
"""
    question = Question(principal=Principal.agent("teller"), action="perform", resource=BALANCE, facts=Facts(tokens=2))
    assert not with_policy(failing).decide(question).allowed


def test_an_entity_that_is_not_given_denies() -> None:
    """`resource.queue` is a reference; its teams are not in the question."""
    reading = """\
// Reads what no question gives.
@id("reading")
@serves("a test")
forbid (principal is Person, action == Action::"claim", resource is Task)
when { resource.queue.teams.isEmpty() };
"""
    task = Resource.task("t", kind="work", journey_kind="k", step="s", queue="q", teams=["care"])
    question = Question(principal=Principal.person("anna", teams=["care"]), action="claim", resource=task)
    assert authorizer().decide(question).allowed
    assert with_policy(reading).decide(question).reason == "policy_error"


def test_a_person_of_an_unknown_role_is_refused() -> None:
    task = Resource.task("t", kind="work", journey_kind="k", step="s", queue="q", teams=["care"])
    question = Question(
        principal=Principal.person("anna", teams=["care"], roles=["owner"]), action="claim", resource=task
    )
    assert authorizer().decide(question).reason == "policy_error"


@pytest.mark.parametrize(
    ("principal", "resource"),
    [
        (Principal.agent("teller"), Resource.journey("j", kind="bank-service")),
        (Principal.agent("teller"), Resource.task("t", kind="work", journey_kind="k", step="s", queue="q")),
        (Principal.person("anna", roles=["supervisor"]), BALANCE),
        (Principal.system(), BALANCE),
    ],
)
def test_ai_agents_ask_of_steps_and_only_they(principal: Principal, resource: Resource) -> None:
    decision = authorizer().decide(Question(principal=principal, action="say", resource=resource))
    assert (decision.allowed, decision.reason) == (False, "policy_error")


def test_a_resource_without_its_attributes_is_refused() -> None:
    question = Question(
        principal=Principal.agent("teller"), action="perform", resource=Resource(type="Step", id=BALANCE.id)
    )
    assert authorizer().decide(question).reason == "policy_error"


def test_one_name_with_other_attributes_is_asked_about_afresh() -> None:
    """The parsed entities that are kept must never answer for others of the same id."""
    anna = Principal.person("anna", teams=["care"])

    def claim(excluded: list[str]) -> bool:
        task = Resource.task(
            "t", kind="review", journey_kind="k", step="s", queue="q", teams=["care"], excluded=excluded
        )
        return authorizer().decide(Question(principal=anna, action="claim", resource=task)).allowed

    assert [claim([]), claim(["anna"]), claim([]), claim(["anna", "ben"])] == [True, False, True, False]


def test_more_entities_than_are_kept_are_answered_alike() -> None:
    for number in range(2100):
        journey = Resource.journey(f"j-{number}", kind="k", teams=["care"])
        question = Question(
            principal=Principal.person("anna", teams=["care"] if number % 2 else ["claims"]),
            action="stop",
            resource=journey,
        )
        assert authorizer().decide(question).allowed is bool(number % 2)


def test_policies_that_are_left_out_could_not_have_decided() -> None:
    """Only those about the action are asked: every case of the shipped bundle comes out as by all of them."""
    schema, policies = texts()
    some, all_ = Cedar(schema, policies), Whole(schema, policies)
    cases = load_cases(POLICIES / "cases")
    assert len(cases) > 100
    for case in cases:
        for facts in (case.question.facts, case.question.facts.model_copy(update={"stopped": True})):
            question = replace(case.question, facts=facts)
            assert some.evaluate(question) == all_.evaluate(question), case.name


@pytest.mark.parametrize("action", ["perform", "say", "complete", "ask", "assist"])
def test_a_policy_is_asked_whichever_way_it_names_the_action(action: str) -> None:
    schema, policies = texts()
    heads = len(Cedar(schema, policies))
    some, all_ = Cedar(schema, policies + HEADS), Whole(schema, policies + HEADS)
    for tokens in (0, 1, 2):
        question = Question(
            principal=Principal.agent("teller"), action=action, resource=BALANCE, facts=Facts(tokens=tokens)
        )
        assert some.evaluate(question) == all_.evaluate(question)
    told = Question(principal=Principal.agent("teller"), action=action, resource=BALANCE, facts=Facts(tokens=1))
    serving, named = action != "assist", {"perform": (0, 3), "say": (3,)}.get(action, ())
    expected = {2, 5, *named} | ({1, 4, 6} if serving else set())
    assert {at - heads for at in some.evaluate(told).reasons if at >= heads} == expected
