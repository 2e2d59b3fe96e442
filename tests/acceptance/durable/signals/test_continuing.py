"""Continue-as-new: a journey with a long history goes on in a fresh run, and nothing of it is lost or counted anew."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from journeyman.embedded.temporal import TemporalServer
from journeyman.journey import names
from journeyman.journey.contract import View
from journeyman.journey.inbox import Event
from journeyman.tasks.cases import cancel
from tests.acceptance.durable.conftest import Rehearse
from tests.acceptance.durable.errand import Note
from tests.acceptance.durable.script import QUESTION, THANKS
from tests.acceptance.durable.starting import start

SIGNED = Note(text="signed")


class HastyServer(TemporalServer):
    """A server that suggests to continue as new very soon."""

    def _command(self) -> list[str | Path]:
        return [*super()._command(), "--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=30"]


@pytest.fixture(scope="module")
async def hasty(server_folder: Path) -> AsyncIterator[Client]:
    """A client of such a server."""
    server = HastyServer(log=server_folder / "hasty" / "temporal.log")
    await server.start()
    yield await server.client()
    server.kill()


async def _runs(client: Client, journey: str) -> int:
    """How many runs a journey has had."""
    runs, run_id = 1, ""
    while True:
        history = await client.get_workflow_handle(journey, run_id=run_id or None).fetch_history()
        started = history.events[0].workflow_execution_started_event_attributes
        if not started.continued_execution_run_id:
            return runs
        runs, run_id = runs + 1, started.continued_execution_run_id


async def test_a_long_journey_goes_on_in_fresh_runs_as_one(rehearse: Rehearse, hasty: Client) -> None:
    async with rehearse(client=hasty) as rehearsal:
        plan = ["talk", "promise", *["think", "sign"] * 5, "promise", "talk", "sign"]
        journey = await start(rehearsal, *plan, address="bob")
        bob, ada = rehearsal.customer("bob"), rehearsal.person("ada")
        await journey.told("Which box")
        await bob.says("Box 7")
        for _ in range(4):
            await ada.completes(await ada.takes("sign"), SIGNED)
        await bob.says("I am still here")
        await ada.completes(await ada.takes("sign"), SIGNED)
        await ada.takes("sign")
        assert await _runs(hasty, journey.id) >= 3

        row = await journey.row()
        handle = rehearsal.temporal.get_workflow_handle(journey.id)
        view = await handle.query(names.SHOW_QUERY, result_type=View)
        async with rehearsal.engine.database.connection() as conn:
            keys = [key["key"] for key in await conn.fetch("select distinct key from effect")]
            events = await conn.fetchval("select max(sequence) from outbox where settled_at is not null")
        assert view.applied == events == 7
        first = {key.partition(":")[0] for key in keys}
        assert len(first) == 1
        ordinals = {int(key.partition(":")[2]) for key in keys}
        only_read = set(range(1, max(ordinals) + 1)) - ordinals  # what became of each task that ada signed
        assert (len(ordinals), len(only_read)) == (len(keys), 5)

        # An event of long ago comes once more, and means nothing any more.
        await handle.signal(names.EVENT_SIGNAL, Event(event_id="old", sequence=1, kind="cancel", reference="x"))
        assert (await handle.query(names.SHOW_QUERY, result_type=View)).applied == 7

        await cancel(rehearsal.desk, journey.id, "customer_request", now=rehearsal.engine.clock())
        await rehearsal.deliver(journey.id)
        for _ in range(2):
            await ada.completes(await ada.takes("undo"), Note(text="undone"))
        assert await journey.outcome() == "customer_request"
        described = await handle.describe()
        assert described.search_attributes[names.CUSTOMER_ATTRIBUTE] == [row.customer_id]
        assert (await journey.entries()).count("stage.entered") == len(plan) - 1
        texts = [message.text for message in await journey.messages() if message.author_kind == "ai"]
        assert texts == [QUESTION, THANKS, THANKS]
