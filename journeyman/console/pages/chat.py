"""The customer chat: a plain page in the customer's language, on the API that any web site may embed (docs/chat.md)."""

from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import RedirectResponse, Response

from journeyman.console.api.chat import Beginner, ask_for_person, leaves, newcomer, say, stands
from journeyman.console.asked import Console
from journeyman.console.chatting import (
    Chatting,
    Offered,
    chatting_again,
    forget,
    keep,
    limit_beginning,
    limit_sending,
    offered,
)
from journeyman.console.pages.page import is_part, render_for_anyone
from journeyman.console.problem import RefusedError, problem_of
from journeyman.console.texts import TEXTS, direction
from journeyman.conversation import chat
from journeyman.conversation.inbound import LONGEST_MESSAGE
from journeyman.errors import InputError, JourneymanError

router = APIRouter(prefix="/chat", include_in_schema=False, dependencies=[Depends(offered)])

Wished = Annotated[str, Query(max_length=10)]
Posted = Annotated[str, Form()]
Once = Annotated[str, Form(pattern=r"^[\x21-\x7e]{1,100}$")]
"""New for each message, and the same when it is sent again."""


@router.get("")
async def shown(request: Request, console: Offered, language: Wished = "", left: bool = False) -> Response:
    """The conversation, or where it begins."""
    asked = await _asked(request, console)
    if asked is None:
        return _start(request, console, language, note="left" if left else "")
    return await _page(asked)


@router.post("")
async def begin(
    request: Request,
    console: Offered,
    kind: Posted,
    name: Posted = "",
    language: Posted = "en",
    time_zone: Posted = "UTC",
) -> Response:
    """Begin a chat in this browser; one that it had is not touched, and forgotten here."""
    try:
        limit_beginning(request, console)
        given = Beginner(kind=kind, name=name, language=TEXTS.known(language), time_zone=time_zone)
        definition = console.project.definition(given.kind)
        secret, _ = await chat.begin(console.desk, definition, newcomer(given), name=given.name, now=console.clock())
    except (RefusedError, JourneymanError, ValidationError) as error:
        return _start(request, console, language, error=error)
    answer = RedirectResponse("/chat", 303)
    keep(answer, console, secret)
    return answer


@router.post("/messages")
async def write(request: Request, console: Offered, once: Once, text: Posted = "") -> Response:
    """Write something."""
    asked = await _asked(request, console)
    if asked is None:
        return _over(request)
    try:
        await limit_sending(request, asked)
        await say(asked, text.replace("\r\n", "\n").replace("\0", ""), once)
    except (RefusedError, JourneymanError) as error:
        return await _refused(request, asked, error, text)
    return _done(request)


@router.post("/person")
async def person(request: Request, console: Offered, once: Once) -> Response:
    """Ask for a person."""
    asked = await _asked(request, console)
    if asked is None:
        return _over(request)
    try:
        await limit_sending(request, asked)
        await ask_for_person(asked, once)
    except (RefusedError, JourneymanError) as error:
        return await _refused(request, asked, error)
    return _done(request)


@router.post("/leave")
async def leave(request: Request, console: Offered) -> Response:
    """Close the chat, and begin anew if one likes."""
    asked = await _asked(request, console)
    language = ""
    if asked is not None:
        language = TEXTS.known(asked.session.language)
        await leaves(asked)
    answer = RedirectResponse(f"/chat?left=true&language={language}", 303)
    forget(answer, console)
    return answer


@router.get("/lines")
async def lines(
    request: Request, console: Offered, journey: Annotated[str, Query()], after: Annotated[int, Query(ge=0)] = 0
) -> Response:
    """What was said after a position: a part of the page."""
    asked = await _asked(request, console)
    if asked is None:
        return _over(request)
    found = await chat.lines(console.desk, asked.session, journey, after=after)
    return render_for_anyone(console, "chat/lines.html", lines=_told(asked, found), **_words_of(asked))


@router.get("/state")
async def state(request: Request, console: Offered) -> Response:
    """Who answers: a part of the page."""
    asked = await _asked(request, console)
    if asked is None:
        return _over(request)
    return render_for_anyone(console, "chat/state.html", state=await stands(asked), **_words_of(asked))


async def _page(asked: Chatting, *, problem: str = "", text: str = "", status: int = 200) -> Response:
    console = asked.console
    position = console.position
    state = await stands(asked)
    found: list[chat.Line] = []
    if state.journey is not None:
        while more := await chat.lines(
            console.desk, asked.session, state.journey, after=found[-1].position if found else 0
        ):
            found += more
            if len(more) < chat.MOST:
                break
    return render_for_anyone(
        console,
        "chat.html",
        status=status,
        state=state,
        lines=_told(asked, found),
        position=position,
        problem=problem,
        text=text,
        once=str(uuid4()),
        longest=LONGEST_MESSAGE,
        **_words_of(asked),
    )


def _start(
    request: Request, console: Console, language: str, *, note: str = "", error: Exception | None = None
) -> Response:
    wished = language if language in TEXTS.languages else TEXTS.wished(request.headers.get("accept-language", ""))
    texts = TEXTS.of(wished)
    answer = render_for_anyone(
        console,
        "chat/start.html",
        status=200 if error is None else _status(error),
        kinds=[(kind, kind.replace("-", " ").capitalize()) for kind in console.project.kinds],
        languages=TEXTS.languages,
        note=texts[note] if note else "",
        problem="" if error is None else _said(error, texts),
        **_in(wished),
    )
    answer.headers["Vary"] = "Accept-Language, Cookie"
    return answer


async def _asked(request: Request, console: Console) -> Chatting | None:
    """Whose chat it is; None where it is nobody's or over. Raises RefusedError where too much comes."""
    try:
        return await chatting_again(request, console)
    except RefusedError as error:
        if error.status != 401:
            raise
        return None


async def _refused(request: Request, asked: Chatting, error: Exception, text: str = "") -> Response:
    """What was not done, in the customer's language, where it belongs; nothing that was typed is lost."""
    said, status = _said(error, TEXTS.of(TEXTS.known(asked.session.language))), _status(error)
    if is_part(request):
        answer = render_for_anyone(asked.console, "chat/problem.html", status=status, problem=said)
    else:
        answer = await _page(asked, problem=said, text=text, status=status)
    if isinstance(error, RefusedError) and error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _said(error: Exception, texts: dict[str, str]) -> str:
    if isinstance(error, RefusedError) and error.retry_after is not None:
        return texts["too_many"].format(seconds=error.retry_after)
    if isinstance(error, InputError) and error.field == "text":
        return texts["empty"] if "empty" in str(error) else texts["too_long"].format(longest=LONGEST_MESSAGE)
    return texts["away"]


def _status(error: Exception) -> int:
    return 422 if isinstance(error, ValidationError) else problem_of(error).status


def _done(request: Request) -> Response:
    return Response(status_code=204) if is_part(request) else RedirectResponse("/chat", 303)


def _over(request: Request) -> Response:
    """The chat is over: back to where one begins."""
    return Response(status_code=401) if is_part(request) else RedirectResponse("/chat", 303)


def _told(asked: Chatting, found: list[chat.Line]) -> list[dict[str, Any]]:
    """Lines, with what their author is called."""
    texts, agents = TEXTS.of(TEXTS.known(asked.session.language)), asked.console.project.agents

    def called(line: chat.Line) -> str:
        match line.author:
            case "customer":
                return texts["you"]
            case "ai":
                return texts["by_ai"].format(title=agents[line.ai].title if line.ai in agents else texts["assistant"])
            case "person":
                return texts["by_person"].format(name=line.name or texts["colleague"])
            case _:
                return texts["note"]

    return [{"line": line, "called": called(line)} for line in found]


def _words_of(asked: Chatting) -> dict[str, Any]:
    zone = ZoneInfo(asked.session.time_zone)

    def local(moment: datetime, form: str = "%Y-%m-%d %H:%M (%Z)") -> str:
        return moment.astimezone(zone).strftime(form)

    return {"local": local, **_in(TEXTS.known(asked.session.language))}


def _in(language: str) -> dict[str, Any]:
    return {"t": TEXTS.of(language), "language": language, "direction": direction(language)}
