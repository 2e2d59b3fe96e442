"""The list of kill points is the truth: each is placed exactly once, and nothing else is."""

import ast
import re
from collections import Counter
from pathlib import Path

import journeyman
from journeyman.killpoints import KILL_POINTS

SOURCES = Path(next(iter(journeyman.__path__)))


def _placed() -> Counter[str]:
    found: Counter[str] = Counter()
    for source in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "kill_point":
                found[_named(node)] += 1
    return found


def test_every_kill_point_is_placed_once_and_listed_once() -> None:
    assert _placed() == Counter(KILL_POINTS)


def test_every_commit_has_a_kill_point_before_it_and_one_after() -> None:
    """What records does so by `recording`, which has its pair; whatever else opens a transaction has its own."""
    without = []
    for source in SOURCES.rglob("*.py"):
        if str(source.relative_to(SOURCES)) in _NONE:
            continue
        for function in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(function, ast.AsyncFunctionDef):
                points = [call.lineno for call in _calls(function, "kill_point")]
                for block in _transactions(function):
                    before = any(block.lineno < line <= (block.end_lineno or 0) for line in points)
                    after = any(line > (block.end_lineno or 0) for line in points)
                    if not (before and after):
                        without.append(f"{source.name}:{block.lineno}")
    assert not without


def test_every_call_that_changes_something_in_temporal_has_a_kill_point_before_it_and_one_after() -> None:
    """By name: a call that is not in the table fails, and so does a pair that is not placed around it, in the same file."""
    called = {
        (str(source.relative_to(SOURCES)), call)
        for source in SOURCES.rglob("*.py")
        if "testing" not in source.parts and "temporalio" in (text := source.read_text(encoding="utf-8"))
        for call in _rpcs(ast.parse(text))
    }
    assert called == _AROUND.keys()
    for (source, call), (before, after) in _AROUND.items():
        tree = ast.parse((SOURCES / source).read_text(encoding="utf-8"))
        at = {_named(point): point.lineno for point in _calls(tree, "kill_point")}
        assert at[before] < at[after], call


_AROUND = {
    ("temporal/dispatcher.py", "start_workflow"): ("outbox.sending", "outbox.sent"),
    ("temporal/dispatcher.py", "signal"): ("outbox.sending", "outbox.sent"),
    ("temporal/dispatcher.py", "terminate"): ("run.ending", "run.ended"),
}
"""Where Temporal is told something, and the points before and after."""

_HANDLE = re.compile(r"^handle$|get_workflow_handle\(")
_READS = {"describe", "fetch_history", "query", "replay_workflow", "result"}


def _rpcs(tree: ast.AST) -> list[str]:
    """The methods that are called on handles of workflows, and on clients to begin one, but for those that only read."""
    called = [
        node.func for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    handled = [each.attr for each in called if _HANDLE.search(ast.unparse(each.value))]
    begun = [
        each.attr for each in called if each.attr.endswith("_workflow") and "workflow" not in ast.unparse(each.value)
    ]
    return [each for each in (*handled, *begun) if each not in _READS]


def _named(point: ast.Call) -> str:
    [name] = point.args
    assert isinstance(name, ast.Constant)
    return str(name.value)


_NONE = {
    "store/database.py": "makes them",
    "store/migrate.py": "a migration is begun again as a whole",
    "cli/deploy.py": "keys wrapped anew or not, which the next call goes on with",
    "ledger/audit.py": "only reads",
    "views/looking.py": "how far a look has come, which the next one writes again",
    "views/following.py": "the same",
}
"""Whose transactions change nothing that a death could leave half done, and why."""


def _transactions(function: ast.AsyncFunctionDef) -> list[ast.AsyncWith]:
    return [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.AsyncWith) and any(_calls(node, "transaction", deep=False))
    ]


def _calls(node: ast.AST, name: str, *, deep: bool = True) -> list[ast.Call]:
    """Calls of a function or method of this name: anywhere in the node, or only in what it opens."""
    where = ast.walk(node) if deep else (n for item in getattr(node, "items", ()) for n in ast.walk(item.context_expr))
    return [
        n
        for n in where
        if isinstance(n, ast.Call) and name in (getattr(n.func, "id", None), getattr(n.func, "attr", None))
    ]
