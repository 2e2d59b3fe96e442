"""Macros: texts that people say again and again, their own or their team's. Policy says who keeps them, and who uses them.

A text may hold places to be filled where it is used: `{customer}`, `{me}`, `{task}`. It is sealed under the key of its person, or
of `system` where it is a team's.
"""

import re
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict

from journeyman.errors import ConflictError, InputError, NotFoundError
from journeyman.governance import Facts, Question, Resource
from journeyman.identifiers import new_id
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.store.sql import load
from journeyman.tasks.desk import Desk, principal_of
from journeyman.tasks.models import Person
from journeyman.tasks.operation import required
from journeyman.tasks.people import person_of
from journeyman.tasks.permission import Permission, permission
from journeyman.tasks.viewing import Viewer, viewer

sql = load("macros")

PLACES: Final = ("customer", "me", "task")
"""What a text leaves open."""
MOST: Final = 200
"""Macros of one owner."""
_LONGEST: Final = 4_000
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_KEYS: Final = re.compile(r"[a-z0-9]{0,12}")


class Macro(BaseModel):
    """One. Without a `team` it is its person's own."""

    model_config = ConfigDict(frozen=True)

    id: str
    team: str | None
    name: str
    keys: str
    """A few letters that find it at once."""
    text: str
    changed_at: datetime


async def macros(desk: Desk, person_id: str, query: str = "") -> list[Macro]:
    """Those that a person may use and that hold what was typed, by name; whose `keys` are just that come first."""
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)
        found = [
            await _opened(desk, conn, row)
            for row in await conn.fetch(sql["of"], _usable(looking), person_id)
            if row["team"] or _own(looking)
        ]
    typed, words = query.strip().casefold(), query.casefold().split()
    fits = [each for each in found if all(word in f"{each.keys} {each.name} {each.text}".casefold() for word in words)]
    return sorted(fits, key=lambda each: (not typed or each.keys != typed, not each.keys.startswith(typed)))


async def kept_teams(desk: Desk, person_id: str) -> list[str]:
    """The teams whose macros a person may keep."""
    async with desk.database.connection() as conn:
        looking = await viewer(desk, conn, person_id)
        return [team for team in sorted(looking.person.teams) if _keeps(looking, team)]


async def add(
    desk: Desk,
    person_id: str,
    *,
    name: str,
    text: str,
    keys: str = "",
    team: str | None = None,
    now: datetime,
    auth: str,
) -> str:
    """Keep a new one, for a team or for oneself; returns its id. Raises DeniedError, InputError, ConflictError."""
    name, text, keys = _fitting(name, text, keys)
    async with desk.recording() as tx:
        permitted = await _permit(desk, tx, person_id, team, auth)
        owner = None if team else person_id
        await tx.conn.fetch(sql["hold_owner"], team or f"person:{person_id}")
        if await tx.conn.fetchval(sql["count"], team, owner) >= MOST:
            raise ConflictError(f"there are {MOST} macros already; take one away first")
        id, sealed = new_id("macro"), await tx.seal(owner or "system", text)
        if await tx.conn.fetchval(sql["insert"], id, team, owner, name, keys, sealed, now) is None:
            raise _taken(name)
        _record(tx, "macro.kept", id, team, owner, permitted, now, name=name, keys=keys, text=text)
    return id


async def change(
    desk: Desk, person_id: str, id: str, *, name: str, text: str, keys: str = "", now: datetime, auth: str
) -> None:
    """Give one other words. Raises NotFoundError, DeniedError, InputError, ConflictError."""
    name, text, keys = _fitting(name, text, keys)
    async with desk.recording() as tx:
        team, owner, permitted = await _theirs(desk, tx, person_id, id, auth)
        await tx.conn.fetch(sql["hold_owner"], team or f"person:{person_id}")
        if await tx.conn.fetchval(sql["update"], id, name, keys, await tx.seal(owner or "system", text), now) is None:
            raise _taken(name)
        _record(tx, "macro.kept", id, team, owner, permitted, now, name=name, keys=keys, text=text)


async def remove(desk: Desk, person_id: str, id: str, *, now: datetime, auth: str) -> None:
    """Take one away. Raises NotFoundError, DeniedError."""
    async with desk.recording() as tx:
        team, owner, permitted = await _theirs(desk, tx, person_id, id, auth)
        await tx.conn.execute(sql["delete"], id)
        _record(tx, "macro.removed", id, team, owner, permitted, now)


def _fitting(name: str, text: str, keys: str) -> tuple[str, str, str]:
    name, text = required(name, "name", "say what it is for"), required(text, "text", "write what is said")
    keys = keys.strip().casefold()
    if len(name) > 80:
        raise InputError("`name` is longer than 80 characters; shorten it", field="name")
    if len(text) > _LONGEST:
        raise InputError(f"`text` is longer than {_LONGEST} characters; shorten it", field="text")
    if not _KEYS.fullmatch(keys):
        raise InputError(f"`{keys}` cannot be typed fast; give up to 12 letters and digits", field="keys")
    if unknown := sorted(set(_PLACE.findall(text)) - set(PLACES)):
        known = ", ".join(f"`{{{each}}}`" for each in PLACES)
        raise InputError(f"nothing fills `{{{unknown[0]}}}`; there are {known}", field="text")
    return name, text, keys


def _usable(looking: Viewer) -> list[str]:
    facts = _facts(looking.person)
    teams = sorted(looking.person.teams)
    return [team for team in teams if looking.decide(Resource.team(team), "macros", facts=facts).allowed]


def _own(looking: Viewer) -> bool:
    resource = Resource.person(principal_of(looking.person))
    return looking.decide(resource, "macros", "personal", facts=_facts(looking.person)).allowed


def _keeps(looking: Viewer, team: str) -> bool:
    person = looking.person
    asked = Question(
        principal=principal_of(person), action="keep_macros", resource=Resource.team(team), facts=_facts(person)
    )
    return looking.authorizer.decide(asked).allowed


async def _permit(desk: Desk, tx: Recording, person_id: str, team: str | None, auth: str) -> Permission:
    person = await person_of(tx.conn, person_id)
    resource = Resource.team(team) if team else Resource.person(principal_of(person))
    return await permission(desk, tx.conn, person_id, "keep_macros", resource, auth=auth, facts=_facts(person))


async def _theirs(
    desk: Desk, tx: Recording, person_id: str, id: str, auth: str
) -> tuple[str | None, str | None, Permission]:
    row = await tx.conn.fetchrow(sql["read"], id)
    if row is None or row["person_id"] not in (None, person_id):  # whose own it is, nobody else hears
        raise NotFoundError(f"there is no macro `{id}`; see those that there are", field="macro")
    return row["team"], row["person_id"], await _permit(desk, tx, person_id, row["team"], auth)


async def _opened(desk: Desk, conn: Connection, row: dict[str, object]) -> Macro:
    sealed = row["body"]
    assert isinstance(sealed, bytes)
    text = await desk.keyring.open(conn, str(row["person_id"] or "system"), sealed)
    return Macro.model_validate({**row, "text": text})


def _record(
    tx: Recording,
    type: str,
    id: str,
    team: str | None,
    owner: str | None,
    permitted: Permission,
    now: datetime,
    **values: str,
) -> None:
    refs = {"macro": id} | ({"team": team} if team else {"person": owner or ""})
    tx.record(permitted.entry(type, now, subject=owner or "system", refs=refs, values=values))


def _facts(person: Person) -> Facts:
    """Nothing here concerns a customer: simulated people have macros like everyone."""
    return Facts(simulated=person.simulated)


def _taken(name: str) -> ConflictError:
    return ConflictError(f"there is a macro `{name}` already; change that one, or choose another name", field="name")
