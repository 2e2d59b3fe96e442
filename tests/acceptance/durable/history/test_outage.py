"""Postgres away for longer than a local activity tries: the work moves to a regular one, and history stays short."""

from collections import Counter
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from journeyman.customers.keys import Keyring
from journeyman.embedded.postgres import Postgres
from journeyman.journey import names
from journeyman.journey.inbox import Event
from journeyman.project import Project
from journeyman.store import Database
from journeyman.tasks import closing
from journeyman.testing import Rehearsal
from journeyman.testing.waiting import eventually
from tests.acceptance.durable.errand import Errand
from tests.acceptance.durable.generations import build
from tests.acceptance.durable.project import STAFF
from tests.acceptance.durable.starting import history, kinds, start

MOST = 8
"""Events that one outage may add: the local activity's failure, the regular activity, and the workflow task after it."""


async def _moved(rehearsal: Rehearsal, journey: str, activity: str) -> None:
    """Wait until a journey has given up the local activity for the regular one."""

    async def found() -> bool | None:
        events = (await history(rehearsal, journey)).events
        scheduled = [e for e in events if e.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED]
        types = [e.activity_task_scheduled_event_attributes.activity_type.name for e in scheduled]
        return True if activity in types else None

    await eventually(found, f"`{activity}` as a regular activity")


async def _signed(rehearsal: Rehearsal, journey: str) -> Any:
    """A person signs; the event for the journey, not sent."""
    task = await rehearsal.person("ada").takes("sign")
    now = rehearsal.engine.clock()
    await closing.complete(rehearsal.desk, task.id, "ada", {"text": "signed"}, now=now, auth="test")
    async with rehearsal.engine.database.connection() as conn:
        return await conn.fetchrow("select * from outbox where journey_id = $1 and kind = 'task_closed'", journey)


async def _events(rehearsal: Rehearsal, server: Postgres | None) -> Counter[str]:
    """The events of a journey with one human step; with a server, it is away while the task is opened, and settled."""
    journey = await start(rehearsal, "sign", address=f"customer-{server is None}")
    if server is not None:
        server.kill()
    async with build(rehearsal, Errand):
        if server is not None:
            await _moved(rehearsal, journey.id, names.OPEN_TASK)
            await server.start()
        row = await _signed(rehearsal, journey.id)
        if server is not None:
            server.kill()
        event = Event(event_id=row["event_id"], sequence=row["sequence"], kind=row["kind"], reference=row["reference"])
        await rehearsal.temporal.get_workflow_handle(journey.id).signal(names.EVENT_SIGNAL, event)
        if server is not None:
            await _moved(rehearsal, journey.id, names.SETTLE_TASK)
            await server.start()
        assert await journey.outcome() == "done"
        await rehearsal.temporal.get_workflow_handle(journey.id).result()
    return kinds(await history(rehearsal, journey.id))


@pytest.mark.slow
async def test_a_long_outage_of_postgres_adds_few_events(
    project: Project, keyring: Keyring, temporal: Client, own_postgres: Postgres
) -> None:
    database = await Database.connect(own_postgres.dsn("journeyman_app", "mortal"))
    async with Rehearsal.of(project, database, keyring, temporal, staff=STAFF, roles=()) as rehearsal:
        calm = await _events(rehearsal, None)
        stormy = await _events(rehearsal, own_postgres)
    await database.close()
    added = stormy - calm
    assert added["ACTIVITY_TASK_SCHEDULED"] == 2, "the outage was too short to prove anything"
    assert added.total() <= 2 * MOST, added
