"""What a person's closing of a task sets free: a reviewed result or sentence, an approved call, an answer to the AI agent."""

from pydantic import JsonValue

from journeyman.conversation import transcript
from journeyman.conversation.masking import scrub
from journeyman.conversation.sentiment import sentiment
from journeyman.conversation.speech import assess
from journeyman.conversation.transcript import NewMessage, Signals
from journeyman.customers.journeys import SYSTEM
from journeyman.governance import may_say
from journeyman.journey import contract
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import Recording
from journeyman.tasks.change import task_of
from journeyman.tasks.desk import ask
from journeyman.tasks.desk import sql as task_sql
from journeyman.tasks.models import Outcome
from journeyman.tasks.people import person_of
from journeyman.tasks.words import kept_words
from journeyman.temporal import record
from journeyman.temporal.activities.unreadable import unreadable
from journeyman.temporal.activities.untaken import NOT_READ, give_up
from journeyman.temporal.context import Context
from journeyman.temporal.engine import sql as engine_sql
from journeyman.temporal.evidence import answered, verified_amounts
from journeyman.temporal.handover import announce, announce_ai


def settlement_of(outcome: Outcome) -> contract.Settlement:
    """What became of a closed task, as its journey is told."""
    return contract.Settlement.model_validate(
        {
            "state": outcome.state,
            "action": outcome.action,
            "disposition": outcome.disposition,
            "comment": outcome.comment,
            "output": outcome.output,
        }
    )


async def release(
    tx: Recording, context: Context, request: contract.SettleRequest, outcome: Outcome
) -> contract.Settlement:
    """Do what a person has let through by closing the task, as far as policy permits it now."""
    settlement = settlement_of(outcome)
    person = Actor(kind="person", id=outcome.person or "unknown")
    if outcome.kind == "review" and outcome.action in ("accept", "edit"):
        return await _reviewed(tx, context, request, outcome, settlement, person)
    if outcome.kind == "approval" and outcome.tool_call is not None:
        return await _approved(tx, context, outcome, settlement, person)
    if outcome.kind == "question":
        await _note(tx, context, person, str(outcome.output or ""))
        return settlement.model_copy(update={"output": None})
    if outcome.action in ("return", "reject"):
        await _note(tx, context, person, outcome.comment or "please go on")
        # Of a draft that goes back the customer knows nothing: they were with the AI agent all the while.
        if outcome.action == "return" and outcome.kind != "review" and context.messages:
            await announce(tx, context, "ai-takes-over")
    return settlement


async def refuse(
    tx: Recording, request: contract.SettleRequest, outcome: Outcome, unread: Exception
) -> contract.Settlement:
    """What it would be decided on cannot be read, so nothing is set free. The AI agent's next turn finds the same, and goes
    to a person.
    """
    situation = request.situation
    tx.record(unreadable(situation, request.step, unread))
    if outcome.kind == "approval" and outcome.tool_call is not None:
        await give_up(tx, request, outcome.tool_call, not_made=NOT_READ)
    action = {"review": "reject", "approval": "deny"}.get(outcome.kind, outcome.action)
    return settlement_of(outcome).model_copy(update={"action": action, "output": None})


async def _reviewed(
    tx: Recording,
    context: Context,
    request: contract.SettleRequest,
    outcome: Outcome,
    settlement: contract.Settlement,
    person: Actor,
) -> contract.Settlement:
    """What a person has accepted or edited counts now: the result is the step's output, words are sent if policy lets them
    be said. Where it does not, the AI agent reads why, and a draft that was nothing but words is as one rejected.
    """
    edited = outcome.action == "edit"
    words, result = (outcome.output, None) if isinstance(outcome.output, str) else (None, outcome.output)
    if result is not None and not edited:
        words = await kept_words(tx, outcome.task_id)
    unsaid = await _say(tx, context, request, words, person, edited=edited) if words else None
    if unsaid is not None:
        await _note(tx, context, SYSTEM, f"what was to be said was not sent: {unsaid}")
        if result is None:
            return settlement.model_copy(update={"action": "reject", "output": None, "comment": unsaid})
    return settlement.model_copy(update={"output": result, "said": result is None})


async def _say(
    tx: Recording,
    context: Context,
    request: contract.SettleRequest,
    words: str,
    person: Actor,
    *,
    edited: bool,
) -> str | None:
    """Send words that a person has let through: the AI agent's, or as `edited` their own. None, or why policy forbids it."""
    task = await task_of(tx.conn, request.task)
    sealed = await tx.conn.fetchrow(task_sql["contents"], task.id)
    input = None if sealed["input"] is None else await tx.open(task.customer_id, sealed["input"])
    said = assess(
        words,
        verified_amounts=verified_amounts(input, context.exchanges),
        allowed_links=context.engine.project.links,
        verified_numbers=answered(context.exchanges),
        language=context.journey.language,
    )
    if edited:
        author = person
        facts = context.facts(request.progress, said.facts)
        decided = ask(context.authorizer, await person_of(tx.conn, person.id), "say", task, facts)
    else:
        author = Actor(kind="ai", id=context.step.ai or "")
        # Which build sends them says nothing of the agent: its version was in force when it worded them.
        facts = context.facts(request.progress, {**said.facts, "approved": True, "published": True})
        decided = may_say(context.authorizer, author.id, context.resource, facts)
    refs = {"task": task.id, "reviewer": person.id}
    text: JsonValue = scrub(words)
    tx.record(
        record.decision(context.situation, author, context.step.name, decided, facts, refs=refs, values={"text": text})
    )
    if not decided.allowed:
        return "; ".join(decided.intents or decided.errors) or "no policy permits it"
    if not edited:
        await announce_ai(tx, context)
    new = NewMessage(
        author=author,
        text=scrub(words),
        signals=Signals(sentiment=sentiment(words), asks=said.asks),
        refs={**refs, "effect": context.situation.effect},
        facts=record.permitted(decided),
        policies=list(decided.policies),
    )
    context.messages.append(await transcript.write(tx, context.journey, new, now=context.situation.at))
    return None


async def _approved(
    tx: Recording, context: Context, outcome: Outcome, settlement: contract.Settlement, person: Actor
) -> contract.Settlement:
    """An approval releases the one call that it is bound to, once; a denial answers the agent."""
    approved = outcome.action == "approve"
    if not approved:
        told = {"error": f"a colleague declined it: {outcome.comment or 'no reason given'}"}
        sealed = await tx.seal(context.situation.customer, dict(told))
        await tx.conn.execute(engine_sql["tell_refusal"], outcome.tool_call, sealed)
    await _note(tx, context, person, "approved" if approved else f"declined: {outcome.comment}")
    return settlement.model_copy(update={"output": None, "call": outcome.tool_call if approved else None})


async def _note(tx: Recording, context: Context, author: Actor, text: str) -> None:
    new = NewMessage(
        author=author,
        text=scrub(text) or "(no words)",
        kind="answer",
        audience="internal",
        refs={"step": context.step.name, "effect": context.situation.effect},
    )
    context.messages.append(await transcript.write(tx, context.journey, new, now=context.situation.at))
