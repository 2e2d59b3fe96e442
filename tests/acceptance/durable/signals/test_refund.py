"""The shipped claim, cancelled while the excess is collected: a person gives back what was paid."""

from journeyman.tasks.cases import cancel
from journeyman.testing import result
from tests.acceptance.durable.shipped import Shipped
from workflows.insurance_claim.contracts import ClaimForm, LossReport, Refund, Settlement

REPORT = LossReport(policy_number="MC-1", what_happened="a dent")
FORM = ClaimForm(date_of_loss="1 May", place="here", other_party="nobody", damage="dent", repair_estimate_minor=120000)
FAIR = Settlement(outcome="pay", amount_minor=90000, excess_minor=30000, reasons="as the policy says")


async def test_a_claim_that_is_cancelled_while_the_excess_is_collected_gives_it_back(shipped: Shipped) -> None:
    async with shipped() as rehearsal:
        rehearsal.ai["form-filler"].then(result(FORM))
        rehearsal.ai["assessor"].then(result(FAIR))
        samir = rehearsal.person("samir")
        journey = await rehearsal.customer().says("Someone hit my car.", kind="insurance-claim")
        told = await samir.takes("report-loss")
        assert (await journey.row()).notices == ["recording@1"]  # no AI agent speaks yet
        await samir.completes(told, REPORT)
        await samir.accepts(await samir.takes("assess-claim", kind="review"))
        await journey.reaches("settle")
        await cancel(rehearsal.desk, journey.id, "customer_request", now=rehearsal.engine.clock())
        await rehearsal.deliver(journey.id)
        await samir.completes(await samir.takes("refund-excess"), Refund(token="none", reference="nothing was paid"))
        assert await journey.outcome() == "customer_request"
