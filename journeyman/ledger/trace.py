"""The story of one journey, read from the ledger: when, who, what, why, with what, to whom."""

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
    """One entry, as a person reads it. `entry` is the row's id, `index` its leaf, None until it is integrated.

    `kind`, `actor`, `auth`, `type`, `facts` and `policies` are as the body has them; `kind` is empty where it cannot be read.
    """

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
    kind: str = ""
    actor: str = ""
    auth: str = ""
    type: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    policies: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    """What values say of why, in the words of whoever gave them."""


async def read_trace(database: Database, keyring: Keyring, journey: str) -> list[TraceLine]:
    """The journey's entries in the order of the ledger, those not yet integrated last. Values that were erased say so."""
    statements = sql.load("ledger")
    async with database.connection() as conn:
        rows = await conn.fetch(statements["journey_places"], journey)
        values = await opened(conn, keyring, await conn.fetch(statements["journey_values"], journey))
    return [line_of(row, values.get(row["id"], [])) for row in rows]


async def opened(conn: Connection, keyring: Keyring, rows: Iterable[Any]) -> dict[int, list[ValueRow]]:
    """Rows of `entry_value`, opened as far as they can be, by the entry's id."""
    values: dict[int, list[ValueRow]] = {}
    for row in rows:
        values.setdefault(row["entry_id"], []).append(await open_value(conn, keyring, row))
    return values


async def mentions_of(
    conn: Connection, name: str, *, before: int | None = None, limit: int = 50
) -> list[tuple[str | None, TraceLine]]:
    """The newest entries that name `person:ID`, `ai:NAME` or `policy:ID`, older than `before`: journey and line, no value."""
    rows = await conn.fetch(sql.load("ledger")["mentioning"], name, before, limit)
    return [(row["journey_id"], line_of(row, [])) for row in rows]


def render(lines: Iterable[TraceLine]) -> str:
    """The story as plain text."""
    return "\n".join(_paragraph(line) for line in lines)


def line_of(row: Any, values: Sequence[ValueRow]) -> TraceLine:
    """A row of `entry`, with its `index`, and the values that stand beside it as far as they are to be shown."""
    try:
        body = parse(row["body"])
        problem = body_problem(body)
    except InputError as error:
        body, problem = {}, str(error)
    if problem is not None:
        at = row["at"].isoformat(timespec="milliseconds")
        what = f"{row['type']} (its body cannot be read: {problem})"
        return TraceLine(at, "?", what, "", "", "", {}, {}, row["id"], row["index"], type=row["type"])
    facts, refs, actor = body["facts"], body["refs"], body["actor"]
    said = {value.name: shown(value) for value in values}
    signed_in = f" (signed in by {actor['auth']})" if actor.get("auth") else ""
    return TraceLine(
        at=body["at"],
        who=f"{actor.get('kind')}:{actor.get('id')}{signed_in}",
        what=body["type"].replace(".", ": ").replace("_", " ") + (f" at step {refs['step']}" if "step" in refs else ""),
        why=_why(facts, body["policies"], said),
        with_what=_pairs({name: facts[name] for name in facts if _is_means(name)}),
        to_whom=next((f"{name} {refs[name]}" if name != "to" else str(refs[name]) for name in _TO if name in refs), ""),
        said={name: text for name, text in said.items() if name not in _REASONS},
        refs={name: str(ref) for name, ref in refs.items()},
        entry=row["id"],
        index=row["index"],
        kind=str(actor.get("kind", "")),
        actor=str(actor.get("id", "")),
        auth=str(actor.get("auth", "")),
        type=body["type"],
        facts=facts,
        policies=tuple(str(policy) for policy in body["policies"]),
        reasons=tuple(said[name] for name in _REASONS if name in said and name != "facts"),
    )


def _why(facts: Mapping[str, Any], policies: list[str], said: Mapping[str, str]) -> str:
    verdict = facts.get("verdict")
    parts = []
    if verdict is not None:
        undecided = "as it could not be decided" if "errors" in facts else "as no policy permits it"
        by = f"by {', '.join(map(str, policies))}" if policies else undecided
        bundle = f" of bundle {_short(str(facts['bundle']))}" if "bundle" in facts else ""
        parts.append(f"{_VERDICTS.get(str(verdict), verdict)} {by}{bundle}")
    elif policies:
        parts.append(f"under {', '.join(map(str, policies))}")
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


def shown(value: ValueRow) -> str:
    """A value, to be read in a line; of one that was erased, that it was."""
    match value.state, value.value:
        case "erased", _:
            return ERASED
        case "unreadable", _:
            return UNREADABLE
        case _, dict(members):
            told = {name: member for name, member in members.items() if member not in (None, "", [], {})}
            return ", ".join(f"{name} {_text(member)}" for name, member in told.items()) or "nothing"
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
