"""`journeyman.agent_turn`: one turn of an AI agent, with the policies' decisions on both its sides.

permit → model → conclusion. The first and the last are each one transaction, under one effect key; what is committed is
what a rerun returns. The model is called between them, outside any transaction.
"""

from collections.abc import Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError
from temporalio import activity

from journeyman.agents.prompt import Exchange, Line, Turn, Unfit
from journeyman.agents.reply import Reply, asking, reply
from journeyman.conversation import transcript
from journeyman.customers import journeys
from journeyman.errors import (
    DatabaseUnavailableError,
    EffectStoredError,
    InputError,
    JourneyMovedError,
    ModelError,
    ModelMalformedError,
)
from journeyman.journey.contract import Situation, TurnOutcome, TurnRequest
from journeyman.journey.names import AGENT_TURN
from journeyman.journey.step import Step, steering_of
from journeyman.killpoints import kill_point
from journeyman.ledger.log import Recording, recording
from journeyman.tasks.opening import accept_return
from journeyman.temporal import context as contexts
from journeyman.temporal.activities.conclusion import complete, conclude
from journeyman.temporal.activities.heartbeat import heartbeating
from journeyman.temporal.activities.permission import permit
from journeyman.temporal.activities.unreadable import REASON, or_else, unreadable
from journeyman.temporal.context import Context
from journeyman.temporal.engine import Engine, keep, recorded_before, sql, stored
from journeyman.temporal.handover import give_notices, to_person


@dataclass(frozen=True)
class _Permitted:
    """The model is asked. `shown` is the last message that it is shown, `context` what was known if nothing was added since."""

    answer: Awaitable[Reply]
    shown: int
    leaves: list[str]
    context: Context | None = None


class TurnActivity:
    """The activity, bound to its worker's engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @activity.defn(name=AGENT_TURN)
    @heartbeating
    async def agent_turn(self, request: TurnRequest) -> TurnOutcome:
        """One turn. A rerun returns what the first run committed, and calls no model twice for a finished turn."""
        step = self.engine.step(request.situation, request.step)
        outcome = await or_else(self._run(request, step), lambda error: self._give_up(request, step, error))
        return outcome.model_copy(update={"steers": steering_of(step.output)})

    async def _run(self, request: TurnRequest, step: Step[Any]) -> TurnOutcome:
        resumed = await self._resumed(request, step) if activity.info().attempt > 1 else None
        permitted = resumed or await self._begin(request, step)
        if isinstance(permitted, TurnOutcome):
            return permitted
        kill_point("turn.permitted")
        answer = await permitted.answer
        kill_point("turn.answered")
        try:
            completed = await self._complete(request, step, answer, permitted) if answer.wordless else None
            return completed or await self._conclude(request, step, answer, permitted.leaves, shown=permitted.shown)
        except EffectStoredError:
            # Another runner of this very effect was first, or the turn was superseded: what is stored counts.
            return await self._stored_outcome(request)
        except (InputError, ValidationError) as error:
            if answer.failure is not None:
                raise
            # It fits its model, and can be neither decided on nor recorded, such as a number past what JSON holds.
            told = ModelMalformedError(f"the answer cannot be used: {error}")
            spoilt = replace(answer, envelope=None, tool_calls=(), failure=told)
            return await self._conclude(request, step, spoilt, permitted.leaves, shown=permitted.shown)

    async def _give_up(self, request: TurnRequest, step: Step[Any], error: Exception) -> TurnOutcome:
        """What no retry mends is a failed turn, and policy decides the route: a person, by the shipped ones. Where it cannot be
        asked, for want of facts, a person it is.
        """
        async with self.engine.database.connection() as conn:
            leaves = await recorded_before(conn, request.situation)
        broken = Reply(failure=ModelError(f"the turn broke: {type(error).__name__}"))
        try:
            return await or_else(
                self._conclude(request, step, broken, leaves),
                lambda unread: self._conclude(request, step, broken, leaves, unread=unread),
            )
        except EffectStoredError:
            return await self._stored_outcome(request)

    async def _take_up(self, tx: Recording, situation: Situation) -> None:
        """Hold the journey; what it tells is projected unless the turn's permission has done so."""
        await journeys.hold(tx.conn, situation.journey)
        if not await tx.conn.fetch(sql["effect"], situation.effect):
            journeys.project(tx, situation)

    async def _complete(
        self, request: TurnRequest, step: Step[Any], answer: Reply, permitted: _Permitted
    ) -> TurnOutcome | None:
        """The ordinary end of a step: a result without words that may count, and nothing else is to be written.

        It is decided on what the turn was permitted on, and one statement writes it, if all of that still stands. None: there is
        more to it, or something has changed meanwhile.
        """
        outcome = None
        try:
            async with recording(self.engine.database, self.engine.keyring, at_once=True) as tx:
                context = permitted.context or await contexts.read(tx.conn, self.engine, request.situation, step)
                outcome = complete(tx, context, request, answer, shown=permitted.shown)
                if outcome is None:
                    tx.unchanged()
                else:
                    context.unmoved(tx)
                    keep(tx, request.situation, "outcome", outcome.model_dump(mode="json"))
                    kill_point("turn.completing")
        except JourneyMovedError:
            return None
        if outcome is None:
            return None
        kill_point("turn.completed")
        return outcome.model_copy(update={"leaves": permitted.leaves + tx.leaves})

    async def _conclude(
        self,
        request: TurnRequest,
        step: Step[Any],
        answer: Reply,
        leaves: list[str],
        *,
        shown: int | None = None,
        unread: Exception | None = None,
    ) -> TurnOutcome:
        """What the turn comes to. `shown` is None where it is given up; `unread`: what it would be decided on cannot be read."""
        async with recording(self.engine.database, self.engine.keyring) as tx:
            if shown is None:
                await self._take_up(tx, request.situation)
            else:
                await journeys.hold(tx.conn, request.situation.journey)
            if unread is not None:
                outcome = await self._hand_over(tx, request, step, unread)
            else:
                context = await contexts.read(tx.conn, self.engine, request.situation, step)
                if shown is not None:
                    _insist(context)
                outcome = await conclude(tx, context, request, answer, shown=context.heard if shown is None else shown)
            keep(tx, request.situation, "outcome", outcome.model_dump(mode="json"))
            kill_point("turn.concluding")
        kill_point("turn.concluded")
        return outcome.model_copy(update={"leaves": leaves + tx.leaves})

    async def _hand_over(self, tx: Recording, request: TurnRequest, step: Step[Any], unread: Exception) -> TurnOutcome:
        context = await contexts.salvaged(tx.conn, self.engine, request.situation, step)
        tx.record(unreadable(request.situation, step.name, unread))
        task = await to_person(tx, context, request.progress, kind="work", reason=REASON, input=request.input)
        return TurnOutcome(kind="opened", task=task, heard=context.heard)

    async def _resumed(self, request: TurnRequest, step: Step[Any]) -> TurnOutcome | _Permitted | None:
        """What an earlier attempt has left: its outcome, or its permission, which is asked for again. None: it left nothing."""
        async with self.engine.database.connection() as conn:
            phases = await stored(conn, self.engine.keyring, request.situation)
        if "outcome" in phases:
            return await self._stored_outcome(request)
        return await self._decide(request, step, again=True) if "permit" in phases else None

    async def _begin(self, request: TurnRequest, step: Step[Any]) -> TurnOutcome | _Permitted:
        """Commit the decision to perform; where it is no, a person's task with it."""
        try:
            return await self._permit(request, step) or await self._decide(request, step)
        except EffectStoredError:
            # Not the first run of this effect after all: its local predecessor died unseen, or the workflow was reset.
            resumed = await self._resumed(request, step)
            if resumed is None:
                raise
            return resumed

    async def _permit(self, request: TurnRequest, step: Step[Any]) -> _Permitted | None:
        """The ordinary turn: the agent may work, and nothing else is to be written. None: there is more to it.

        Two statements. Nothing is held between them, and need not be: whatever the agent then comes to is decided on anew.
        The model's request is made ready while the second one commits, and leaves after it. It waits for no disk: what the
        turn comes to does, and finds this there, or the turn begins again.
        """
        situation = request.situation
        answer = None
        async with AsyncExitStack() as committed:  # noqa: SIM117 - what is committed first is entered last
            async with recording(self.engine.database, self.engine.keyring, at_once=True) as tx:
                context = await contexts.read(tx.conn, self.engine, situation, step)
                journeys.project(tx, situation)
                decided = permit(tx, context, request.progress)
                due = self.engine.project.notices_due(context.journey, by_ai=True)
                if decided.allowed and not due and not request.progress.hand_backs:
                    turn = await self._turn(tx, context, request)
                    answer = await committed.enter_async_context(asking(self.engine.endpoint, turn))
                    tx.performs(f"ai:{step.ai}")
                    tx.lax()
                    keep(tx, situation, "permit", {"policies": list(decided.policies)})
                    kill_point("turn.allowing")
                else:
                    tx.unchanged()
        return _Permitted(answer, context.heard, tx.leaves, context) if answer is not None else None

    async def _decide(self, request: TurnRequest, step: Step[Any], *, again: bool = False) -> TurnOutcome | _Permitted:
        """Ask whether the agent may work. `again`: an earlier attempt was permitted to and died, perhaps hours ago and of another
        build; where the answer has not changed, its entry stands for it.
        """
        situation = request.situation
        outcome: TurnOutcome | None = None
        turn: Turn | None = None
        before: list[str] = []
        async with recording(self.engine.database, self.engine.keyring) as tx:
            if again:
                await journeys.hold(tx.conn, situation.journey)
                before = await recorded_before(tx.conn, situation)
            else:
                await journeys.keep_up(tx, situation)
            context = await contexts.read(tx.conn, self.engine, situation, step)
            decided = permit(tx, context, request.progress)
            if not decided.allowed:
                reason = decided.reason or "not_permitted"
                task = await to_person(tx, context, request.progress, kind="work", reason=reason, input=request.input)
                outcome = TurnOutcome(kind="opened", task=task, heard=context.heard)
                keep(tx, situation, "outcome", outcome.model_dump(mode="json"))
            elif again:
                turn = await self._turn(tx, context, request)
                tx.unchanged()
            else:
                await give_notices(tx, context, by_ai=True)
                turn = await self._turn(tx, context, request)
                tx.performs(f"ai:{step.ai}")
                if request.progress.hand_backs:
                    await accept_return(tx, situation.journey, step.ai or "", situation.at)
                keep(tx, situation, "permit", {"policies": list(decided.policies)})
            kill_point("turn.permitting")
        if turn is not None:
            return _Permitted(reply(self.engine.endpoint, turn), context.heard, before + tx.leaves)
        assert outcome is not None
        return outcome.model_copy(update={"leaves": before + tx.leaves})

    async def _stored_outcome(self, request: TurnRequest) -> TurnOutcome:
        async with self.engine.database.connection() as conn:
            phases = await stored(conn, self.engine.keyring, request.situation)
            leaves = await recorded_before(conn, request.situation)
        return TurnOutcome.model_validate(phases["outcome"]).model_copy(update={"leaves": leaves})

    async def _turn(self, tx: Recording, context: Context, request: TurnRequest) -> Turn:
        """What the model is shown."""
        step = context.step
        lines = [message for message in transcript.without_whispers(context.messages) if message.kind != "left"]
        return Turn(
            agent=self.engine.project.agents[step.ai or ""],
            step=step.heading,
            instructions=step.instructions,
            output=step.output,
            input=request.input,
            transcript=tuple(
                Line(
                    author_kind=message.author_kind, author=message.author, audience=message.audience, text=message.text
                )
                for message in lines
            ),
            exchanges=tuple(
                Exchange(
                    id=exchange.id,
                    tool=exchange.tool,
                    args=exchange.args if isinstance(exchange.args, dict) else {},
                    outcome=exchange.result,
                    after=sum(message.at <= exchange.at for message in lines),
                )
                for exchange in context.exchanges
                if exchange.result is not None
            ),
            notes=tuple(message.text for message in lines if message.kind == "answer")[-3:],
            language=context.journey.language,
            unfit=await self._unfit(tx, request) if request.repairs else None,
        )

    async def _unfit(self, tx: Recording, request: TurnRequest) -> Unfit:
        """The answer that this turn repairs."""
        rows = await tx.conn.fetch(sql["effect"], request.repairs)
        sealed = next(row["result"] for row in rows if row["phase"] == "unfit")
        return Unfit.model_validate(await tx.open(request.situation.customer, sealed))


def _insist(context: Context) -> None:
    """Raise DatabaseUnavailableError, and so begin again, where a crash of Postgres has taken the turn's permission back."""
    if not context.permitted:
        raise DatabaseUnavailableError(
            "Postgres crashed and took back that this turn was permitted; it is asked for anew"
        )
