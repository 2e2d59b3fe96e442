"""`missing-delivery`, by each of its ways."""

from workflows.missing_delivery.contracts import Remedy, Trace

from journeyman.testing import call, result, say
from journeyman.testing.fixtures import Rehearse

LOST = Trace(order_number="SO-900000", found=False)


async def test_a_delivery_is_found_by_the_agent_alone(rehearsal: Rehearse) -> None:
    async with rehearsal() as story:
        story.ai["tracer"].then(
            say("Which order is it?"),
            call("find_delivery", order_number="SO-204816"),
            result(Trace(order_number="SO-204816", found=True, place="Station Road"), say="It is in Station Road."),
        )
        customer = story.customer()
        journey = await customer.says("My order did not arrive", kind="missing-delivery")
        await journey.told("Which order")
        await customer.says("SO-204816")
        assert await journey.outcome() == "found"
        await journey.decided("find_delivery", "allow", "tracer-works")
        assert await journey.handoffs() == []


async def test_for_a_lost_one_a_person_decides_what_the_customer_gets(rehearsal: Rehearse) -> None:
    async with rehearsal() as story:
        story.ai["tracer"].then(result(LOST, say="The carrier does not know where it is; a colleague looks at it."))
        journey = await story.customer().says("SO-900000 did not arrive", kind="missing-delivery")
        anna = story.person("anna")
        await anna.completes(await anna.takes("decide-remedy"), Remedy(outcome="refund", amount_minor=2500))
        assert await journey.outcome() == "made_good"


async def test_for_one_of_the_best_customers_a_person_looks_at_the_draft_first(rehearsal: Rehearse) -> None:
    async with rehearsal() as story:
        story.ai["tracer"].then(result(LOST))
        journey = await story.customer(tier="vip").says("SO-900000 did not arrive", kind="missing-delivery")
        anna = story.person("anna")
        await anna.accepts(await anna.takes("trace-delivery", kind="review"))
        await journey.decided("complete", "deny", "lost-for-best-customers")
        await anna.completes(await anna.takes("decide-remedy"), Remedy(outcome="send_again", amount_minor=0))
        assert await journey.outcome() == "made_good"


async def test_a_customer_who_asks_for_a_person_gets_one_with_the_whole_story(rehearsal: Rehearse) -> None:
    async with rehearsal() as story:
        story.ai["tracer"].then(say("Which order is it?"))
        customer = story.customer()
        journey = await customer.says("My order did not arrive", kind="missing-delivery")
        await journey.told("Which order")
        await customer.says("I want to speak to a real person")
        anna = story.person("anna")
        task = await anna.takes("trace-delivery")
        await journey.handed("to_person", "asked_for_person")
        await anna.completes(task, Trace(order_number="SO-204817", found=True, place="the depot"))
        assert await journey.outcome() == "found"


async def test_a_customer_who_falls_silent_is_called_back(rehearsal: Rehearse) -> None:
    async with rehearsal(skip_time=True) as story:
        await story.passes(until="tue 10:00", zone="Europe/London")
        story.ai["tracer"].then(say("Which order is it?"))
        journey = await story.customer().says("My order did not arrive", kind="missing-delivery")
        await journey.told("Which order")
        await story.passes(minutes=16)
        anna = story.person("anna")
        await anna.disposes(await anna.takes("trace-delivery", kind="callback"), "unreachable")
        assert await journey.outcome() == "unreachable"
