"""Cases of a bundle: questions with the decision, and the reasons, that its authors expect."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from journeyman.errors import PolicyError
from journeyman.governance.authorizer import Authorizer
from journeyman.governance.bundle import Bundle
from journeyman.governance.decision import Decision, Principal, PrincipalType, Question, Resource, ResourceType
from journeyman.governance.facts import Facts
from journeyman.misfit import misfit


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Who(_Written):
    type: PrincipalType
    id: str
    teams: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    simulated: bool = False
    delegates: tuple[str, ...] = ()

    def principal(self) -> Principal:
        if self.type != "Person":
            return Principal(type=self.type, id=self.id)
        return Principal.person(
            self.id,
            teams=self.teams,
            roles=self.roles,
            skills=self.skills,
            simulated=self.simulated,
            delegates=self.delegates,
        )


class _What(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow")

    type: ResourceType
    id: str

    def resource(self) -> Resource:
        attrs: dict[str, Any] = dict(self.model_extra or {})
        match self.type:
            case "Step":
                kind, _, name = self.id.partition("/")
                return Resource.step(kind, name, **attrs)
            case "Task":
                return Resource.task(self.id, **attrs)
            case "Journey":
                return Resource.journey(self.id, **attrs)
            case "Person":
                return Resource.person(Principal.person(self.id, **attrs))
            case "Queue":
                return Resource.queue(self.id, **attrs)
            case "Bundle":
                return Resource.bundle(self.id, **attrs)
            case _:
                return Resource(type=self.type, id=self.id, **attrs)


class _WrittenCase(_Written):
    name: str
    about: str
    principal: str | _Who
    action: str
    resource: str | _What
    given: tuple[str, ...] = ()
    facts: dict[str, JsonValue] = Field(default_factory=dict)
    args: dict[str, JsonValue] | None = None
    expect: Literal["allow", "deny"]
    policies: tuple[str, ...]
    reason: str | None = None


class _File(_Written):
    principals: dict[str, _Who] = Field(default_factory=dict)
    resources: dict[str, _What] = Field(default_factory=dict)
    facts: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    cases: tuple[_WrittenCase, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A question and what the bundle must say to it."""

    file: str
    name: str
    about: str
    """The id of the policy that the case is about."""
    question: Question
    allowed: bool
    policies: frozenset[str]
    """The ids of all policies that must have determined the decision."""
    reason: str | None
    """The reason that a denial must give; None where the case leaves it open."""


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case that was asked."""

    case: Case
    decision: Decision
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """It was decided as expected, for the expected reasons."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class Change:
    """A case that two bundles decide differently, or for different reasons."""

    case: Case
    before: Decision
    after: Decision


def load_cases(folder: str | Path) -> list[Case]:
    """The cases of all `*.json` files of a folder. Raises PolicyError that names file, case and field."""
    return [case for file in sorted(Path(folder).glob("*.json")) for case in _read(file)]


def run(authorizer: Authorizer, cases: Iterable[Case]) -> list[CaseResult]:
    """Asks each case."""
    results = []
    for case in cases:
        decision = authorizer.decide(case.question)
        results.append(CaseResult(case, decision, tuple(_failures(case, decision))))
    return results


def unproven(bundle: Bundle, results: Sequence[CaseResult]) -> list[str]:
    """What the cases do not show of the bundle, a line each; empty when they show all.

    Every policy must be among the reasons of a passing case, and have a case about it for each way to decide.
    """
    passed = [result for result in results if result.passed]
    lines = []
    for policy in bundle.policies:
        if not any(policy.id in result.decision.policies for result in passed):
            lines.append(f"{policy.place}: `{policy.id}` is never the reason; write a case that it decides")
        for allowed, word in ((True, "allowed"), (False, "denied")):
            if not any(result.case.about == policy.id and result.case.allowed is allowed for result in passed):
                lines.append(f"{policy.place}: no case about `{policy.id}` is {word}; write one")
    known = {policy.id for policy in bundle.policies}
    for result in results:
        if result.case.about not in known:
            lines.append(f"{result.case.file}: `{result.case.name}` is about `{result.case.about}`, which is no policy")
    return lines


def diff(before: Bundle, after: Bundle, cases: Iterable[Case]) -> list[Change]:
    """The cases that the two bundles decide differently, or for different reasons: what publishing would change."""
    old, new = Authorizer(before), Authorizer(after)
    changes = []
    for case in cases:
        was, is_ = old.decide(case.question), new.decide(case.question)
        if (was.allowed, set(was.policies), was.reason) != (is_.allowed, set(is_.policies), is_.reason):
            changes.append(Change(case, was, is_))
    return changes


def _failures(case: Case, decision: Decision) -> list[str]:
    failures = []
    if decision.errors:
        failures.append(f"it could not be decided: {'; '.join(decision.errors)}")
    if decision.allowed != case.allowed:
        wanted, got = ("allow", "denied") if case.allowed else ("deny", "allowed")
        failures.append(f"expected `{wanted}`, but it is {got}")
    if set(decision.policies) != case.policies:
        failures.append(f"expected the policies {_list(case.policies)}, but {_list(decision.policies)} determined it")
    if case.reason is not None and decision.reason != case.reason:
        failures.append(f"expected the reason `{case.reason}`, but it is `{decision.reason}`")
    return failures


def _list(ids: Iterable[str]) -> str:
    return ", ".join(f"`{id}`" for id in sorted(ids)) or "none"


def _read(path: Path) -> list[Case]:
    try:
        file = _File.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        field, wrong = misfit(error)
        raise PolicyError(f"{path.name}: `{field}`: {wrong}; see docs/policies.md") from error
    except ValueError as error:
        raise PolicyError(f"{path.name}: not JSON: {error}") from error
    return [_case(path.name, file, written) for written in file.cases]


def _case(name: str, file: _File, written: _WrittenCase) -> Case:
    try:
        who = file.principals[written.principal] if isinstance(written.principal, str) else written.principal
        what = file.resources[written.resource] if isinstance(written.resource, str) else written.resource
        facts: dict[str, JsonValue] = {}
        for given in written.given:
            facts |= file.facts[given]
        question = Question(
            principal=who.principal(),
            action=written.action,
            resource=what.resource(),
            facts=Facts.model_validate(facts | written.facts),
            args=written.args,
        )
    except KeyError as error:
        raise PolicyError(f"{name}: case `{written.name}`: {error} is not defined in the file; define it") from error
    except (ValidationError, TypeError) as error:
        raise PolicyError(f"{name}: case `{written.name}`: {error}") from error
    return Case(
        file=name,
        name=written.name,
        about=written.about,
        question=question,
        allowed=written.expect == "allow",
        policies=frozenset(written.policies),
        reason=written.reason,
    )
