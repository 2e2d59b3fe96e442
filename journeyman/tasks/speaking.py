"""A person speaks to the customer whose task they hold.

Policy decides with all that is read of the sentence, as for an AI agent's; whose words they are it tells apart itself.
"""

from datetime import datetime

from journeyman.conversation import transcript
from journeyman.conversation.masking import scrub
from journeyman.conversation.sentiment import sentiment
from journeyman.conversation.speech import assess
from journeyman.conversation.transcript import Message, NewMessage, Signals
from journeyman.customers import journeys
from journeyman.errors import ConflictError
from journeyman.tasks.desk import Desk
from journeyman.tasks.operation import operation, required
from journeyman.tasks.suggestions import used
from journeyman.tasks.words import answered


async def say(
    desk: Desk, task_id: str, person_id: str, text: str, *, now: datetime, auth: str, suggestion: str | None = None
) -> Message:
    """Tell the customer something. What they said before counts as heard by a person once this one has closed work of theirs.
    `suggestion` is the copilot's that the text began as: what became of it is recorded with it.

    Raises DeniedError where policy does not let this person say this, ConflictError if the task is closed or not theirs.
    """
    required(text, "text", "write what the customer shall read")
    async with operation(desk, task_id, person_id, now=now, auth=auth) as op:
        journey = await journeys.read(op.tx.conn, op.task.journey_id)
        said = assess(
            text,
            verified_amounts=(),
            allowed_links=desk.links(),
            verified_numbers=await answered(op),
            language=journey.language,
        )
        await op.permit("say", None, stated=said.facts)
        assert op.decided
        decision, _ = op.decided
        if not op.task.open:
            raise ConflictError(f"task `{task_id}` is {op.task.state}; nothing can be said for it any more")
        if op.task.assignee != person_id and not op.person.supervises:
            raise ConflictError(f"task `{task_id}` is not with `{person_id}`; claim it first")
        new = NewMessage(
            author=op.by,
            text=scrub(text.strip()),
            signals=Signals(sentiment=sentiment(text), asks=said.asks),
            refs={"task": task_id, "step": op.task.step},
            facts={"verdict": "allow", "bundle": decision.bundle},
            policies=list(decision.policies),
        )
        if suggestion:
            await used(op, suggestion, text)
        return await transcript.write(op.tx, journey, new, now=now)
