"""What the tables say of a simulation: journeys, steps, handoffs, decisions, tasks, tool calls."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from journeyman.store.database import Database
from journeyman.store.sql import load
from journeyman.testing.simulation.lost_tasks import TaskRow
from journeyman.testing.simulation.summary import Decisions, Outcomes, Resolution, Steps, Summary, Tasks

sql = load("simulation")

Resolve = Callable[[str, str | None, bool], Resolution]
"""The project's: how a journey of this kind with this outcome was resolved; the last says whether a person did any of it."""

BACK = "back_to_ai"
"""Under this word all handoffs from people to AI agents are counted: their reasons are whole sentences."""

_BY_PEOPLE = frozenset({"complete", "accept", "edit"})


@dataclass(frozen=True)
class Tally:
    """The counts, and the rows of tasks for those who join them with something else."""

    summary: Summary
    tasks: list[TaskRow]


async def tally(database: Database, journeys: Sequence[str], resolve: Resolve) -> Tally:
    """Count what these journeys came to."""
    ids = list(journeys)
    async with database.connection() as conn:
        rows = await conn.fetch(sql["journeys"], ids)
        tasks = await conn.fetch(sql["tasks"], ids)
        decisions = await conn.fetchrow(sql["decisions"], ids)
        handoffs = await conn.fetch(sql["handoffs"], ids)
        calls = await conn.fetch(sql["tool_calls"], ids)
        alone = await conn.fetchval(sql["completed_alone"], ids)
        unassisted = {row["effect"] for row in await conn.fetch(sql["unassisted"], ids)}
    worked = {task["journey_id"] for task in tasks if task["action"] in _BY_PEOPLE}
    ended: Counter[str] = Counter(
        resolve(row["kind"], row["outcome"], row["id"] in worked) for row in rows if row["status"] == "completed"
    )
    by_reason: Counter[str] = Counter()
    for row in handoffs:
        by_reason[row["reason"] if row["direction"] == "to_person" else BACK] += row["count"]
    summary = Summary(
        journeys_started=len(rows),
        journeys_completed=sum(row["status"] == "completed" for row in rows),
        journeys_failed=sum(row["status"] in ("failed", "cancelled") for row in rows),
        outcomes=Outcomes(**ended),
        steps=_steps(tasks, alone, unassisted),
        handoffs=dict(by_reason),
        decisions=Decisions(**dict(decisions)),
        tasks=Tasks(
            opened=len(tasks),
            completed=sum(task["state"] == "completed" for task in tasks),
            open=sum(not task["closed"] for task in tasks),
        ),
        tool_calls=sum(row["count"] for row in calls if row["status"] != "refused"),
    )
    return Tally(summary, _task_rows(tasks))


async def task_rows(database: Database, journeys: Sequence[str]) -> list[TaskRow]:
    """The tasks of these journeys, as the table has them now."""
    async with database.connection() as conn:
        return _task_rows(await conn.fetch(sql["tasks"], list(journeys)))


def _task_rows(rows: Sequence[Any]) -> list[TaskRow]:
    return [TaskRow(row["id"], row["journey_id"], row["state"], row["closed"]) for row in rows]


def _steps(tasks: Sequence[Any], alone: int, unassisted: set[str]) -> Steps:
    """Steps that are done: alone by AI, by a person's word on a draft, or by a person with or without an AI's help."""
    found = Steps(autonomous=alone)
    for task in tasks:
        if task["kind"] == "review" and task["draft_kind"] == "result" and task["action"] in ("accept", "edit"):
            found.loop_in += 1
        elif task["kind"] in ("work", "callback") and task["action"] in ("complete", "dispose"):
            if task["effect"] in unassisted:
                found.human += 1
            else:
                found.assistive += 1
    return found
