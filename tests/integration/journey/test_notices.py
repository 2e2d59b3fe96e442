"""The mandated notices: what a customer is told before anybody speaks to them."""

from journeyman.tasks import stops
from journeyman.testing import result, say
from tests.integration.journey.conftest import Rehearse
from tests.integration.journey.parcel import Compensation, Search


async def test_an_ai_agent_is_told_of_where_one_speaks_and_the_recording_whoever_does(rehearse: Rehearse) -> None:
    lost = result(Search(found=False, place=""), say="I could not find it.")
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which one?"), lost)
        customer, anna = rehearsal.customer(), rehearsal.person("anna")
        journey = await customer.says("I want to speak to a human please", kind="parcel")
        task = await anna.takes("look-for-parcel")
        assert [each.kind for each in await journey.messages()] == ["text", "notice", "announcement"]
        assert (await journey.row()).notices == ["recording@1"]
        await anna.hands_back(task, "they will say which one")
        await journey.told("Which one?")
        spoken = [each.kind for each in await journey.messages() if each.audience == "customer"]
        assert spoken == ["text", "notice", "announcement", "announcement", "notice", "text"]
        assert (await journey.row()).notices == ["recording@1", "ai-disclosure@1"]
        await customer.says("The red one")
        await anna.completes(await anna.takes("compensate"), Compensation(outcome="pay", amount_minor=2000))
        assert await journey.outcome() == "compensated"
        assert (await journey.row()).notices == ["recording@1", "ai-disclosure@1"]


async def test_nobody_takes_over_from_an_ai_agent_that_nobody_has_spoken_with(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        await stops.stop(rehearsal.desk, "agent:tracker", reason="doubt", now=rehearsal.engine.clock())
        journey = await rehearsal.customer().opens("parcel")
        await rehearsal.person("anna").takes("look-for-parcel")
        assert [each.kind for each in await journey.messages()] == ["notice"]
