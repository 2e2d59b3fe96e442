"""A test that fails is told what happened instead."""

from datetime import UTC, datetime

import pytest

from journeyman.testing import result, say, upcoming, waiting
from tests.integration.journey.conftest import Rehearse
from tests.integration.journey.parcel import Search

FOUND = Search(found=True, place="depot")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What these tests wait for does not come."""
    monkeypatch.setattr(waiting, "PATIENCE", 0.5)


async def test_who_waits_for_a_task_in_vain_is_told_which_there_are(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        await rehearsal.customer().says("I want to speak to a person", kind="parcel")
        with pytest.raises(AssertionError) as told:
            await rehearsal.person("anna").takes("compensate")
    words = str(told.value)
    assert "for a task `work` of step `compensate` that `anna` may claim" in words
    assert "work of `look-for-parcel` in queue `parcels`, ready, because asked_for_person" in words
    assert "is in stage `look` with queue:parcels" in words


async def test_who_expects_another_decision_is_told_those_that_were_taken(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rehearse() as rehearsal:
        monkeypatch.setattr(waiting, "PATIENCE", 20)
        rehearsal.ai["tracker"].then(result(FOUND))
        journey = await rehearsal.customer().says("Where is it?", kind="parcel")
        assert await journey.outcome() == "found"
        await journey.decided("complete", "allow", "tracker-looks")
        with pytest.raises(
            AssertionError, match=r"no decision to deny `complete` because of not-found-reviewed"
        ) as told:
            await journey.decided("complete", "deny", "not-found-reviewed")
        assert "allow, because of tracker-looks" in str(told.value)
        with pytest.raises(AssertionError, match="nothing asked to `propose`"):
            await journey.decided("propose", "allow")
        with pytest.raises(AssertionError, match=r"no handoff to_person because angry; there were:\n  none\njourney"):
            await journey.handed("to_person", "angry")


async def test_words_that_come_no_more_are_not_waited_for(rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearse() as rehearsal:
        monkeypatch.setattr(waiting, "PATIENCE", 20)
        rehearsal.ai["tracker"].then(result(FOUND, say="It is at the depot."))
        journey = await rehearsal.customer().says("Where is it?", kind="parcel")
        assert await journey.outcome() == "found"
        monkeypatch.setattr(waiting, "PATIENCE", 3600)
        with pytest.raises(AssertionError, match="ended as `found`, and the customer was never told `on its way`"):
            await journey.told("on its way")


async def test_an_agent_that_there_is_not_cannot_be_scripted(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        with pytest.raises(AssertionError, match="no AI agent `traker` to script; this project has tracker"):
            rehearsal.ai["traker"].then(say("hello"))


async def test_real_time_is_not_skipped(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        with pytest.raises(AssertionError, match="this rehearsal's time is real"):
            await rehearsal.passes(hours=1)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("fri 16:00", "UTC", "2026-03-06T16:00:00+00:00"),
        ("wed 12:30", "UTC", "2026-03-04T12:30:00+00:00"),
        ("wed 12:00", "UTC", "2026-03-11T12:00:00+00:00"),
        ("wed 13:00", "Europe/Berlin", "2026-03-11T13:00:00+01:00"),
    ],
)
def test_a_moment_of_the_week_is_the_next_one(text: str, zone: str, expected: str) -> None:
    wednesday_noon = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
    assert upcoming(text, after=wednesday_noon, zone=zone).isoformat() == expected


def test_what_is_no_moment_of_a_week_is_refused() -> None:
    with pytest.raises(AssertionError, match="write it as `fri 16:00`"):
        upcoming("friday", after=datetime(2026, 3, 4, tzinfo=UTC))
