"""Tasks that fell between Temporal and Postgres: a join of what histories tell with what the table holds. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from journeyman.testing.simulation.histories import History

BY_PEOPLE = frozenset({"completed", "failed"})
"""States that a person's closing leads to: their journey must have been told."""


@dataclass(frozen=True)
class TaskRow:
    """A task as the table has it."""

    id: str
    journey_id: str
    state: str
    closed: bool


@dataclass(frozen=True)
class LostTask:
    """One that fell between the two, and how."""

    task: str
    journey: str
    how: str


def lost_tasks(rows: Iterable[TaskRow], histories: Mapping[str, History]) -> list[LostTask]:
    """A task is lost if one side does not know it, if nobody closed it and its journey is over, or if its journey never
    heard that a person had closed it.
    """
    found: list[LostTask] = []
    known = {row.id: row for row in rows}
    opened = {task: history for history in histories.values() for task in history.tasks.opened}
    for task, history in opened.items():
        if task not in known:
            found.append(LostTask(task, history.journey, "the history opened it, and the table does not have it"))
    for row in known.values():
        owner = opened.get(row.id)
        if owner is None:
            found.append(LostTask(row.id, row.journey_id, "the table has it, and no history opened it"))
        elif not row.closed and (owner.closed or row.id in owner.tasks.settled):
            found.append(LostTask(row.id, row.journey_id, f"it is {row.state}, and its journey waits for it no more"))
        elif row.state in BY_PEOPLE and row.id not in owner.tasks.told:
            found.append(LostTask(row.id, row.journey_id, "a person closed it, and its journey was never told"))
        elif row.state in BY_PEOPLE and row.id not in owner.tasks.settled:
            found.append(LostTask(row.id, row.journey_id, "a person closed it, and its journey has not taken it up"))
    return found
