"""Ledger and Temporal, compared: what one has and the other lacks.

Temporal's histories are the witness that the operator of Postgres does not write: results of activities carry the leaf
hashes of what they recorded, also in the markers of local activities. The comparison is pure; `gather` reads both sides.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from pydantic_core import from_json
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowHistory
from temporalio.service import RPCError

from journeyman.errors import InputError, TemporalUnavailableError
from journeyman.journey import names
from journeyman.ledger.audit import unrecorded
from journeyman.store.database import Database
from journeyman.store.sql import load
from journeyman.temporal.archive import archived
from journeyman.temporal.erased import ENCODING as ERASED

sql = load("reconcile")

Kind = Literal[
    "entry_missing",
    "outcome_missing",
    "event_unsettled",
    "closing_unsettled",
    "not_started",
    "lost",
    "still_running",
    "unknown",
]


class Discrepancy(NamedTuple):
    """One thing that does not fit. `what` names it: a leaf hash, a tool call, an event, a task, a journey."""

    kind: Kind
    journey: str
    what: str
    message: str

    def __str__(self) -> str:
        return f"{self.kind} ({self.journey}): {self.message}"


@dataclass
class Witnessed:
    """What Temporal says. `status` is of a journey's newest run; `leaves` maps each leaf hash to its journey."""

    status: dict[str, str] = field(default_factory=dict)
    leaves: dict[str, str] = field(default_factory=dict)
    unreadable: int = 0
    """Results whose customer was erased: their leaves cannot be read any more."""
    unread: int = 0
    """Histories that a limit left out: of those only the status is known."""


@dataclass
class Kept:
    """What Postgres says. `journeys` maps an id to its status; the other rows are those that look unfinished."""

    journeys: dict[str, str] = field(default_factory=dict)
    settled_before: frozenset[str] = frozenset()
    """Journeys that closed long enough ago for Temporal to know it."""
    intents: Sequence[Mapping[str, Any]] = ()
    events: Sequence[Mapping[str, Any]] = ()
    closings: Sequence[Mapping[str, Any]] = ()


@dataclass
class Comparison:
    """Both sides, and the leaves that no entry has."""

    witnessed: Witnessed
    kept: Kept
    missing: frozenset[str] = frozenset()
    whole: bool = True
    """Both sides are of all journeys, so that one unknown to a side is one that it has lost."""

    def discrepancies(self) -> list[Discrepancy]:
        """Everything that does not fit, in a stable order."""
        return [*self._of_leaves(), *self._of_effects(), *self._of_journeys()]

    def counts(self) -> dict[str, int]:
        """How much was compared."""
        return {
            "journeys": len(self.kept.journeys),
            "executions": len(self.witnessed.status),
            "leaves": len(self.witnessed.leaves),
            "unreadable": self.witnessed.unreadable,
            "unread": self.witnessed.unread,
        }

    def _of_leaves(self) -> Iterator[Discrepancy]:
        for leaf in sorted(self.missing):
            yield Discrepancy(
                "entry_missing",
                self.witnessed.leaves[leaf],
                leaf,
                f"Temporal's history says that an entry with leaf hash {leaf} was recorded, and there is none: it was "
                "deleted or altered, or the database was rolled back",
            )

    def _of_effects(self) -> Iterator[Discrepancy]:
        for row in self.kept.intents:
            yield Discrepancy(
                "outcome_missing",
                row["journey_id"],
                row["call"],
                f"tool call {row['call']} began and has no outcome: look at the tool's own log for its idempotency key",
            )
        for row in self.kept.events:
            sent = f"was sent {row['attempts']} time(s)" if row["sent"] else "was never sent"
            yield Discrepancy(
                "event_unsettled",
                row["journey_id"],
                str(row["sequence"]),
                f"event {row['sequence']} (`{row['kind']}`) {sent} and the journey has not taken it up: do workers run?",
            )
        for row in self.kept.closings:
            yield Discrepancy(
                "closing_unsettled",
                row["journey_id"],
                row["id"],
                f"task {row['id']} was closed by `{row['action']}`, and the journey never took it up",
            )

    def _of_journeys(self) -> Iterator[Discrepancy]:
        for journey, status in sorted(self.kept.journeys.items()):
            ran = self.witnessed.status.get(journey)
            if status == "open" and ran is None:
                yield Discrepancy(
                    "not_started",
                    journey,
                    journey,
                    "it is open in Postgres and Temporal does not know it: start a worker",
                )
            elif status == "open" and ran != "running":
                yield Discrepancy(
                    "lost", journey, journey, f"it is open in Postgres and {ran} in Temporal: nobody works on it"
                )
            elif ran == "running" and journey in self.kept.settled_before:
                yield Discrepancy(
                    "still_running", journey, journey, f"it is {status} in Postgres and still runs in Temporal"
                )
        if self.whole:
            for journey in sorted(self.witnessed.status.keys() - self.kept.journeys.keys()):
                yield Discrepancy(
                    "unknown", journey, journey, "it runs or ran in Temporal and Postgres does not know it"
                )


async def gather(
    database: Database,
    temporal: Client,
    *,
    now: datetime,
    grace: timedelta = timedelta(minutes=1),
    journey: str | None = None,
    limit: int | None = None,
    told: Callable[[int], None] = lambda count: None,
) -> Comparison:
    """Read both sides. What is younger than `grace` may still be on its way. Raises TemporalUnavailableError."""
    before = now - grace
    witnessed = await witness(temporal, journey=journey, limit=limit, told=told)
    async with database.connection() as conn:
        rows = await conn.fetch(sql["journeys"], journey, now)
        for row in rows:
            if row["archived_at"] and row["id"] not in witnessed.status:  # past the retention
                await _remember(temporal, await archived(conn, row["id"]), witnessed)
        recent = {row["id"] for row in rows if row["opened_at"] >= before and row["id"] not in witnessed.status}
        kept = Kept(
            journeys={row["id"]: row["status"] for row in rows if row["id"] not in recent},
            settled_before=frozenset(row["id"] for row in rows if row["closed_at"] and row["closed_at"] < before),
            intents=await conn.fetch(sql["intents"], journey, before),
            events=await conn.fetch(sql["unsettled"], journey, before),
            closings=await conn.fetch(sql["unsettled_tasks"], journey, before),
        )
    missing = frozenset(await unrecorded(database, witnessed.leaves))
    return Comparison(witnessed, kept, missing, whole=journey is None)


async def witness(
    temporal: Client,
    *,
    journey: str | None = None,
    limit: int | None = None,
    told: Callable[[int], None] = lambda count: None,
) -> Witnessed:
    """Read Temporal's side, of one journey or of all: the status of each, and the newest `limit` histories.

    `told` hears after each history how many that makes. Raises TemporalUnavailableError.
    """
    if journey is not None and "'" in journey:
        raise InputError(f"`{journey}` is no journey's id; `journeyman list` shows them", field="journey")
    found = Witnessed()
    read = 0
    query = f"{names.KIND_ATTRIBUTE} IS NOT NULL" if journey is None else f"WorkflowId = '{journey}'"
    try:
        async for execution in temporal.list_workflows(query):
            found.status.setdefault(execution.id, _status(execution))  # the newest run comes first
            if read == limit:
                found.unread += 1
                continue
            history = await temporal.get_workflow_handle(execution.id, run_id=execution.run_id).fetch_history()
            for leaves in await _results(temporal, history.events, found):
                found.leaves |= dict.fromkeys(leaves, execution.id)
            read += 1
            told(read)
    except RPCError as error:
        raise TemporalUnavailableError(
            f"Temporal does not tell its histories ({error.message}); try again when it is up"
        ) from error
    return found


async def _remember(temporal: Client, histories: Iterable[WorkflowHistory], found: Witnessed) -> None:
    """What Temporal saw of a journey that has closed, and does not know any more."""
    for history in histories:
        for leaves in await _results(temporal, history.events, found):
            found.leaves |= dict.fromkeys(leaves, history.workflow_id)


def _status(execution: WorkflowExecution) -> str:
    status = execution.status or WorkflowExecutionStatus.RUNNING
    return "running" if status == WorkflowExecutionStatus.CONTINUED_AS_NEW else status.name.lower()


async def _results(temporal: Client, events: Iterable[HistoryEvent], found: Witnessed) -> list[list[str]]:
    sealed = [payload for event in events for payload in results_of(event)]
    codec = temporal.data_converter.payload_codec
    opened = await codec.decode(sealed) if codec and sealed else sealed
    found.unreadable += sum(payload.metadata.get("encoding") == ERASED.encode() for payload in opened)
    return [leaves_in(payload) for payload in opened]


def results_of(event: HistoryEvent) -> list[Payload]:
    """The payloads of an activity's result in an event: a regular one's, or a local one's in its marker."""
    if event.HasField("activity_task_completed_event_attributes"):
        return list(event.activity_task_completed_event_attributes.result.payloads)
    if event.HasField("marker_recorded_event_attributes"):
        details = event.marker_recorded_event_attributes.details
        return list(details["result"].payloads) if "result" in details else []
    return []


def leaves_in(payload: Payload) -> list[str]:
    """The leaf hashes that a result carries; none if it is no JSON object that has them."""
    try:
        value = from_json(payload.data)
    except ValueError:
        return []
    match value:
        case {"leaves": [*leaves]}:
            return [leaf for leaf in leaves if isinstance(leaf, str)]
    return []
