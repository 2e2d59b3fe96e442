"""The payload codec on the real servers."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.converter import ActivitySerializationContext, WorkflowSerializationContext
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer, Worker

from journeyman.customers.keys import CACHED_FOR, Keyring
from journeyman.embedded.postgres import Postgres
from journeyman.embedded.temporal import TemporalServer
from journeyman.errors import DatabaseUnavailableError, InputError
from journeyman.identifiers import new_id
from journeyman.journey.contract import JourneyStart
from journeyman.journey.erased import Erased
from journeyman.store import Database, migrate
from journeyman.temporal.codec import ENCODING, data_converter
from tests.integration.temporal.codec_journeys import (
    SECRET,
    CodecJourney,
    CodecSide,
    Report,
    Verdict,
    decide,
    fail,
    look_up,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def open_journey(database: Database) -> tuple[str, str]:
    """A journey of a new customer: their ids."""
    journey, customer = new_id("jny"), new_id("cust")
    async with database.transaction() as conn:
        await conn.execute("insert into customer (id, created_at) values ($1, $2)", customer, NOW)
        await conn.execute(
            "insert into journey (id, kind, version, customer_id, owner, stage, opened_at) "
            "values ($1, 'test', 1, $2, 'team', 'start', $3)",
            journey,
            customer,
            NOW,
        )
    return journey, customer


@dataclass
class Running:
    """A worker at work on one journey's workflow."""

    client: Client
    handle: WorkflowHandle[CodecJourney, Report]
    customer: str


@pytest.fixture
async def sealed(temporal_server: TemporalServer, database: Database, keyring: Keyring) -> Client:
    return await temporal_server.client(data_converter=data_converter(database, keyring))


@pytest.fixture
async def running(sealed: Client, database: Database) -> AsyncIterator[Running]:
    journey, customer = await open_journey(database)
    queue = new_id("queue")
    async with Worker(
        sealed, task_queue=queue, workflows=[CodecJourney, CodecSide], activities=[look_up, decide, fail]
    ):
        handle = await sealed.start_workflow(
            CodecJourney.run,
            Report(name=SECRET, amount=1),
            id=journey,
            task_queue=queue,
            memo={"note": SECRET},
            execution_timeout=timedelta(seconds=60),
        )
        yield Running(sealed, handle, customer)


async def history(client: Client, workflow_id: str) -> str:
    """The raw history, as text: what whoever runs Temporal can read."""
    return "\n".join([str(event) async for event in client.get_workflow_handle(workflow_id).fetch_history_events()])


async def happened(client: Client, workflow_id: str, kind: "EventType.ValueType") -> str:
    """Wait for an event of a kind; returns it as text."""
    async for event in client.get_workflow_handle(workflow_id).fetch_history_events(wait_new_event=True):
        if event.event_type == kind:
            return str(event)
    raise AssertionError("the workflow ended without it")


def payloads(message: Message) -> Iterator[Payload]:
    """Every payload anywhere in a message."""
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            inner = [one for one in value.values() if isinstance(one, Message)]
        else:
            inner = list(value) if field.is_repeated else [value]
        for one in inner:
            yield from payloads(one)


async def test_nothing_of_a_person_is_readable_in_the_history(running: Running, temporal: Client) -> None:
    handle = running.handle
    assert await handle.query(CodecJourney.who, "it is") in (f"it is {SECRET}", "it is None")
    assert await handle.execute_update(CodecJourney.tell, SECRET) == f"told {SECRET}"
    await handle.signal(CodecJourney.hear, SECRET)
    assert await handle.result() == Report(name=SECRET, amount=2)
    assert await handle.query(CodecJourney.who, SECRET) == f"{SECRET} {SECRET}"
    assert (await handle.describe()).id == handle.id
    for workflow_id in (handle.id, f"{handle.id}-s"):
        raw = await history(temporal, workflow_id)
        assert "Lovelace" not in raw
        assert "cannot help" not in raw
        assert "codec_journeys.py" not in raw  # a stack trace
    events = [event async for event in temporal.get_workflow_handle(handle.id).fetch_history_events()]
    found = [payload for event in events for payload in payloads(event)]
    assert len(found) > 8
    assert {payload.metadata["encoding"] for payload in found} == {ENCODING}
    assert {payload.metadata["subject"].decode() for payload in found} == {running.customer, "system"}
    assert "Lovelace" not in str((await temporal.get_workflow_handle(handle.id).describe()).raw_description)


async def test_the_failure_of_a_workflow_is_sealed_and_comes_back_whole(running: Running, temporal: Client) -> None:
    for word in ("fail", "now"):
        await running.handle.signal(CodecJourney.hear, word)
    with pytest.raises(WorkflowFailureError) as caught:
        await running.handle.result()
    assert isinstance(caught.value.cause, ApplicationError)
    assert caught.value.cause.message == f"gave up on {SECRET}"
    raw = await history(temporal, running.handle.id)
    assert "Encoded failure" in raw
    assert "gave up" not in raw


async def test_a_query_cannot_be_read_without_the_codec(running: Running, temporal: Client) -> None:
    await running.handle.execute_update(CodecJourney.tell, "x")
    with pytest.raises(Exception, match="binary/journeyman"):
        await temporal.get_workflow_handle(running.handle.id).query("who", "it is")


async def test_a_history_is_replayed_after_its_customer_was_erased(
    running: Running, database: Database, keyring: Keyring
) -> None:
    for word in ("x", "y"):
        await running.handle.signal(CodecJourney.hear, word)
    await running.handle.result()
    recorded = await running.handle.fetch_history()
    async with database.transaction() as conn:
        await keyring.destroy(conn, running.customer, NOW)
    replayer = Replayer(
        workflows=[CodecJourney, CodecSide], data_converter=data_converter(database, Keyring(os.urandom(32)))
    )
    with pytest.raises(Exception, match="ConfigurationError"):
        await replayer.replay_workflow(recorded)  # `system` is under the other master key: the codec was really used
    await Replayer(
        workflows=[CodecJourney, CodecSide], data_converter=data_converter(database, keyring)
    ).replay_workflow(recorded)
    result: object = await running.handle.result()
    assert result == Erased(running.customer)
    described = await running.handle.describe()
    assert await described.memo_value("note") == Erased(running.customer)


async def test_a_running_journey_goes_on_after_its_customer_was_erased(
    running: Running, database: Database, keyring: Keyring, temporal: Client
) -> None:
    await running.handle.execute_update(CodecJourney.tell, "x")
    await happened(temporal, running.handle.id, EventType.EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED)
    async with database.transaction() as conn:
        await keyring.destroy(conn, running.customer, NOW)
    await running.handle.signal(CodecJourney.hear, SECRET)
    result: object = await running.handle.result()
    assert result == Erased(running.customer)
    assert "Lovelace" not in await history(temporal, running.handle.id)


async def test_what_is_impersonal_stays_readable_when_the_customer_is_erased(
    database: Database, keyring: Keyring
) -> None:
    journey, customer = await open_journey(database)
    converter = data_converter(database, keyring).with_context(WorkflowSerializationContext("default", journey))
    made = await converter.encode([Verdict(allowed=True), Report(name=SECRET, amount=1)])
    assert [payload.metadata["subject"].decode() for payload in made] == ["system", customer]
    async with database.transaction() as conn:
        await keyring.destroy(conn, customer, NOW)
    assert await converter.decode(made, [Verdict, Report]) == [Verdict(allowed=True), Erased(customer)]


async def test_only_what_holds_something_personal_is_sealed_in_parts(database: Database, keyring: Keyring) -> None:
    journey, customer = await open_journey(database)
    converter = data_converter(database, keyring).with_context(WorkflowSerializationContext("default", journey))
    starts = [JourneyStart(customer=customer), JourneyStart(customer=customer, input={"loss": SECRET})]
    made = await converter.encode(starts)
    assert [sorted(payload.metadata) for payload in made] == [
        ["encoding", "subject"],
        ["encoding", "personal", "personal-of", "subject"],
    ]
    assert await converter.decode(made, [JourneyStart] * 2) == starts
    async with database.transaction() as conn:
        await keyring.destroy(conn, customer, NOW)
    plain, erased = await converter.decode(made, [JourneyStart] * 2)
    assert plain == starts[0]
    assert SECRET not in str(erased)
    assert customer in str(erased.input)


async def test_a_payload_opens_in_any_context_by_its_own_subject(database: Database, keyring: Keyring) -> None:
    journey, customer = await open_journey(database)
    bare = data_converter(database, keyring)
    activity = ActivitySerializationContext(
        namespace="default",
        activity_id="1",
        activity_type="x",
        activity_task_queue="q",
        workflow_id=journey,
        workflow_type="x",
        is_local=False,
    )
    (payload,) = await bare.with_context(activity).encode([SECRET])
    assert payload.metadata["subject"].decode() == customer
    assert await bare.decode([payload], [str]) == [SECRET]
    elsewhere = bare.with_context(WorkflowSerializationContext("default", "no-journey"))
    assert await elsewhere.decode([payload], [str]) == [SECRET]
    assert (await elsewhere.encode([SECRET]))[0].metadata["subject"] == b"system"


async def test_a_workflow_whose_journey_comes_later_is_sealed_for_its_customer_then(
    database: Database, keyring: Keyring
) -> None:
    bare = data_converter(database, keyring)
    journey = new_id("jny")
    converter = bare.with_context(WorkflowSerializationContext("default", journey))
    assert (await converter.encode(["x"]))[0].metadata["subject"] == b"system"
    other, customer = await open_journey(database)
    async with database.transaction() as conn:
        await conn.execute(
            "insert into journey (id, kind, version, customer_id, owner, stage, opened_at) "
            "select $1, kind, version, customer_id, owner, stage, opened_at from journey where id = $2",
            journey,
            other,
        )
    assert (await converter.encode(["x"]))[0].metadata["subject"].decode() == customer


async def test_an_altered_payload_or_one_moved_to_another_subject_is_refused(
    database: Database, keyring: Keyring
) -> None:
    converter = data_converter(database, keyring)
    (payload,) = await converter.encode([SECRET])
    altered = Payload(metadata=payload.metadata, data=payload.data[:-1] + bytes([payload.data[-1] ^ 1]))
    with pytest.raises(InputError, match="altered"):
        await converter.decode([altered])
    moved = Payload(metadata={"encoding": ENCODING, "subject": b"cust-none"}, data=payload.data)
    with pytest.raises(InputError, match="`cust-none` has no key"):
        await converter.decode([moved])


async def test_cached_keys_work_while_postgres_is_away_for_a_minute(
    tmp_path: Path, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Postgres(tmp_path, durable=False)
    await server.start()
    try:
        await migrate(server.dsn())
        database = await Database.connect(server.dsn("journeyman_app"))
        owner = await Database.connect(server.dsn())
        journey, _ = await open_journey(owner)
        await owner.close()
        converter = data_converter(database, keyring).with_context(WorkflowSerializationContext("default", journey))
        before = await converter.encode([SECRET])
        await converter.decode(before)
        server.kill()
        assert await converter.decode(before + await converter.encode(["more"])) == [SECRET, "more"]
        clock = asyncio.get_running_loop().time() + CACHED_FOR + 1
        monkeypatch.setattr("journeyman.customers.keys.time.monotonic", lambda: clock)
        with pytest.raises(DatabaseUnavailableError):
            await converter.decode(before)
        monkeypatch.undo()
        await database.close()
    finally:
        await server.remove()


async def test_a_workflow_waits_for_postgres_and_continues(
    tmp_path: Path, temporal_server: TemporalServer, temporal: Client
) -> None:
    server = Postgres(tmp_path, durable=False)
    await server.start()
    try:
        await migrate(server.dsn())
        owner = await Database.connect(server.dsn())
        journey, _ = await open_journey(owner)
        await owner.close()
        master = os.urandom(32)
        starter = await Database.connect(server.dsn("journeyman_app"))
        client = await temporal_server.client(data_converter=data_converter(starter, Keyring(master)))
        queue = new_id("queue")
        handle = await client.start_workflow(CodecSide.run, SECRET, id=journey, task_queue=queue)
        await starter.close()
        worker_database = await Database.connect(server.dsn("journeyman_app"))
        server.kill()
        cold = await temporal_server.client(data_converter=data_converter(worker_database, Keyring(master)))
        async with Worker(cold, task_queue=queue, workflows=[CodecSide]):
            failed = await happened(temporal, journey, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
            assert "does not answer" in failed
            assert "Lovelace" not in failed
            await server.start()
            assert await cold.get_workflow_handle_for(CodecSide.run, handle.id).result() == f"about {SECRET}"
        await worker_database.close()
    finally:
        await server.remove()
