"""What a decision costs over Cedar itself: `Authorizer.decide` beside a bare cedarpy call, interleaved in one run.

Both use the shipped policies and one parsed schema. Bare is given everything ready: the entities' JSON and the context's
JSON as text; it parses the entities against the schema for each request, and asks. `decide` is given a Question and makes
them itself. `new` asks about a task or journey not seen before, `repeated` about the same few steps.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cedarpy

from journeyman.governance import Authorizer, Bundle, Facts, Principal, Question, Resource

POLICIES = Path(__file__).parent.parent / "policies"
TOLD = Facts(
    notices=frozenset({"ai-disclosure", "recording"}),
    verification="basic",
    triggers=frozenset({"fraud"}),
    sentiment=-10,
)


class Bare:
    """cedarpy, called as its README shows, with all handles parsed once."""

    def __init__(self, bundle: Bundle) -> None:
        files = bundle.files
        self.schema = cedarpy.Schema.from_str(files["schema.cedarschema"] + "\n" + files["tools.cedarschema"])
        self.policies = cedarpy.PolicySet.from_str("\n".join(policy.text for policy in bundle.policies))
        self.base = cedarpy.Entities.from_json_str("[]", self.schema)

    def ask(self, request: dict[str, Any], entities: str) -> bool:
        """Allowed, and without errors."""
        handle = self.base.with_added_json_str(entities, self.schema)
        answer = cedarpy.is_authorized(request, self.policies, handle, self.schema)
        return answer.allowed and not answer.diagnostics.errors


def repeated(number: int) -> Question:
    """A tool call in one of a few steps; its arguments and facts differ each time."""
    return Question(
        principal=Principal.agent("fraud-desk"),
        action="file_fraud_report",
        resource=Resource.step("bank-service", "report-fraud", queue="fraud-desk"),
        facts=TOLD.model_copy(update={"turns": number % 20}),
        args={"text": f"a transfer that I did not make, number {number}", "amount_minor": 1 + number % 100_000},
    )


def new(number: int) -> Question:
    """A person's question about a task that nobody has asked about."""
    return Question(
        principal=Principal.person("anna", teams=["care"], roles=["agent"], skills=["en", "fraud"]),
        action="complete",
        resource=Resource.task(
            f"task-{number}",
            kind="work",
            journey_kind="bank-service",
            step="report-fraud",
            queue="fraud-desk",
            reason="vip",
            teams=["care"],
            assignee="anna",
        ),
        facts=TOLD.model_copy(update={"turns": number % 20}),
    )


def ready(question: Question) -> tuple[dict[str, Any], str]:
    """What bare cedarpy is given: the request with its context as text, and the entities as text."""
    principal, resource = question.principal, question.resource
    context: dict[str, Any] = {"facts": json.loads(question.facts.model_dump_json(exclude_none=True))}
    if question.args is not None:
        context["args"] = question.args
    request = {
        "principal": {"type": principal.type, "id": principal.id},
        "action": {"type": "Action", "id": question.action},
        "resource": {"type": resource.type, "id": resource.id},
        "context": json.dumps(context),
    }
    return request, json.dumps(entities_of(question))


def entities_of(question: Question) -> list[dict[str, Any]]:
    """The entities of the two kinds of question, written out by hand."""
    if question.principal.type == "AIAgent":
        return [
            {"uid": {"type": "AIAgent", "id": "fraud-desk"}, "attrs": {}, "parents": []},
            {
                "uid": {"type": "Step", "id": "bank-service/report-fraud"},
                "attrs": {
                    "name": "report-fraud",
                    "kind": "bank-service",
                    "queue": {"type": "Queue", "id": "fraud-desk"},
                    "regulated": False,
                    "care": False,
                },
                "parents": [{"type": "JourneyKind", "id": "bank-service"}],
            },
        ]
    return [
        {
            "uid": {"type": "Person", "id": "anna"},
            "attrs": {
                "teams": [{"type": "Team", "id": "care"}],
                "skills": ["en", "fraud"],
                "simulated": False,
                "delegates": [],
            },
            "parents": [{"type": "Role", "id": "agent"}, {"type": "Team", "id": "care"}],
        },
        {
            "uid": {"type": "Task", "id": question.resource.id},
            "attrs": {
                "kind": "work",
                "journey_kind": "bank-service",
                "step": "report-fraud",
                "queue": {"type": "Queue", "id": "fraud-desk"},
                "reason": "vip",
                "teams": [{"type": "Team", "id": "care"}],
                "excluded": [],
                "consulted": [],
                "assignee": {"type": "Person", "id": "anna"},
            },
            "parents": [{"type": "Queue", "id": "fraud-desk"}, {"type": "JourneyKind", "id": "bank-service"}],
        },
    ]


def measure(make: Callable[[int], Question], count: int, bundle: Bundle) -> dict[str, float]:
    """p50 and p99 in microseconds of both, taken in turn so that the machine's moods meet both alike."""
    authorizer, bare = Authorizer(bundle), Bare(bundle)
    ours: list[int] = []
    theirs: list[int] = []
    for number in range(count + 50):
        question = make(number)
        request, entities = ready(question)
        start = time.perf_counter_ns()
        allowed = bare.ask(request, entities)
        middle = time.perf_counter_ns()
        decision = authorizer.decide(question)
        end = time.perf_counter_ns()
        if not (allowed and decision.allowed):
            raise SystemExit(f"both must allow what is measured: bare {allowed}, {decision}")
        if number >= 50:  # the first are warm-up
            theirs.append(middle - start)
            ours.append(end - middle)
    return {
        "bare_p50_us": statistics.median(theirs) / 1000,
        "decide_p50_us": statistics.median(ours) / 1000,
        "bare_p99_us": statistics.quantiles(theirs, n=100)[98] / 1000,
        "decide_p99_us": statistics.quantiles(ours, n=100)[98] / 1000,
        "ratio_p50": statistics.median(ours) / statistics.median(theirs),
    }


def main() -> None:
    """Measures and prints; `--json` for machines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--count", type=int, default=5000, help="decisions of each kind")
    options = parser.parse_args()
    bundle = Bundle.load(POLICIES)
    results = {make.__name__: measure(make, options.count, bundle) for make in (repeated, new)}
    if options.json:
        print(json.dumps({"benchmark": "policy_decision", "policies": len(bundle.policies), "results": results}))  # noqa: T201
        return
    print(f"{len(bundle.policies)} policies, {options.count} decisions of each kind, microseconds")  # noqa: T201
    for name, result in results.items():
        print(  # noqa: T201
            f"{name:10} bare p50 {result['bare_p50_us']:7.1f}  decide p50 {result['decide_p50_us']:7.1f}"
            f"  ratio {result['ratio_p50']:.2f}   p99 {result['bare_p99_us']:.1f} / {result['decide_p99_us']:.1f}"
        )


if __name__ == "__main__":
    main()
