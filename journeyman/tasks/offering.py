"""Offering work: of a queue that pushes, each waiting task goes to one person at a time, the longest idle first."""

from datetime import datetime
from typing import Final

from journeyman.governance import Authorizer
from journeyman.ledger.log import Recording
from journeyman.store.sql import load
from journeyman.tasks import routing
from journeyman.tasks.change import changed, record, save, tasks_of
from journeyman.tasks.desk import CLOCK, Desk, ask
from journeyman.tasks.desk import sql as tasks_sql
from journeyman.tasks.lifecycle import Action, State
from journeyman.tasks.models import Person, Task
from journeyman.tasks.people import people, people_of, queue_of

sql = load("clocks")

_CHOICE: Final = 20  # of each queue, the most important that one person is matched with


async def make_offers(desk: Desk, *, now: datetime, batch: int = 25) -> int:
    """Offer the best waiting task to each person who is online and has room; at most one each.

    Run again until it makes none: then everyone with room has what they could have. Nobody who is not online gets any.
    """
    async with desk.database.connection() as conn:
        idle = [row["id"] for row in await conn.fetch(people["free"], batch)]
    if not idle:
        return 0
    made = 0
    async with desk.recording() as tx:
        mine = {row["id"] for row in await tx.conn.fetch(people["lock_free"], idle)}
        by_id = {person.id: person for person in await people_of(tx.conn, mine)}
        authorizer = await desk.policies(tx.conn) if by_id else None
        for person in (by_id[each] for each in idle if each in by_id):
            assert authorizer
            if person.presence == "online" and not person.wrap_up_until and person.load < person.capacity:
                made += await _offer(desk, tx, authorizer, person, now)
        if not made:
            tx.unchanged()
    return made


async def _offer(desk: Desk, tx: Recording, authorizer: Authorizer, person: Person, now: datetime) -> bool:
    suited = (person.id, sorted(person.teams), sorted(person.skills), _CHOICE)
    rows = await tx.conn.fetch(sql["offerable_soon"], *suited) or await tx.conn.fetch(sql["offerable"], *suited)
    waiting = await tasks_of(tx.conn, [row["id"] for row in rows])
    for ranked in routing.rank(waiting, person, now):
        if (task := await _locked(tx, ranked.task)) is None:
            continue
        facts = await desk.facts(tx.conn, task, now)
        decision = ask(authorizer, person, "claim", task, facts)
        if not decision.allowed:
            continue
        queue = await queue_of(tx.conn, task.queue)
        expires = now + queue.offer_for
        after = changed(task, Action.OFFER, now, offered_to=person.id, offer_expires_at=expires)
        await save(tx, task, after)
        await tx.conn.execute(people["worked"], person.id, now)
        record(
            tx,
            after,
            Action.OFFER,
            CLOCK,
            now,
            refs={"to": person.id},
            facts={"expires": expires.isoformat(), "why": "; ".join(ranked.why)},
            permitted=decision,
        )
        return True
    return False


async def _locked(tx: Recording, task: Task) -> Task | None:
    """The task, locked, if nobody else has it and it still waits for an offer."""
    if not await tx.conn.fetch(tasks_sql["lock_free"], [task.id]):
        return None
    [current] = await tasks_of(tx.conn, [task.id])
    return current if current.state is State.READY and current.offered_to is None else None
