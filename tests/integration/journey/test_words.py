"""What an AI agent would say goes to the customer, to a reviewer, or to a person who answers instead."""

from dataclasses import replace

import pytest

from journeyman.errors import DeniedError
from journeyman.project import Project
from journeyman.testing import Rehearsal, hand_over, result, say
from journeyman.testing.story import RehearsedJourney
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


PROMISE = "We will refund you the full price of it."
LINK = "Please visit http://parcels.example.net/4711 to see it."


async def policies_of(rehearsal: Rehearsal, journey: RehearsedJourney, text: str) -> list[str]:
    """The policies on the entry of the message with this text, which says whose bundle they are."""
    [message] = [each for each in await journey.messages() if each.text == text]
    async with rehearsal.engine.database.connection() as conn:
        body = await conn.fetchval(
            "select convert_from(body, 'UTF8')::jsonb from entry"
            " where convert_from(body, 'UTF8')::jsonb -> 'refs' ->> 'message' = $1",
            message.id,
        )
        assert body["facts"]["bundle"] == (await rehearsal.engine.published.authorizer(conn)).bundle.hash
    return list(body["policies"])


async def test_accepted_words_are_sent_under_the_policies_that_let_the_agent_say_them(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say(PROMISE), hand_over("They ask for the price", promises=("a call",)))
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        await anna.accepts(await anna.takes("look-for-parcel", kind="review"))
        told = await journey.told(PROMISE)
        assert (told.author_kind, told.author) == ("ai", "tracker")
        assert [verdict for _, verdict, _ in await journey.decisions("say")] == ["deny", "allow"]
        assert await policies_of(rehearsal, journey, PROMISE) == ["tracker-looks"]
        await customer.says("How much is it?")
        task = await anna.takes("look-for-parcel")
        packet = (await anna.sees(task)).content["packet"]
        assert isinstance(packet, dict)
        assert packet["promises"] == ["a call", PROMISE]  # what the agent tells of it, and what it was let say
        await anna.completes(task, FOUND)
        assert await journey.outcome() == "found"


async def test_edited_words_are_sent_under_the_policies_that_let_the_person_say_them(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say(PROMISE), result(FOUND))
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        await anna.edits(await anna.takes("look-for-parcel", kind="review"), "We are looking for it.")
        told = await journey.told("We are looking for it.")
        assert (told.author_kind, told.author) == ("person", "anna")
        assert await policies_of(rehearsal, journey, told.text) == ["assignee-works"]


async def test_whoever_accepts_what_no_approval_lets_be_said_is_told_why(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say(LINK))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel", kind="review")
        with pytest.raises(DeniedError, match="not listed is never given out") as denied:
            await anna.accepts(task)
        assert denied.value.policies == ("links-listed",)
        with pytest.raises(DeniedError, match="asks for card data"):
            await anna.edits(task, "Please type your card number here.")
        await anna.edits(task, "We are looking for it.")
        await journey.told("We are looking for it.")


async def test_accepted_words_that_policy_forbids_by_then_are_not_sent_and_the_agent_reads_why(
    rehearse: Rehearse,
) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say(PROMISE))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel", kind="review")
        async with rehearsal.engine.database.transaction() as conn:
            await conn.execute("update customer set tier = 'gold'")
        await anna.accepts(task)
        work = await anna.takes("look-for-parcel")
        assert work.reason == "gold"
        await anna.completes(work, FOUND)
        assert await journey.outcome() == "found"
        texts = [message.text for message in await journey.messages()]
        assert PROMISE not in texts
        assert any("was not sent: Some customers are a person's" in text for text in texts)


async def test_words_with_a_result_under_review_wait_for_it_and_are_decided_on_again(
    rehearse: Rehearse, project: Project
) -> None:
    async with rehearse(replace(project, review_share=1000)) as rehearsal:
        rehearsal.ai["tracker"].then(result(FOUND, say=PROMISE))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        await anna.accepts(await anna.takes("look-for-parcel", kind="review"))
        assert await journey.outcome() == "found"
        assert await policies_of(rehearsal, journey, PROMISE) == ["tracker-looks"]


async def test_words_that_no_approval_lets_be_said_do_not_wait_with_a_result(
    rehearse: Rehearse, project: Project
) -> None:
    async with rehearse(replace(project, review_share=1000)) as rehearsal:
        rehearsal.ai["tracker"].then(result(FOUND, say=LINK))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        await anna.accepts(await anna.takes("look-for-parcel", kind="review"))
        assert await journey.outcome() == "found"
        assert LINK not in [message.text for message in await journey.messages()]
        await journey.decided("say", "deny", "links-listed")
