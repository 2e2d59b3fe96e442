"""What people type is masked before it is kept anywhere, as what customers type is."""

import json
import re
from typing import Any

from journeyman.ledger.log import recording
from journeyman.tasks import closing, moving, stops, working
from tests.integration.tasks.world import NOW, World

HOW: dict[str, Any] = {"now": NOW, "auth": "token"}
TYPED = "she read out card 4111 1111 1111 1111, PIN 1596; reference A-1001, 250.00 EUR on account 95381901"
KEPT = "she read out card [card], PIN [pin]; reference A-1001, 250.00 EUR on account 95381901"

SEALED = {
    "task": ("(select customer_id from journey where journey.id = task.journey_id)", ("output", "packet")),
    "task_comment": (
        "(select j.customer_id from task t join journey j on j.id = t.journey_id where t.id = task_id)",
        ("body",),
    ),
    "handoff": ("(select customer_id from journey where journey.id = handoff.journey_id)", ("packet",)),
    "entry_value": ("subject", ("sealed",)),
}


async def _kept(world: World) -> str:
    """Everything that the tables hold, opened."""
    found: list[Any] = []
    async with recording(world.database, world.desk.keyring) as tx:
        for table, (subject, columns) in SEALED.items():
            for row in await tx.conn.fetch(f"select {subject} as subject, {', '.join(columns)} from {table}"):
                found += [await tx.open(row["subject"], row[column]) for column in columns if row[column] is not None]
        for table in ("handoff", "stop_flag", "journey"):
            found += [str(dict(row)) for row in await tx.conn.fetch(f"select * from {table}")]
        tx.unchanged()
    return json.dumps(found)


async def test_no_card_and_no_pin_that_a_person_types_is_kept(world: World) -> None:
    journey = await world.journey()
    worked = await world.claimed(journey_id=journey)
    await working.comment(world.desk, worked.id, "ana", TYPED, **HOW)
    await working.suspend(world.desk, worked.id, "ana", until=world.later(hours=1), reason=TYPED, **HOW)
    await working.resume(world.desk, worked.id, "ana", **HOW)
    await working.release(world.desk, worked.id, "ana", comment=TYPED, **HOW)
    await working.claim(world.desk, worked.id, "bea", **HOW)
    await moving.take_over(world.desk, worked.id, "sue", reason=TYPED, **HOW)
    await moving.transfer(
        world.desk, worked.id, "sue", reason=TYPED, to_person="ana", summary=TYPED, still_open=(TYPED,), **HOW
    )
    await closing.complete(
        world.desk,
        (await world.claimed()).id,
        "ana",
        {"amount_minor": 25000, "outcome": TYPED},
        comment=TYPED,
        **HOW,
    )
    await closing.fail(world.desk, (await world.claimed()).id, "ana", comment=TYPED, **HOW)
    await closing.hand_back(
        world.desk, (await world.claimed()).id, "ana", reason=TYPED, tried=(TYPED,), promises=(TYPED,), **HOW
    )
    await closing.answer(world.desk, (await world.claimed(kind="question")).id, "ana", TYPED, **HOW)
    await moving.escalate(world.desk, (await world.claimed()).id, "ana", reason=TYPED, **HOW)
    await stops.stop(world.desk, f"journey:{journey}", reason=TYPED, person="sue", now=NOW)
    kept = await _kept(world)
    assert kept.count(KEPT) > 15
    assert "1111 1111" not in kept
    assert not re.search(r"(?<![\w-])1596(?![\w-])", kept)  # alone: ids and times have such digits too
    assert "25000" in kept


async def test_why_work_changed_hands_is_a_word_and_the_rest_is_sealed(world: World) -> None:
    await closing.hand_back(world.desk, (await world.claimed()).id, "ana", reason="tell Mr Smith", **HOW)
    await moving.escalate(world.desk, (await world.claimed()).id, "ana", reason="Mr Smith is angry", **HOW)
    task = await world.claimed()
    await moving.transfer(world.desk, task.id, "ana", reason="for Mr Smith", to_queue="billing", **HOW)
    rows = await world.rows("select reason from handoff where giver = 'person:ana' order by created_at, id")
    assert {row["reason"] for row in rows} == {"returned", "escalated", "transferred"}
