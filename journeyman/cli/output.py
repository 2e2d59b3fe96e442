"""What commands print: tables and lines for people, one line of JSON for programs; errors and notes on stderr."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import to_jsonable_python
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from journeyman.errors import InputError, JourneymanError

_WIDTH_ELSEWHERE = 200  # columns where no terminal tells: nothing is cut in a file or a pipe


def emit(value: Any, render: Callable[[], RenderableType | str], *, as_json: bool) -> None:
    """Print data: as one line of JSON, or as `render` makes it for people."""
    if as_json:
        print(json.dumps(to_jsonable_python(value, bytes_mode="hex"), ensure_ascii=False))
        return
    shown = render()
    if isinstance(shown, str):
        print(shown.rstrip("\n"))
    else:
        console().print(shown)


def console() -> Console:
    """stdout, as wide as the terminal."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH_ELSEWHERE, highlight=False)


def note(text: str) -> None:
    """One plain line for people, beside the data."""
    print(f"note: {text}", file=sys.stderr)


def progress(what: str, every: int = 500) -> Callable[[int], None]:
    """Hears how far something long has come, and notes it now and then."""

    def told(count: int) -> None:
        if count % every == 0:
            note(f"{count} {what}")

    return told


def error(problem: JourneymanError, *, as_json: bool) -> None:
    """One line on stderr."""
    if as_json:
        told = {"error": str(problem), "type": type(problem).__name__}
        if isinstance(problem, InputError) and problem.field:
            told["field"] = problem.field
        print(json.dumps(told, ensure_ascii=False), file=sys.stderr)
    else:
        print(f"error: {' / '.join(str(problem).splitlines())}", file=sys.stderr)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> Table | str:
    """A table; what is empty says so."""
    drawn = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in drawn.columns:
        column.overflow = "fold"
    for row in rows:
        drawn.add_row(*(Text(_cell(value)) for value in row))
    return drawn if drawn.row_count else f"{title + ': ' if title else ''}none"


def facts(pairs: Iterable[tuple[str, object]]) -> Table:
    """Names and values, a line each; what has no value is left out."""
    drawn = Table.grid(padding=(0, 2))
    drawn.add_column(style="bold", no_wrap=True)
    drawn.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, "", [], {}, ()):
            drawn.add_row(name, Text(_cell(value)))
    return drawn


def moment(at: datetime | None) -> str:
    """A moment in UTC, to the second."""
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else ""


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return moment(value)
        case bool():
            return "yes" if value else "no"
        case list() | tuple() | set() | frozenset():
            return ", ".join(map(str, value)) if isinstance(value, list | tuple) else ", ".join(sorted(map(str, value)))
        case dict():
            return json.dumps(to_jsonable_python(value), ensure_ascii=False)
    return str(value)
