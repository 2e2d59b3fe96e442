"""From the outbox to Temporal: starts and events, at least once and in order. Each row stays until its journey has settled it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from journeyman.customers.keys import Keyring
from journeyman.errors import TemporalUnavailableError
from journeyman.journey import names
from journeyman.journey.contract import JourneyStart
from journeyman.journey.inbox import Event
from journeyman.killpoints import kill_point
from journeyman.store.database import Database
from journeyman.store.sql import load

sql = load("outbox")

RESEND_AFTER = timedelta(seconds=30)
"""An event that was sent and is not settled by then is sent again: a journey recognises what it has applied."""

_AWAY = (
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
)


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

    Whoever commits an event calls it at once for that journey; the engine worker sweeps for what is left.
    """
    async with database.connection() as conn:
        rows = await conn.fetch(sql["pending"], now - RESEND_AFTER, journey, limit)
        inputs = {
            row["journey_id"]: await keyring.open(conn, row["customer_id"], row["input"])
            for row in rows
            if row["kind"] == "start" and row["input"] is not None
        }
    kill_point("outbox.sending")
    sent: dict[str, list[int]] = {}
    try:
        for row in rows:
            if row["kind"] == "start":
                await _start(temporal, row, inputs.get(row["journey_id"]))
            else:
                await _signal(temporal, row)
            sent.setdefault(row["journey_id"], []).append(row["sequence"])
    finally:
        kill_point("outbox.sent")
        await _mark(database, sent, now)
    return sum(map(len, sent.values()))


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
            search_attributes=TypedSearchAttributes(attributes),
        )
    except WorkflowAlreadyStartedError:
        return  # an earlier attempt got through
    except RPCError as error:
        raise _translated(error) from error


async def _signal(temporal: Client, row: Any) -> None:
    event = Event(event_id=row["event_id"], sequence=row["sequence"], kind=row["kind"], reference=row["reference"])
    try:
        await temporal.get_workflow_handle(row["journey_id"]).signal(names.EVENT_SIGNAL, event)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return  # it has closed in Temporal: closing settles the row, and the reconciler finds what does not
        raise _translated(error) from error


async def _mark(database: Database, sent: dict[str, list[int]], now: datetime) -> None:
    if sent:
        async with database.transaction() as conn:
            for journey, sequences in sent.items():
                await conn.execute(sql["sent"], journey, sequences, now)


def _translated(error: RPCError) -> Exception:
    if error.status in _AWAY:
        return TemporalUnavailableError(
            f"Temporal does not answer ({error.message}); what was committed is sent when it is back"
        )
    return error
