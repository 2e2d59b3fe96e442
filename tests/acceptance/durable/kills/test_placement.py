"""The list of kill points is the truth: each is placed exactly once, and nothing else is."""

import ast
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
                (name,) = node.args
                assert isinstance(name, ast.Constant), f"{source} names a kill point by something else than its text"
                found[str(name.value)] += 1
    return found


def test_every_kill_point_is_placed_once_and_listed_once() -> None:
    assert _placed() == Counter(KILL_POINTS)


def test_every_commit_of_an_activity_has_its_kill_point() -> None:
    """A new `recording` block needs one before its commit; the one after it is placed with it."""
    without = []
    for source in (SOURCES / "temporal" / "activities").glob("*.py"):
        for function in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(function, ast.AsyncFunctionDef):
                without += [f"{source.name}:{block.lineno}" for block in _recordings(function) if not _has_point(block)]
    assert not without


def _recordings(function: ast.AsyncFunctionDef) -> list[ast.AsyncWith]:
    return [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
        if isinstance(item.context_expr, ast.Call)
        and isinstance(item.context_expr.func, ast.Name)
        and item.context_expr.func.id == "recording"
    ]


def _has_point(block: ast.AsyncWith) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "kill_point"
        for node in ast.walk(block)
    )
