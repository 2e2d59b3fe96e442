"""A person speaks: to the customer whose task they hold, in their own words or in those that are mandated, to one of any journey,
or to a colleague without the customer.

Policy decides with all that is read of a sentence, as for an AI agent's; whose words they are it tells apart itself.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Unpack

from journeyman.conversation import transcript
from journeyman.conversation.masking import scrub
from journeyman.conversation.notices import Notices, names
from journeyman.conversation.sentiment import sentiment
from journeyman.conversation.speech import Speech, assess
from journeyman.conversation.transcript import Message, NewMessage, Signals
from journeyman.customers import journeys
from journeyman.customers.journeys import SYSTEM
from journeyman.errors import ConflictError, NotFoundError
from journeyman.governance import Question
from journeyman.tasks.cases import lock_open, permission_for, resource_of
from journeyman.tasks.change import tasks_of_journey
from journeyman.tasks.desk import Desk, principal_of
from journeyman.tasks.lifecycle import Action
from journeyman.tasks.operation import Change, Operation, operation, required
from journeyman.tasks.permission import refused
from journeyman.tasks.suggestions import used
from journeyman.tasks.viewing import Viewer
from journeyman.tasks.words import assessed


async def say(
    desk: Desk,
    task_id: str,
    person_id: str,
    text: str,
    *,
    suggestion: str | None = None,
    **change: Unpack[Change],
) -> Message:
    """Tell the customer something. What they said before counts as heard by a person once this one has closed work of theirs.
    `suggestion` is the copilot's that the text began as: what became of it is recorded with it.

    Raises DeniedError where policy does not let this person say this, ConflictError if the task is closed or not theirs.
    """
    required(text, "text", "write what the customer shall read")
    async with operation(desk, task_id, person_id, **change) as op:
        journey = await journeys.read(op.tx.conn, op.task.journey_id)
        said = await _permitted(op, text)
        if suggestion:
            await used(op, suggestion, text)
        heard = Signals(sentiment=sentiment(text), asks=said.asks)
        return await transcript.write(op.tx, journey, _message(op, scrub(text.strip()), signals=heard), now=op.now)


async def give_notice(
    desk: Desk,
    task_id: str,
    person_id: str,
    notice: str,
    notices: Notices,
    mandated: Collection[str],
    **change: Unpack[Change],
) -> Message | None:
    """Give the customer one of the `mandated` notices, in its exact words and their language, and record which version.

    None where they have been given it in this journey before. Raises NotFoundError for one that is not mandated; else as `say`.
    """
    async with operation(desk, task_id, person_id, **change) as op:
        journey = await journeys.read(op.tx.conn, op.task.journey_id)
        version, text = notices.text(notice, journey.language) if notice in mandated else ("", "")
        await _permitted(op, text)
        if not version:
            raise NotFoundError(f"there is no notice `{notice}` to be given in such a journey", field="notice")
        if notice in names(journey.notices):
            op.tx.unchanged()
            return None
        return await transcript.give_notice(op.tx, journey, version, _message(op, text), now=op.now)


async def say_in(desk: Desk, journey_id: str, person_id: str, text: str, *, now: datetime, auth: str) -> Message:
    """Tell the customer of an open journey something, whoever works on it. Raises NotFoundError, ConflictError if it is closed,
    DeniedError, InputError."""
    required(text, "text", "write what the customer shall read")
    async with desk.recording() as tx:
        row = await lock_open(tx, journey_id)
        standing = await desk.standing_on(tx.conn, journey_id, person_id, now)
        said = assess(text, verified_amounts=(), allowed_links=desk.links(), language=row.language)
        resource = await resource_of(tx.conn, row)
        decision = standing.authorizer.decide(
            Question(
                principal=principal_of(standing.person),
                action="say",
                resource=resource,
                facts=standing.facts.model_copy(update=dict(said.facts)),
            )
        )
        if not decision.allowed:
            raise refused(person_id, decision, resource)
        for version, notice in desk.notices(row):
            await transcript.give_notice(tx, row, version, NewMessage(author=SYSTEM, text=notice), now=now)
        new = NewMessage(
            author=Viewer(standing.person, standing.authorizer, auth).actor,
            text=scrub(text.strip()),
            signals=Signals(sentiment=sentiment(text), asks=said.asks),
            facts={"verdict": "allow", "bundle": decision.bundle},
            policies=list(decision.policies),
        )
        return await transcript.write(tx, row, new, now=now)


async def whisper(desk: Desk, journey_id: str, person_id: str, text: str, *, now: datetime, auth: str) -> Message:
    """Tell whoever works on a journey something that nobody else sees but those who supervise and audit.

    Policy is asked as for stepping in (`override`). Raises NotFoundError, DeniedError, InputError, and ConflictError where no
    person has it in hand.
    """
    required(text, "text", "write what whoever works on it shall read")
    async with desk.recording() as tx:
        row = await lock_open(tx, journey_id)
        permitted = await permission_for(desk, tx, row, person_id, "override", auth)
        held = [task for task in await tasks_of_journey(tx.conn, journey_id) if task.open and task.assignee is not None]
        if not held:
            raise ConflictError(
                "nobody has a task of journey `{journey}` in hand; whisper once somebody has", journey=journey_id
            )
        new = NewMessage(
            author=permitted.actor,
            text=scrub(text.strip()),
            kind="whisper",
            audience="internal",
            refs={"task": held[0].id, "to": held[0].assignee or ""},
            facts=permitted.facts,
            policies=permitted.policies,
        )
        return await transcript.write(tx, row, new, now=now)


async def _permitted(op: Operation, text: str) -> Speech:
    """Ask policy whether the person may say this now, and see that the task is open and theirs."""
    task, person = op.task, op.person
    said = await assessed(op, text)
    await op.permit("say", None, stated=said.facts)
    if not task.open:
        raise ConflictError(
            "task `{task}` is {state}; nothing can be said for it any more", task=task.id, state=task.state
        )
    if task.assignee != person.id and not person.supervises:
        raise ConflictError(
            "task `{task}` is not with `{person}`; {claim} it first", task=task.id, person=person.id, claim=Action.CLAIM
        )
    return said


def _message(op: Operation, text: str, *, signals: Signals | None = None) -> NewMessage:
    return NewMessage(
        author=op.by,
        text=text,
        signals=signals or Signals(),
        refs={"task": op.task.id, "step": op.task.step},
        facts={"verdict": "allow", "bundle": op.decision.bundle},
        policies=list(op.decision.policies),
    )
