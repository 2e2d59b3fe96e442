"""Arguments and options that many commands share, and how their text is read."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import JsonValue

from journeyman.errors import DefinitionError, InputError
from journeyman.journey.step import duration

AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
JourneyId = Annotated[str, typer.Argument(metavar="ID", help="The journey's id.", show_default=False)]
Kind = Annotated[
    str, typer.Argument(metavar="KIND", help="The journey kind, such as bank-service.", show_default=False)
]
TaskId = Annotated[str, typer.Argument(metavar="ID", help="The task's id.", show_default=False)]
As = Annotated[
    str, typer.Option("--as", metavar="PERSON", help="Who does it: a person of the roster.", show_default=False)
]
AsMaybe = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="PERSON", help="Who does it, asked of policy. Without: the operator.", show_default=False
    ),
]
Comment = Annotated[str, typer.Option("--comment", help="A note beside it.", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="Why, for whoever goes on with it.", show_default=False)]
Promises = Annotated[
    list[str] | None,
    typer.Option(
        "--promise", metavar="TEXT", help="What the customer was promised; once for each promise.", show_default=False
    ),
]
Channel = Annotated[str, typer.Option("--channel", help="chat, email, phone, ...: it is data.")]
Histories = Annotated[
    int | None,
    typer.Option(
        "--limit",
        min=1,
        help="At most so many histories, the newest first; it says how many more there are.",
        show_default=False,
    ),
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many.")]


def group(about: str, *, alone: bool = False) -> typer.Typer:
    """A noun's commands. `alone`: the noun without one does something too, by its callback."""
    return typer.Typer(help=about, no_args_is_help=not alone, invoke_without_command=alone, rich_markup_mode="markdown")


def read_json(text: str, field: str) -> JsonValue:
    """JSON from an argument: the text itself, `@FILE`, or `@-` for stdin. Raises InputError that names the place."""
    text = read_text(text, field)
    try:
        value: JsonValue = json.loads(text)
    except ValueError as error:
        raise InputError(
            f"`{field}` is no JSON: {error}; write it as '{{\"name\": 1}}' or @file", field=field
        ) from error
    return value


def read_text(text: str, field: str) -> str:
    """An argument's text: itself, or what `@FILE` or `@-` holds. Raises InputError."""
    if text == "@-":
        return sys.stdin.read()
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"`{text[1:]}` cannot be read ({error}); name a text file after the @", field=field) from error


def read_moment(text: str, field: str, now: datetime) -> datetime:
    """`2026-12-01T09:00+01:00`, or a duration from now such as `2h`. Raises InputError."""
    try:
        return now + duration(text)
    except DefinitionError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"`{text}` is no moment; write `2026-12-01T09:00+01:00`, or how long from now, such as `2h`", field=field
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
