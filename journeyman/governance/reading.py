"""What policies read of a question about a thing. Questions that differ in nothing else are the same question to them.

A policy which uses `resource.teams` and `context.facts.simulated`, and neither variable in another way, cannot tell two tasks
apart that have the same teams and are asked about with the same `simulated`. One which asks whether `context.args.field` is one
of some words, and nothing else of it, cannot tell two fields apart that are none of them. What is used in any other way is read
whole: `resource == X`, `resource in X`, `context.facts == X`, `context.args.field like X`. And where a task is named, the name
alone may tell which one is before Cedar (`Task::"t-1".kind` fails unless it is that one), so that every task is then a question
of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from journeyman.governance.decision import Question

_PARENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "Task": {"Queue": "queue", "JourneyKind": "journey_kind"},
    "Journey": {"JourneyKind": "kind"},
    "Queue": {},
    "Customer": {},
}
"""The resources that lists are made of, with the types of what each is in and the attribute that says so."""
_WHOSE = "whose"  # not who the assignee is, only whether there is one and whether it is the principal
_IS_PRINCIPAL = {("resource", "assignee"), ("principal",)}

Words = Mapping[str, frozenset[str] | None]
"""Of arguments, the words that each is compared with and that alone; None: it is read in another way."""


class Reads(NamedTuple):
    """Names of the facts, and of a resource's attributes (or `whose` it is), that some policies read; None: all, its id too."""

    facts: frozenset[str] | None
    attrs: frozenset[str] | None
    args: Words | None
    """Those that they read; None: all, in any way."""

    def same(self, question: Question) -> tuple[Any, ...] | None:
        """Equal for two questions of one principal about things of one type that these policies cannot tell apart, whatever their
        arguments. None where that is not known."""
        if self.attrs is None:
            return None
        thing, facts = question.resource.attrs, question.facts
        whose = None
        if _WHOSE in self.attrs and (assignee := getattr(thing, "assignee", None)) is not None:
            whose = (question.principal.type, question.principal.id) == ("Person", assignee)
        told = facts if self.facts is None else tuple(getattr(facts, name, None) for name in self.facts)
        return (told, whose, *(getattr(thing, name, None) for name in self.attrs))

    def told(self, args: Mapping[str, str]) -> tuple[tuple[str, str | None], ...]:
        """Equal for arguments that these policies cannot tell apart."""
        return tuple((name, value if self._tells(name, value) else None) for name, value in sorted(args.items()))

    def _tells(self, name: str, value: str) -> bool:
        if self.args is None:
            return True
        words = self.args.get(name, frozenset())
        return words is None or value in words


def reads_of(policies: Iterable[dict[str, Any]], type: str = "Task") -> Reads:
    """What policies, in Cedar's JSON form, read of a question about a resource of this type."""
    facts: set[str] = set()
    attrs: set[str] = set()
    args: dict[str, frozenset[str] | None] | None = {}
    all_facts, whole = False, type not in _PARENTS
    for policy in policies:
        if _elsewhere(policy["resource"], type):
            continue
        whole |= any(_literals(policy, type)) or not _scope(policy["resource"], type, attrs)
        for path in _paths(policy["conditions"]):
            match path:
                case ("context", "facts", name, *_):
                    facts.add(name)
                case ("context", "args", *_) | ("principal" | "action", *_):
                    pass
                case ("resource", name, *_):
                    attrs.add(name)
                case ("resource",):
                    whole = True
                case _:
                    all_facts = True
        for arg, words in _compared(policy["conditions"]):
            if arg is None or args is None:
                args = None
            else:
                before = args.get(arg, frozenset())
                args[arg] = None if words is None or before is None else before | words
    return Reads(None if all_facts else frozenset(facts), None if whole else frozenset(attrs), args)


def _elsewhere(scope: dict[str, Any], type: str) -> bool:
    """Whether it holds nothing of the type, whatever the conditions say."""
    match scope:
        case {"op": "is", "entity_type": of} | {"op": "==", "entity": {"type": of}}:
            return bool(of != type)
    return False


def _scope(scope: dict[str, Any], type: str, attrs: set[str]) -> bool:
    """Whether it tells things of the type apart by their attributes alone; those are added."""
    within = scope.get("in", scope) if scope["op"] == "is" else scope
    match within:
        case {"op": "All" | "is"}:
            return True
        case {"entity": {"type": parent}} if within.get("op", "in") == "in" and parent in _PARENTS.get(type, {}):
            attrs.add(_PARENTS[type][parent])
            return True
    return False


def _compared(node: Any) -> Iterator[tuple[str | None, frozenset[str] | None]]:
    """Every use of an argument: its name, and the words that it is compared with, None where it is read in another way. Without a
    name: all of them are read."""
    match node:
        case {"contains": {"left": {"Set": words}, "right": argument}}:
            comparisons = [(argument, words)]
        case {"==": {"left": left, "right": right}} | {"!=": {"left": left, "right": right}}:
            comparisons = [(left, [right]), (right, [left])]
        case _:
            comparisons = []
    for argument, words in comparisons:
        match _path(argument):
            case ("context", "args", name) if all(isinstance(word.get("Value"), str) for word in words):
                yield name, frozenset(word["Value"] for word in words)
                return
    match _path(node):
        case ("context",) | ("context", "args"):
            yield None, None
        case ("context", "args", name, *_):
            yield name, None
        case None:
            for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
                yield from _compared(inner)


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


def _literals(node: Any, type: str) -> Iterator[bool]:
    """True for each entity of the resource's type that the policy names."""
    if isinstance(node, dict):
        if node.get("type") == type and "id" in node:
            yield True
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _literals(inner, type)
