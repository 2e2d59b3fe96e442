"""A typed secret: what a tool may read of it, and how often."""

from datetime import timedelta

import pytest

from journeyman.conversation.inbound import SECRET_LIFE
from journeyman.errors import DeniedError
from journeyman.journey.contract import Progress, Situation, ToolRequest
from journeyman.temporal.activities.tool import ToolActivity
from journeyman.testing.story import RehearsedJourney
from tests.integration.journey.conftest import Rehearse


async def test_it_is_read_by_one_call_of_its_conversation_while_it_counts(rehearse: Rehearse) -> None:
    async with rehearse(roles=()) as rehearsal:
        tools, now = ToolActivity(rehearsal.engine), rehearsal.engine.clock()

        async def handle(journey: RehearsedJourney) -> str:
            said = (await journey.messages())[-1].text
            return said.partition("[pin:")[2].partition("]")[0]

        async def read(
            journey: RehearsedJourney, secret: str, by: str, *, later: timedelta = timedelta(), kind: str = "pin"
        ) -> str:
            situation = Situation(
                journey=journey.id,
                kind="parcel",
                version=1,
                customer=(await journey.row()).customer_id,
                effect=by,
                settled=0,
                stage="search",
                moves=[],
                at=now + later,
            )
            request = ToolRequest(
                situation=situation, step="look-for-parcel", call=by, progress=Progress(performance="look-for-parcel#1")
            )
            return await tools._reveal(request, secret, (kind,))

        ann, bob = rehearsal.customer("ann"), rehearsal.customer("bob")
        hers = await ann.says("My PIN is 4242", kind="parcel")
        his = await bob.says("My PIN is 1717", kind="parcel")
        one, other = await handle(hers), await handle(his)
        assert [await read(hers, one, "call-1"), await read(hers, one, "call-1")] == ["4242", "4242"]  # a retry
        over = SECRET_LIFE + timedelta(minutes=1)
        for refused in (
            read(hers, one, "call-2"),
            read(hers, other, "call-3"),
            read(his, other, "call-4", later=over),
            read(his, other, "call-5", kind="password"),
        ):
            with pytest.raises(DeniedError, match="of this conversation, or it was used"):
                await refused
        assert await read(his, other, "call-6") == "1717"
        assert (await hers.entries()).count("secret.revealed") == 1
