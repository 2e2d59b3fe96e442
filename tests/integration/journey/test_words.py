"""What an AI agent would say goes to the customer, to a reviewer, or to a person who answers instead."""

from journeyman.testing import result, say
from tests.integration.journey.conftest import Rehearse
from tests.integration.journey.parcel import Search

FOUND = Search(found=True, place="depot")


async def test_words_of_an_agent_that_may_not_go_on_are_not_reviewed_a_person_answers(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which number has it?"))
        journey = await rehearsal.customer(tier="gold").says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel")
        assert task.reason == "gold"
        await journey.decided("say", "deny", "gold-to-people")
        await journey.decided("perform", "deny", "gold-to-people")
        await anna.completes(task, FOUND)
        assert await journey.outcome() == "found"


async def test_words_that_other_words_could_replace_are_reviewed(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("We will refund you the full price of it."), result(FOUND))
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel", kind="review")
        assert task.reason == "commitment"
        await anna.edits(task, "We are looking for it.")
        await journey.told("We are looking for it.")
        await customer.says("Thanks")
        assert await journey.outcome() == "found"
