"""Words under review: those of an AI agent that a person accepts, and those that a person puts in their place."""

from dataclasses import replace

from journeyman.conversation.links import texts
from journeyman.conversation.speech import Speech, assess
from journeyman.errors import DeniedError
from journeyman.governance import may_say
from journeyman.ledger.log import Recording
from journeyman.tasks.desk import ask, resource_of_step, sql
from journeyman.tasks.operation import Operation


async def kept_words(tx: Recording, task_id: str) -> str | None:
    """What an AI agent was to say with the result that is reviewed, once that is accepted as it is."""
    row = await tx.conn.fetchrow(sql["kept_words"], task_id)
    return None if row is None else str(await tx.open(row["customer_id"], row["result"]))


async def _answered(op: Operation) -> frozenset[str]:
    """What the tools of the task's step have answered beyond what they were called with: the numbers that may be told."""
    found = frozenset[str]()
    for row in await op.tx.conn.fetch(sql["answered"], op.task.journey_id, op.task.step):
        known = texts(await op.tx.open(op.task.customer_id, row["args"])) if not row["approved"] else frozenset[str]()
        found |= texts(await op.tx.open(op.task.customer_id, row["result"])) - known
    return found


async def assessed(op: Operation, text: str) -> Speech:
    """What is read of a sentence that the customer of the task is to hear."""
    return assess(
        text,
        verified_amounts=(),
        allowed_links=op.desk.links(),
        verified_numbers=await _answered(op),
        language=op.facts.language,
    )


async def sayable(op: Operation, text: str, *, edited: bool) -> None:
    """Raise DeniedError where policy would not let the customer read this: as the agent's words that a person has accepted,
    or, `edited`, as the person's own.

    The person hears here what can be known here. Where the words are sent they are decided on again, with all facts.
    """
    task, facts = op.task, op.facts
    said = replace(
        await assessed(op, text), amounts_unverified=False
    )  # what tools have established is known where they are sent
    if edited:
        decided = ask(op.authorizer, op.person, "say", task, facts.model_copy(update=said.facts))
    else:
        step = op.desk.steps(task.journey_kind, task.journey_version, task.step)
        facts = facts.model_copy(update={**said.facts, "approved": True})
        decided = may_say(op.authorizer, step.ai or "", resource_of_step(task.journey_kind, step), facts)
    if not decided.allowed:
        why = "; ".join(decided.intents or decided.errors) or "no policy permits it"
        raise DeniedError(
            "the words of task `{task}` may not be said: {why}; edit them, or give the draft back",
            policies=decided.policies,
            task=task.id,
            why=why,
        )
