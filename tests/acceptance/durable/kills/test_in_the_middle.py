"""kill -9 while a model answers or a tool runs, and of tools that must not run twice."""

import asyncio
from collections import Counter

import pytest

from journeyman.agents.standin.faults import Fault
from tests.acceptance.durable.account import Account, account, orphans, unfinished
from tests.acceptance.durable.stage import Errands
from tests.acceptance.durable.story import MODEL_CALLS, WHOLE_STORY, tell, tell_plan, waiting_task

pytestmark = pytest.mark.slow

STAMPED_ONCE = ["stamp"]


async def _whole(errands: Errands, journey: str) -> Account:
    """The account, after looking that nothing is left over."""
    left = await orphans(errands.database) | await unfinished(errands.database)
    assert not any(left.values()), left
    return await account(errands, journey)


async def test_a_worker_killed_while_the_model_answers_asks_it_again(mortals: Errands) -> None:
    standin = mortals.standin.standin
    standin.faults.add(Fault(kind="timeout"))
    await mortals.start()
    telling = asyncio.create_task(tell(mortals))
    await mortals.until(lambda: _some(standin.requests), "the first request")
    mortals.kill()
    assert await _whole(mortals, await telling) == WHOLE_STORY
    assert len(standin.requests) == MODEL_CALLS + 1


async def test_a_worker_killed_while_the_model_repairs_its_answer_asks_for_the_repair_alone(mortals: Errands) -> None:
    standin = mortals.standin.standin
    standin.faults.add(Fault(kind="malformed"))
    standin.faults.add(Fault(kind="timeout"))
    await mortals.start()
    telling = asyncio.create_task(tell(mortals))
    await mortals.until(lambda: _some([*standin.requests][1:]), "the second request")
    mortals.kill()
    found = await _whole(mortals, await telling)
    assert found.entries - WHOLE_STORY.entries == Counter({"agent.unfit": 1, "decision.perform": 1})
    assert (found.outcomes, found.tools, found.tasks) == (WHOLE_STORY.outcomes, WHOLE_STORY.tools, WHOLE_STORY.tasks)
    assert len(standin.requests) == MODEL_CALLS + 2


async def test_a_worker_killed_while_a_tool_runs_calls_it_again_under_the_same_key(mortals: Errands) -> None:
    double = mortals.double
    double.held = asyncio.Event()
    await mortals.start()
    telling = asyncio.create_task(tell(mortals))
    await double.reached.wait()
    mortals.kill()
    double.held.set()
    assert await _whole(mortals, await telling) == WHOLE_STORY
    assert len(double.calls) == len(double.effects) + 1


@pytest.mark.parametrize("point", ["tool.starting", "tool.finished"])
async def test_a_tool_that_may_run_once_runs_once_where_that_is_certain(mortals: Errands, point: str) -> None:
    await mortals.start(kill_at=point)
    journey = await tell_plan(mortals, "stamp-it")
    found = await _whole(mortals, journey)
    assert mortals.deaths == 1
    assert (found.outcomes, found.tools, found.tasks) == (["done"], STAMPED_ONCE, [])


@pytest.mark.parametrize(
    ("point", "stamped"), [("tool.started", []), ("tool.answered", STAMPED_ONCE), ("tool.finishing", STAMPED_ONCE)]
)
async def test_a_tool_that_may_run_once_is_a_person_s_to_find_out_about_where_it_is_not(
    mortals: Errands, point: str, stamped: list[str]
) -> None:
    await mortals.start(kill_at=point)
    telling = asyncio.create_task(tell_plan(mortals, "stamp-it"))
    task = await waiting_task(mortals, "work")
    await mortals.asks("finish", task=task, person="ada", output={"text": "I looked: it is stamped"})
    found = await _whole(mortals, await telling)
    assert mortals.deaths == 1
    assert (found.outcomes, found.tools) == (["done"], stamped)
    assert found.tasks == [("work", "stamp-it", "completed")]
    assert found.entries["tool.uncertain"] == 1


async def _some(requests: object) -> bool | None:
    return True if requests else None
