"""To whom a task can be given: those who would get it if they were named now."""

from dataclasses import dataclass
from datetime import datetime

from journeyman.store.sql import load
from journeyman.tasks.change import task_of
from journeyman.tasks.desk import Desk, ask
from journeyman.tasks.models import Person, Queue
from journeyman.tasks.people import all_queues

sql = load("receivers")


@dataclass(frozen=True)
class Receivers:
    """People who are there, have room and may take it, at most twenty; and the other queues."""

    people: tuple[Person, ...]
    queues: tuple[Queue, ...]


async def receivers(desk: Desk, task_id: str, person_id: str, *, now: datetime) -> Receivers:
    """To whom this person can transfer a task. Raises NotFoundError."""
    async with desk.database.connection() as conn:
        task = await task_of(conn, task_id)
        rows = await conn.fetch(sql["people"], person_id, sorted(task.candidate_groups))
        authorizer, facts = await desk.policies(conn), await desk.facts(conn, task, now)
        people = [Person.model_validate(dict(row)) for row in rows]
        found = [each for each in people if ask(authorizer, each, "claim", task, facts).allowed]
        queues = [queue for queue in await all_queues(conn) if queue.id != task.queue]
    return Receivers(tuple(found), tuple(queues))
