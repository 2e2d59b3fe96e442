"""The people whom a person may see: who is there, and, for whoever leads them, what they take and what they have in hand.

Nothing here is sealed and nothing is recorded: a list that is looked at all day says nothing about who looked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from journeyman.governance import Facts, Resource
from journeyman.store.database import Connection
from journeyman.tasks.desk import Desk, principal_of
from journeyman.tasks.lifecycle import State
from journeyman.tasks.models import Kind, Person, Presence
from journeyman.tasks.people import people, person_of
from journeyman.tasks.viewing import Viewer, viewer

_FIELDS: Final = {
    "name": "ordinary",
    "presence": "ordinary",
    "teams": "ordinary",
    "capacity": "personal",
    "skills": "personal",
    "holding": "personal",
}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Holding(_Frozen):
    """A task that someone has in hand or on hold."""

    task: str
    journey: str
    title: str
    kind: Kind
    state: State
    queue: str
    since: datetime


class Colleague(_Frozen):
    """A person as another one sees them; None is what policy does not show."""

    id: str
    name: str
    presence: Presence | None = None
    presence_at: datetime | None = None
    teams: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    simulated: bool = False
    load: int | None = None
    """What counts against their capacity: in hand, offered to them, or wrapped up just now."""
    capacity: int | None = None
    worked_at: datetime | None = None
    wrap_up_task: str | None = None
    wrap_up_until: datetime | None = None
    skills: tuple[str, ...] | None = None
    holding: tuple[Holding, ...] | None = None


async def colleagues(desk: Desk, person_id: str) -> list[Colleague]:
    """Everyone whom this person may see, by id: themselves and their teams, for supervisors and auditors all."""
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)
        rows = await conn.fetch(people["colleagues"], looking.teams, person_id)
        found = [Person.model_validate(dict(row)) for row in rows]
        seen = [(person, fields) for person in found if "name" in (fields := _seen(looking, person))]
        holding = await _holding(conn, [person.id for person, fields in seen if "holding" in fields])
        return [_shown(person, fields, holding) for person, fields in seen]


async def colleague(desk: Desk, person_id: str, other: str, *, looking: Viewer | None = None) -> Colleague:
    """One of them. Raises NotFoundError, DeniedError."""
    async with desk.database.connection() as conn:
        looking = looking or await viewer(desk, conn, person_id)
        person = looking.person if other == person_id else await person_of(conn, other)
        fields = _seen(looking, person)
        if "name" not in fields:
            looking.require(Resource.person(principal_of(person)), "name", facts=Facts(simulated=person.simulated))
        return _shown(person, fields, await _holding(conn, [other] if "holding" in fields else []))


def _seen(looking: Viewer, person: Person) -> frozenset[str]:
    resource = Resource.person(principal_of(person))
    return looking.among(resource, _FIELDS, facts=Facts(simulated=person.simulated))


def _shown(person: Person, fields: frozenset[str], holding: Mapping[str, list[Holding]]) -> Colleague:
    shown: dict[str, Any] = {"id": person.id, "name": person.name, "simulated": person.simulated}
    if "presence" in fields:
        shown |= {"presence": person.presence, "presence_at": person.presence_at}
    if "teams" in fields:
        shown |= {"teams": tuple(sorted(person.teams)), "roles": tuple(sorted(person.roles))}
    if "capacity" in fields:
        shown |= {"load": person.load, "capacity": person.capacity, "worked_at": person.worked_at}
        shown |= {"wrap_up_task": person.wrap_up_task, "wrap_up_until": person.wrap_up_until}
    if "skills" in fields:
        shown |= {"skills": tuple(sorted(person.skills))}
    if "holding" in fields:
        shown |= {"holding": tuple(holding.get(person.id, ()))}
    return Colleague(**shown)


async def _holding(conn: Connection, ids: list[str]) -> dict[str, list[Holding]]:
    found: dict[str, list[Holding]] = {each: [] for each in ids}
    for row in await conn.fetch(people["holding"], ids):
        fields = dict(row)
        found[fields.pop("assignee")].append(Holding.model_validate(fields))
    return found
