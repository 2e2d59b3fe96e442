"""People: oneself and one's colleagues, who is there, how much they take and what they are skilled in."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from journeyman.console import identity
from journeyman.console.asked import Asked, Reads, Writes, asks, once
from journeyman.console.cursor import Listed, PageSize, page_of
from journeyman.console.words import Body, Name
from journeyman.tasks import staffing, wrap_up
from journeyman.tasks.models import Presence
from journeyman.views import colleagues
from journeyman.views.colleagues import Colleague

router = APIRouter(prefix="/people", tags=["people"])

PersonId = Annotated[Name, Path(description="The person's id; `me` is whoever asks.")]


class Present(Body):
    """Whether they are there. Only who is `online` is offered work."""

    presence: Presence


class Takes(Body):
    """How many tasks at once."""

    capacity: Annotated[int, Field(strict=True, ge=0, le=100)]


class Skilled(Body):
    """All their skills: tasks that need one go to who has it."""

    skills: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=64)], ...], Field(max_length=50)]


@router.get("", **asks("view", "Person", narrows=True))
async def everyone(asked: Reads, cursor: str | None = None, limit: PageSize = 50) -> Listed[Colleague]:
    """Whom the person may see, as far as they may, by id: themselves and their teams; supervisors and auditors see all."""
    found = await colleagues.colleagues(asked.desk, asked.person)
    return page_of(found, lambda each: each.id, cursor, limit)


@router.get("/{person}", **asks("view", "Person"))
async def one(asked: Reads, person: PersonId) -> Colleague:
    """One of them."""
    return await colleagues.colleague(asked.desk, asked.person, _named(asked, person))


@router.put("/{person}/presence", **asks("attend", "Person"))
async def presence(asked: Writes, person: PersonId, given: Present) -> Colleague:
    """Come, go, or take a break: what is offered to someone who leaves goes to the next."""
    return await _changed(asked, person, staffing.set_presence, given.presence)


@router.put("/{person}/capacity", **asks("manage", "Person"))
async def capacity(asked: Writes, person: PersonId, given: Takes) -> Colleague:
    """Change how much they take at once. What they hold already they keep."""
    return await _changed(asked, person, staffing.set_capacity, given.capacity)


@router.put("/{person}/skills", **asks("manage", "Person"))
async def skills(asked: Writes, person: PersonId, given: Skilled) -> Colleague:
    """Say what they are skilled in."""
    return await _changed(asked, person, staffing.set_skills, given.skills)


@router.post("/{person}/wrapped-up", **asks("attend", "Person"))
async def wrapped_up(asked: Writes, person: PersonId) -> Colleague:
    """Say that the wrap-up of the task last closed is done: offers come again. Nothing happens where none is under way."""
    return await _changed(asked, person, wrap_up.end)


@router.post("/{person}/signed-out", **asks("manage", "Person"))
async def signed_out(
    asked: Writes,
    person: PersonId,
    tokens: Annotated[bool, Query(description="Whether their tokens are revoked, too.")] = False,
) -> Colleague:
    """End all their sessions, wherever they are signed in. Their tokens stay unless `tokens` says otherwise."""
    return await _changed(asked, person, partial(identity.end_sessions, tokens=tokens))


async def _changed(asked: Asked, person: str, operation: Callable[..., Awaitable[object]], *given: object) -> Colleague:
    """The person, once what is asked for is done to them."""
    who = _named(asked, person)

    async def deed() -> Colleague:
        await operation(asked.desk, who, *given, by=asked.person, **asked.deed)
        return await _shown(asked, who)

    return await once(deed, lambda: _shown(asked, who))


async def _shown(asked: Asked, person: str) -> Colleague:
    return await colleagues.colleague(asked.desk, asked.person, person)


def _named(asked: Asked, person: str) -> str:
    return asked.person if person == "me" else person
