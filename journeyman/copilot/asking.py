"""Asking the copilot: an AI agent helps the person who works on a task, where policy lets it `assist`.

Two transactions, and the model between them. The first decides and records (`copilot.asked`) before anything leaves for the
model; the second decides again, and records what came (`copilot.suggested`) or why nothing did (`copilot.failed`). An asking that
has neither was cancelled. Nothing is held meanwhile, and nothing that comes of it has any effect of its own.

Who helps is the step's AI agent, and `copilot` where the step names none.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from journeyman import knowledge
from journeyman.agents.agent import AIAgent
from journeyman.agents.copilot import Answer, Kind, Wanted, ask
from journeyman.agents.endpoint import Endpoint
from journeyman.agents.prompt import Line
from journeyman.conversation import transcript
from journeyman.conversation.masking import scrub
from journeyman.conversation.speech import Speech
from journeyman.conversation.transcript import Message
from journeyman.copilot.deciding import Copilot, decide
from journeyman.errors import ModelError, ModelUnavailableError
from journeyman.governance import Decision
from journeyman.identifiers import new_id
from journeyman.ledger.entry import Actor, Entry
from journeyman.tasks.change import task_of
from journeyman.tasks.desk import Standing, refusal, view
from journeyman.tasks.models import Task
from journeyman.tasks.operation import Operation, operation
from journeyman.tasks.suggestions import Suggestion, works
from journeyman.tasks.words import assessed

_FLAGGED: Final = tuple(field.name for field in fields(Speech))
_PASSAGES: Final = 3
_POLICY: Final = "policy"
_CAUSES: Final[Mapping[str, str]] = {
    "timeout": "the model did not answer in time",
    "rate_limited": "the model is asked too much at the moment",
    "unavailable": "the model is away",
    "server_error": "the model is away",
    "stream_cut": "the model's answer broke off",
    "truncated": "the model's answer was too long",
    "malformed": "the model's answer could not be used",
    "refused": "the model refused to answer",
    "context_overflow": "the conversation is too long for the model",
}


@dataclass(frozen=True)
class Written:
    """The text so far, while it is written."""

    text: str


@dataclass(frozen=True)
class Unavailable:
    """There is no help now. `why` in words; `cause` as a stable word, `policy` where policies forbid it."""

    why: str
    cause: str
    policies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What was asked for, decided and recorded."""

    id: str
    task: Task
    person: str
    auth: str
    kind: Kind
    agent: AIAgent
    endpoint: Endpoint | None
    wanted: Wanted
    sources: tuple[str, ...]
    position: int
    refused: Unavailable | None


async def begin(copilot: Copilot, task_id: str, person_id: str, kind: Kind, *, now: datetime, auth: str) -> Asked:
    """Decide whether an AI agent may help this person with this task now, and record that it was asked.

    Raises NotFoundError, DeniedError where policy does not let the person work on it or read its conversation, ConflictError
    where they do not work on it.
    """
    async with operation(copilot.desk, task_id, person_id, now=now, auth=auth) as op:
        await op.permit("complete", None)
        works(op.task, op.person)
        seen = view(op.authorizer, op.person, op.task, "conversation", "personal", op.facts)
        if not seen.allowed:
            raise refusal(seen, op.person, task_id)
        task, endpoint = op.task, copilot.endpoint()
        messages = await transcript.read(op.tx.conn, op.tx.keyring, task.journey_id, task.customer_id)
        standing = Standing(op.person, op.authorizer, op.facts)
        agent, decided, facts = await decide(copilot, op.tx.conn, task, standing, messages, endpoint)
        id, position = new_id("sug"), messages[-1].position if messages else 0
        found = await _passages(op, messages) if kind == "reply" and decided.allowed else []
        input: dict[str, JsonValue] = {"task": task.title}
        if kind == "wrap_up":
            input["dispositions"] = dict(task.dispositions)
        if found:
            input["knowledge"] = [{"citation": each.citation, "text": each.text[:1500]} for each in found]
        refused = None if decided.allowed else _refused(decided)
        made: dict[str, str | bool | int] = {"kind": kind, "agent": agent.name, "agent_version": agent.hash}
        made |= {"decision": "assist", "verdict": "allow" if decided.allowed else "deny", "bundle": decided.bundle}
        made |= {"position": position} | ({"reason": decided.reason} if decided.reason else {})
        op.tx.record(
            Entry(
                type="copilot.asked",
                at=now,
                actor=op.by,
                journey=task.journey_id,
                subject=task.customer_id,
                refs=_refs(task, id, person_id),
                facts=made,
                policies=list(decided.policies),
                values={"facts": facts.said},
            )
        )
    lines = tuple(_line(each) for each in transcript.without_whispers(messages) if each.kind != "left")
    wanted = Wanted(kind, agent, lines, input, None if facts.language == "und" else facts.language)
    sources = tuple(each.citation for each in found)
    return Asked(id, task, person_id, auth, kind, agent, endpoint, wanted, sources, position, refused)


async def stream(
    copilot: Copilot, asked: Asked, *, clock: Callable[[], datetime]
) -> AsyncGenerator[Written | Suggestion | Unavailable, None]:
    """The text as it is written, then the suggestion, or why there is none. To close it is to cancel the asking."""
    if asked.refused is not None:
        yield asked.refused
        return
    latest, news = "", asyncio.Event()

    def told(text: str) -> None:
        nonlocal latest
        latest = text
        news.set()

    asking = asyncio.create_task(_ask(asked, told))
    asking.add_done_callback(lambda _: news.set())
    try:
        shown = ""
        while not asking.done():
            await news.wait()
            news.clear()
            if latest and latest != shown:
                shown = latest
                yield Written(scrub(shown))
        answer = asking.result()
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(asking, return_exceptions=True)
    yield await _conclude(copilot, asked, answer, clock())


async def suggest(
    copilot: Copilot, task_id: str, person_id: str, kind: Kind, *, clock: Callable[[], datetime], auth: str
) -> Suggestion | Unavailable:
    """The same without what is between: for who does not watch it being written."""
    asked = await begin(copilot, task_id, person_id, kind, now=clock(), auth=auth)
    async for piece in stream(copilot, asked, clock=clock):
        if not isinstance(piece, Written):
            return piece
    raise AssertionError("a stream ends with a suggestion, or with why there is none")


async def available(copilot: Copilot, task_id: str, person_id: str, *, now: datetime) -> Unavailable | None:
    """None where the person would be helped if they asked now, else why not. Nothing is recorded. Raises NotFoundError."""
    desk = copilot.desk
    async with desk.database.connection() as conn:
        task = await task_of(conn, task_id)
        standing = await desk.standing(conn, task, person_id, now)
        messages = await transcript.read(conn, desk.keyring, task.journey_id, task.customer_id)
        seen = view(standing.authorizer, standing.person, task, "conversation", "personal", standing.facts)
        if not seen.allowed:
            return Unavailable("policy does not show you this conversation", _POLICY, seen.policies)
        _, decided, _ = await decide(copilot, conn, task, standing, messages, copilot.endpoint())
    return None if decided.allowed else _refused(decided)


async def _ask(asked: Asked, told: Callable[[str], None]) -> Answer:
    if asked.endpoint is None:
        return Answer(failure=ModelUnavailableError("no model endpoint is set up; set `JOURNEYMAN_MODEL`"))
    try:
        return await ask(asked.endpoint, asked.wanted, told=told)
    except Exception as error:  # whatever broke, the person goes on
        return Answer(failure=ModelError(f"the copilot broke: {type(error).__name__}"))


async def _conclude(copilot: Copilot, asked: Asked, answer: Answer, now: datetime) -> Suggestion | Unavailable:
    """Record what came. Policy is asked again: who was stopped meanwhile suggests nothing more."""
    async with operation(copilot.desk, asked.task.id, asked.person, now=now, auth=asked.auth) as op:
        made: dict[str, str | bool | int] = {
            "kind": asked.kind,
            "model": answer.model,
            "prompt_hash": answer.prompt_hash,
            "prompt_tokens": answer.usage.prompt,
            "completion_tokens": answer.usage.completion,
            "left_out": answer.left_out,
            "position": asked.position,
        }
        task = op.task
        messages = await transcript.read(op.tx.conn, op.tx.keyring, task.journey_id, task.customer_id)
        # The endpoint's own state is no reason to take away what it has answered.
        standing = Standing(op.person, op.authorizer, op.facts)
        _, decided, _ = await decide(copilot, op.tx.conn, task, standing, messages, asked.endpoint, answered=True)
        outcome = _outcome(answer, decided)
        values: dict[str, JsonValue] = {}
        if outcome is None:
            flags = await _flags(op, answer.text) if asked.kind == "reply" else ()
            suggestion = Suggestion(
                id=asked.id,
                kind=asked.kind,
                text=scrub(answer.text),
                disposition=answer.disposition,
                sources=asked.sources,
                position=asked.position,
                flags=flags,
                agent=asked.agent.name,
                model=answer.model,
                at=now,
            )
            kept = {"text", "disposition", "sources", "flags"}
            values = {"suggestion": suggestion.model_dump(mode="json", include=kept)}
        else:
            made["cause"] = outcome.cause
        op.tx.record(
            Entry(
                type="copilot.suggested" if outcome is None else "copilot.failed",
                at=now,
                actor=Actor(kind="ai", id=asked.agent.name),
                journey=task.journey_id,
                subject=task.customer_id if values else "system",
                refs=_refs(task, asked.id, asked.person),
                facts=made | {"bundle": decided.bundle},
                policies=list(decided.policies),
                values=values,
            )
        )
    return suggestion if outcome is None else outcome


def _outcome(answer: Answer, decided: Decision) -> Unavailable | None:
    if not decided.allowed:
        return _refused(decided)
    if answer.failure is not None:
        cause = answer.failure.cause
        return Unavailable(_CAUSES.get(cause, "something broke"), cause)
    return None


def _refused(decided: Decision) -> Unavailable:
    why = "; ".join(intent.rstrip(".") for intent in decided.intents) or "; ".join(decided.errors)
    return Unavailable(why or "no policy permits an AI agent to help here", _POLICY, decided.policies)


async def _passages(op: Operation, messages: list[Message]) -> list[knowledge.Found]:
    """What is known of what the customer said last: what people and AI agents alike may rely on."""
    said = next((each.text for each in reversed(messages) if each.author_kind == "customer"), "")
    return await knowledge.search(
        op.tx.conn, said, audience="all", kind=op.task.journey_kind, language=op.facts.language, limit=_PASSAGES
    )


async def _flags(op: Operation, text: str) -> tuple[str, ...]:
    """What policy will look at when the person says it."""
    said = await assessed(op, text)
    return tuple(name for name in _FLAGGED if getattr(said, name))


def _line(message: Message) -> Line:
    return Line(author_kind=message.author_kind, author=message.author, audience=message.audience, text=message.text)


def _refs(task: Task, suggestion: str, person: str) -> dict[str, str]:
    return {"task": task.id, "step": task.step, "queue": task.queue, "suggestion": suggestion, "for": person}
