"""A console's part of the outbox: what it commits is sent at once, and where it cannot be, it stays for the sweep."""

import asyncio
import logging

import pytest
from pydantic import JsonValue
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from journeyman.customers.keys import Keyring
from journeyman.embedded.temporal import TemporalServer
from journeyman.settings import Settings
from journeyman.store import Database
from journeyman.tasks import closing
from journeyman.tasks.desk import Desk
from journeyman.temporal.sender import Sender
from tests.integration.tasks.world import NOW, World

RESULT: JsonValue = {"amount_minor": 12_000, "outcome": "pay"}


async def all_sent(sender: Sender) -> None:
    """What it has begun has ended."""
    assert sender._sending is not None
    await asyncio.wait([sender._sending], timeout=20)


async def test_what_is_committed_reaches_the_journey_by_itself(
    world: World, keyring: Keyring, temporal_server: TemporalServer, temporal: Client
) -> None:
    sender = Sender(Settings(temporal_address=temporal_server.address), world.database, keyring)
    task = await world.claimed()
    run = await temporal.start_workflow("waits", id=task.journey_id, task_queue="nobody")
    world.desk = Desk(world.database, keyring, world.desk.policies, world.desk.steps, send=sender.send)
    await closing.complete(world.desk, task.id, "ana", RESULT, now=NOW, auth="token")
    await all_sent(sender)
    assert await world.value("select sent_at from outbox") is not None
    kinds = [event.event_type for event in (await run.fetch_history()).events]
    assert kinds.count(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED) == 1
    await run.terminate()


async def test_while_temporal_is_away_nobody_waits_for_it_and_nothing_is_lost(
    world: World, keyring: Keyring, caplog: pytest.LogCaptureFixture
) -> None:
    sender = Sender(Settings(temporal_address="127.0.0.1:1"), world.database, keyring)
    world.desk = Desk(world.database, keyring, world.desk.policies, world.desk.steps, send=sender.send)
    with caplog.at_level(logging.WARNING, "journeyman.sender"):
        for _ in range(3):
            task = await world.claimed()
            await closing.complete(world.desk, task.id, "ana", RESULT, now=NOW, auth="token")
        await all_sent(sender)
        sender.send(await world.journey())  # it rests: no further attempt
        assert not sender._waiting
    (line,) = caplog.messages
    assert "the engine worker sends what is committed: Temporal at `127.0.0.1:1` does not answer" in line
    assert await world.value("select count(*) from outbox where sent_at is null and again_at is null") == 3


async def test_its_end_waits_for_nobody(database: Database, keyring: Keyring) -> None:
    async def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(taken, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        sender = Sender(Settings(temporal_address=f"127.0.0.1:{port}"), database, keyring)
        sender.send("jrn-1")
        await sender.close()
        assert sender._sending is not None
        assert sender._sending.cancelled()  # the server has not answered yet
        sender.send("jrn-2")
        assert "jrn-2" not in sender._waiting


async def test_what_it_may_not_send_is_left_as_it_is(
    world: World, keyring: Keyring, temporal_server: TemporalServer, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(temporal_address=temporal_server.address, temporal_namespace="another")
    sender = Sender(settings, world.database, keyring)
    task = await world.claimed()
    await closing.complete(world.desk, task.id, "ana", RESULT, now=NOW, auth="token")
    sender.send(task.journey_id)
    await all_sent(sender)
    assert "the engine worker sends what is committed" in caplog.text
    assert await world.value("select count(*) from outbox where attempts = 0 and again_at is null") == 1
