"""Journeys that follow from others, and what Temporal's own list shows of them."""

import pytest

from journeyman.customers.journeys import SYSTEM, NewJourney, open_journey
from journeyman.errors import ConflictError
from journeyman.ledger.log import recording
from journeyman.testing.waiting import eventually
from tests.acceptance.durable.conftest import Rehearse
from tests.acceptance.durable.errand import Note
from tests.acceptance.durable.starting import start


async def test_a_linked_journey_is_of_the_same_customer_and_runs_by_itself(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey = await start(rehearsal, "link", "sign", address="bob")
        ada = rehearsal.person("ada")
        task = await ada.takes("sign")
        await rehearsal.deliver()
        async with rehearsal.engine.database.connection() as conn:
            id = await conn.fetchval("select id from journey where linked_from = $1", journey.id)
        linked = rehearsal.journey(id)
        assert await linked.outcome() == "done"
        assert (await linked.row()).customer_id == (await journey.row()).customer_id
        assert (await journey.entries()).count("stage.entered") == 1
        await ada.completes(task, Note(text="signed"))
        assert await journey.outcome() == "done"


async def test_a_closed_journey_is_reopened_by_another_that_says_so(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey = await start(rehearsal, "sign", address="bob")
        with pytest.raises(ConflictError, match="is open"):
            await start(rehearsal, address="bob", reopens=journey.id)
        ada = rehearsal.person("ada")
        await ada.completes(await ada.takes("sign"), Note(text="signed"))
        assert await journey.outcome() == "done"
        again = await start(rehearsal, address="bob", reopens=journey.id)
        assert (await again.row()).reopens == journey.id
        assert await again.outcome() == "done"
        with pytest.raises(ConflictError, match="used once"):
            await start(rehearsal, address="bob", id=journey.id)


async def test_temporal_lists_journeys_by_kind_stage_performer_and_customer(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey = await start(rehearsal, "sign", address="bob")
        row = await journey.row()
        assert row.owner == "errands"
        wanted = (
            "JourneymanKind = 'errand' and JourneymanStage = 'next_errand' and JourneymanPerformer = 'queue:errands' "
            f"and JourneymanCustomer = '{row.customer_id}'"
        )

        async def listed() -> list[str] | None:
            return [each.id async for each in rehearsal.temporal.list_workflows(wanted)] or None

        assert await eventually(listed, "the journey in Temporal's list") == [journey.id]


async def test_an_input_that_does_not_fit_ends_the_journey_at_once_and_on_the_record(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        engine = rehearsal.engine
        customer = (await (await start(rehearsal, address="bob")).row()).customer_id
        async with recording(engine.database, engine.keyring) as tx:
            new = NewJourney(customer=customer, input={"plan": "no list"})
            row = await open_journey(tx, engine.project.definition("errand"), new, by=SYSTEM, now=engine.clock())
        await rehearsal.deliver(row.id)
        assert await rehearsal.journey(row.id).outcome() == "invalid_input"
