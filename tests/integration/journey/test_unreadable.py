"""A turn that policy cannot be asked about, since its facts cannot be read, goes to a person after so many tries."""

import pytest

from journeyman.temporal.activities import unreadable
from journeyman.temporal.context import Context
from journeyman.testing import Rehearsal, call, say
from tests.integration.journey.conftest import Rehearse
from tests.integration.journey.parcel import Compensation, Search

FOUND = Search(found=True, place="depot")


async def _alter(rehearsal: Rehearsal) -> None:
    """The first thing that the customer said stands in Postgres as nobody has written it."""
    async with rehearsal.engine.database.transaction() as conn:
        await conn.execute("update message set body = set_byte(body, 20, get_byte(body, 20) # 1) where position = 1")


async def test_who_wrote_what_was_altered_since_gets_a_person_and_people_go_on_to_the_end(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("What is its number?"))
        customer, anna = rehearsal.customer(), rehearsal.person("anna")
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("What is its number?")
        await _alter(rehearsal)
        await customer.says("4711")
        task = await anna.takes("look-for-parcel")
        assert task.reason == unreadable.REASON
        said = [message.text for message in await journey.messages()]
        assert said[0] == "(unreadable)"
        assert said[-1].startswith("A colleague takes over")
        await anna.completes(task, Search(found=False, place="nowhere"))
        compensation = await anna.takes("compensate")
        assert compensation.reason == "people_only"
        await anna.completes(compensation, Compensation(outcome="pay", amount_minor=100))
        assert await journey.outcome() == "compensated"
        assert (await journey.entries()).count("facts.unreadable") == 2  # one a step


async def test_what_was_approved_on_facts_that_cannot_be_read_by_then_is_not_made(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(call("reroute", number="4711"))
        journey = await rehearsal.customer().says("Send my parcel 4711 on", kind="parcel")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel", kind="approval")
        await _alter(rehearsal)
        await anna.approves(task)
        task = await anna.takes("look-for-parcel")
        assert task.reason == unreadable.REASON
        await anna.completes(task, FOUND)
        assert await journey.outcome() == "found"
        assert "tool.intent" not in await journey.entries()
        assert "tool.stopped" in await journey.entries()


async def test_facts_that_break_whoever_makes_them_are_given_up_and_a_person_goes_on(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rehearse() as rehearsal:
        tries = []

        def broken(*_: object, **__: object) -> None:
            tries.append(1)
            raise KeyError("a bug")

        monkeypatch.setattr(unreadable, "ATTEMPTS", 2)
        monkeypatch.setattr(Context, "facts", broken)
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel")
        assert task.reason == unreadable.REASON
        assert len(tries) == 3  # twice at the permission, and once where the turn is given up
        await anna.completes(task, FOUND)
        assert await journey.outcome() == "found"
        assert rehearsal.ai["tracker"].requests == []


async def test_an_approved_call_is_not_made_where_its_facts_break(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(call("reroute", number="4711"))
        journey = await rehearsal.customer().says("Send my parcel 4711 on", kind="parcel")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel", kind="approval")

        def broken(*_: object, **__: object) -> None:
            raise KeyError("a bug")

        monkeypatch.setattr(unreadable, "ATTEMPTS", 1)
        monkeypatch.setattr(Context, "facts", broken)
        await anna.approves(task)
        assert (await anna.takes("look-for-parcel")).reason == unreadable.REASON
        entries = await journey.entries()
        assert entries.count("tool.stopped") == 1
        assert entries.count("facts.unreadable") == 2  # of the call, and of the turn after it


async def test_what_not_even_a_person_can_be_given_fails_and_says_so(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    async with rehearse() as rehearsal:
        monkeypatch.setattr(unreadable, "ATTEMPTS", 1)
        monkeypatch.setattr("journeyman.temporal.context.read", broken)
        monkeypatch.setattr("journeyman.temporal.context.salvaged", broken)
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        assert await journey.outcome() == "StepFailed"
        assert (await journey.row()).status == "failed"
