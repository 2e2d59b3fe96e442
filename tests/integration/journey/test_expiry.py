"""What expires does so by the moment of the decision, also where the work was scheduled before it."""

from dataclasses import replace
from datetime import datetime, timedelta

from journeyman.customers import record
from journeyman.journey.contract import Progress, Situation
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.temporal import context
from journeyman.testing import Rehearsal
from tests.integration.journey.conftest import Rehearse
from tests.integration.journey.parcel import LOOK

BANK = Actor(kind="system", id="tool:verify")


async def _verification(rehearsal: Rehearsal, scheduled: datetime, after: timedelta) -> str:
    """The level that a decision goes by, taken so long after it was scheduled."""
    engine = replace(rehearsal.engine, clock=lambda: scheduled + after)
    async with engine.database.transaction() as conn:
        row = await conn.fetchrow("select id, customer_id from journey")
        situation = Situation(
            journey=row["id"],
            kind="parcel",
            version=1,
            customer=row["customer_id"],
            effect="run:99",
            settled=0,
            stage="look",
            moves=[],
            at=scheduled,
        )
        read = await context.read(conn, engine, situation, LOOK)
    return read.facts(Progress(performance="look-for-parcel#1")).verification


async def test_a_verification_that_lapsed_during_an_outage_is_none(rehearse: Rehearse) -> None:
    async with rehearse(roles=("engine",)) as rehearsal:
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        customer, now = (await journey.row()).customer_id, rehearsal.engine.clock()
        async with recording(rehearsal.engine.database, rehearsal.engine.keyring) as tx:
            until = now + timedelta(minutes=30)
            await record.verified(tx, customer, "strong", until=until, by=BANK, journey=journey.id, now=now)
        assert await _verification(rehearsal, now, timedelta()) == "strong"
        assert await _verification(rehearsal, now, timedelta(hours=1)) == "none"
