"""kill -9 of the worker at every kill point; then another worker goes on, and nothing has happened twice."""

import pytest

from tests.acceptance.durable.account import account, orphans, unfinished
from tests.acceptance.durable.kills.points import OF_THE_STORY
from tests.acceptance.durable.stage import Errands
from tests.acceptance.durable.story import MODEL_CALLS, WHOLE_STORY, tell

_CALLED_AGAIN = {"turn.answered", "turn.completing", "turn.concluding"}
"""Where the model had answered, and nothing of it was committed."""


@pytest.mark.slow
async def test_the_story_without_a_death(mortals: Errands) -> None:
    await mortals.start()
    journey = await tell(mortals)
    assert await account(mortals, journey) == WHOLE_STORY


@pytest.mark.slow
@pytest.mark.parametrize("point", OF_THE_STORY)
async def test_a_worker_killed_at_any_point_is_succeeded_and_nothing_happens_twice(
    mortals: Errands, point: str
) -> None:
    await mortals.start(kill_at=point)
    journey = await tell(mortals)
    assert mortals.deaths == 1, f"the story never came by `{point}`"
    assert await account(mortals, journey) == WHOLE_STORY
    assert not any((await orphans(mortals.database)).values()), await orphans(mortals.database)
    assert not any((await unfinished(mortals.database)).values()), await unfinished(mortals.database)
    calls = len(mortals.standin.standin.requests)
    assert calls == MODEL_CALLS + (point in _CALLED_AGAIN)
    assert len(set(mortals.double.calls)) == len(mortals.double.effects)


@pytest.mark.slow
@pytest.mark.parametrize(("point", "deaths"), [("turn.concluded", 5), ("turn.completed", 2), ("task.settled", 2)])
async def test_workers_that_all_die_after_their_first_commit_come_to_the_end_together(
    mortals: Errands, point: str, deaths: int
) -> None:
    await mortals.start(kill_at=point, again=True)
    journey = await tell(mortals)
    assert mortals.deaths == deaths
    assert await account(mortals, journey) == WHOLE_STORY
    assert not any((await orphans(mortals.database)).values()), await orphans(mortals.database)
    assert len(mortals.standin.standin.requests) == MODEL_CALLS
    assert len(mortals.double.calls) == len(mortals.double.effects)
