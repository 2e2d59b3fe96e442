"""Looks: pages that are open, of a task (`views.looking`) or a journey (`views.following`), from when one opens until it is left.

A look is on the record twice. `task.viewed` or `journey.viewed` says what was shown when the page opened: the fields, and the
conversation up to a position. `task.left` or `journey.left` says how long it was open, and up to which position the conversation
was shown by then. What the page reads again meanwhile belongs to the same look; policy is asked again each time. A page that was
not heard of for `LAPSES` counts as left when it was last heard of; one that comes back after that begins again.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from journeyman.errors import NotFoundError
from journeyman.governance import Decision
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks.desk import Desk

sql = load("looks")

LAPSES: Final = timedelta(seconds=60)
"""How long nothing is heard of a page before it counts as left."""
_FORGOTTEN: Final = timedelta(days=1)

Row = Mapping[str, Any]
"""A look, with the journey and, where it is of a task, the step and the queue."""


async def held(conn: Connection, look_id: str, at: str, person_id: str) -> Row:
    """A person's look at a task or a journey, held. Raises NotFoundError."""
    row: Row | None = await conn.fetchrow(sql["of_person"], look_id, person_id)
    if row is None or at != (row["task_id"] or row["journey_id"]):
        raise NotFoundError("this page is of an earlier look; open it again", field="look")
    return row


async def go_on(conn: Connection, look: Row, position: int, *, now: datetime) -> None:
    """The page is open still, and has shown the conversation up to a position. What has ended is not gone on with."""
    if look["ended_at"] is None:
        await conn.execute(sql["go_on"], look["id"], now, position)


async def begin_again(desk: Desk, look: Row, position: int, decision: Decision, *, auth: str, now: datetime) -> None:
    """The page was heard of after its look had ended. Where it has not, nothing happens."""
    if look["ended_at"] is None:
        return
    async with desk.recording() as tx:
        if await tx.conn.fetchval(sql["begin_again"], look["id"], now, position) is None:
            tx.unchanged()  # another request of the same page did
            return
        facts: dict[str, str | bool | int] = {"again": True, "position": position, "bundle": decision.bundle}
        tx.record(_entry("viewed", look, auth, now, facts, policies=list(decision.policies)))


async def end(desk: Desk, look_id: str, at: str, person_id: str, *, now: datetime, auth: str) -> None:
    """The page was left. One that was left already stays so. Raises NotFoundError."""
    async with desk.recording() as tx:
        look = await held(tx.conn, look_id, at, person_id)
        if look["ended_at"] is not None:
            tx.unchanged()
            return
        await _end(tx, look, auth, until=now, at=now, left=True)


async def end_looks(desk: Desk, *, now: datetime, batch: int = 100) -> int:
    """A clock: end the looks of pages that were not heard of for `LAPSES`; returns how many. Those of a day ago are forgotten."""
    async with desk.database.connection() as conn:
        await conn.execute(sql["forget"], now - _FORGOTTEN)
    async with desk.recording() as tx:
        rows = await tx.conn.fetch(sql["lapsed"], now - LAPSES, batch)
        for row in rows:
            await _end(tx, row, row["auth"], until=row["seen_at"], at=now, left=False)
        if not rows:
            tx.unchanged()
    return len(rows)


async def _end(tx: Recording, look: Row, auth: str, *, until: datetime, at: datetime, left: bool) -> None:
    await tx.conn.execute(sql["end"], look["id"], until)
    seconds = max(0, round((until - look["began_at"]).total_seconds()))
    tx.record(_entry("left", look, auth, at, {"seconds": seconds, "position": look["position"], "lapsed": not left}))


def _entry(
    what: str,
    look: Row,
    auth: str,
    at: datetime,
    facts: dict[str, str | bool | int],
    *,
    policies: list[str] | None = None,
) -> Entry:
    refs = {"look": look["id"]}
    if look["task_id"] is not None:
        refs |= {"task": look["task_id"], "step": look["step"], "queue": look["queue"]}
    return Entry(
        type=f"{'task' if look['task_id'] is not None else 'journey'}.{what}",
        at=at,
        actor=Actor(kind="person", id=look["person_id"], auth=auth),
        journey=look["journey_id"],
        refs=refs,
        facts=facts,
        policies=policies or [],
    )
