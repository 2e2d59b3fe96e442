"""What policies read of a question about a task. Questions that differ in nothing else are the same question to them.

A policy which uses `resource.teams` and `context.facts.simulated`, and neither variable in another way, cannot tell two tasks
apart that have the same teams and are asked about with the same `simulated`. What is used in any other way is read whole:
`resource == X`, `resource in X`, `context.facts == X`. And where a task is named, the name alone may tell which one is before
Cedar (`Task::"t-1".kind` fails unless it is that one), so that every task is then a question of its own.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from journeyman.governance.decision import Question, TaskAttrs

_TYPE = "Task"  # the resources that lists are made of
_WHOSE = "whose"  # not who the assignee is, only whether there is one and whether it is the principal
_PARENTS = {"Queue": "queue", "JourneyKind": "journey_kind"}
_IS_PRINCIPAL = {("resource", "assignee"), ("principal",)}


class Reads(NamedTuple):
    """Names of the facts, and of a task's attributes (or `whose` it is), that some policies read; None: all, a task's id too."""

    facts: frozenset[str] | None
    task: frozenset[str] | None

    def same(self, question: Question) -> tuple[Any, ...] | None:
        """Equal for two questions of one principal about tasks that these policies cannot tell apart, whatever their arguments.

        None where that is not known.
        """
        task, facts = question.resource.attrs, question.facts
        if self.task is None or question.resource.type != _TYPE or not isinstance(task, TaskAttrs):
            return None
        whose = None
        if _WHOSE in self.task and task.assignee is not None:
            whose = (question.principal.type, question.principal.id) == ("Person", task.assignee)
        told = facts if self.facts is None else tuple(getattr(facts, name, None) for name in sorted(self.facts))
        return (told, whose, *(getattr(task, name, None) for name in sorted(self.task)))


def reads_of(policies: Iterable[dict[str, Any]]) -> Reads:
    """What policies, in Cedar's JSON form, read. Their arguments (`context.args`) are not considered: compare them whole."""
    facts: set[str] = set()
    task: set[str] = set()
    all_facts = whole = False
    for policy in policies:
        if _elsewhere(policy["resource"]):
            continue
        whole |= any(_literals(policy)) or not _scope(policy["resource"], task)
        for path in _paths(policy["conditions"]):
            match path:
                case ("context", "facts", name, *_):
                    facts.add(name)
                case ("context", "args", *_) | ("principal" | "action", *_):
                    pass
                case ("resource", name, *_):
                    task.add(name)
                case ("resource",):
                    whole = True
                case _:
                    all_facts = True
    return Reads(None if all_facts else frozenset(facts), None if whole else frozenset(task))


def _elsewhere(scope: dict[str, Any]) -> bool:
    """Whether it holds no task, whatever the conditions say."""
    match scope:
        case {"op": "is", "entity_type": type} | {"op": "==", "entity": {"type": type}}:
            return bool(type != _TYPE)
    return False


def _scope(scope: dict[str, Any], task: set[str]) -> bool:
    """Whether it tells tasks apart by their attributes alone; those are added."""
    within = scope.get("in", scope) if scope["op"] == "is" else scope
    match within:
        case {"op": "All" | "is"}:
            return True
        case {"entity": {"type": "Queue" | "JourneyKind" as parent}} if within.get("op", "in") == "in":
            task.add(_PARENTS[parent])
            return True
    return False


def _paths(node: Any) -> Iterator[tuple[str, ...]]:
    """Every use of a variable, with the attributes that follow it: `("resource", "teams")`."""
    if isinstance(node, dict):
        match node:
            case {"is": {"left": {"Var": _}, **more}} if "in" not in more:
                return  # its type, which is the same for all
            case {"has": {"left": {"Var": "resource"}, "attr": "assignee"}}:
                yield ("resource", _WHOSE)
                return
            case {"==": {"left": left, "right": right}} if {_path(left), _path(right)} == _IS_PRINCIPAL:
                yield ("resource", _WHOSE)
                return
        if (path := _path(node)) is not None:
            yield path
            return
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _paths(inner)


def _path(node: Any) -> tuple[str, ...] | None:
    match node:
        case {"Var": str(name)}:
            return (name,)
        case {".": {"left": left, "attr": str(attr)}} | {"has": {"left": left, "attr": str(attr)}}:
            before = _path(left)
            return None if before is None else (*before, attr)
    return None


def _literals(node: Any) -> Iterator[bool]:
    """True for each entity of the resource's type that the policy names."""
    if isinstance(node, dict):
        if node.get("type") == _TYPE and "id" in node:
            yield True
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _literals(inner)
