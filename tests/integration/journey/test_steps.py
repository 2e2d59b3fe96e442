"""A step from its turn to its end, by each of the ways that it may take, on the real servers."""

from journeyman.testing import ask, call, hand_over, result, say
from tests.integration.journey.conftest import Rehearse
from tests.integration.journey.parcel import Compensation, Search

FOUND = Search(found=True, place="depot")
LOST = Search(found=False, place="")
PAID = Compensation(outcome="pay", amount_minor=2000)


async def test_an_agent_finishes_alone_and_a_person_does_the_next_step(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which number has it?"), result(LOST, say="I could not find it."))
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("Which number")
        await customer.says("It is 4711")
        anna = rehearsal.person("anna")
        await anna.completes(await anna.takes("compensate"), PAID)
        assert await journey.outcome() == "compensated"
        verdicts = [(action, verdict) for action, verdict, _ in await journey.decisions()]
        assert verdicts[:4] == [("perform", "allow"), ("say", "allow"), ("perform", "allow"), ("complete", "allow")]
        texts = [message.text for message in await journey.messages()]
        assert "You are talking with an AI assistant" in texts[1]
        assert "I could not find it." in texts


async def test_a_customer_who_asks_for_a_person_gets_one(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which number has it?"))
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("Which number")
        await customer.says("I want to speak to a human please")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel")
        assert task.reason == "asked_for_person"
        await anna.completes(task, FOUND)
        assert await journey.outcome() == "found"
        assert await journey.handoffs() == [("to_person", "asked_for_person")]
        assert any(message.kind == "announcement" for message in await journey.messages())


async def test_tools_run_where_policy_permits_and_a_person_approves_the_rest(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(
            call("track", number="4711"), call("reroute", number="4711"), result(FOUND, say="It is on its way.")
        )
        journey = await rehearsal.customer().says("Send my parcel 4711 on", kind="parcel")
        anna = rehearsal.person("anna")
        await anna.approves(await anna.takes("look-for-parcel", kind="approval"))
        assert await journey.outcome() == "found"
        assert (await journey.entries()).count("tool.outcome") == 2


async def test_an_agent_asks_a_person_and_keeps_the_step(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(ask("Is depot 3 open?"), result(FOUND))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        await anna.answers(await anna.takes("look-for-parcel", kind="question"), "Yes, until five")
        assert await journey.outcome() == "found"
        assert "Yes, until five" in " ".join(rehearsal.ai["tracker"].requests[1].notes)


async def test_work_passes_to_a_person_and_back_to_the_agent(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(hand_over("I do not know depot 3", "Customer looks for 4711"), result(FOUND))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        await anna.hands_back(await anna.takes("look-for-parcel"), "it is at depot 3, tell them")
        assert await journey.outcome() == "found"
        assert await journey.handoffs() == [
            ("to_person", "agent_handed_over"),
            ("to_ai", "returned"),
        ]


async def test_a_customer_who_hangs_up_is_called_back(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which number has it?"))
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("Which number")
        await customer.leaves()
        anna = rehearsal.person("anna")
        await anna.disposes(await anna.takes("look-for-parcel", kind="callback"), "unreachable")
        assert await journey.outcome() == "unreachable"
