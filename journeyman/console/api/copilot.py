"""The copilot: suggestions for who works on a task, told while they are written, and what became of them.

    event: written
    data: {"text": "Thank you for"}

    event: suggestion
    data: {"id": "sug-...", "kind": "reply", "text": "Thank you for your message.", ...}

`written` has the text so far, from its beginning. The stream ends with `suggestion`, or with `unavailable` (`why`, `cause`,
`policies`) where there is no help now. Who closes it cancels the asking.
"""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from journeyman import copilot
from journeyman.agents.copilot import Kind
from journeyman.console.asked import Asked, Reads, Writes, asks, once
from journeyman.console.cursor import Listed
from journeyman.console.limits import limit_suggestions
from journeyman.console.problem import problem_of
from journeyman.console.words import Body, Name, TaskId
from journeyman.copilot import Unavailable, Written
from journeyman.errors import JourneymanError
from journeyman.tasks import suggestions
from journeyman.tasks.suggestions import Into, Suggestion

router = APIRouter(prefix="/tasks/{task}/suggestions", tags=["copilot"])


class Wish(Body):
    """What one asks for."""

    kind: Kind


class Insertion(Body):
    """Where one puts it."""

    into: Into


class Writing(StreamingResponse):
    """The stream. However it ends, the model writes no more."""

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        self._events = events
        super().__init__(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._events.aclose()


_EVENT: dict[str, object] = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["written", "suggestion", "unavailable"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}
_STREAM: dict[int | str, dict[str, object]] = {
    200: {
        "description": "Events `written`, then `suggestion` or `unavailable`.",
        "content": {"text/event-stream": {"schema": _EVENT}},
    }
}


@router.post("", response_class=Response, responses=_STREAM, **asks("complete", "Task"))
async def suggest(request: Request, asked: Reads, task: TaskId, given: Wish) -> Response:
    """Ask an AI agent for help with a task that one works on. Policy decides whether it may `assist`. Who asks too often
    hears when to try again."""
    limit_suggestions(request, asked.person, asked.now)
    begun = await copilot.begin(asked.console.copilot, task, asked.person, given.kind, **asked.deed)
    return Writing(_events(asked, begun))


@router.get("", **asks("view", "Task"))
async def open_suggestions(asked: Reads, task: TaskId) -> Listed[Suggestion]:
    """What was suggested to oneself and neither used nor dismissed, the newest of each kind."""
    return Listed(items=list(await suggestions.read(asked.desk, task, asked.person, now=asked.now)))


@router.post("/{suggestion}/insert", status_code=204, **asks("complete", "Task"))
async def insert(asked: Writes, task: TaskId, suggestion: Name, given: Insertion) -> None:
    """Say that one puts it where one types. Nothing is sent by it."""
    await once(lambda: suggestions.insert(asked.desk, task, asked.person, suggestion, into=given.into, **asked.deed))


@router.post("/{suggestion}/dismiss", status_code=204, **asks("complete", "Task"))
async def dismiss(asked: Writes, task: TaskId, suggestion: Name) -> None:
    """Say that one does not want it."""
    await once(lambda: suggestions.dismiss(asked.desk, task, asked.person, suggestion, **asked.deed))


async def _events(asked: Asked, begun: copilot.Asked) -> AsyncGenerator[bytes, None]:
    console = asked.console
    try:
        async with aclosing(copilot.stream(console.copilot, begun, clock=console.clock)) as pieces:
            async for piece in pieces:
                yield _event(piece)
    except JourneymanError as error:  # the answer has begun: what went wrong is told in it
        yield _event(Unavailable(problem_of(error).detail, "error"))


def _event(piece: Written | Suggestion | Unavailable) -> bytes:
    match piece:
        case Written():
            return _written("written", json.dumps({"text": piece.text}))
        case Unavailable():
            told = {"why": piece.why, "cause": piece.cause, "policies": list(piece.policies)}
            return _written("unavailable", json.dumps(told))
        case Suggestion():
            return _written("suggestion", piece.model_dump_json())


def _written(event: str, data: str) -> bytes:
    return f"event: {event}\ndata: {data}\n\n".encode()
