"""A journey that has closed: its histories outlive Temporal's retention, and are held against the ledger after it."""

import asyncio
from datetime import timedelta

from temporalio.client import Client

from journeyman.store import Database
from journeyman.temporal.archive import archive, archived
from journeyman.temporal.reconcile import gather
from journeyman.testing import Rehearsal, result, say
from tests.integration.journey.conftest import Rehearse
from tests.integration.journey.parcel import Search

LATER = timedelta(minutes=2)


async def _kept(rehearsal: Rehearsal) -> None:
    """Archive until the journey that has closed is kept: Temporal hears of its end a moment later."""
    engine = rehearsal.engine
    async with asyncio.timeout(10):
        while not await archive(engine.database, rehearsal.temporal, now=engine.clock() + LATER):
            pass


def _lapsed(rehearsal: Rehearsal) -> Client:
    """Temporal as it is past the retention: a namespace that knows nothing of the journey."""
    server = rehearsal.temporal
    return Client(server.service_client, namespace="temporal-system", data_converter=server.data_converter)


async def test_what_temporal_has_seen_is_known_when_temporal_has_forgotten_it(
    rehearse: Rehearse, owner_database: Database
) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which number has it?"), result(Search(found=True, place="depot")))
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("Which number")
        database, clock = rehearsal.engine.database, rehearsal.engine.clock
        assert await archive(database, rehearsal.temporal, now=clock() + LATER) == 0
        await customer.says("It is 4711")
        assert await journey.outcome() == "found"
        await _kept(rehearsal)
        assert await archive(database, rehearsal.temporal, now=clock() + LATER) == 0
        async with database.connection() as conn:
            (history,) = await archived(conn, journey.id)
        assert all(b"depot" not in event.SerializeToString() for event in history.events)

        before = await gather(database, rehearsal.temporal, now=clock(), journey=journey.id)
        after = await gather(database, _lapsed(rehearsal), now=clock(), journey=journey.id)
        assert after.witnessed.leaves == before.witnessed.leaves
        assert len(after.witnessed.leaves) > 3
        assert not after.missing
        async with owner_database.connection() as conn:
            statement = "update entry set leaf_hash = sha256(leaf_hash) where journey_id = $1 and type = 'decision.say'"
            await conn.execute(statement, journey.id)
        altered = await gather(database, _lapsed(rehearsal), now=clock(), journey=journey.id)
        assert {each.kind for each in altered.discrepancies()} == {"entry_missing"}
