"""The row that Postgres keeps of each journey: opened with its entry, its stage projected, closed with its outcome."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, JsonValue

from journeyman.errors import ConflictError, NotFoundError
from journeyman.identifiers import new_id
from journeyman.journey.contract import Situation
from journeyman.journey.definition import Definition
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.store import outbox
from journeyman.store.database import Connection
from journeyman.store.sql import load

sql = load("journeys")
outbox_sql = load("outbox")

SYSTEM = Actor(kind="system", id="journeyman")

Status = Literal["open", "completed", "failed", "cancelled"]


class JourneyRow(BaseModel):
    """A journey as Postgres knows it; Temporal is the authority for where it stands."""

    id: str
    kind: str
    version: int
    customer_id: str
    owner: str
    status: Status
    stage: str
    outcome: str | None
    channel: str
    language: str
    performer: str | None
    notices: list[str]
    linked_from: str | None
    reopens: str | None
    simulated: bool
    opened_at: datetime
    closed_at: datetime | None
    next_event: int
    next_message: int


class NewJourney(BaseModel):
    """What is asked for: the newest version of a kind, for a customer."""

    customer: str
    input: JsonValue = None
    id: str | None = None
    channel: str = "chat"
    language: str = "en"
    linked_from: str | None = None
    reopens: str | None = None
    simulated: bool = False


async def open_journey(
    tx: Recording,
    definition: Definition,
    new: NewJourney,
    *,
    by: Actor,
    now: datetime,
    facts: Mapping[str, str | bool | int] | None = None,
    policies: Sequence[str] = (),
) -> JourneyRow:
    """Write a journey and the event that will start it. `facts` and `policies` say how whoever opens it was permitted.

    Raises ConflictError if the id has been used, ErasedError if the customer was erased.
    """
    journey_id = new.id or new_id("jrn")
    sealed = await tx.keyring.seal(tx.conn, new.customer, new.input)
    row = await tx.conn.fetchrow(
        sql["open"],
        journey_id,
        definition.kind,
        definition.version,
        new.customer,
        definition.owner,
        definition.initial.name,
        new.channel,
        new.language,
        new.linked_from,
        new.reopens,
        new.simulated,
        sealed,
        now,
    )
    if row is None:
        raise ConflictError(
            f"there is a journey `{journey_id}` already, and an id is used once; leave `--id` out or choose another",
            field="id",
        )
    await outbox.enqueue_start(tx.conn, journey_id, now)
    tx.told.add(journey_id)
    refs = {"customer": new.customer}
    refs |= {"linked_from": new.linked_from} if new.linked_from else {}
    refs |= {"reopens": new.reopens} if new.reopens else {}
    tx.record(
        Entry(
            type="journey.opened",
            at=now,
            actor=by,
            journey=journey_id,
            subject=new.customer,
            refs=refs,
            facts={
                "kind": definition.kind,
                "version": definition.version,
                "owner": definition.owner,
                "simulated": new.simulated,
            }
            | dict(facts or {}),
            policies=list(policies),
            values={"input": new.input},
        )
    )
    return JourneyRow.model_validate(dict(row))


async def hold(conn: Connection, journey_id: str) -> None:
    """Wait until nobody else changes this journey, and keep it so until the transaction ends."""
    await conn.fetch(sql["hold"], journey_id)


async def keep_up(tx: Recording, situation: Situation) -> None:
    """Hold the journey, and project what it tells."""
    await hold(tx.conn, situation.journey)
    project(tx, situation)


def project(tx: Recording, situation: Situation) -> None:
    """What a journey tells with each activity: its moves, and the events that it has applied."""
    for move in situation.moves:
        tx.record(
            Entry(
                type="stage.entered",
                at=move.at,
                actor=SYSTEM,
                journey=situation.journey,
                refs={"stage": move.to},
                facts={"kind": situation.kind, "version": situation.version},
            )
        )
    run_id = situation.effect.partition(":")[0]
    tx.project(
        situation.journey,
        stage=situation.stage,
        run_id=run_id,
        settled=situation.settled,
        at=situation.at,
    )


async def close_journey(tx: Recording, situation: Situation, status: str, outcome: str, detail: str) -> None:
    """Write the end of a journey; no event reaches it any more."""
    await keep_up(tx, situation)
    await tx.conn.execute(sql["close"], situation.journey, status, outcome, situation.at)
    await tx.conn.execute(outbox_sql["settle"], situation.journey, 2**62, situation.at)
    tx.record(
        Entry(
            type=f"journey.{status}",
            at=situation.at,
            actor=SYSTEM,
            journey=situation.journey,
            subject=situation.customer,
            refs={"effect": situation.effect},
            facts={"outcome": outcome},
            values={"detail": detail} if detail else {},
        )
    )


async def retire(
    tx: Recording, journey_id: str, status: Literal["failed", "cancelled"], outcome: str, now: datetime
) -> bool:
    """Write the end of a journey whose run was ended from outside; False if its end is written already."""
    row = await tx.conn.fetchrow(sql["lock"], journey_id)
    if row is None or row["status"] != "open":
        return False
    await tx.conn.execute(sql["close"], journey_id, status, outcome, now)
    await tx.conn.execute(outbox_sql["settle"], journey_id, 2**62, now)
    tx.record(Entry(type=f"journey.{status}", at=now, actor=SYSTEM, journey=journey_id, facts={"outcome": outcome}))
    return True


async def read(conn: Connection, journey_id: str) -> JourneyRow:
    """One journey. Raises NotFoundError."""
    row = await conn.fetchrow(sql["read"], journey_id)
    if row is None:
        raise NotFoundError(f"there is no journey `{journey_id}`; `journeyman list` shows them", field="journey")
    return JourneyRow.model_validate(dict(row))


async def counts(conn: Connection, kind: str) -> list[Mapping[str, Any]]:
    """How many `journeys` of a kind there are, by `version` and `status`."""
    return [dict(row) for row in await conn.fetch(sql["counts"], kind)]


async def newest_open(conn: Connection, customer_id: str) -> JourneyRow | None:
    """The journey that a message of this customer belongs to, locked until the transaction ends."""
    row = await conn.fetchrow(sql["newest_open"], customer_id)
    return None if row is None else JourneyRow.model_validate(dict(row))


async def list_journeys(
    conn: Connection,
    *,
    kind: str | None = None,
    status: str | None = None,
    customer: str | None = None,
    limit: int = 100,
) -> list[JourneyRow]:
    """The newest journeys first."""
    rows = await conn.fetch(sql["list"], kind, status, customer, limit)
    return [JourneyRow.model_validate(dict(row)) for row in rows]
