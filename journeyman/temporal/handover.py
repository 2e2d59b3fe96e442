"""From the engine to people: the task, the packet that goes with it, and what the customer is told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from journeyman.agents.envelope import HandOver
from journeyman.conversation import transcript
from journeyman.conversation.masking import scrub
from journeyman.conversation.speech import promises
from journeyman.conversation.transcript import Message, NewMessage
from journeyman.customers.journeys import SYSTEM
from journeyman.journey.contract import OpenedTask, Progress
from journeyman.ledger.log import Recording
from journeyman.tasks import slots
from journeyman.tasks.models import DraftKind, Kind, NewTask, Notice, Packet, ServiceLevel, Task
from journeyman.tasks.opening import customer_told, open_task, own_work
from journeyman.temporal.context import Context

_MOST_PROMISES = 20
_LOOK_AGAIN = timedelta(hours=1)
_LOOK_AT_THE_SOONEST = timedelta(minutes=1)
_LOOK_AT_THE_LATEST = timedelta(days=7)

_DECIDED: frozenset[Kind] = frozenset(("review", "approval"))
"""Kinds of task in which a person decides on what an AI agent would do."""

TITLES: dict[Kind, str] = {
    "work": "{step}",
    "review": "Review: {step}",
    "approval": "Approve: {step}",
    "question": "The AI asks: {step}",
    "callback": "Call back: {step}",
}


async def to_person(
    tx: Recording,
    context: Context,
    progress: Progress,
    *,
    kind: Kind,
    reason: str,
    input: JsonValue,
    draft: JsonValue = None,
    draft_kind: DraftKind | None = None,
    tool_call: str | None = None,
    words: HandOver | None = None,
    then_said: str | None = None,
) -> OpenedTask:
    """Open a task for the step's queue, and tell the customer what they must be told before a person speaks with them, and
    if that person takes over from an AI agent.
    """
    step, situation = context.step, context.situation
    handed = step.ai is not None and kind in ("work", "callback")
    respond, complete = step.sla.seconds()
    task = await open_task(
        tx,
        NewTask(
            journey_id=situation.journey,
            effect=situation.effect,
            step=step.name,
            kind=kind,
            title=TITLES[kind].format(step=step.heading),
            instructions=step.instructions,
            reason=reason,
            queue=step.queue,
            giver=f"ai:{step.ai}" if handed else None,
            skills=frozenset(step.skills),
            excluded=await own_work(tx, situation.journey, step.name) if kind in _DECIDED else frozenset(),
            priority=step.priority,
            service_level=ServiceLevel(
                respond=timedelta(seconds=respond) if respond else None,
                complete=timedelta(seconds=complete) if complete else None,
            ),
            dispositions={disposition.name: disposition.title for disposition in step.dispositions},
            input=input,
            draft=draft,
            draft_kind=draft_kind,
            packet=packet(context, progress, reason, words, then_said),
            tool_call=tool_call,
        ),
        now=situation.at,
    )
    in_conversation = bool(context.messages)
    if kind in ("work", "callback"):
        await give_notices(tx, context, by_ai=False)
    if handed and kind == "work" and in_conversation:
        await announce(tx, context, "person-takes-over")
        await customer_told(tx, task.id, situation.at)
    if task.notice is not None and kind in ("work", "callback"):
        await tell(tx, context, task, task.notice)
    return OpenedTask(id=task.id, kind=kind, queue=task.queue, check_after=look_again(task.due_date, situation.at))


def look_again(due: datetime | None, now: datetime) -> float:
    """In how many seconds a journey reads an open task again, if nobody has told it anything: when it is due.

    Past its due date nothing is gained by looking often, and each look costs history.
    """
    left = due - now if due is not None else timedelta()
    look = max(left, _LOOK_AT_THE_SOONEST) if left > timedelta() else _LOOK_AGAIN
    return min(look, _LOOK_AT_THE_LATEST).total_seconds()


def packet(context: Context, progress: Progress, reason: str, words: HandOver | None, then_said: str | None) -> Packet:
    """What the receiver gets, so that the customer repeats nothing. The agent's own words go in where it gave some."""
    heard = [message for message in context.messages if message.author_kind == "customer" and message.kind == "text"]
    sentiments = [message.signals.sentiment for message in heard[-3:]]
    calls = [f"{exchange.tool}: {exchange.status}" for exchange in context.exchanges]
    turns = "1 AI turn" if progress.turns == 1 else f"{progress.turns} AI turns"
    failed = f", {progress.failed_turns} of which did not help" if progress.failed_turns else ""
    last = f" They last said: {heard[-1].text}" if heard else ""
    told = f"{context.step.heading}, {turns} in this step so far{failed}.{last}"
    return Packet(
        reason=reason,
        summary=words.summary if words and words.summary else told,
        transcript=f"{context.journey.id}@{context.heard}",
        tried=(*(words.tried if words else ()), *calls),
        open=(
            *(words.open if words else (context.step.heading,)),
            *([f"once accepted, the customer is told: {scrub(then_said)}"] if then_said else []),
        ),
        sentiment=round(sum(sentiments) / len(sentiments)) if sentiments else 0,
        promises=_promises(context.messages, words),
        verification=context.customer.verification_at(context.engine.moment(context.situation)),
    )


def _promises(messages: Sequence[Message], words: HandOver | None) -> tuple[str, ...]:
    """What the customer was promised: what the agent says of it, and what agents and people have said, the last of it."""
    said = [each.text for each in messages if each.author_kind in ("ai", "person") and each.audience == "customer"]
    found = dict.fromkeys([*(words.promises if words else ()), *(each for text in said for each in promises(text))])
    return tuple(found)[-_MOST_PROMISES:]


async def give_notices(tx: Recording, context: Context, *, by_ai: bool) -> None:
    """Before an AI agent speaks, or a person, give the customer what is due."""
    for version, text in context.engine.project.notices_due(context.journey, by_ai=by_ai):
        new = NewMessage(author=SYSTEM, text=text, refs={"effect": context.situation.effect})
        given = await transcript.give_notice(tx, context.journey, version, new, now=context.situation.at)
        context.messages.append(given)


async def announce_ai(tx: Recording, context: Context) -> None:
    """Before an AI agent's words: tell a customer who was with a person until now."""
    if with_person_last(context.messages, context.taken):
        await announce(tx, context, "ai-takes-over")


def with_person_last(messages: Sequence[Message], taken: int) -> bool:
    """Whether the customer was with a person, who closed their work at position `taken`, and was told nothing since."""
    told = [each for each in messages if each.audience == "customer" and each.author_kind != "customer"]
    if not told or told[-1].position > taken:
        return False
    last = next((each for each in reversed(told) if each.kind != "notice"), None)
    return last is not None and last.author_kind != "ai"


async def announce(tx: Recording, context: Context, notice: str, **values: str) -> None:
    """Tell the customer something in mandated wording."""
    version, text = context.engine.project.notices.text(notice, context.journey.language)
    new = NewMessage(
        author=SYSTEM,
        text=text.format(**values),
        kind="announcement",
        refs={"effect": context.situation.effect},
        facts={"notice": version},
    )
    context.messages.append(await transcript.write(tx, context.journey, new, now=context.situation.at))


async def tell(tx: Recording, context: Context, task: Task, notice: Notice) -> None:
    """Nobody is there at once: say when someone is, or calls back and on which number, and the emergency route."""
    if notice.callback_at is not None:
        at = _moment(context, notice.callback_at)
        if number := await slots.number(tx, task):
            await announce(tx, context, "callback", at=at, ending=number[-3:])
        else:
            await announce(tx, context, "callback-in-writing", at=at)
    elif notice.opens_at is not None:
        await announce(tx, context, "closed", at=_moment(context, notice.opens_at))
    else:
        await announce(tx, context, "waiting")
    if notice.emergency:
        await announce(tx, context, "emergency", text=notice.emergency)


def _moment(context: Context, moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(context.customer.time_zone)).strftime("%Y-%m-%d %H:%M (%Z)")
