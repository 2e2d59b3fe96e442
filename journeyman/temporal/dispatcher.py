"""From the outbox to Temporal: starts and events, at least once and in order. Each row stays until its journey has settled it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import JsonValue
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from journeyman.customers import journeys
from journeyman.customers.keys import Keyring
from journeyman.errors import ErasedError, TemporalUnavailableError
from journeyman.journey import limits, names
from journeyman.journey.contract import JourneyStart
from journeyman.journey.inbox import Event
from journeyman.killpoints import kill_point
from journeyman.ledger.log import recording
from journeyman.store.database import Database
from journeyman.store.sql import load
from journeyman.tasks import opening

sql = load("outbox")

_AWAY = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.CANCELLED)
"""No other journey would fare better."""

_UNANSWERED = (*_AWAY, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.RESOURCE_EXHAUSTED)
"""Sent again, it may get through."""

_LONGEST_PAUSE = timedelta(hours=1)


async def dispatch(
    database: Database,
    keyring: Keyring,
    temporal: Client,
    *,
    now: datetime,
    journey: str | None = None,
    limit: int = 200,
) -> int:
    """Send what is pending, of one journey or of all; returns how many rows. Raises TemporalUnavailableError.

    Whoever commits an event calls it at once for that journey, and leaves what it cannot send as it is; the engine worker sweeps
    for what is left. What one journey cannot be sent holds up no other: it is tried again later, and raised once the rest has
    gone.
    """
    async with database.connection() as conn:
        rows = await conn.fetch(sql["pending"], now, journey, limit)
    sent: dict[str, list[int]] = {}
    failed: dict[str, list[int]] = {}
    errors: list[RPCError | ErasedError] = []
    try:
        for row in sorted(rows, key=lambda row: row["sequence"]):  # in the order of each journey
            id, sequence = row["journey_id"], row["sequence"]
            if id in failed:
                continue  # what follows waits for what could not be sent
            kill_point("outbox.sending")
            try:
                await _send(database, keyring, temporal, row, now)
            except (RPCError, ErasedError) as error:
                if isinstance(error, RPCError) and error.status in _AWAY:
                    raise _unavailable(error) from error
                failed[id] = [sequence]
                errors.append(error)
            else:
                sent.setdefault(id, []).append(sequence)
            kill_point("outbox.sent")
    finally:
        await _mark(database, sent, failed if journey is None else {}, now)
    if errors:
        first = errors[0]
        raise _unavailable(first) if isinstance(first, RPCError) and first.status in _UNANSWERED else first
    return sum(map(len, sent.values()))


async def _send(database: Database, keyring: Keyring, temporal: Client, row: Any, now: datetime) -> None:
    try:
        if row["kind"] == "start":
            await _start(temporal, row, await _input(database, keyring, row))
        elif row["kind"] == "end":
            await _end(database, temporal, row, now)
        else:
            await _signal(temporal, row)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        await _retire(database, keyring, temporal, row["journey_id"], now)


async def _input(database: Database, keyring: Keyring, row: Any) -> JsonValue:
    if row["input"] is None:
        return None
    async with database.connection() as conn:
        return await keyring.open(conn, row["customer_id"], row["input"])


async def _start(temporal: Client, row: Any, input: JsonValue) -> None:
    attributes: Sequence[SearchAttributePair[str]] = [
        SearchAttributePair(SearchAttributeKey.for_keyword(names.KIND_ATTRIBUTE), row["journey_kind"]),
        SearchAttributePair(SearchAttributeKey.for_keyword(names.STAGE_ATTRIBUTE), row["stage"]),
        SearchAttributePair(SearchAttributeKey.for_keyword(names.CUSTOMER_ATTRIBUTE), row["customer_id"]),
    ]
    try:
        await temporal.start_workflow(
            names.workflow_type(row["journey_kind"], row["version"]),
            JourneyStart(customer=row["customer_id"], input=input),
            id=row["journey_id"],
            task_queue=names.JOURNEYS_QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            task_timeout=limits.limit("workflow_task"),
            search_attributes=TypedSearchAttributes(attributes),
        )
    except WorkflowAlreadyStartedError:
        return  # an earlier attempt got through


async def _end(database: Database, temporal: Client, row: Any, now: datetime) -> None:
    """Terminate the run of a journey that has been closed in Postgres, and settle the row: no run will."""
    kill_point("run.ending")
    try:
        await temporal.get_workflow_handle(row["journey_id"]).terminate(reason="closed in Postgres")
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:  # never started, or ended by itself
            raise
    kill_point("run.ended")
    async with database.connection() as conn:
        await conn.execute(sql["settle"], row["journey_id"], row["sequence"], now)
    kill_point("run.settled")


async def _signal(temporal: Client, row: Any) -> None:
    event = Event(event_id=row["event_id"], sequence=row["sequence"], kind=row["kind"], reference=row["reference"])
    await temporal.get_workflow_handle(row["journey_id"]).signal(names.EVENT_SIGNAL, event)


async def _retire(database: Database, keyring: Keyring, temporal: Client, journey: str, now: datetime) -> None:
    """Close a journey in Postgres whose run has ended in Temporal without closing it: terminated, or failed for good.

    A run that ends by itself closes the row first, so a closed run with an open row was ended from outside. A run that
    Temporal does not know at all is left to the reconciler.
    """
    try:
        ended = await temporal.get_workflow_handle(journey).describe()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return
        raise
    if ended.status in (None, WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.CONTINUED_AS_NEW):
        return
    status: Literal["failed", "cancelled"] = "failed"
    if ended.status == WorkflowExecutionStatus.CANCELED:
        status = "cancelled"
    async with recording(database, keyring) as tx:
        if await journeys.retire(tx, journey, status, f"{ended.status.name.lower()}_in_temporal", now):
            await opening.withdraw(tx, journey, f"journey_{status}", now)
            kill_point("run.retiring")
        else:
            tx.unchanged()
    kill_point("run.retired")


def _unavailable(error: RPCError) -> TemporalUnavailableError:
    return TemporalUnavailableError(
        f"Temporal does not answer ({error.message}); what was committed is sent when it is back"
    )


async def _mark(database: Database, sent: dict[str, list[int]], failed: dict[str, list[int]], now: datetime) -> None:
    if sent or failed:
        pause = limits.limit("resend")
        async with database.connection() as conn:
            for reached, tried in ((True, sent), (False, failed)):
                for journey, sequences in tried.items():
                    await conn.execute(sql["tried"], journey, sequences, reached, now, pause, _LONGEST_PAUSE)
            kill_point("outbox.marking")
        kill_point("outbox.marked")
