"""Who works where: people, teams, queues and calendars, set from one document.

A document sets what it names and leaves the rest. To take someone out, give them no teams and a capacity of 0: their row
stays, because the trace speaks of them.

    calendars:
      office: {time_zone: Europe/Berlin, hours: {mon: [["09:00", "17:00"]]}, holidays: ["2026-12-25"], emergency: "Call 112"}
    teams: [claims]
    people:
      ana: {name: Ana, teams: [claims], roles: [agent], skills: [german], capacity: 3}
    queues:
      claims-care: {title: Claims, teams: [claims], calendar: office, respond: 2m, complete: 20m, push: true}
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from journeyman.errors import DefinitionError, InputError
from journeyman.journey.step import duration
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.misfit import misfit
from journeyman.tasks.calendar import Calendar
from journeyman.tasks.desk import Desk
from journeyman.tasks.people import all_queues, people, queues

_TAKEN: Final = frozenset({"clock", "journeyman", "system"})  # actors of the engine


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return duration(value)
    except DefinitionError as error:
        raise ValueError(str(error)) from error


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=64)]
Duration = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta())]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RosterPerson(_Part):
    """Someone, under their id. `simulated` people are marked everywhere and work on rehearsals only. `delegates` stand in for
    them: none of them decides on what another has worked on."""

    name: str
    teams: list[Name] = []
    roles: list[Literal["agent", "supervisor", "auditor", "author"]] = ["agent"]
    skills: list[str] = []
    delegates: list[Name] = []
    capacity: int = Field(default=3, ge=0, le=100)
    simulated: bool = False


class RosterQueue(_Part):
    """A queue, under its id. `respond` and `complete` are its service level, in its calendar's open time."""

    title: str
    teams: list[Name] = Field(min_length=1)
    calendar: Name | None = None
    respond: Duration | None = None
    complete: Duration | None = None
    offer_for: Duration = timedelta(seconds=30)
    wrap_up: Duration | None = None
    push: bool = False
    max_waiting: int | None = Field(default=None, ge=0)
    fallback: Literal["wait", "callback", "queue"] = "wait"
    fallback_queue: Name | None = None

    @model_validator(mode="after")
    def _fallback_complete(self) -> Self:
        if (self.fallback == "queue") != (self.fallback_queue is not None):
            raise ValueError("`fallback: queue` and `fallback_queue` go together; give both or neither")
        return self


class Roster(_Part):
    """The document. `teams` declares the names that people and queues may use."""

    calendars: dict[Name, dict[str, Any]] = {}
    teams: list[Name] = []
    people: dict[Name, RosterPerson] = {}
    queues: dict[Name, RosterQueue] = {}

    @model_validator(mode="after")
    def _names_known(self) -> Self:
        for what, members in (("person", self.people), ("queue", self.queues)):
            for name, member in members.items():
                for team in member.teams:
                    if team not in self.teams:
                        raise ValueError(
                            f"{what} `{name}` is of team `{team}`, which is not in `teams`; declare it there"
                        )
        if taken := _TAKEN & self.people.keys():
            raise ValueError(f"`{min(taken)}` is the engine's own id; name the person otherwise")
        return self


class Applied(_Part):
    """What a document changed, by ids; all empty when it was in force already."""

    calendars: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        return bool(self.calendars or self.people or self.queues)


def read(file: Path) -> dict[str, Any]:
    """The document of a roster file. Raises InputError that names the file and what is wrong."""
    try:
        text = file.read_text(encoding="utf-8")
        if file.suffix == ".toml":
            return tomllib.loads(text)
        document: Any = yaml.safe_load(text)  # JSON is YAML
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"`{file}` cannot be read ({error}); name a roster file", field="file") from error
    except (yaml.YAMLError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"`{file}` does not parse: {' '.join(str(error).split())}", field="file") from error
    if not isinstance(document, dict):
        raise InputError(
            f"`{file}` is no roster; it has `calendars`, `teams`, `people` and `queues`, see docs/operations.md",
            field="file",
        )
    return document


def queues_of(file: Path) -> frozenset[str]:
    """The queues that a roster file sets. Raises InputError as `apply` does."""
    return frozenset(_read(read(file))[0].queues)


async def apply(desk: Desk, document: Mapping[str, Any], by: Actor, now: datetime) -> Applied:
    """Set the roster from a document, in one transaction with one entry; nothing at all when it is in force already.

    Raises InputError that names the place in the document and the remedy.
    """
    roster, calendars = _read(document)
    async with desk.recording() as tx:
        applied = Applied(
            calendars=await _put_calendars(tx, calendars),
            people=await _put_people(tx, roster.people),
            queues=await _put_queues(tx, roster.queues),
        )
        await _without_cycles(tx)
        if not applied.changed:
            tx.unchanged()
        tx.record(
            Entry(
                type="roster.applied",
                at=now,
                actor=by,
                facts={name: " ".join(ids) for name, ids in applied.model_dump().items()},
                values={"roster": roster.model_dump(mode="json", exclude={"people": {"__all__": {"name"}}})},
            )
        )
    return applied


def _read(document: Mapping[str, Any]) -> tuple[Roster, list[Calendar]]:
    place: tuple[str, ...] = ()
    try:
        roster = Roster.model_validate(document)
        calendars = []
        for name, fields in roster.calendars.items():
            place = ("calendars", name)
            calendars.append(Calendar.model_validate({**fields, "id": name}))
    except ValidationError as error:
        path, wrong = misfit(error, *place)
        field = path or "roster"
        raise InputError(f"`{field}`: {wrong}", field=field) from error
    return roster, calendars


async def _put_calendars(tx: Recording, calendars: list[Calendar]) -> tuple[str, ...]:
    put = []
    for calendar in calendars:
        fields = calendar.model_dump(mode="json")
        row = (calendar.id, calendar.time_zone, fields["hours"], fields["holidays"], calendar.emergency)
        put.append(await tx.conn.fetchval(queues["put_calendar"], *row))
    return _those(put)


async def _put_people(tx: Recording, members: Mapping[str, RosterPerson]) -> tuple[str, ...]:
    put = []
    for name, person in sorted(members.items()):
        lists = [sorted(set(names)) for names in (person.teams, person.roles, person.skills, person.delegates)]
        put.append(await tx.conn.fetchval(people["put"], name, person.name, *lists, person.capacity, person.simulated))
    if (row := await tx.conn.fetchrow(people["unknown_delegates"])) is not None:
        field = f"people.{row['id']}.delegates"
        raise InputError(f"`{field}`: there is no person `{row['delegate']}`; add them", field=field)
    return _those(put)


async def _put_queues(tx: Recording, wanted: Mapping[str, RosterQueue]) -> tuple[str, ...]:
    """Those that others fall back to first. Raises InputError for a calendar or queue that does not exist."""
    calendars = {row["id"] for row in await tx.conn.fetch(queues["calendars"])}
    there = {queue.id for queue in await all_queues(tx.conn)}
    put, left = [], dict(wanted)
    while left:
        ready = [name for name, queue in left.items() if queue.fallback_queue in there or not queue.fallback_queue]
        if not ready:
            name, queue = min(left.items())
            field = f"queues.{name}.fallback_queue"
            if queue.fallback_queue in left:
                raise InputError(f"`{field}`: these queues fall back to each other; end the circle", field=field)
            raise InputError(f"`{field}`: there is no queue `{queue.fallback_queue}`; add it", field=field)
        for name in sorted(ready):
            queue = left.pop(name)
            if queue.calendar is not None and queue.calendar not in calendars:
                field = f"queues.{name}.calendar"
                raise InputError(f"`{field}`: there is no calendar `{queue.calendar}`; add it", field=field)
            put.append(
                await tx.conn.fetchval(
                    queues["put"],
                    name,
                    queue.title,
                    sorted(set(queue.teams)),
                    queue.calendar,
                    queue.respond,
                    queue.complete,
                    queue.offer_for,
                    queue.push,
                    queue.max_waiting,
                    queue.fallback,
                    queue.fallback_queue,
                    queue.wrap_up,
                )
            )
            there.add(name)
    return _those(put)


async def _without_cycles(tx: Recording) -> None:
    """INVARIANT: fallback queues form no circle; openings lock queues along the chain, and a circle could deadlock them."""
    onward = {queue.id: queue.fallback_queue for queue in await all_queues(tx.conn)}
    for start in onward:
        seen, queue = {start}, onward[start]
        while queue is not None:
            if queue in seen:
                field = f"queues.{start}.fallback_queue"
                raise InputError(
                    f"`{field}`: from `{start}` the fallback queues lead back; end the circle", field=field
                )
            seen.add(queue)
            queue = onward[queue]


def _those(ids: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted(each for each in ids if each is not None))
