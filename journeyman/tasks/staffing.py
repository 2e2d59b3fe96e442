"""Who is there, how much they take at once, and what they can: set by themselves or by whom policy lets."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from journeyman.errors import InputError
from journeyman.governance import Facts, Resource
from journeyman.ledger.entry import Entry
from journeyman.ledger.log import Recording
from journeyman.tasks.desk import Desk, principal_of
from journeyman.tasks.models import Person, Presence
from journeyman.tasks.people import hold_person, people, person_of
from journeyman.tasks.permission import Permission, permission

_MOST_SKILLS: Final = 50
_SKILL: Final = re.compile(r"\w[\w .+-]{0,63}")


async def set_presence(
    desk: Desk, person_id: str, presence: Presence, *, by: str | None, now: datetime, auth: str
) -> Person:
    """Come, go, or take a break, where policy lets `by` (None: the operator) `attend`. Raises DeniedError, NotFoundError.

    What is offered to someone who leaves goes to the next; what they hold and have not begun comes back.
    """
    async with desk.recording() as tx:
        person, permitted = await person_for(desk, tx, person_id, by, "attend", auth)
        if person.presence == presence:
            tx.unchanged()
            return person
        await tx.conn.execute(people["set_presence"], person_id, presence, now)
        tx.record(_entry("person.presence", person, permitted, now, {"from": person.presence, "to": presence}))
    return person.model_copy(update={"presence": presence, "presence_at": now})


async def set_capacity(
    desk: Desk, person_id: str, capacity: int, *, by: str | None, now: datetime, auth: str
) -> Person:
    """Change how much someone takes at once; what they hold already they keep. Policy lets `by` `manage`.

    Raises DeniedError, NotFoundError, InputError.
    """
    if not 0 <= capacity <= 100:
        raise InputError(f"a capacity of `{capacity}` is out of range; give 0 to 100", field="capacity")
    async with desk.recording() as tx:
        person, permitted = await person_for(desk, tx, person_id, by, "manage", auth)
        if person.capacity == capacity:
            tx.unchanged()
            return person
        await tx.conn.execute(people["set_capacity"], person_id, capacity)
        tx.record(_entry("person.capacity", person, permitted, now, {"from": person.capacity, "to": capacity}))
    return person.model_copy(update={"capacity": capacity})


async def set_skills(
    desk: Desk, person_id: str, skills: Iterable[str], *, by: str | None, now: datetime, auth: str
) -> Person:
    """Say what someone is skilled in; tasks that ask for a skill prefer them. Policy lets `by` `manage`.

    Raises DeniedError, NotFoundError, InputError.
    """
    wanted = frozenset(skills)
    if len(wanted) > _MOST_SKILLS:
        raise InputError(f"{len(wanted)} skills are too many; give up to {_MOST_SKILLS}", field="skills")
    if wrong := sorted(skill for skill in wanted if not _SKILL.fullmatch(skill)):
        raise InputError(
            f"`{wrong[0]}` is no skill; use up to 64 letters, digits, blanks, `-`, `_`, `+` and `.`", field="skills"
        )
    async with desk.recording() as tx:
        person, permitted = await person_for(desk, tx, person_id, by, "manage", auth)
        if person.skills == wanted:
            tx.unchanged()
            return person
        await tx.conn.execute(people["set_skills"], person_id, sorted(wanted))
        change = {"added": len(wanted - person.skills), "removed": len(person.skills - wanted)}
        values: dict[str, JsonValue] = {"skills": [*sorted(wanted)]}
        tx.record(_entry("person.skills", person, permitted, now, change, values))
    return person.model_copy(update={"skills": wanted})


async def person_for(
    desk: Desk, tx: Recording, person_id: str, by: str | None, action: str, auth: str
) -> tuple[Person, Permission]:
    """The person as they stay until the transaction ends, once policy lets `by` do this to them."""
    await hold_person(tx.conn, person_id)
    person = await person_of(tx.conn, person_id)
    facts = Facts(simulated=person.simulated)
    resource = Resource.person(principal_of(person))
    return person, await permission(desk, tx.conn, by, action, resource, auth=auth, facts=facts)


def _entry(
    type: str,
    person: Person,
    permitted: Permission,
    now: datetime,
    change: Mapping[str, str | bool | int],
    values: Mapping[str, JsonValue] | None = None,
) -> Entry:
    subject = person.id if values else "system"
    return permitted.entry(type, now, subject=subject, refs={"person": person.id}, facts=change, values=values)
