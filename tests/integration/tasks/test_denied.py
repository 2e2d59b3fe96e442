"""What policy refuses writes nothing: every operation, by someone outside the team."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pydantic import JsonValue

from journeyman.errors import DeniedError
from journeyman.tasks import closing, moving, offers, working
from journeyman.views import contents
from tests.integration.tasks.world import NOW, World

HOW: dict[str, Any] = {"now": NOW, "auth": "token"}
RESULT: JsonValue = {"amount_minor": 1, "outcome": "pay"}
Call = Callable[[World, str, str], Awaitable[Any]]

OPERATIONS: dict[str, tuple[str, Call]] = {
    "claim": ("work", lambda w, t, p: working.claim(w.desk, t, p, **HOW)),
    "start": ("work", lambda w, t, p: working.start(w.desk, t, p, **HOW)),
    "release": ("work", lambda w, t, p: working.release(w.desk, t, p, **HOW)),
    "suspend": ("work", lambda w, t, p: working.suspend(w.desk, t, p, until=w.later(days=1), reason="x", **HOW)),
    "resume": ("work", lambda w, t, p: working.resume(w.desk, t, p, **HOW)),
    "comment": ("work", lambda w, t, p: working.comment(w.desk, t, p, "x", **HOW)),
    "complete": ("work", lambda w, t, p: closing.complete(w.desk, t, p, RESULT, **HOW)),
    "complete without a result": ("work", lambda w, t, p: closing.complete(w.desk, t, p, {}, **HOW)),
    "complete what is no work": ("review", lambda w, t, p: closing.complete(w.desk, t, p, RESULT, **HOW)),
    "dispose": ("work", lambda w, t, p: closing.dispose(w.desk, t, p, "unreachable", **HOW)),
    "fail": ("work", lambda w, t, p: closing.fail(w.desk, t, p, comment="x", **HOW)),
    "hand back": ("work", lambda w, t, p: closing.hand_back(w.desk, t, p, reason="x", **HOW)),
    "accept": ("review", lambda w, t, p: closing.accept(w.desk, t, p, **HOW)),
    "edit": ("review", lambda w, t, p: closing.edit(w.desk, t, p, RESULT, **HOW)),
    "edit to what does not fit": ("review", lambda w, t, p: closing.edit(w.desk, t, p, {"amount_minor": "x"}, **HOW)),
    "reject": ("review", lambda w, t, p: closing.reject(w.desk, t, p, comment="x", **HOW)),
    "return": ("review", lambda w, t, p: closing.hand_back(w.desk, t, p, reason="x", **HOW)),
    "approve": ("approval", lambda w, t, p: closing.approve(w.desk, t, p, args_hash="a1", **HOW)),
    "deny": ("approval", lambda w, t, p: closing.deny(w.desk, t, p, args_hash="a1", comment="x", **HOW)),
    "answer": ("question", lambda w, t, p: closing.answer(w.desk, t, p, "x", **HOW)),
    "transfer": ("work", lambda w, t, p: moving.transfer(w.desk, t, p, to_queue="billing", reason="x", **HOW)),
    "transfer warm": (
        "work",
        lambda w, t, p: moving.transfer(w.desk, t, p, to_person="bea", warm=True, reason="x", **HOW),
    ),
    "escalate": ("work", lambda w, t, p: moving.escalate(w.desk, t, p, reason="x", **HOW)),
    "take over": ("work", lambda w, t, p: moving.take_over(w.desk, t, p, reason="x", **HOW)),
    "accept offer": ("work", lambda w, t, p: offers.accept(w.desk, t, p, **HOW)),
    "decline offer": ("work", lambda w, t, p: offers.decline(w.desk, t, p, **HOW)),
    "show": ("work", lambda w, t, p: contents.show(w.desk, t, p, **HOW)),
}


@pytest.mark.parametrize("name", OPERATIONS)
async def test_whoever_is_outside_the_team_is_refused_and_nothing_is_written(world: World, name: str) -> None:
    kind, call = OPERATIONS[name]
    journey = await world.journey()
    tool_call = await world.tool_call(journey) if kind == "approval" else None
    fields: dict[str, Any] = {"kind": kind, "journey_id": journey, "draft": RESULT, "tool_call": tool_call}
    task = await (world.task(**fields) if name == "claim" else world.claimed(**fields))
    before = await world.everything()
    with pytest.raises(DeniedError, match="`out` may not"):
        await call(world, task.id, "out")
    assert await world.everything() == before
    assert await world.value("select status from tool_call") in (None, "proposed")


async def test_the_refusal_tells_an_outsider_nothing_of_the_task(world: World) -> None:
    task = await world.claimed("ana")
    with pytest.raises(DeniedError) as refused:
        await working.claim(world.desk, task.id, "out", **HOW)
    assert "ana" not in str(refused.value)


async def test_simulated_people_see_no_real_customer(world: World) -> None:
    async with world.database.transaction() as conn:
        await conn.execute("update person set simulated = true where id = 'ana'")
    real, rehearsed = await world.task(), await world.task(journey_id=await world.journey(simulated=True))
    with pytest.raises(DeniedError, match="Simulated people"):
        await working.claim(world.desk, real.id, "ana", **HOW)
    assert (await working.claim(world.desk, rehearsed.id, "ana", **HOW)).assignee == "ana"


async def test_an_auditor_sees_and_does_not_act(world: World) -> None:
    async with world.database.transaction() as conn:
        await conn.execute("update person set roles = '{auditor}', teams = '{}' where id = 'out'")
    task = await world.task()
    assert (await contents.show(world.desk, task.id, "out", **HOW)).content["input"] == {"loss": "a dent"}
    with pytest.raises(DeniedError):
        await working.comment(world.desk, task.id, "out", "x", **HOW)
