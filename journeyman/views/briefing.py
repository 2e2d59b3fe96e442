"""How a task came to whoever takes it: the decisions that opened it, in words, what was handed over, and the stages before.

A decision is told as its policies said it then, whatever they say now.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import JsonValue

from journeyman.errors import ErasedError
from journeyman.governance import Authorizer, Facts
from journeyman.governance.check import attributes
from journeyman.governance.source import Policy, policies_of
from journeyman.ledger.audit import open_value
from journeyman.ledger.log import Recording
from journeyman.publishing import sql as publishing
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks.models import Packet, Task

sql = load("briefing")

Policies = Mapping[str, Policy]
"""By id."""


@dataclass(frozen=True)
class Ground:
    """A policy that decided, as it stood then; without its words where the bundle is not kept."""

    id: str
    intent: str = ""
    serves: str = ""
    forbids: bool = False


@dataclass(frozen=True)
class Cause:
    """A decision about an AI agent that led to a task."""

    at: datetime
    agent: str
    action: str
    allowed: bool
    reason: str
    """The stable word for why a person was needed; empty where it was allowed."""
    grounds: tuple[Ground, ...]
    facts: Mapping[str, JsonValue]
    """Those that the policies read, with what they were; empty where the customer was erased."""


@dataclass(frozen=True)
class Handoff:
    """Work that changed hands. `giver` and `receiver` are `ai:NAME`, `person:ID`; no receiver: not accepted yet."""

    at: datetime
    giver: str
    receiver: str | None
    direction: str
    reason: str
    told_at: datetime | None
    packet: Packet | None
    """None: its customer was erased."""


@dataclass(frozen=True)
class Passed:
    """A stage that the journey entered."""

    at: datetime
    stage: str


@dataclass(frozen=True)
class Briefing:
    """As far as a person may see it; None is what policy does not show."""

    causes: tuple[Cause, ...] | None
    handoffs: tuple[Handoff, ...] | None
    stages: tuple[Passed, ...]

    @property
    def shown(self) -> list[str]:
        """The names of what is there, for the record."""
        return [name for name in ("causes", "handoffs") if getattr(self, name) is not None]

    @property
    def withheld(self) -> list[str]:
        """The names of what is not."""
        return [name for name in ("causes", "handoffs") if getattr(self, name) is None]

    @property
    def people(self) -> set[str]:
        """Who is named in it."""
        hands = [hand for each in self.handoffs or () for hand in (each.giver, each.receiver or "")]
        return {hand.removeprefix("person:") for hand in hands if hand.startswith("person:")}


async def read(tx: Recording, task: Task, authorizer: Authorizer, seen: Collection[str]) -> Briefing:
    """The briefing of a task. `seen`: which parts policy shows, of `causes` and `handoffs`."""
    told = "causes" in seen
    way = await tx.conn.fetch(sql["way"], task.journey_id, task.step, task.effect, task.created_at, told)
    decided = [row for row in way if row["stage"] is None]
    return Briefing(
        causes=await _causes(tx, decided, authorizer) if told else None,
        handoffs=await _handoffs(tx, task) if "handoffs" in seen else None,
        stages=tuple(Passed(row["at"], row["stage"]) for row in way if row["stage"] is not None),
    )


async def names(conn: Connection, ids: Collection[str | None]) -> dict[str, str]:
    """The names of people, by id."""
    wanted = sorted({each for each in ids if each})
    return {row["id"]: row["name"] for row in await conn.fetch(sql["names"], wanted)} if wanted else {}


async def _causes(tx: Recording, rows: Iterable[Any], authorizer: Authorizer) -> tuple[Cause, ...]:
    found = []
    for row in rows:
        body: Any = row["body"]
        facts: Any = {}
        if row["entry_id"] is not None:
            opened = await open_value(tx.conn, tx.keyring, row)
            facts = opened.value if opened.state == "open" else None
        policies = await _policies(tx.conn, str(body["facts"].get("bundle", "")), authorizer)
        deciding = [policies[id] for id in body["policies"] if id in policies]
        found.append(
            Cause(
                at=row["at"],
                agent=str(body["actor"]["id"]),
                action=str(body["type"]).partition(".")[2],
                allowed=body["facts"].get("verdict") == "allow",
                reason=str(body["facts"].get("reason", "")),
                grounds=tuple(_ground(id, policies.get(id)) for id in body["policies"]),
                facts=_that_mattered(deciding, facts) if isinstance(facts, dict) else {},
            )
        )
    return tuple(found)


def _ground(id: str, policy: Policy | None) -> Ground:
    if policy is None:
        return Ground(id)
    return Ground(id, policy.intent, policy.annotations.get("serves", ""), policy.effect == "forbid")


def _that_mattered(policies: Collection[Policy], facts: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The facts that these policies read. One that was not recorded was as `Facts` says by default."""
    read_by = {name for policy in policies for name in attributes(policy.form)}
    defaults = Facts().model_dump(mode="json")
    return {name: facts.get(name, defaults[name]) for name in Facts.model_fields if name in read_by}


async def _policies(conn: Connection, bundle: str, authorizer: Authorizer) -> Policies:
    """The policies of a bundle, as they were."""
    if bundle == authorizer.bundle.hash:
        return {policy.id: policy for policy in authorizer.bundle.policies}
    files = await conn.fetchval(publishing["bundle"], bundle)
    return {} if files is None else _parsed(tuple(sorted(files.items())))


@lru_cache(maxsize=16)
def _parsed(files: tuple[tuple[str, str], ...]) -> Policies:
    found = [policy for name, text in files if name.endswith(".cedar") for policy in policies_of(name, text)]
    return {policy.id: policy for policy in found if policy.id}


async def _handoffs(tx: Recording, task: Task) -> tuple[Handoff, ...]:
    found = []
    for row in await tx.conn.fetch(sql["handoffs"], task.journey_id):
        try:
            packet = Packet.model_validate(await tx.open(task.customer_id, row["packet"]))
        except ErasedError:
            packet = None
        given = {name: row[name] for name in ("giver", "receiver", "direction", "reason", "told_at")}
        found.append(Handoff(at=row["created_at"], packet=packet, **given))
    return tuple(found)
