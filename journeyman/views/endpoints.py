"""How the AI endpoint stands: each process that calls it says how its circuit breaker is; what is a minute old tells nothing."""

from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from journeyman.agents.breaker import BreakerSnapshot
from journeyman.store.database import Connection
from journeyman.store.sql import load

sql = load("wall")

COUNTS: Final = timedelta(minutes=1)
"""How long a report counts. Whoever reports does so more often."""


class EndpointState(BaseModel):
    """The endpoint, as one process sees it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    process: str
    model: str
    state: Literal["closed", "open", "half_open"]
    """`closed`: calls go through. `open`: it failed too often and is spared. `half_open`: some calls try it again."""
    share: int
    """Per mille of the calls that are let through."""
    failures: int
    """In a row."""
    changed_at: datetime
    seen_at: datetime


async def report(conn: Connection, process: str, model: str, breaker: BreakerSnapshot, now: datetime) -> None:
    """Say how it stands for a process."""
    await conn.execute(
        sql["report_endpoint"], process, model, breaker.state, breaker.share, min(breaker.failures, 2**31 - 1), now
    )


async def forget(conn: Connection, process: str, now: datetime) -> None:
    """A process ends. What others left long ago goes too."""
    await conn.execute(sql["forget_endpoints"], process, now - COUNTS)


async def endpoints(conn: Connection, now: datetime) -> list[EndpointState]:
    """How it stands for every process that calls it; empty where none does."""
    return [EndpointState.model_validate(dict(row)) for row in await conn.fetch(sql["endpoints"], now - COUNTS)]
