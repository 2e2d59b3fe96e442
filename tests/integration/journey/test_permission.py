"""Between the permission of a turn and what it comes to: what comes in, what is taken back, and what never leaves."""

from typing import Any

import pytest

from journeyman.errors import DatabaseUnavailableError
from journeyman.ledger.audit import unrecorded
from journeyman.ledger.log import Recording
from journeyman.store import Database
from journeyman.temporal.activities.turn import TurnActivity
from journeyman.temporal.engine import sql
from journeyman.testing import result, say
from tests.integration.conftest import Meanwhile
from tests.integration.journey.conftest import Rehearse
from tests.integration.journey.parcel import Search

FOUND = Search(found=True, place="depot")


async def test_who_writes_while_a_result_is_decided_on_is_heard_first(rehearse: Rehearse, meanwhile: Meanwhile) -> None:
    async with rehearse() as rehearsal:
        customer = rehearsal.customer()
        meanwhile.append(lambda: customer.says("Wait, it is the blue one"))
        rehearsal.ai["tracker"].then(say("Which one?"), result(FOUND), result(FOUND))
        journey = await customer.says("Where is it?", kind="parcel")
        await journey.told("Which one?")
        await customer.says("The red one")
        assert await journey.outcome() == "found"
        assert not meanwhile
        assert (await journey.entries()).count("agent.overtaken") == 1


async def test_an_agent_that_is_stopped_while_its_result_is_decided_on_has_none(
    rehearse: Rehearse, meanwhile: Meanwhile
) -> None:
    async with rehearse() as rehearsal:
        engine, customer = rehearsal.engine, rehearsal.customer()

        async def stop() -> None:
            async with engine.database.transaction() as conn:
                await conn.fetchval(sql["set_stop"], "agent:tracker", "sue", "doubt", engine.clock())

        meanwhile.append(stop)
        rehearsal.ai["tracker"].then(say("Which one?"), result(FOUND))
        journey = await customer.says("Where is it?", kind="parcel")
        await journey.told("Which one?")
        await customer.says("The red one")
        await rehearsal.person("anna").takes("look-for-parcel", kind="review")
        assert not meanwhile


async def test_a_permission_that_postgres_lost_in_a_crash_is_asked_for_again(
    rehearse: Rehearse, owner_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    permit, lost = TurnActivity._permit, list[list[str]]()

    async def crashes(self: TurnActivity, *given: Any) -> Any:
        permitted = await permit(self, *given)
        if permitted is not None and not lost:
            lost.append(permitted.leaves)
            hashes = [bytes.fromhex(leaf) for leaf in permitted.leaves]
            async with owner_database.transaction() as conn:
                gone = "(select id from entry where leaf_hash = any($1::bytea[]))"
                await conn.execute(f"delete from entry_value where entry_id in {gone}", hashes)
                await conn.execute("delete from entry where leaf_hash = any($1::bytea[])", hashes)
                await conn.execute("delete from effect where phase = 'permit' and at = (select max(at) from effect)")
        return permitted

    async with rehearse() as rehearsal:
        customer = rehearsal.customer()
        rehearsal.ai["tracker"].then(say("Which one?"), result(FOUND), result(FOUND))
        journey = await customer.says("Where is it?", kind="parcel")
        await journey.told("Which one?")
        monkeypatch.setattr(TurnActivity, "_permit", crashes)
        await customer.says("The red one")
        assert await journey.outcome() == "found"
        assert len(lost) == 1
        assert rehearsal.ai["tracker"].left == 0
        assert (await journey.entries()).count("decision.perform") == 2
        assert await unrecorded(rehearsal.engine.database, lost[0]) == lost[0]


async def test_the_model_is_not_called_before_the_permission_has_been_committed(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish, failed = Recording._finish, list[int]()

    async with rehearse() as rehearsal:
        customer = rehearsal.customer()
        tracker = rehearsal.ai["tracker"].then(say("Which one?"), result(FOUND))
        journey = await customer.says("Where is it?", kind="parcel")
        await journey.told("Which one?")

        async def fails(tx: Recording) -> None:
            if tx._lax and not failed:
                failed.append(len(tracker.requests))
                raise DatabaseUnavailableError("a test")
            await finish(tx)

        monkeypatch.setattr(Recording, "_finish", fails)
        await customer.says("The red one")
        assert await journey.outcome() == "found"
        assert failed == [1]
        assert len(tracker.requests) == 2
