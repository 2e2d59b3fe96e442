"""Short stories whose histories are recorded: each takes its journey through what it has."""

from activities.bank_service import standin
from journeyman.agents.standin.reply import StandinReply
from journeyman.agents.standin.request import StandinRequest
from journeyman.testing import Rehearsal, ask, call, hand_over, result, say
from journeyman.testing.story import RehearsedJourney
from journeyman.testing.waiting import eventually
from tests.acceptance.durable.errand import Note
from tests.acceptance.durable.starting import start
from tests.integration.journey.parcel import Compensation, Search
from workflows.insurance_claim.contracts import ClaimForm, LossReport, Receipt, Settlement


async def parcel_found_after_an_approval(rehearsal: Rehearsal) -> RehearsedJourney:
    """A question to a person, a tool, an approved tool, and found."""
    found = result(Search(found=True, place="depot"), say="It is on its way.")
    script = rehearsal.ai["tracker"].then(ask("Is depot 3 open?"), call("track", number="4711"))
    script.then(call("reroute", number="4711"), found)
    journey = await rehearsal.customer().says("Send my parcel 4711 on", kind="parcel")
    anna = rehearsal.person("anna")
    await anna.answers(await anna.takes("look-for-parcel", kind="question"), "Yes, until five")
    ben = rehearsal.person("ben")  # whoever has answered the agent does not decide on its call
    await ben.approves(await ben.takes("look-for-parcel", kind="approval"))
    assert await journey.outcome() == "found"
    return journey


async def parcel_left_to_a_person_before_an_approval(rehearsal: Rehearsal) -> RehearsedJourney:
    """The customer asks for a person before anybody has approved a tool, and gets one."""
    rehearsal.ai["tracker"].then(call("reroute", number="4711"))
    customer = rehearsal.customer()
    journey = await customer.says("Send my parcel 4711 on", kind="parcel")

    async def asked() -> bool | None:
        return "task.opened" in await journey.entries() or None

    await eventually(asked, "an approval", journey.story)
    await customer.says("I want to speak to a human please")
    anna = rehearsal.person("anna")
    await anna.completes(await anna.takes("look-for-parcel"), Search(found=True, place="depot"))
    assert await journey.outcome() == "found"
    return journey


async def parcel_compensated_after_a_call_back(rehearsal: Rehearsal) -> RehearsedJourney:
    """The customer leaves, is called back and comes back first; what is lost is compensated by a person."""
    lost = result(Search(found=False, place=""), say="I could not find it.")
    rehearsal.ai["tracker"].then(say("Which number has it?"), hand_over("I do not know depot 3"), lost)
    customer = rehearsal.customer()
    journey = await customer.says("My parcel is lost", kind="parcel")
    await journey.told("Which number")
    await customer.leaves()
    anna = rehearsal.person("anna")
    await anna.takes("look-for-parcel", kind="callback")
    await customer.says("It is 4711")
    await anna.hands_back(await anna.takes("look-for-parcel"), "it is at depot 3")
    await anna.completes(await anna.takes("compensate"), Compensation(outcome="pay", amount_minor=2000))
    assert await journey.outcome() == "compensated"
    return journey


async def bank_service_tells_a_balance(rehearsal: Rehearsal) -> RehearsedJourney:
    """A customer proves who they are, hears their balance, and needs nothing more."""
    for name, script in (
        ("receptionist", standin.receptionist),
        ("authenticator", standin.authenticator),
        ("teller", standin.teller),
    ):
        rehearsal.ai[name].then(*[script] * 12)
    customer = rehearsal.customer()
    journey = await customer.says("Hello, I would like to know my balance please", kind="bank-service")
    await journey.told("name")
    await customer.says("My name is Ada Lovelace")
    await journey.told("account number")
    await customer.says("My account number is 55501234")
    await journey.told("PIN")
    await customer.says("My PIN is 7391")
    await journey.told("anything else")
    await customer.says("No, that is all, thank you. Bye!")
    assert await journey.outcome() == "served"
    return journey


async def bank_service_left_to_a_person(rehearsal: Rehearsal) -> RehearsedJourney:
    """A customer asks for a person, who deals with all of it."""
    rehearsal.ai["receptionist"].then(say("What may I do for you?"))
    customer = rehearsal.customer()
    journey = await customer.says("Hello", kind="bank-service")
    await journey.told("What may I do")
    await customer.says("I want to talk to a real person please")
    bea = rehearsal.person("bea")
    await bea.disposes(await bea.takes("understand-request"), "withdrawn")
    assert await journey.outcome() == "cut_off"
    return journey


async def insurance_claim_settled(rehearsal: Rehearsal) -> RehearsedJourney:
    """Care, the form, a reviewed settlement, a payment link, and a person who takes over."""
    form = ClaimForm(
        date_of_loss="yesterday", place="at home", other_party="nobody", damage="a dent", repair_estimate_minor=120000
    )
    settlement = Settlement(outcome="pay", amount_minor=90000, excess_minor=30000, reasons="as the policy says")
    rehearsal.ai["form-filler"].then(say("Where did it happen?"), result(form))
    rehearsal.ai["assessor"].then(result(settlement))
    link = call("create_payment_link", amount_minor=30000, reference="excess")
    rehearsal.ai["payments"].then(link, _sent, hand_over("the customer cannot pay online"))
    customer = rehearsal.customer()
    journey = await customer.says("Someone hit my car", kind="insurance-claim")
    clara, adam = rehearsal.person("clara"), rehearsal.person("adam")
    report = LossReport(policy_number="MC-1", what_happened="a dent")
    await clara.completes(await clara.takes("report-loss"), report)
    await journey.told("Where did it happen?")
    await customer.says("At home")
    await adam.accepts(await adam.takes("assess-claim", kind="review"))
    await journey.told("Please pay here")
    await customer.says("I cannot open it")
    receipt = Receipt(token="tok-1", amount_minor=30000, status="paid")
    await clara.completes(await clara.takes("collect-excess"), receipt)
    assert await journey.outcome() == "settled"
    return journey


def _sent(request: StandinRequest) -> StandinReply:
    return say(f"Please pay here: {request.result_of('create_payment_link')['url']}")


async def errand_cancelled_and_undone(rehearsal: Rehearsal) -> RehearsedJourney:
    """Everything that errands have, and at last a cancellation with its compensation."""
    journey = await start(rehearsal, "talk", "fetch", "promise", "judge", "link", "sign", address="bob")
    customer, ada = rehearsal.customer("bob"), rehearsal.person("ada")
    await journey.told("Which box")
    await customer.says("Box 7, and the PIN is 4711")
    await ada.accepts(await ada.takes("judge", kind="review"))
    await ada.takes("sign")
    await rehearsal.temporal.get_workflow_handle(journey.id).cancel()
    await ada.completes(await ada.takes("undo"), Note(text="undone"))
    assert await journey.outcome() == "cancelled_in_temporal"
    return journey
