"""What a step costs in Temporal's history: counted on the slope, so that start and end do not count."""

from collections import Counter

import pytest

from journeyman.testing import Rehearsal
from journeyman.testing.players import RehearsedPerson
from tests.acceptance.durable.conftest import Rehearse
from tests.acceptance.durable.errand import Note
from tests.acceptance.durable.starting import history, kinds, start

FEW, MANY = 5, 15
AUTONOMOUS, HUMAN = 7, 12
"""Events: a step of one turn, and one that a person does before its deadline timer fires."""


async def _events(rehearsal: Rehearsal, steps: list[str], number: int) -> Counter[str]:
    journey = await start(rehearsal, *steps * number)
    for _ in range(steps.count("sign") * number):
        await _sign(rehearsal.person("ada"))
    assert await journey.outcome() == "done"
    await rehearsal.temporal.get_workflow_handle(journey.id).result()
    return kinds(await history(rehearsal, journey.id))


async def _sign(ada: RehearsedPerson) -> None:
    await ada.completes(await ada.takes("sign"), Note(text="signed"))


@pytest.mark.parametrize(
    ("steps", "most"),
    [(["think"], AUTONOMOUS), (["sign"], HUMAN), (["think", "sign"], AUTONOMOUS + HUMAN)],
    ids=["autonomous", "human", "in turn"],
)
async def test_a_step_costs_few_events(rehearse: Rehearse, steps: list[str], most: int) -> None:
    async with rehearse() as rehearsal:
        few, many = await _events(rehearsal, steps, FEW), await _events(rehearsal, steps, MANY)
    each = {kind: (many[kind] - few[kind]) / (MANY - FEW) for kind in many if many[kind] != few[kind]}
    assert sum(each.values()) <= most, each
