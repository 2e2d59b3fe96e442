"""The engine's commits for people's work: open a task, read what became of it, link and close journeys.

They run as local activities of the journey's worker, and as regular ones on the engine's when those cannot end in time.
"""

from typing import Any

from pydantic import JsonValue
from temporalio import activity

from journeyman.conversation import transcript
from journeyman.conversation.masking import scrub
from journeyman.conversation.sentiment import sentiment
from journeyman.conversation.speech import assess
from journeyman.conversation.transcript import NewMessage, Signals
from journeyman.customers import journeys
from journeyman.customers.journeys import SYSTEM, NewJourney
from journeyman.errors import EffectStoredError
from journeyman.governance import may_say
from journeyman.journey import contract
from journeyman.journey.names import CLOSE_JOURNEY, OPEN_LINKED, OPEN_TASK, SETTLE_EVENTS, SETTLE_TASK
from journeyman.journey.step import Step, steering_of
from journeyman.killpoints import kill_point
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import Recording, recording
from journeyman.store import outbox
from journeyman.tasks import opening
from journeyman.tasks.change import task_of
from journeyman.tasks.desk import ask
from journeyman.tasks.desk import sql as task_sql
from journeyman.tasks.models import Outcome
from journeyman.tasks.people import person_of
from journeyman.tasks.words import kept_words
from journeyman.temporal import context as contexts
from journeyman.temporal import record
from journeyman.temporal.activities.untaken import give_up
from journeyman.temporal.context import Context
from journeyman.temporal.engine import Engine, keep, recorded_before, stored, supersede
from journeyman.temporal.engine import sql as engine_sql
from journeyman.temporal.evidence import answered, verified_amounts
from journeyman.temporal.handover import announce, announce_ai, look_again, to_person


class WorkActivities:
    """The activities, bound to their worker's engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @activity.defn(name=OPEN_TASK)
    async def open_task(self, request: contract.OpenTaskRequest) -> contract.TaskOutcome:
        """Give a step to people. The queue's fallback applies at once; a turn or tool call that nobody took is superseded."""
        situation = request.situation
        try:
            async with recording(self.engine.database, self.engine.keyring) as tx:
                if found := await self._found(tx, situation):
                    return contract.TaskOutcome.model_validate(found)
                await journeys.keep_up(tx, situation)
                uncertain: JsonValue = None
                if request.supersedes is not None:
                    finished = await supersede(tx, situation, request.supersedes, turn=request.call is None)
                    if finished is not None:  # it was taken after all, and its worker died before it could say so
                        tx.unchanged()
                        return self._superseded(request, finished)
                if request.call is not None:
                    uncertain = await give_up(tx, request, request.call)
                context = await contexts.read(tx.conn, self.engine, situation, self._step(situation, request.step))
                task = await to_person(
                    tx,
                    context,
                    request.progress,
                    kind=request.kind,
                    reason=request.reason if uncertain is None else "tool_uncertain",
                    input=request.input,
                    draft=uncertain,
                )
                if context.step.ai is None:
                    people = record.effect(
                        situation,
                        SYSTEM,
                        "step.given",
                        refs={"step": request.step, "task": task.id},
                        details={"collaboration": "human", "reason": request.reason},
                    )
                    tx.record(people)
                outcome = contract.TaskOutcome(task=task)
                keep(tx, situation, "outcome", outcome.model_dump(mode="json"))
                kill_point("task.opening")
        except EffectStoredError:
            return contract.TaskOutcome.model_validate(await self._stored(situation))
        kill_point("task.opened")
        return outcome.model_copy(update={"leaves": list(tx.leaves)})

    @activity.defn(name=SETTLE_TASK)
    async def settle_task(self, request: contract.SettleRequest) -> contract.Settlement:
        """What became of a task. A closed one stays as it is, so that a result or a disposition is only read. Whatever else a
        person's closing of it sets free is done here, and recorded: an approved call, a sentence.
        """
        situation = request.situation
        async with self.engine.database.connection() as conn:
            outcome = await opening.take_up(
                conn, self.engine.keyring, request.task, settled=situation.settled, now=situation.at
            )
        if outcome is not None:
            steers = steering_of(self._step(situation, request.step).output)
            return _settlement(outcome).model_copy(update={"steers": steers})
        try:
            settlement = await self._settle(request)
        except EffectStoredError:
            return contract.Settlement.model_validate(await self._stored(situation))
        kill_point("task.settled")
        return settlement

    async def _settle(self, request: contract.SettleRequest) -> contract.Settlement:
        situation = request.situation
        async with recording(self.engine.database, self.engine.keyring) as tx:
            if found := await self._found(tx, situation):
                return contract.Settlement.model_validate(found)
            await journeys.keep_up(tx, situation)
            outcome = await opening.outcome(tx, request.task)
            if outcome.open and request.withdraw is not None:
                await opening.withdraw_task(tx, request.task, request.withdraw, now=situation.at)
                outcome = await opening.outcome(tx, request.task)
            if outcome.open:
                tx.unchanged()
                return contract.Settlement(state="open", check_after=look_again(outcome.due_date, situation.at))
            steers = steering_of(self._step(situation, request.step).output)
            settlement = (await self._apply(tx, request, outcome)).model_copy(update={"steers": steers})
            tx.record(
                record.effect(
                    situation,
                    SYSTEM,
                    "task.settled",
                    refs={"task": request.task, "step": request.step},
                    details={
                        "state": outcome.state,
                        "action": outcome.action or "",
                        "disposition": outcome.disposition or "",
                    },
                )
            )
            keep(tx, situation, "outcome", settlement.model_dump(mode="json"))
            kill_point("task.settling")
        return settlement.model_copy(update={"leaves": list(tx.leaves)})

    @activity.defn(name=SETTLE_EVENTS)
    async def settle_events(self, request: contract.SettleEventsRequest) -> contract.Recorded:
        """Retire the events that a journey has applied while it waits."""
        async with self.engine.database.connection() as conn:
            await outbox.settle(conn, request.journey, request.settled, request.at)
        return contract.Recorded()

    @activity.defn(name=OPEN_LINKED)
    async def open_linked(self, request: contract.LinkRequest) -> contract.LinkOutcome:
        """Open another journey of the same customer."""
        situation = request.situation
        definition = self.engine.project.definition(request.kind)
        try:
            async with recording(self.engine.database, self.engine.keyring) as tx:
                if found := await self._found(tx, situation):
                    return contract.LinkOutcome.model_validate(found)
                await journeys.keep_up(tx, situation)
                parent = await journeys.read(tx.conn, situation.journey)
                new = NewJourney(
                    customer=situation.customer,
                    input=request.input,
                    channel=parent.channel,
                    language=parent.language,
                    linked_from=parent.id,
                    simulated=parent.simulated,
                )
                row = await journeys.open_journey(tx, definition, new, by=SYSTEM, now=situation.at)
                linked = record.effect(situation, SYSTEM, "journey.linked", refs={"linked": row.id})
                tx.record(linked)
                outcome = contract.LinkOutcome(journey=row.id)
                keep(tx, situation, "outcome", outcome.model_dump(mode="json"))
                kill_point("link.opening")
        except EffectStoredError:
            return contract.LinkOutcome.model_validate(await self._stored(situation))
        kill_point("link.opened")
        return outcome.model_copy(update={"leaves": list(tx.leaves)})

    @activity.defn(name=CLOSE_JOURNEY)
    async def close_journey(self, request: contract.CloseRequest) -> contract.Closing:
        """The end of a journey: its open tasks become obsolete. Not while a message of the customer is unheard."""
        situation = request.situation
        try:
            async with recording(self.engine.database, self.engine.keyring) as tx:
                await journeys.hold(tx.conn, situation.journey)
                row = await journeys.read(tx.conn, situation.journey)
                if row.status != "open":
                    tx.unchanged()
                    return contract.Closing(leaves=await recorded_before(tx.conn, situation))
                if request.heard is not None:
                    unheard = await transcript.unheard(tx.conn, situation.journey, request.heard)
                    if unheard:
                        tx.unchanged()
                        return contract.Closing(unheard=unheard)
                await opening.withdraw(tx, situation.journey, f"journey_{request.status}", now=situation.at)
                await journeys.close_journey(tx, situation, request.status, request.outcome, request.detail)
                keep(tx, situation, "outcome", {})
                kill_point("journey.closing")
        except EffectStoredError:
            async with self.engine.database.connection() as conn:
                return contract.Closing(leaves=await recorded_before(conn, situation))
        kill_point("journey.closed")
        return contract.Closing(leaves=list(tx.leaves))

    # What closing a task sets free -------------------------------------------------------------------------------------

    async def _apply(self, tx: Recording, request: contract.SettleRequest, outcome: Outcome) -> contract.Settlement:
        settlement = _settlement(outcome)
        person = Actor(kind="person", id=outcome.person or "unknown")
        if not outcome.sets_free:
            return settlement
        situation = request.situation
        context = await contexts.read(tx.conn, self.engine, situation, self._step(situation, request.step))
        if outcome.kind == "review" and outcome.action in ("accept", "edit"):
            return await self._reviewed(tx, context, request, outcome, settlement, person)
        if outcome.kind == "approval" and outcome.tool_call is not None:
            return await self._approved(tx, context, outcome, settlement, person)
        if outcome.kind == "question":
            await self._note(tx, context, person, str(outcome.output or ""))
            return settlement.model_copy(update={"output": None})
        if outcome.action in ("return", "reject"):
            await self._note(tx, context, person, outcome.comment or "please go on")
            # Of a draft that goes back the customer knows nothing: they were with the AI agent all the while.
            if outcome.action == "return" and outcome.kind != "review" and context.messages:
                await announce(tx, context, "ai-takes-over")
        return settlement

    async def _reviewed(
        self,
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
        unsaid = await self._say(tx, context, request, words, person, edited=edited) if words else None
        if unsaid is not None:
            await self._note(tx, context, SYSTEM, f"what was to be said was not sent: {unsaid}")
            if result is None:
                return settlement.model_copy(update={"action": "reject", "output": None, "comment": unsaid})
        return settlement.model_copy(update={"output": result, "said": result is None})

    async def _say(
        self,
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
            record.decision(
                context.situation, author, context.step.name, decided, facts, refs=refs, values={"text": text}
            )
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
            policies=list(decided.policies),
        )
        context.messages.append(await transcript.write(tx, context.journey, new, now=context.situation.at))
        return None

    async def _approved(
        self, tx: Recording, context: Context, outcome: Outcome, settlement: contract.Settlement, person: Actor
    ) -> contract.Settlement:
        """An approval releases the one call that it is bound to, once; a denial answers the agent."""
        approved = outcome.action == "approve"
        if not approved:
            told = {"error": f"a colleague declined it: {outcome.comment or 'no reason given'}"}
            sealed = await tx.seal(context.situation.customer, dict(told))
            await tx.conn.execute(engine_sql["tell_refusal"], outcome.tool_call, sealed)
        await self._note(tx, context, person, "approved" if approved else f"declined: {outcome.comment}")
        return settlement.model_copy(update={"output": None, "call": outcome.tool_call if approved else None})

    async def _note(self, tx: Recording, context: Context, author: Actor, text: str) -> None:
        new = NewMessage(
            author=author,
            text=scrub(text) or "(no words)",
            kind="answer",
            audience="internal",
            refs={"step": context.step.name, "effect": context.situation.effect},
        )
        context.messages.append(await transcript.write(tx, context.journey, new, now=context.situation.at))

    # What all share ----------------------------------------------------------------------------------------------------

    async def _found(self, tx: Recording, situation: contract.Situation) -> JsonValue:
        """What an earlier attempt committed; then this transaction changes nothing.

        A first attempt does not look: if it is not the first after all, storing its outcome fails, and that is looked up.
        """
        if activity.info().attempt == 1:
            return None
        found = (await stored(tx.conn, tx.keyring, situation)).get("outcome")
        if not isinstance(found, dict):
            return None
        tx.unchanged()
        leaves: list[JsonValue] = [*await recorded_before(tx.conn, situation)]
        return {**found, "leaves": leaves}

    async def _stored(self, situation: contract.Situation) -> JsonValue:
        async with self.engine.database.connection() as conn:
            return (await stored(conn, self.engine.keyring, situation))["outcome"]

    def _step(self, situation: contract.Situation, name: str) -> Step[Any]:
        return self.engine.project.step(situation.kind, situation.version, name)

    def _superseded(self, request: contract.OpenTaskRequest, finished: JsonValue) -> contract.TaskOutcome:
        """What came of the turn or the tool call that nobody seemed to take."""
        if request.call is not None:
            return contract.TaskOutcome(task=contract.ToolOutcome.model_validate(finished).task)
        steers = steering_of(self._step(request.situation, request.step).output)
        turn = contract.TurnOutcome.model_validate(finished).model_copy(update={"steers": steers})
        return contract.TaskOutcome(turn=turn)


def _settlement(outcome: Outcome) -> contract.Settlement:
    return contract.Settlement.model_validate(
        {
            "state": outcome.state,
            "action": outcome.action,
            "disposition": outcome.disposition,
            "comment": outcome.comment,
            "output": outcome.output,
        }
    )
