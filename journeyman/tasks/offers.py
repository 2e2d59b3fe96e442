"""Answering an offer. The clocks make offers and let them lapse; see `clocks`."""

from typing import Unpack

from journeyman.tasks.desk import Desk
from journeyman.tasks.lifecycle import HELD, Action
from journeyman.tasks.models import Task
from journeyman.tasks.operation import Change, operation
from journeyman.tasks.people import people
from journeyman.tasks.working import must_be_free, take


async def accept(desk: Desk, task_id: str, person_id: str, **change: Unpack[Change]) -> Task:
    """Take what was offered: a waiting task, or a colleague's in a warm transfer. Then the handoff is complete."""
    async with operation(desk, task_id, person_id, **change, takes=True) as op:
        await op.permit("claim", Action.ACCEPT_OFFER)
        must_be_free(op.person, op.task)
        if op.task.state in HELD and op.task.assignee:
            await op.hand_over(await op.packet(), "to_person", "transferred", giver=op.task.assignee)
        await take(op, Action.ACCEPT_OFFER)
    return op.task


async def decline(desk: Desk, task_id: str, person_id: str, **change: Unpack[Change]) -> Task:
    """Leave what was offered to the next. It is not offered to this person again before everyone else had it."""
    async with operation(desk, task_id, person_id, **change) as op:
        await op.permit("claim", Action.DECLINE_OFFER)
        await op.save(Action.DECLINE_OFFER, refused_by=op.task.refused_by | {person_id})
        await op.tx.conn.execute(people["worked"], person_id, op.now)
    return op.task
