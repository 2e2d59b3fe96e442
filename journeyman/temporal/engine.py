"""What every activity of the engine works with, and how a rerun finds what the first run committed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import JsonValue

from journeyman.agents.endpoint import Endpoint
from journeyman.customers.keys import Keyring
from journeyman.errors import DefinitionError, NotFoundError
from journeyman.journey.contract import Situation
from journeyman.journey.step import Step
from journeyman.ledger.log import Recording
from journeyman.project import Project
from journeyman.publishing import Published
from journeyman.store.database import Connection, Database
from journeyman.store.sql import load
from journeyman.tasks.desk import Desk

sql = load("engine")


@dataclass(frozen=True)
class Engine:
    """One a worker process."""

    database: Database
    keyring: Keyring
    project: Project
    endpoint: Endpoint
    published: Published = field(default_factory=Published)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def desk(self) -> Desk:
        """What operations on tasks need."""
        return Desk(
            self.database,
            self.keyring,
            self.published.authorizer,
            self.project.step,
            links=lambda: self.project.links,
            notices=partial(self.project.notices_due, by_ai=False),
        )

    def step(self, situation: Situation, name: str) -> Step[Any]:
        """A step, as this build has it. Raises DefinitionError where it has none: while builds change, another worker does."""
        return step_here(self.project, situation, name)

    def moment(self, situation: Situation) -> datetime:
        """When it is, for what expires: an effect that was scheduled before an outage is decided on after it."""
        return max(situation.at, self.clock())

    def ai_available(self) -> bool:
        """Whether the model's endpoint may be called now: its circuit breaker is not open."""
        return not self.endpoint.spared


def step_here(project: Project, situation: Situation, name: str) -> Step[Any]:
    """A step of a running journey. Raises DefinitionError, which is tried again, where this build does not have it."""
    try:
        return project.step(situation.kind, situation.version, name)
    except NotFoundError as error:
        raise DefinitionError(f"{error}; it waits for a worker of the build that has it") from error


async def stored(conn: Connection, keyring: Keyring, situation: Situation) -> dict[str, JsonValue]:
    """What is stored under an effect key, by phase."""
    rows = await conn.fetch(sql["effect"], situation.effect)
    return {row["phase"]: await keyring.open(conn, situation.customer, row["result"]) for row in rows}


def keep(tx: Recording, situation: Situation, phase: str, result: JsonValue) -> None:
    """Store what an effect led to; a second runner of the same effect fails when it commits."""
    tx.keep(
        situation.effect,
        phase,
        journey=situation.journey,
        subject=situation.customer,
        result=result,
        at=situation.at,
    )


async def supersede(tx: Recording, situation: Situation, key: str, *, turn: bool) -> JsonValue:
    """Take a turn's or a tool call's outcome away from a runner that may still be at it: it can commit nothing any more.

    If it has committed by now, its outcome is returned, and counts. The caller holds the journey's row.
    """
    sealed = await tx.seal(situation.customer, {"kind": "again" if turn else "done"})
    if await tx.conn.fetchval(sql["supersede_effect"], key, situation.journey, sealed, situation.at) is not None:
        return None
    rows = await tx.conn.fetch(sql["effect"], key)
    return await tx.open(situation.customer, next(row["result"] for row in rows if row["phase"] == "outcome"))


async def recorded_before(conn: Connection, situation: Situation) -> list[str]:
    """The leaf hashes of what an earlier attempt of this effect recorded."""
    return [
        row["leaf_hash"].hex() for row in await conn.fetch(sql["leaves_of_effect"], situation.journey, situation.effect)
    ]
