"""What a person lets through is decided again by policy, where it takes effect."""

from journeyman.tasks.models import Task
from journeyman.testing import Rehearsal, call, result
from journeyman.testing.players import RehearsedPerson
from journeyman.testing.story import RehearsedJourney
from tests.integration.journey.conftest import Rehearse
from tests.integration.journey.parcel import Search

FOUND = Search(found=True, place="depot")


async def asked(rehearsal: Rehearsal) -> tuple[RehearsedJourney, RehearsedPerson, Task]:
    """A journey whose agent would send a parcel on, and who has the approval of it in hand."""
    rehearsal.ai["tracker"].then(call("reroute", number="4711"), result(FOUND))
    journey = await rehearsal.customer().says("Send my parcel 4711 on", kind="parcel")
    anna = rehearsal.person("anna")
    return journey, anna, await anna.takes("look-for-parcel", kind="approval")


# Calls --------------------------------------------------------------------------------------------------------------


async def test_an_approved_call_is_decided_again_when_it_runs(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey, anna, task = await asked(rehearsal)
        await anna.approves(task)
        assert await journey.outcome() == "found"
        assert await journey.decisions("propose:reroute") == [("propose:reroute", "allow", ("tracker-proposes",))]
        assert await journey.decisions("reroute") == [("reroute", "allow", ("tracker-proposes",))]
        assert "tool.outcome" in await journey.entries()


async def test_an_approved_call_that_policy_forbids_by_then_does_not_run_and_the_agent_reads_why(
    rehearse: Rehearse,
) -> None:
    async with rehearse() as rehearsal:
        journey, anna, task = await asked(rehearsal)
        async with rehearsal.engine.database.transaction() as conn:
            await conn.execute("update customer set tier = 'vip'")
        await anna.approves(task)
        assert await journey.outcome() == "found"
        assert await journey.decisions("reroute") == [("reroute", "deny", ("best-customers-kept",))]
        assert not {"tool.intent", "tool.outcome"} & set(await journey.entries())
        assert "best_customer" in str(rehearsal.ai["tracker"].requests[1])


async def test_a_call_that_is_another_than_was_approved_does_not_run(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        journey, anna, task = await asked(rehearsal)
        async with rehearsal.engine.database.transaction() as conn:
            other = await rehearsal.engine.keyring.seal(conn, task.customer_id, {"number": "4712"})
            await conn.execute("update tool_call set args = $1", other)
        await anna.approves(task)
        assert await journey.outcome() == "found"
        assert not {"tool.intent", "tool.outcome"} & set(await journey.entries())
        assert "this is not the call that was permitted" in str(rehearsal.ai["tracker"].requests[1])


async def test_a_call_that_no_approval_would_let_run_is_not_put_before_a_person(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(call("reroute", number="4711"), result(FOUND))
        journey = await rehearsal.customer(tier="vip").says("Send my parcel 4711 on", kind="parcel")
        assert await journey.outcome() == "found"
        assert "task.opened" not in await journey.entries()
        assert await journey.decisions("propose:reroute") == []
        await journey.decided("reroute", "deny", "best-customers-kept", "reroute-approved")
