"""Consulting colleagues, as people see it: whom they could ask about a task, and what they are asked themselves."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from journeyman.governance import Question
from journeyman.store.sql import load
from journeyman.tasks.change import task_of, tasks_of
from journeyman.tasks.consulting import consulting
from journeyman.tasks.desk import Desk, principal_of, resource_of
from journeyman.tasks.models import Person, Presence, Task
from journeyman.tasks.people import people
from journeyman.tasks.viewing import viewer
from journeyman.views.inbox import SEEN
from journeyman.views.listing import Found, Place, filled

sql = load("consultations")

_NEARNESS: Final = {"online": 0, "away": 1, "offline": 2}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Adviser(_Frozen):
    """Someone who could be asked."""

    id: str
    name: str
    presence: Presence


class Consultation(_Frozen):
    """A question that waits for its answer: the text is on the task's page, where looking is recorded."""

    task: Task
    by: str
    name: str
    at: datetime


async def advisers(desk: Desk, task_id: str, person_id: str, *, now: datetime) -> tuple[Adviser, ...]:
    """Whom this person could ask about a task, those who are there first; nobody, where policy does not let them ask."""
    async with desk.database.connection() as conn:
        task = await task_of(conn, task_id)
        standing = await desk.standing(conn, task, person_id, now)
        authorizer, facts = standing.authorizer, standing.facts

        def may(person: Person, action: str, about: Task, **args: str) -> Question:
            return Question(
                principal=principal_of(person),
                action=action,
                resource=resource_of(about),
                facts=facts,
                args=dict(args) if args else None,
            )

        if not task.open or not authorizer.permits([may(standing.person, "consult", task)])[0]:
            return ()
        looking = await viewer(desk, conn, person_id)
        rows = await conn.fetch(people["colleagues"], looking.teams, person_id)
        known = [person for row in rows if (person := Person.model_validate(dict(row))).id != person_id]
        sees = authorizer.permits(
            [may(each, "view", consulting(task, each.id), field="task", data_class="ordinary") for each in known]
        )
        answers = authorizer.permits([may(each, "comment", consulting(task, each.id)) for each in known])
    found = [each for each, *able in zip(known, sees, answers, strict=True) if all(able)]
    found.sort(key=lambda each: (_NEARNESS[each.presence], each.name))
    return tuple(Adviser(id=each.id, name=each.name, presence=each.presence) for each in found)


async def asked_of(
    desk: Desk, person_id: str, *, now: datetime, after: Place | None = None, limit: int = 50
) -> Found[Consultation]:
    """What colleagues ask this person, of tasks that they may see, the oldest first. `after` goes on after a page."""
    async with desk.database.connection() as conn:

        async def read(after: Place | None) -> list[tuple[Consultation, bool]]:
            rows = await conn.fetch(sql["asked"], person_id, *(after or (None, None)), limit)
            if not rows:
                return []
            looking = await viewer(desk, conn, person_id)
            tasks = {task.id: task for task in await tasks_of(conn, {row["task_id"] for row in rows})}
            found = [
                Consultation(task=tasks[row["task_id"]], by=row["author"], name=row["name"], at=row["at"])
                for row in rows
            ]
            about = [each.task for each in found]
            may = await desk.permitted(conn, looking.authorizer, looking.person, "view", about, now, SEEN)
            return list(zip(found, may, strict=True))

        return await filled(read, lambda each: (each.at, each.task.id), after, limit)
