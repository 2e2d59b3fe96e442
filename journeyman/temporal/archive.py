"""Temporal's histories of journeys that have closed, kept in Postgres before Temporal's retention ends.

They are kept as Temporal holds them: what is personal stays sealed under its customer's key. So a closed journey can be compared
with the ledger for as long as one likes. (Whoever rules Postgres rules these too: past the retention it is the checkpoints kept
outside that hold the ledger against them.)
"""

import gzip
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode

from journeyman.errors import TemporalUnavailableError
from journeyman.killpoints import kill_point
from journeyman.store.database import Connection, Database
from journeyman.store.sql import load

sql = load("archive")

_AFTER: Final = timedelta(seconds=10)
"""How long a journey has been closed in Postgres before its history is sought whole."""

ENDED: Final = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
    }
)


async def archive(database: Database, temporal: Client, *, now: datetime, limit: int = 100) -> int:
    """Keep the histories of journeys that have closed; returns of how many. Raises TemporalUnavailableError.

    A journey whose run has not ended yet is left for later. One that Temporal does not know any more has nothing to keep.
    """
    async with database.connection() as conn:
        due = [row["id"] for row in await conn.fetch(sql["due"], now - _AFTER, limit)]
    made = 0
    for journey in due:
        runs = [run async for run in _runs(temporal, journey)]
        if runs and runs[0].events[-1].event_type not in ENDED:
            continue
        async with database.transaction() as conn:
            for run in runs:
                await conn.execute(sql["keep"], journey, run.run_id, gzip.compress(run.to_json().encode()), now)
            await conn.execute(sql["done"], journey, now)
            kill_point("archive.keeping")
        kill_point("archive.kept")
        made += 1
    return made


async def archived(conn: Connection, journey: str) -> list[WorkflowHistory]:
    """The histories that are kept of a journey, one a run."""
    rows = await conn.fetch(sql["kept"], journey)
    return [WorkflowHistory.from_json(journey, gzip.decompress(row["history"]).decode()) for row in rows]


async def _runs(temporal: Client, journey: str) -> AsyncIterator[WorkflowHistory]:
    """The histories of a journey's runs, the newest first, as far back as Temporal has them."""
    run: str | None = None
    while run != "":
        try:
            history = await temporal.get_workflow_handle(journey, run_id=run).fetch_history()
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return
            raise TemporalUnavailableError(
                f"Temporal does not tell its histories ({error.message}); they are archived when it is back"
            ) from error
        yield history
        run = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
