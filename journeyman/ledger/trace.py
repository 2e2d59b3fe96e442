"""The story of one journey, read from the ledger: when, who, what, why, with what, to whom."""

import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from journeyman.customers.keys import Keyring
from journeyman.errors import InputError
from journeyman.ledger.audit import open_value
from journeyman.ledger.canonical import parse
from journeyman.ledger.entry import body_problem
from journeyman.ledger.pack import ValueRow
from journeyman.store import Database, sql
from journeyman.store.database import Connection

ERASED = "(erased)"
UNREADABLE = "(unreadable)"

_WITH = ("model", "agent", "agent_hash", "version", "prompt_hash", "tool", "args_hash", "seed")
_TO = ("to", "receiver", "assignee", "offered_to", "queue")
_REASONS = ("facts", "reason", "rationale")  # values that say why
_VERDICTS = {"allow": "allowed", "deny": "denied"}


@dataclass(frozen=True)
class TraceLine:
    """One entry, as a person reads it. `entry` is the row's id, `index` its leaf, None until it is integrated."""

    at: str
    who: str
    what: str
    why: str
    with_what: str
    to_whom: str
    said: Mapping[str, str]
    refs: Mapping[str, str]
    entry: int
    index: int | None


async def read_trace(database: Database, keyring: Keyring, journey: str) -> list[TraceLine]:
    """The journey's entries in the order of the ledger, those not yet integrated last. Values that were erased say so."""
    async with database.connection() as conn:
        return await lines_of(conn, keyring, journey)


async def lines_of(conn: Connection, keyring: Keyring, journey: str, *, opened: bool = True) -> list[TraceLine]:
    """The same, on a connection; without values where these are not `opened`."""
    statements = sql.load("ledger")
    rows = await conn.fetch(statements["journey_places"], journey)
    values: dict[int, list[ValueRow]] = {}
    for row in await conn.fetch(statements["journey_values"], journey) if opened else ():
        values.setdefault(row["entry_id"], []).append(await open_value(conn, keyring, row))
    return [_line(row, values.get(row["id"], [])) for row in rows]


async def mentions_of(
    conn: Connection, name: str, *, before: int | None = None, limit: int = 50
) -> list[tuple[str | None, TraceLine]]:
    """The newest entries that name `person:ID`, `ai:NAME` or `policy:ID`, older than `before`: journey and line, no value."""
    rows = await conn.fetch(sql.load("ledger")["mentioning"], name, before, limit)
    return [(row["journey_id"], _line(row, [])) for row in rows]


def render(lines: Iterable[TraceLine]) -> str:
    """The story as plain text."""
    return "\n".join(_paragraph(line) for line in lines)


def _line(row: Any, values: list[ValueRow]) -> TraceLine:
    try:
        body = parse(row["body"])
        problem = body_problem(body)
    except InputError as error:
        body, problem = {}, str(error)
    if problem is not None:
        at = row["at"].isoformat(timespec="milliseconds")
        what = f"{row['type']} (its body cannot be read: {problem})"
        return TraceLine(at, "?", what, "", "", "", {}, {}, row["id"], row["index"])
    facts, refs, actor = body["facts"], body["refs"], body["actor"]
    said = {value.name: _shown(value) for value in values}
    signed_in = f" (signed in by {actor['auth']})" if actor.get("auth") else ""
    return TraceLine(
        at=body["at"],
        who=f"{actor.get('kind')}:{actor.get('id')}{signed_in}",
        what=body["type"].replace(".", ": ").replace("_", " ") + (f" at step {refs['step']}" if "step" in refs else ""),
        why=_why(facts, body["policies"], said),
        with_what=_pairs({name: facts[name] for name in facts if _is_means(name)}),
        to_whom=next((f"{name} {refs[name]}" if name != "to" else refs[name] for name in _TO if name in refs), ""),
        said={name: text for name, text in said.items() if name not in _REASONS},
        refs=refs,
        entry=row["id"],
        index=row["index"],
    )


def _why(facts: Mapping[str, Any], policies: list[str], said: Mapping[str, str]) -> str:
    verdict = facts.get("verdict")
    parts = []
    if verdict is not None:
        undecided = "as it could not be decided" if "errors" in facts else "as no policy permits it"
        by = f"by {', '.join(policies)}" if policies else undecided
        bundle = f" of bundle {_short(facts['bundle'])}" if "bundle" in facts else ""
        parts.append(f"{_VERDICTS.get(verdict, verdict)} {by}{bundle}")
    elif policies:
        parts.append(f"under {', '.join(policies)}")
    clear = {name: fact for name, fact in facts.items() if name not in ("verdict", "bundle") and not _is_means(name)}
    if clear:
        parts.append(_pairs(clear))
    parts += [f"on {name}: {said[name]}" if name == "facts" else said[name] for name in _REASONS if name in said]
    return "; ".join(parts)


def _is_means(name: str) -> bool:
    return name in _WITH or name.endswith("tokens")


def _pairs(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_short(_text(fact))}" for name, fact in facts.items())


def _text(value: JsonValue) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return value
    return json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    """A hash is told by its first 12 digits."""
    return text[:12] if len(text) == 64 and set(text) <= set("0123456789abcdef") else text


def _shown(value: ValueRow) -> str:
    match value.state, value.value:
        case "erased", _:
            return ERASED
        case "unreadable", _:
            return UNREADABLE
        case _, dict(members):
            return ", ".join(f"{name} {_text(member)}" for name, member in members.items())
    return _text(value.value)


def _paragraph(line: TraceLine) -> str:
    place = f"entry {line.entry}, " + ("not yet integrated" if line.index is None else f"leaf {line.index}")
    parts = [f"{line.at}  {line.who}  {line.what}  [{place}]"]
    told = {"why": line.why, "with": line.with_what, "to": line.to_whom, **line.said}
    told["refs"] = ", ".join(f"{name} {ref}" for name, ref in line.refs.items() if name not in ("step", "to"))
    for name, text in told.items():
        if text:
            parts.append(
                textwrap.fill(
                    text,
                    width=118,
                    initial_indent=f"    {name:<8} ",
                    subsequent_indent=" " * 13,
                    break_long_words=False,
                    break_on_hyphens=False,
                )
            )
    return "\n".join(parts) + "\n"
