"""Whole journeys: find, start and read them, speak into them, cancel them, take them away from AI agents and give them back."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, JsonValue

from journeyman.console.asked import Asked, Reads, Writes, asks, once
from journeyman.console.cursor import Listed, PageSize, after, goes_on, page_of
from journeyman.console.words import Body, JourneyId, Moment, Name, Text, Why, Words
from journeyman.conversation.transcript import Message
from journeyman.customers import journeys as rows
from journeyman.customers.journeys import JourneyRow, Status
from journeyman.tasks import cases, speaking, stops
from journeyman.views import journeys
from journeyman.views.journeys import JourneyPage, Kind, Search

router = APIRouter(prefix="/journeys", tags=["journeys"])


class Start(Body):
    """Of a customer who is known by id, or by an address on the channel: who is new there is made known."""

    kind: Name
    customer: Name | None = None
    address: Annotated[str, Field(max_length=320, pattern=r"^[^\x00]*$")] | None = None
    channel: Name = "chat"
    input: JsonValue = None
    id: Name | None = Field(default=None, description="A pseudonym, used once for ever.")
    linked_from: Name | None = None
    reopens: Name | None = None


class Cancel(Body):
    """`reason` is a stable word, such as `customer_request`, and becomes the outcome; `comment` says more and is sealed."""

    reason: Name
    comment: Text = ""


@router.get("", **asks("view", "Journey", narrows=True))
async def search(
    asked: Reads,
    kind: Name | None = None,
    status: Status | None = None,
    stage: Name | None = None,
    outcome: Name | None = None,
    customer: Name | None = None,
    person: Annotated[Name | None, Query(description="Who holds or held a task of it.")] = None,
    agent: Annotated[Name | None, Query(description="The AI agent that works on it, or has spoken in it.")] = None,
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: str | None = None,
    limit: PageSize = 50,
) -> Listed[JourneyRow]:
    """The journeys that fit, of those that the person's teams work on, the newest first."""
    wanted = Search(
        kind=kind,
        status=status,
        stage=stage,
        outcome=outcome,
        customer=customer,
        person=person,
        agent=agent,
        since=since,
        until=until,
        before=after(cursor),
        limit=limit,
    )
    found = await journeys.search(asked.desk, asked.person, wanted)
    return Listed(items=found, next=goes_on(found.after))


@router.post("", status_code=201, **asks("open_case", "Customer"))
async def start(asked: Writes, given: Start) -> JourneyRow:
    """Start the newest version of a kind."""
    return await opened(asked, **{name: getattr(given, name) for name in Start.model_fields})


@router.get("/kinds", **asks("view", "JourneyKind", narrows=True))
async def kinds(asked: Reads, cursor: str | None = None, limit: PageSize = 50) -> Listed[Kind]:
    """Of each kind, by name: where its open journeys stand and with whom, and how those of the last day ended."""
    found = await journeys.kinds(asked.desk, asked.person, now=asked.now)
    return page_of(found, lambda each: each.kind, cursor, limit)


@router.get("/{journey}", **asks("view", "Journey"))
async def show(asked: Reads, journey: JourneyId) -> JourneyPage:
    """One of them with its tasks and its conversation, as policy allows. The look is recorded."""
    return await journeys.show(asked.desk, journey, asked.person, **asked.deed)


@router.post("/{journey}/messages", **asks("say", "Journey"))
async def say(asked: Writes, journey: JourneyId, given: Words) -> Message | None:
    """Tell the customer something, whoever works on it. Nothing comes back where it was said before."""
    return await once(lambda: speaking.say_in(asked.desk, journey, asked.person, given.text, **asked.deed))


@router.post("/{journey}/whisper", **asks("override", "Journey"))
async def whisper(asked: Writes, journey: JourneyId, given: Words) -> Message | None:
    """Tell whoever works on it something that neither the customer nor an AI agent is shown. Nothing comes back where it was
    said before."""
    return await once(lambda: speaking.whisper(asked.desk, journey, asked.person, given.text, **asked.deed))


@router.post("/{journey}/cancel", status_code=204, **asks("override", "Journey"))
async def cancel(asked: Writes, journey: JourneyId, given: Cancel) -> None:
    """Cancel it: open tasks are withdrawn, AI agents stop, people perform its compensations."""
    await once(
        lambda: cases.cancel(
            asked.desk, journey, given.reason, comment=given.comment, person=asked.person, **asked.deed
        )
    )


@router.post("/{journey}/stop", status_code=204, **asks("stop", "Journey"))
async def stop(asked: Writes, journey: JourneyId, given: Why) -> None:
    """Take it away from AI agents, at once: people go on with it."""
    scope = f"journey:{journey}"
    await once(lambda: stops.stop(asked.desk, scope, reason=given.reason, person=asked.person, **asked.deed))


@router.post("/{journey}/resume", status_code=204, **asks("resume", "Journey"))
async def resume(asked: Writes, journey: JourneyId) -> None:
    """Let AI agents work on it again. What went to people meanwhile stays with them."""
    await once(lambda: stops.resume(asked.desk, f"journey:{journey}", person=asked.person, **asked.deed))


@router.post("/{journey}/reassign", status_code=204, **asks("override", "Journey"))
async def reassign(asked: Writes, journey: JourneyId) -> None:
    """Have policy asked anew, now, who works on it, where its AI agent waits for the customer."""
    await once(lambda: cases.reassign(asked.desk, journey, person=asked.person, **asked.deed))


async def opened(asked: Asked, *, kind: str, id: str | None = None, **fields: Any) -> JourneyRow:
    """Open a journey; a request that is sent again finds the one that it opened."""
    if id is None and (key := asked.desk.once) is not None:
        id = f"jrn-{hashlib.sha256(repr((key.person, key.key)).encode()).hexdigest()[:26]}"

    async def deed() -> JourneyRow:
        definition = asked.console.project.definition(kind)
        return await cases.open_case(asked.desk, definition, id=id, person=asked.person, **fields, **asked.deed)

    async def found() -> JourneyRow:
        assert id is not None
        async with asked.console.database.connection() as conn:
            return await rows.read(conn, id)

    return await once(deed, found)
