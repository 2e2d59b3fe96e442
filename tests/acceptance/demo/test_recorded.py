"""Recorded customers whose service went wrong at the time, played on the real servers against a bank that knows all accounts."""

import pytest

from activities.demo.show import BANK_LOG
from activities.providers import journal
from tests.acceptance.demo.staging import STAR, Stage

pytestmark = pytest.mark.skipif(not STAR.exists(), reason=f"the recorded customers are not at {STAR}")

LET_THROUGH = ("star-5253", "star-1187", "star-4288")
"""The recorded bank let them through without a complete set of proofs."""


async def test_who_lacks_a_complete_set_of_proofs_is_refused(stage: Stage) -> None:
    summary = await stage.play(*LET_THROUGH, recorded=STAR)
    assert summary.ok, (summary.unfinished, summary.details)
    events = {line["event"] for line in journal.read(stage.folder / BANK_LOG)}
    assert events <= {"refused"}
    for id in LET_THROUGH:
        assert "review authenticate not_verified" in stage.tasks[stage.journeys[id]], id


async def test_a_customer_in_distress_reaches_a_person_at_once(stage: Stage) -> None:
    summary = await stage.play("star-3160", recorded=STAR)
    assert summary.ok, (summary.unfinished, summary.details)
    assert stage.tasks[stage.journeys["star-3160"]] == ["work authenticate distress"]
    assert summary.outcomes.resolved_by_person == 1
