"""Cedar, asked one question at a time. The only module that imports cedarpy.

Source: https://docs.cedarpolicy.com (authorization, schema and entity JSON formats); cedarpy 4.12 on Cedar 4.12.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import cedarpy
from pydantic import JsonValue

from journeyman.errors import PolicyError
from journeyman.governance.decision import (
    BundleAttrs,
    JourneyAttrs,
    PersonAttrs,
    Principal,
    Question,
    QueueAttrs,
    Resource,
    StepAttrs,
    TaskAttrs,
)
from journeyman.governance.reading import Reads, reads_of

_HANDLES = 2048
"""Parsed entities kept: each is one pair of principal and resource, a few kilobytes."""

_OUTCOMES = 8192
"""Outcomes kept of questions about what pages show, each some hundred bytes."""

_NO_ENTITIES = "[]"

_HEAD = {"effect": "permit", "principal": {"op": "All"}, "resource": {"op": "All"}, "conditions": []}
"""What is left of a policy when only its action is asked about."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Cedar said. `reasons` are positions of policies in the text; `errors` mean that it was not decided."""

    allowed: bool
    reasons: tuple[int, ...]
    errors: tuple[str, ...]


class Cedar:
    """Policies and their schema, parsed once."""

    def __init__(self, schema: str, policies: str) -> None:
        """Raises PolicyError when one does not parse."""
        try:
            self._schema = cedarpy.Schema.from_str(schema)
        except ValueError as error:
            raise PolicyError(f"the schema does not parse: {error}") from error
        try:
            self._policies = _in_order(policies)
        except ValueError as error:
            raise PolicyError(f"the policies do not parse: {error}") from error
        # The schema adds the entities of actions and their groups.
        self._base = cedarpy.Entities.from_json_str(_NO_ENTITIES, self._schema)
        self._handles: dict[tuple[Principal, tuple[Resource, ...]], Any] = {}
        self._by_action: dict[str, Any] = {}
        self._reads_by_action: dict[tuple[str, str], Reads] = {}
        self._outcomes: dict[Any, Outcome] = {}

    def __len__(self) -> int:
        return len(self._policies)

    def with_policies(self, fragment: str) -> Self:
        """A copy with more policies, at the end."""
        other = object.__new__(type(self))
        other._schema, other._base = self._schema, self._base
        other._handles, other._by_action, other._reads_by_action, other._outcomes = {}, {}, {}, {}
        other._policies = self._policies + _in_order(fragment)
        return other

    def problems(self, policies: str) -> list[str]:
        """What strict validation against the schema says of a text of policies that parses."""
        return [error.error for error in cedarpy.validate_policies(policies, self._schema).errors]

    def evaluate(self, question: Question) -> Outcome:
        """Asks Cedar.

        INVARIANT: this is the one place where entities, request and policies meet, and all are held against the one
        schema. Entities parsed without it lose the hierarchy of actions, and a forbid on a group then does not apply; Cedar
        reports nothing. Cedar also skips a forbid that errors, so that any error makes the outcome undecided: denied.
        """
        principal, resource = question.principal, question.resource
        if (principal.type == "AIAgent") != (resource.type == "Step"):
            return _undecided(
                f"`{principal.type}` may not ask about a `{resource.type}`; AI agents ask of steps, and only they"
            )
        try:
            entities = self._entities(principal, resource)
            answer = cedarpy.is_authorized(_request(question), self._about(question.action), entities, self._schema)
        except (ValueError, TypeError, RecursionError, OverflowError) as error:
            return _undecided(str(error))
        return _outcome(answer)

    def recall(self, question: Question) -> Outcome:
        """As `evaluate` tells; what is the same question to the policies is asked once. For what pages show.

        INVARIANT: policies that read no more of two questions than what is equal in them answer both alike (see `reading`).
        """
        alike, key = self._same(question)
        kept = self._kept()
        outcome = kept.get(key) if alike else None
        if outcome is None:
            outcome = self.evaluate(question)
            if alike and not outcome.errors:
                kept[key] = outcome
        return outcome

    def permits(self, questions: Sequence[Question]) -> list[bool]:
        """Whether each is allowed, as `recall` tells; those that were not asked before, together."""
        kept = self._kept()
        asked = [(question, *self._same(question)) for question in questions]
        found = self._together({key: question for question, alike, key in asked if alike and key not in kept})
        kept |= {key: outcome for key, outcome in found.items() if not outcome.errors}
        alone = {key: question for question, alike, key in asked if not alike}
        found |= {key: self.evaluate(question) for key, question in alone.items()}
        return [(found.get(key) or kept[key]).allowed for _, _, key in asked]

    def _kept(self) -> dict[Any, Outcome]:
        """The outcomes that are kept, with room for more."""
        if len(self._outcomes) >= _OUTCOMES:
            self._outcomes = {}  # dropped as a whole, as the handles are
        return self._outcomes

    def _same(self, question: Question) -> tuple[bool, Any]:
        """Whether the thing that is asked about may be one of many to the policies; and a key, equal where the question is the
        same to them."""
        args = {name: value for name, value in (question.args or {}).items() if isinstance(value, str)}
        if len(args) < len(question.args or {}):  # any other could be a task
            return False, object()
        reads = self._reads(question.action, question.resource.type)
        told = (question.principal, question.action, question.resource.type, reads.told(args))
        same = reads.same(question)
        return (False, (*told, question.resource, question.facts)) if same is None else (True, (*told, same))

    def _together(self, questions: Mapping[Any, Question]) -> dict[Any, Outcome]:
        """What Cedar says of each, of questions about things of types of which the policies name none.

        Those of one principal about one type are asked with all their things before Cedar. A policy could tell only by a thing's
        name that there are others than the one which is asked about.
        """
        outcomes: dict[Any, Outcome] = {}
        groups: dict[tuple[Principal, str, str], dict[Any, Question]] = {}
        for key, question in questions.items():
            groups.setdefault((question.principal, question.action, question.resource.type), {})[key] = question
        for (principal, action, _), group in groups.items():
            resources = dict.fromkeys(question.resource for question in group.values())
            try:
                entities = self._entities(principal, *resources)
                requests = [_request(question) for question in group.values()]
                told = cedarpy.is_authorized_batch(requests, self._about(action), entities, self._schema)
                outcomes |= zip(group, map(_outcome, told), strict=True)
            except (
                ValueError,
                TypeError,
                RecursionError,
                OverflowError,
            ):  # one of them does not fit: which, each tells itself
                outcomes |= {key: self.evaluate(question) for key, question in group.items()}
        return outcomes

    def _about(self, action: str) -> Any:
        """The policies whose scope holds the action: no other can apply, or fail."""
        found = self._by_action.get(action)
        if found is None:
            found = self._by_action[action] = _policy_set(self._scoped(action))
        return found

    def _reads(self, action: str, type: str) -> Reads:
        """What they read of a resource of this type, of the facts and the arguments."""
        found = self._reads_by_action.get((action, type))
        if found is None:
            found = self._reads_by_action[action, type] = reads_of(self._scoped(action).values(), type)
        return found

    def _scoped(self, action: str) -> dict[int, dict[str, Any]]:
        """Those policies, by their positions.

        INVARIANT: which ones these are, Cedar says itself. It is asked with every policy cut down to its action, by the
        hierarchy of actions that questions are asked under.
        """
        anyone = {"type": "AIAgent", "id": "anyone"}
        heads = {at: _HEAD | {"action": policy["action"]} for at, policy in enumerate(self._policies)}
        asked = {"principal": anyone, "action": {"type": "Action", "id": action}, "resource": anyone}
        reasons = cedarpy.is_authorized(asked, _policy_set(heads), self._base).diagnostics.reasons
        return {at: self._policies[at] for at in map(_position, reasons)}

    def _entities(self, principal: Principal, *resources: Resource) -> Any:
        """Who asks, and the things that are asked about. Of one thing they are kept, as who asks is: it is asked about again."""
        key = (principal, resources)
        handle = self._handles.get(key)
        if handle is None:
            if resources:
                # who asks about themselves is one entity
                found = [_resource(each) for each in resources if each.attrs != principal]
                handle = self._added(self._entities(principal), found)
            else:
                handle = self._added(self._base, [_principal(principal)])
            if len(resources) <= 1:
                if len(self._handles) >= _HANDLES:
                    # Dropped as a whole: threads may share it, and no reader sees it half changed.
                    self._handles = {}
                self._handles[key] = handle
        return handle

    def _added(self, before: Any, entities: list[dict[str, Any]]) -> Any:
        return before.with_added_json_str(json.dumps(entities, allow_nan=False), self._schema)


def parsed_policies(text: str) -> Any:
    """The policies of a text, as Cedar's own JSON format. Raises ValueError when they do not parse."""
    return json.loads(cedarpy.policies_to_json_str(text))


def _in_order(text: str) -> list[dict[str, Any]]:
    static = parsed_policies(text)["staticPolicies"]
    return [static[id] for id in sorted(static, key=_position)]


def _policy_set(policies: Mapping[int, JsonValue]) -> Any:
    named = {f"policy{at}": policy for at, policy in policies.items()}
    return cedarpy.PolicySet.from_json_str(
        json.dumps({"staticPolicies": named, "templates": {}, "templateLinks": []}, allow_nan=False)
    )


def _position(id: str) -> int:
    """Where a policy stands in the text: Cedar numbers them."""
    return int(id.removeprefix("policy"))


def _request(question: Question) -> dict[str, Any]:
    return {
        "principal": _uid(question.principal.type, question.principal.id),
        "action": _uid("Action", question.action),
        "resource": _uid(question.resource.type, question.resource.id),
        "context": _context(question),
    }


def _outcome(answer: cedarpy.AuthzResult) -> Outcome:
    diagnostics = answer.diagnostics
    return Outcome(
        allowed=answer.decision is cedarpy.Decision.Allow and not diagnostics.errors,
        reasons=tuple(sorted(map(_position, diagnostics.reasons))),
        errors=tuple(diagnostics.errors),
    )


def _undecided(error: str) -> Outcome:
    return Outcome(allowed=False, reasons=(), errors=(error,))


def _context(question: Question) -> str:
    facts = question.facts.model_dump_json(exclude_none=True)
    if question.args is None:
        return f'{{"facts":{facts}}}'
    return f'{{"facts":{facts},"args":{json.dumps(_present(question.args), allow_nan=False)}}}'


def _present(value: JsonValue) -> JsonValue:
    """Cedar has no null: what is null is absent."""
    if isinstance(value, dict):
        return {name: _present(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_present(item) for item in value]
    return value


def _uid(type: str, id: str) -> dict[str, str]:
    return {"type": type, "id": id}


def _principal(principal: Principal) -> dict[str, Any]:
    attrs: dict[str, Any] = {}
    if principal.type == "Person":
        known = principal.attrs or PersonAttrs()
        attrs = {
            "teams": [_uid(*parent) for parent in principal.parents if parent[0] == "Team"],
            "skills": list(known.skills),
            "simulated": known.simulated,
            "delegates": [_uid("Person", id) for id in known.delegates],
        }
    parents = [_uid(*parent) for parent in principal.parents]
    return {"uid": _uid(principal.type, principal.id), "attrs": attrs, "parents": parents}


def _resource(resource: Resource) -> dict[str, Any]:
    if isinstance(resource.attrs, Principal):
        return _principal(resource.attrs)
    attrs: dict[str, Any] = {}
    parents: list[dict[str, str]] = []
    match resource.attrs:
        case StepAttrs() as step:
            attrs = asdict(step) | {"queue": _uid("Queue", step.queue)}
            parents = [_uid("JourneyKind", step.kind)]
        case TaskAttrs() as task:
            attrs = {
                "kind": task.kind,
                "journey_kind": task.journey_kind,
                "step": task.step,
                "reason": task.reason,
                "queue": _uid("Queue", task.queue),
                "teams": [_uid("Team", team) for team in task.teams],
                "excluded": [_uid("Person", person) for person in task.excluded],
                "consulted": [_uid("Person", person) for person in task.consulted],
            }
            if task.assignee is not None:
                attrs["assignee"] = _uid("Person", task.assignee)
            parents = [_uid("Queue", task.queue), _uid("JourneyKind", task.journey_kind)]
        case JourneyAttrs() as journey:
            attrs = {"teams": [_uid("Team", team) for team in journey.teams]}
            if journey.customer is not None:
                attrs["customer"] = _uid("Customer", journey.customer)
            parents = [_uid("JourneyKind", journey.kind)]
        case QueueAttrs() as queue:
            attrs = {"teams": [_uid("Team", team) for team in queue.teams]}
        case BundleAttrs() as bundle:
            attrs = asdict(bundle)
        case None:
            pass
    return {"uid": _uid(resource.type, resource.id), "attrs": attrs, "parents": parents}
