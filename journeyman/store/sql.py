"""Named SQL: every statement stands in a block of `store/sql/NOUN.sql`, which starts with `-- name: NAME`.

Where one statement is made of what it needs each time, its parts stand there as `-- part: NAME` (see `joined`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from journeyman.errors import ConfigurationError

Part = tuple[str, Sequence[Any]]
"""A CTE, or several, with the arguments of its own parameters `$1`, `$2`, ..."""

_NAME = re.compile(r"^--\s*(?:name|part):\s*(\S+)\s*$")
_PARAMETER = re.compile(r"\$(\d+)")


class Statements(Mapping[str, str]):
    """The statements of one noun, by name. An unknown name is a `KeyError` that lists the known ones."""

    def __init__(self, noun: str, blocks: dict[str, str]) -> None:
        self.noun = noun
        self._blocks = blocks

    def __getitem__(self, name: str) -> str:
        try:
            return self._blocks[name]
        except KeyError:
            known = ", ".join(sorted(self._blocks))
            raise KeyError(f"no statement `{name}` in store/sql/{self.noun}.sql; it has: {known}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._blocks)

    def __len__(self) -> int:
        return len(self._blocks)


def parse(noun: str, text: str) -> Statements:
    """Split a file into its named blocks; before the first name only comments may stand."""
    blocks: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _NAME.match(line):
            if match[1] in blocks:
                raise ConfigurationError(f"store/sql/{noun}.sql:{number}: `{match[1]}` is there twice; rename one")
            current = blocks[match[1]] = []
        elif current is not None:
            current.append(line)
        elif line.strip() and not line.lstrip().startswith("--"):
            raise ConfigurationError(f"store/sql/{noun}.sql:{number}: a statement before the first `-- name:` line")
    return Statements(noun, {name: "\n".join(lines).strip() for name, lines in blocks.items()})


@cache
def load(noun: str) -> Statements:
    """The statements of `store/sql/NOUN.sql`, read once."""
    path = resources.files("journeyman.store") / "sql" / f"{noun}.sql"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"there is no store/sql/{noun}.sql in this installation; install it again") from None
    return parse(noun, text)


def joined(parts: Sequence[Part], last: str) -> tuple[str, list[Any]]:
    """One statement of these parts, whose last word has no parameters, and all its arguments."""
    counts = tuple(len(arguments) for _, arguments in parts)
    statement = _joined(tuple(text for text, _ in parts), counts, last)
    return statement, [argument for _, arguments in parts for argument in arguments]


@cache
def _joined(texts: tuple[str, ...], counts: tuple[int, ...], last: str) -> str:
    before = 0
    numbered: list[str] = []
    for text, count in zip(texts, counts, strict=True):
        numbered.append(_PARAMETER.sub(lambda number, before=before: f"${int(number[1]) + before}", text))  # type: ignore[misc]
        before += count
    return "with " + "\n, ".join(numbered) + "\n" + last


def nouns() -> list[str]:
    """Every noun that has a file."""
    folder = resources.files("journeyman.store") / "sql"
    return sorted(file.name.removesuffix(".sql") for file in folder.iterdir() if file.name.endswith(".sql"))
