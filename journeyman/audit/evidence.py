"""What stands behind one entry of a trace: its bytes, its decision with the policies as they were, what was before one's eyes.

Bodies that were tampered with are shown as they are: what of them cannot be read says so, and nothing is guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from journeyman.audit import bundles
from journeyman.audit.bundles import PolicyThen
from journeyman.audit.reading import Reading, no_entry, reading, sql, values_of
from journeyman.errors import InputError
from journeyman.ledger.canonical import parse
from journeyman.ledger.entry import body_problem
from journeyman.ledger.merkle import leaf_hash
from journeyman.ledger.trace import TraceLine, line_of
from journeyman.store.database import Connection
from journeyman.tasks.desk import Desk

_COUNTED = (("message", "messages"), ("task", "tasks"))  # of a journey's page
_READINGS = ("trace.", "ledger.")  # what is read there is the trace itself


@dataclass(frozen=True)
class Kept:
    """A value beside the entry. `state`: `open`, `erased`, `unreadable`, or `withheld` where policy does not show it."""

    name: str
    state: str
    value: JsonValue = None


@dataclass(frozen=True)
class Look:
    """What someone was shown of a task, or of the journey, and for how long; `seconds` is None where no end is recorded."""

    person: str
    at: datetime
    entry: int
    fields: tuple[str, ...]
    withheld: tuple[str, ...]
    seconds: int | None
    lapsed: bool


@dataclass(frozen=True)
class Evidence:
    """One entry, opened. `recorded_at` is Postgres's clock."""

    reading: Reading
    line: TraceLine
    recorded_at: datetime
    body: str
    leaf_hash: str
    computed: str
    """The leaf hash of the body as it stands now: the same, unless one of the two was altered."""
    integrated: str | None
    """The leaf hash in the tree."""
    values: tuple[Kept, ...]
    bundle: str | None
    """The hash of the policies that decided; `known` says whether they are kept, `intact` whether they are what they were."""
    known: bool
    intact: bool
    policies: tuple[PolicyThen, ...]
    missing: tuple[str, ...]
    """Policies that the entry names and that bundle has not."""
    agent: JsonValue
    """The AI agent as it was: what it was told, its tools, its model."""
    looks: tuple[Look, ...]

    @property
    def hashes(self) -> bool:
        """The body hashes to what stands beside it, and to what is in the tree."""
        return self.computed == self.leaf_hash and self.integrated in (None, self.leaf_hash)

    def value(self, name: str) -> JsonValue:
        """An opened value; None where there is none."""
        return next((kept.value for kept in self.values if kept.name == name and kept.state == "open"), None)


async def show(
    desk: Desk, journey_id: str, entry: int, person_id: str, *, begun: str | None = None, auth: str, now: datetime
) -> Evidence:
    """One entry of a journey's trace. Raises NotFoundError, DeniedError."""
    async with reading(desk, journey_id, person_id, begun, auth=auth, now=now) as (conn, mine):
        row = await conn.fetchrow(sql["one"], journey_id, entry)
        if row is None:
            raise no_entry(journey_id, entry)
        rows = (await values_of(desk, conn, mine, [row])).get(entry, [])
        line, body = line_of(row, rows), _body(row["body"])
        there = {each.name: Kept(each.name, each.state, each.value) for each in rows}
        values = [there.get(name, Kept(name, "gone" if mine.opened else "withheld")) for name in body["values"]]
        values += [value for name, value in there.items() if name not in body["values"]]
        bundle = line.facts.get("bundle")
        then = await bundles.kept(conn, bundle) if isinstance(bundle, str) else None
        found = [(id, then.policy(id) if then else None) for id in line.policies]
        return Evidence(
            reading=mine,
            line=line,
            recorded_at=row["recorded_at"],
            body=row["body"].decode("utf-8", "backslashreplace"),
            leaf_hash=row["leaf_hash"].hex(),
            computed=leaf_hash(row["body"]).hex(),
            integrated=row["integrated_hash"] and row["integrated_hash"].hex(),
            values=tuple(values),
            bundle=bundle if isinstance(bundle, str) else None,
            known=then is not None,
            intact=then is not None and then.intact,
            policies=tuple(policy for _, policy in found if policy is not None),
            missing=tuple(id for id, policy in found if policy is None),
            agent=await _agent(conn, line),
            looks=await _looks(conn, journey_id, line),
        )


async def _agent(conn: Connection, line: TraceLine) -> JsonValue:
    version = line.facts.get("agent_version")
    if line.kind != "ai" or not isinstance(version, str) or "\0" in line.actor + version:
        return None
    spec: JsonValue = await conn.fetchval(sql["agent_version"], line.actor, version)
    return spec


async def _looks(conn: Connection, journey_id: str, line: TraceLine) -> tuple[Look, ...]:
    """Of a look: itself. Of what else a person did: what they were shown before, of the task that it was about and of the
    journey."""
    if line.kind != "person" or line.type.startswith(_READINGS):
        return ()
    opened: list[tuple[Any, dict[str, Any]]] = []
    ends: dict[str, dict[str, Any]] = {}
    for row in await conn.fetch(sql["looks"], journey_id):
        body = _body(row["body"])
        if body["actor"].get("id") != line.actor or body["refs"].get("task") not in (None, line.refs.get("task")):
            continue
        if row["type"].endswith(".left"):
            ends[str(body["refs"].get("look"))] = body["facts"]
        elif row["id"] <= line.entry:
            opened.append((row, body))
    own = [each for each in opened if each[0]["id"] == line.entry]
    return tuple(_look(row, body, ends) for row, body in own or opened)


def _look(row: Any, body: Mapping[str, Any], ends: Mapping[str, Mapping[str, Any]]) -> Look:
    facts, end = body["facts"], ends.get(str(body["refs"].get("look")), {})
    seconds = end.get("seconds")
    return Look(
        person=str(body["actor"].get("id")),
        at=row["at"],
        entry=row["id"],
        fields=_fields(facts),
        withheld=tuple(str(facts.get("withheld", "")).split()),
        seconds=seconds if isinstance(seconds, int) else None,
        lapsed=bool(end.get("lapsed")),
    )


def _fields(facts: Mapping[str, Any]) -> tuple[str, ...]:
    counted = [f"{facts[many]} {one if facts[many] == 1 else many}" for one, many in _COUNTED if many in facts]
    again = [f"the conversation up to message {facts.get('position')}"] if facts.get("again") else []
    return (*str(facts.get("fields", "")).split(), *counted, *again)


def _body(data: bytes) -> dict[str, Any]:
    """An entry's body; one without members where it cannot be read."""
    try:
        body = parse(data)
    except InputError:
        body = None
    if body_problem(body) is not None:
        return {"actor": {}, "refs": {}, "facts": {}, "values": {}}
    found: dict[str, Any] = body
    return found
