"""Temporal's own histories of journeys, read and decoded: the witness that is not our database."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message as Protobuf
from pydantic import JsonValue
from pydantic_core import from_json
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from journeyman.journey import names
from journeyman.temporal.archive import ENDED
from journeyman.temporal.codec import ENCODING
from journeyman.temporal.reconcile import results_of

_AT_ONCE = 8


@dataclass
class TaskStory:
    """What a history tells of tasks: those that it opened, those that it has settled, and those whose closing reached it."""

    opened: list[str] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


@dataclass
class History:
    """One journey's events over all its runs. `values` are its payloads decoded; `strings` what stands in it unsealed."""

    journey: str
    events: int = 0
    closed: bool = False
    tasks: TaskStory = field(default_factory=TaskStory)
    leaves: list[str] = field(default_factory=list)
    values: list[JsonValue] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    sealed: list[bytes] = field(default_factory=list)


async def read_histories(client: Client, journeys: Sequence[str]) -> dict[str, History]:
    """The histories of these journeys; one that Temporal does not know is empty."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(journey: str) -> History:
        async with gate:
            return await _history(client, journey)

    return {history.journey: history for history in await asyncio.gather(*map(one, journeys))}


async def _history(client: Client, journey: str) -> History:
    found = History(journey)
    for events in [events async for events in _runs(client, journey)]:
        for event in events:
            await _add(client, found, event)
    return found


async def _runs(client: Client, journey: str) -> Any:
    """The events of each run, the first one first. The newest run is the one that a bare id names."""
    newest: list[Sequence[HistoryEvent]] = []
    run_id: str | None = None
    while True:
        try:
            history = await client.get_workflow_handle(journey, run_id=run_id).fetch_history()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            break
        newest.append(history.events)
        run_id = history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id
        if not run_id:
            break
    for events in reversed(newest):
        yield events


async def _add(client: Client, found: History, event: HistoryEvent) -> None:
    found.events += 1
    found.closed = event.event_type in ENDED
    payloads = list(_payloads(event))
    found.strings += _strings(event)
    found.sealed += [payload.data for payload in payloads if payload.metadata.get("encoding") == ENCODING]
    found.values += [value for value in await _decoded(client, payloads) if value is not None]
    if event.HasField("workflow_execution_signaled_event_attributes"):
        signal = event.workflow_execution_signaled_event_attributes
        for value in await _decoded(client, list(signal.input.payloads)):
            match value:
                case {"kind": "task_closed", "reference": str(task)} if signal.signal_name == names.EVENT_SIGNAL:
                    found.tasks.told.append(task)
    for value in await _decoded(client, results_of(event)):
        _tell(found, value)


def _tell(found: History, value: JsonValue) -> None:
    """Read an activity's result. A journey has at most one task at a time, so what is settled is the one opened last."""
    tasks = found.tasks
    match value:
        case {"leaves": [*leaves]}:
            found.leaves += [leaf for leaf in leaves if isinstance(leaf, str)]
    match value:
        case {"task": {"id": str(task)}}:
            tasks.opened.append(task)
        case {"state": str(state), "check_after": _} if state != "open" and tasks.opened:
            tasks.settled.append(tasks.opened[-1])


async def _decoded(client: Client, payloads: list[Payload]) -> list[JsonValue]:
    codec = client.data_converter.payload_codec
    opened = await codec.decode(payloads) if codec and payloads else payloads
    values: list[JsonValue] = []
    for payload in opened:
        try:
            values.append(from_json(payload.data))
        except ValueError:
            values.append(payload.data.decode("utf-8", errors="replace") or None)
    return values


def _payloads(message: Protobuf) -> Iterator[Payload]:
    if isinstance(message, Payload):
        yield message
        return
    for part in _parts(message):
        if isinstance(part, Protobuf):
            yield from _payloads(part)


def _strings(message: Protobuf) -> list[str]:
    """The texts of an event that are not in payloads."""
    if isinstance(message, Payload):
        return []
    found: list[str] = []
    for part in _parts(message):
        if isinstance(part, Protobuf):
            found += _strings(part)
        elif isinstance(part, str):
            found.append(part)
    return found


def _parts(message: Protobuf) -> Iterator[Any]:
    """The values of all set fields, members of lists and maps one by one."""
    for descriptor, value in message.ListFields():
        if descriptor.message_type is not None and descriptor.message_type.GetOptions().map_entry:
            yield from value.values()
        elif descriptor.is_repeated:
            yield from value
        else:
            yield value
