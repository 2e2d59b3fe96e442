"""A customer's chat: begin one, write, read, hear what is new, ask for a person, leave.

Whose browser it is, its cookie or bearer token says; that lets nobody do anything else. A web site that knows its customers
begins chats for them from its own server (`/chat/tokens`), by a token of a person who may open cases.
"""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field
from starlette.responses import Response

from journeyman.console.api.events import Permitted
from journeyman.console.asked import Writes, asks
from journeyman.console.chatting import Beginning, Chatting, Reading, Sending, chatting_again, converses, offered
from journeyman.console.cursor import Listed
from journeyman.console.live.change import Topic
from journeyman.console.live.fanout import News
from journeyman.console.live.stream import resumes_after
from journeyman.console.problem import RefusedError
from journeyman.console.texts import TEXTS
from journeyman.console.words import Body, Name, Text
from journeyman.conversation import chat
from journeyman.conversation.chat import Line, Standing
from journeyman.conversation.inbound import Received
from journeyman.customers.record import NewCustomer
from journeyman.errors import ConflictError, RepeatedError
from journeyman.project import Project
from journeyman.tasks.desk import Desk

router = APIRouter(prefix="/chat", tags=["chat"], dependencies=[Depends(offered)])

ASKED_FOR: Final = "ask_for_person"
"""The text that asks for a person, in words that the engine hears."""

_MOST_STREAMS: Final = 4  # of one customer, whom nobody has identified and who may be many

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
JourneyId = Annotated[Name, Path(description="The customer's journey, as `GET /api/v1/chat` names it.")]
MessageId = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,100}$")]

_STREAM: dict[int | str, dict[str, object]] = {
    200: {
        "description": "Events `change` and `reset`, which say no more than that there is something to read.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: {"description": "Nothing is told live here."},
}


class Beginner(Body):
    """Someone who begins a chat, and what it is to be about."""

    kind: Name
    name: Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f]*$")] = ""
    """What they want to be called."""
    language: Language = "en"
    time_zone: Annotated[str, Field(max_length=64)] = "UTC"


class Known(Beginner):
    """Someone whom a web site knows, by an address that it gives none else, such as the number of their account there."""

    address: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]


class Begun(Body):
    """A chat. Its token is told once."""

    token: str
    expires_at: datetime


class Chat(Standing):
    """Where the conversation stands, and what this is."""

    kind: str
    language: str
    title: str
    """Of the AI agent that answers: what it is called."""
    standin: bool
    """No model endpoint is configured: a stand-in answers for AI agents."""


class Said(Body):
    """What the customer writes. `id` is new for each message, and the same when it is sent again."""

    id: MessageId
    text: Text


class Wish(Body):
    """`id` is new for each wish, and the same when it is sent again."""

    id: MessageId


class Sent(Body):
    """Where it went."""

    journey: str
    position: int
    repeated: bool
    """It had come before; nothing was written."""


@router.post("", status_code=201, **converses("JourneyKind", by="anyone"))
async def begin(console: Beginning, given: Beginner) -> Begun:
    """Begin a chat as someone new, whom nobody has identified. Its token is told once: to an `Idempotency-Key` that comes again
    the answer is 409, and no other chat is begun.
    """
    return await _begun(console.desk, console.project, given, now=console.clock())


@router.post("/tokens", status_code=201, **asks("open_case", "Customer", by="program"))
async def vouch(asked: Writes, given: Known) -> Begun:
    """Begin a chat for a customer whom your web site knows, from its server: the token is for that customer's browser.

    With a token alone: in a session of theirs, people would read and write as customers whom policy does not show them. An
    `Idempotency-Key` that comes again is answered with 409, as by `POST /api/v1/chat`.
    """
    if asked.caller.scopes is None:
        raise RefusedError(
            403,
            "web sites' servers begin chats for customers, and nobody by hand",
            remedy="send a token with `chat:write`",
        )
    project = asked.console.project
    return await _begun(asked.desk, project, given, address=given.address, person=asked.person, **asked.deed)


@router.get("", **converses())
async def standing(asked: Reading) -> Chat:
    """Who answers, an AI agent or a person; while one waits for a person, the place in the queue."""
    return await stands(asked)


@router.post("/messages", **converses())
async def write(asked: Sending, given: Said) -> Sent:
    """Write something. The first message begins the journey. What looks like a secret is masked before it is kept."""
    return _sent(await say(asked, given.text, given.id))


@router.post("/person", **converses())
async def person(asked: Sending, given: Wish) -> Sent:
    """Ask for a person, in the customer's language."""
    return _sent(await ask_for_person(asked, given.id))


@router.post("/leave", status_code=204, **converses())
async def leave(asked: Sending) -> Response:
    """Close the chat. Whoever works on it hears that the customer left."""
    await leaves(asked)
    return Response(status_code=204)


@router.get("/journeys/{journey}/messages", **converses())
async def messages(
    asked: Reading, journey: JourneyId, after: Annotated[int, Query(ge=0, le=2**53, description="A position.")] = 0
) -> Listed[Line]:
    """What was said, after a position."""
    return Listed(items=await chat.lines(asked.console.desk, asked.session, journey, after=after))


@router.get("/journeys/{journey}/events", response_class=Response, responses=_STREAM, **converses())
async def events(
    request: Request,
    asked: Reading,
    journey: JourneyId,
    after: Annotated[str | None, Query(description="Resume after this position, as `Last-Event-ID` does.")] = None,
) -> Response:
    """Hear that there is something new to read."""
    await chat.listens(asked.console.desk, asked.session, journey)

    async def still() -> None:
        again = await chatting_again(request, asked.console)
        if again.session.customer != asked.session.customer:
            raise ConflictError("the chat is another customer's; connect again")
        await chat.listens(asked.console.desk, again.session, journey)

    feed = asked.console.feed
    if feed is None:
        return Response(status_code=204)
    listening = feed.subscribe(
        [Topic("journey", journey)],
        person=f"customer:{asked.session.customer}",
        after=resumes_after(request),
        most=_MOST_STREAMS,
    )
    return Permitted(listening, still, write=told)


def told(news: News) -> bytes:
    """That there is news. What changed, and who did it, is nothing for customers."""
    event = "reset" if news.reset else "change" if any(not change.looked for change in news.changes) else ""
    head = f"event: {event}\ndata: {{}}\n" if event else ":\n"
    return f"id: {news.position}\n{head}\n".encode()


async def stands(asked: Chatting) -> Chat:
    """Where a customer's conversation stands."""
    found = await chat.standing(asked.console.desk, asked.session, now=asked.now)
    agent = asked.console.project.agents.get(found.ai)
    return Chat(
        **dict(found),
        kind=asked.session.kind,
        language=asked.session.language,
        title=agent.title if agent else "",
        standin=asked.console.settings.model == "stand-in",
    )


async def say(asked: Chatting, text: str, id: str) -> Received:
    """Take in what a customer writes."""
    opens = asked.console.project.definition(asked.session.kind)
    return await chat.say(asked.console.desk, asked.session, text, opens=opens, provider_id=id, now=asked.now)


async def ask_for_person(asked: Chatting, id: str) -> Received:
    """Say in the customer's name that they wish to talk to a person."""
    return await say(asked, TEXTS.of(asked.session.language)[ASKED_FOR], id)


async def leaves(asked: Chatting) -> None:
    """Close the chat, and end what its browsers listen to."""
    await chat.leave(asked.console.desk, asked.session, now=asked.now)
    if asked.console.feed is not None:
        asked.console.feed.close(f"customer:{asked.session.customer}")


def newcomer(given: Beginner) -> NewCustomer:
    """Who begins. Raises InputError for a time zone that there is not."""
    return NewCustomer(language=given.language, time_zone=given.time_zone)


async def _begun(desk: Desk, project: Project, given: Beginner, **by: Any) -> Begun:
    """Raises RepeatedError where this very request began one before: its token is kept nowhere, and cannot be told again."""
    try:
        secret, session = await chat.begin(desk, project.definition(given.kind), newcomer(given), name=given.name, **by)
    except RepeatedError as error:
        raise RepeatedError(
            "this request began a chat before, whose token was told then and is kept nowhere; use that token, or, where the"
            " answer was lost, begin another with a new `Idempotency-Key`"
        ) from error
    return Begun(token=secret, expires_at=session.expires_at)


def _sent(received: Received) -> Sent:
    return Sent(journey=received.journey, position=received.position, repeated=received.repeated)
