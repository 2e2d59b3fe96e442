"""A package that lists its modules lists them all, and no other."""

import re
from importlib import import_module
from pathlib import Path

import pytest

MAPPED = ["journeyman", *(f"journeyman.{name}" for name in ("conversation", "ledger", "tasks", "temporal"))]


@pytest.mark.parametrize("name", MAPPED)
def test_a_package_names_each_of_its_modules_once(name: str) -> None:
    package = import_module(name)
    folder = Path(next(iter(package.__path__)))
    there = {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    lines = (package.__doc__ or "").split("\n\n", 1)[1].splitlines()
    named = [word for line in lines for word in re.split(r"\s{2,}", line)[0].split()]
    assert sorted(named) == sorted(there - {"__init__", "__main__"})
