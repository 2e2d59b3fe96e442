"""Lists ask once what is the same question to the policies: the answers are those that Cedar gives to each."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.governance import Facts, Principal, Question, Resource
from journeyman.governance.cedar import Cedar, parsed_policies
from journeyman.governance.reading import Reads, reads_of
from tests.unit.governance.shipped import texts

PEOPLE = ("ana", "bea", "cem")
ARGS: dict[str, Any] = {
    "claim": None,
    "view": {"field": "task", "data_class": "ordinary"},
    "complete": None,
    "comment": None,
}
TELLING = {
    "one task": 'forbid (principal, action, resource == Task::"t-1");',
    "a task in a condition": 'forbid (principal, action, resource) when { resource == Task::"t-1" };',
    "a task on the left": 'forbid (principal, action, resource) when { Task::"t-1" == resource };',
    "one of some": 'forbid (principal, action, resource is Task) when { [Task::"t-1", Task::"t-2"].contains(resource) };',
    "a task's own attributes": 'forbid (principal, action, resource is Task) unless { Task::"t-1".kind == "work" };',
    "a task in a record": 'forbid (principal, action, resource is Task) when { {of: Task::"t-1"}.of == resource };',
    "what is in a queue": 'forbid (principal, action, resource in Queue::"slow");',
    "tasks in a queue": 'forbid (principal, action, resource is Task in Queue::"slow");',
    "in a queue, in a condition": 'forbid (principal, action, resource) when { resource in Queue::"slow" };',
    "in a queue, with its type": 'forbid (principal, action, resource) when { resource is Task in Queue::"slow" };',
    "a journey kind": 'forbid (principal, action, resource in JourneyKind::"motor");',
    "a set of queues": 'forbid (principal, action, resource) when { resource in [Queue::"slow", Queue::"fast"] };',
    "an attribute that may be absent": "forbid (principal, action, resource is Task) when { resource has assignee };",
    "an attribute that is absent": "forbid (principal, action, resource is Task) when { resource.assignee == principal };",
    "who the assignee is": 'forbid (principal, action, resource is Task) when { resource.assignee == Person::"bea" };',
    "the principal, on the left": "forbid (principal, action, resource is Task) when { principal == resource.assignee };",
    "whose it is": (
        "forbid (principal, action, resource is Task)"
        " when { principal is Person && resource has assignee && resource.assignee != principal };"
    ),
    "for whom one stands in": (
        "forbid (principal is Person, action, resource is Task)"
        " when { resource has assignee && principal.delegates.contains(resource.assignee) };"
    ),
    "an attribute of an attribute": "forbid (principal, action, resource is Task) when { resource.assignee.simulated };",
    "a fact": "forbid (principal, action, resource) when { context.facts.prior_approvals > 1 };",
    "a fact in brackets": 'forbid (principal, action, resource) when { context["facts"]["prior_approvals"] > 1 };',
    "a fact that may be absent": "forbid (principal, action, resource) when { context.facts has amount };",
    "a fact of a fact": "forbid (principal, action, resource) when { context has facts.amount };",
    "all facts": "forbid (principal, action, resource) when { context.facts == context.facts && context.facts has amount };",
    "the whole context": "forbid (principal, action, resource) when { {of: context}.of.facts.prior_approvals > 1 };",
    "a fact behind a choice": (
        "forbid (principal, action, resource) when"
        ' { if context.facts.simulated then context.facts.language == "de" else context.facts.channel == "email" };'
    ),
}


@cache
def cedar(more: str = "") -> Cedar:
    schema, policies = texts()
    return Cedar(schema, policies + more)


def tasks(more: int = 0) -> st.SearchStrategy[Resource]:
    return st.builds(
        Resource.task,
        st.sampled_from([f"t-{number}" for number in range(1, 5 + more)]),
        kind=st.sampled_from(["work", "review", "approval"]),
        journey_kind=st.sampled_from(["motor", "bank-service"]),
        step=st.sampled_from(["assess", "collect-excess"]),
        queue=st.sampled_from(["slow", "fast"]),
        reason=st.sampled_from(["vip", "people_only"]),
        teams=st.sets(st.sampled_from(["claims", "billing"])),
        excluded=st.sets(st.sampled_from(PEOPLE), max_size=1),
        assignee=st.sampled_from([None, *PEOPLE]),
    )


# what the shipped policies permit ana alike, so that only the policy under test tells them apart
ALIKE = st.builds(
    Resource.task,
    st.sampled_from(["t-1", "t-2", "t-3"]),
    kind=st.sampled_from(["work", "review"]),
    journey_kind=st.sampled_from(["motor", "bank-service"]),
    step=st.just("assess"),
    queue=st.sampled_from(["slow", "fast"]),
    reason=st.just("vip"),
    teams=st.just(["claims"]),
    assignee=st.sampled_from([None, *PEOPLE]),
)
ANA = Principal.person("ana", teams=["claims"], roles=["agent"], delegates=["cem"])

FACTS = st.builds(
    Facts,
    simulated=st.booleans(),
    language=st.sampled_from(["en", "de"]),
    channel=st.sampled_from(["chat", "email"]),
    prior_approvals=st.integers(0, 2),
    amount=st.sampled_from([None, 5]),
    customer_tier=st.sampled_from(["standard", "vip"]),
)
PERSONS = st.builds(
    Principal.person,
    st.sampled_from(PEOPLE),
    teams=st.sets(st.sampled_from(["claims", "billing"])),
    roles=st.sets(st.sampled_from(["agent", "supervisor", "auditor"])),
    simulated=st.booleans(),
    delegates=st.sets(st.sampled_from(PEOPLE), max_size=1),
)


def questions(action: str, person: Principal, about: list[tuple[Resource, Facts]]) -> list[Question]:
    return [
        Question(principal=person, action=action, resource=task, facts=facts, args=ARGS[action])
        for task, facts in about
    ]


def answered_as_alone(told: Cedar, asked: list[Question]) -> None:
    alone = [told.evaluate(question) for question in asked]
    assert told.permits(asked) == [outcome.allowed for outcome in alone]
    assert [told.recall(question) for question in asked] == alone  # with the policies that decided it


@pytest.mark.parametrize("action", ARGS)
@settings(max_examples=40, deadline=None)
@given(PERSONS, st.lists(st.tuples(tasks(), FACTS), max_size=8))
def test_a_list_is_answered_as_each_of_it_alone(
    action: str, person: Principal, about: list[tuple[Resource, Facts]]
) -> None:
    asked = questions(action, person, about)
    answered_as_alone(cedar(), asked)


@pytest.mark.parametrize("telling", TELLING)
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(ALIKE, FACTS), min_size=2, max_size=8))
def test_what_tells_two_tasks_apart_counts_in_a_list(telling: str, about: list[tuple[Resource, Facts]]) -> None:
    asked = questions("view", ANA, about)
    told = cedar(TELLING[telling])
    answered_as_alone(told, asked)


def test_a_policy_that_names_a_single_task_counts_among_equals() -> None:
    facts, ana = Facts(), Principal.person("ana", teams=["claims"], roles=["agent"])
    equals = [
        (Resource.task(f"t-{number}", kind="work", journey_kind="m", step="s", queue="q", teams=["claims"]), facts)
        for number in range(3)
    ]
    assert cedar().permits(questions("view", ana, equals)) == [True, True, True]
    for telling in ("one task", "a task in a condition", "a task on the left", "one of some", "a task in a record"):
        hidden = cedar(TELLING[telling]).permits(questions("view", ana, equals))
        assert hidden[:2] == [True, False], telling
    assert cedar(TELLING["a task's own attributes"]).permits(questions("view", ana, equals)) == [False, True, False]


def test_questions_that_are_the_same_are_asked_once() -> None:
    schema, policies = texts()
    fresh = Cedar(schema, policies)
    ana = Principal.person("ana", teams=["claims"], roles=["agent"])
    about = [
        (
            Resource.task(f"t-{number}", kind="work", journey_kind="m", step="s", queue="q", teams=["claims"]),
            Facts(prior_approvals=number, language=("en", "de")[number % 2]),
        )
        for number in range(20)
    ]
    assert fresh.permits(questions("claim", ana, about)) == [True] * 20
    assert len(fresh._outcomes) == 1


def test_what_a_policy_reads_is_told_by_name() -> None:
    def reads(text: str) -> Reads:
        return reads_of(parsed_policies(text)["staticPolicies"].values())

    assert reads(TELLING["one task"]) == Reads(frozenset(), None, {})
    assert reads(TELLING["what is in a queue"]) == Reads(frozenset(), frozenset({"queue"}), {})
    assert reads(TELLING["in a queue, in a condition"]) == Reads(frozenset(), None, {})
    assert reads(TELLING["a fact behind a choice"]) == Reads(
        frozenset({"simulated", "language", "channel"}), frozenset(), {}
    )
    assert reads(TELLING["an attribute that may be absent"]).attrs == frozenset({"whose"})
    assert reads(TELLING["the principal, on the left"]).attrs == frozenset({"whose"})
    assert reads(TELLING["for whom one stands in"]).attrs == frozenset({"whose", "assignee"})
    assert reads(TELLING["who the assignee is"]).attrs == frozenset({"assignee"})
    assert reads(TELLING["the whole context"]) == Reads(None, frozenset(), None)
    for elsewhere in (
        'forbid (principal, action, resource is Journey) when { resource == Journey::"j" };',
        'forbid (principal, action, resource == Step::"m/s") when { context == {} };',
    ):
        assert reads(elsewhere) == Reads(frozenset(), frozenset(), {})


FIELDS = {
    "one of some": ('["card", "iban"].contains(context.args.field)', frozenset({"card", "iban"})),
    "one": ('context.args.field == "card"', frozenset({"card"})),
    "one, on the right": ('"card" == context["args"]["field"]', frozenset({"card"})),
    "any but one": ('context.args.field != "card"', frozenset({"card"})),
    "two, in two ways": (
        '["iban"].contains(context.args.field) || !(context.args.field == "card")',
        frozenset({"card", "iban"}),
    ),
    "what looks like one": ('context.args.field like "car*"', None),
    "one among others": ('["card"].containsAny([context.args.field])', None),
    "itself": ("context.args.field == context.args.data_class", None),
    "one that is worked out": ('(if context.facts.simulated then "card" else "iban") == context.args.field', None),
}


@pytest.mark.parametrize("telling", FIELDS)
@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(ALIKE, FACTS, st.sampled_from(["card", "iban", "cart", "name", "ordinary"])), max_size=8))
def test_what_tells_two_fields_apart_counts_in_a_list(telling: str, about: list[tuple[Resource, Facts, str]]) -> None:
    condition, words = FIELDS[telling]
    text = f"forbid (principal, action, resource is Task) when {{ {condition} }};"
    assert (reads_of(parsed_policies(text)["staticPolicies"].values()).args or {})["field"] == words
    told = cedar(text)
    asked = [
        Question(
            principal=ANA, action="view", resource=task, facts=facts, args={"field": field, "data_class": "ordinary"}
        )
        for task, facts, field in about
    ]
    answered_as_alone(told, asked)


@pytest.mark.parametrize("condition", ['context.args == {field: "a", data_class: "b"}', "{of: context}.of has args"])
def test_arguments_that_are_read_as_a_whole_all_count(condition: str) -> None:
    text = f"forbid (principal, action, resource) when {{ {condition} }};"
    assert reads_of(parsed_policies(text)["staticPolicies"].values()).args is None


OTHERS = {
    "a queue": 'forbid (principal, action, resource) when { resource == Queue::"slow" };',
    "in a queue": 'forbid (principal, action, resource in Queue::"slow");',
    "a customer": 'forbid (principal, action, resource == Customer::"c-1");',
    "a journey": 'forbid (principal, action, resource is Journey) when { resource in [Journey::"j-1"] };',
    "a journey kind": 'forbid (principal, action, resource in JourneyKind::"motor");',
    "teams": 'forbid (principal, action, resource is Journey) when { resource.teams.contains(Team::"claims") };',
    "whose it is": (
        "forbid (principal, action, resource is Journey)"
        ' when { resource has customer && resource.customer == Customer::"c-1" };'
    ),
    "a person": 'forbid (principal, action, resource) when { resource == Person::"bea" };',
}


@pytest.mark.parametrize("telling", ["", *OTHERS])
@settings(max_examples=25, deadline=None)
@given(PERSONS, st.lists(st.tuples(st.integers(0, 9), FACTS, st.booleans()), max_size=10))
def test_things_of_other_types_are_answered_each_as_alone(
    telling: str, person: Principal, about: list[tuple[int, Facts, bool]]
) -> None:
    things = (
        Resource.queue("slow", teams=["claims"]),
        Resource.queue("fast", teams=["claims"]),
        Resource.queue("other", teams=["billing"]),
        Resource.customer("c-1"),
        Resource.customer("c-2"),
        Resource.journey("j-1", kind="motor", teams=["claims"]),
        Resource.journey("j-2", kind="bank-service", teams=["claims"], customer="c-1"),
        Resource.journey("j-3", kind="motor", teams=["billing"], customer="c-2"),
        Resource.person(person),
        Resource.person(Principal.person("bea", teams=["claims"], roles=["agent"])),
    )
    told = cedar(OTHERS[telling] if telling else "")
    asked = [
        Question(
            principal=person,
            action="view",
            resource=things[at],
            facts=facts,
            args={"field": "record", "data_class": "personal" if personal else "ordinary"},
        )
        for at, facts, personal in about
    ]
    answered_as_alone(told, asked)


@pytest.mark.parametrize("type", ["Task", "Queue", "Customer", "Journey"])
def test_the_shipped_policies_let_lists_be_asked_together(type: str) -> None:
    for action in ("claim", "view") if type == "Task" else ("view",):
        reads = cedar()._reads(action, type)
        assert reads.facts is not None
        assert reads.attrs is not None
        assert reads.args is not None


def test_what_does_not_fit_the_schema_is_permitted_to_nobody_in_a_list_either() -> None:
    ana = Principal.person("ana", teams=["claims"], roles=["agent"])
    task = Resource.task("t-1", kind="work", journey_kind="m", step="s", queue="q", teams=["claims"])
    fits, wrong = (Question(principal=ana, action=action, resource=task, args=None) for action in ("claim", "view"))
    nowhere = Question(principal=ana, action="fly", resource=task)
    assert cedar().permits([fits, wrong, nowhere]) == [True, False, False]
