"""The engine's commits for people's work: open a task, read what became of it, link and close journeys.

They run as local activities of the journey's worker, and as regular ones on the engine's when those cannot end in time.
"""

from pydantic import JsonValue
from temporalio import activity

from journeyman.conversation import transcript
from journeyman.customers import journeys
from journeyman.customers.journeys import SYSTEM, NewJourney
from journeyman.errors import EffectStoredError
from journeyman.journey import contract
from journeyman.journey.names import CLOSE_JOURNEY, OPEN_LINKED, OPEN_TASK, SETTLE_EVENTS, SETTLE_TASK
from journeyman.journey.step import steering_of
from journeyman.killpoints import kill_point
from journeyman.ledger.log import Recording, recording
from journeyman.store import outbox
from journeyman.tasks import opening
from journeyman.tasks.change import task_of
from journeyman.tasks.lifecycle import State
from journeyman.tasks.models import Outcome
from journeyman.temporal import context as contexts
from journeyman.temporal import record
from journeyman.temporal.activities.release import refuse, release, settlement_of
from journeyman.temporal.activities.unreadable import or_else, unreadable
from journeyman.temporal.activities.untaken import give_up
from journeyman.temporal.engine import Engine, keep, recorded_before, stored, supersede
from journeyman.temporal.handover import look_again, tell, to_person

_WITHDRAWN = "nobody has approved it, and the customer asked for a person; it was not made"


class WorkActivities:
    """The activities, bound to their worker's engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @activity.defn(name=OPEN_TASK)
    async def open_task(self, request: contract.OpenTaskRequest) -> contract.TaskOutcome:
        """Give a step to people. The queue's fallback applies at once; a turn or tool call that nobody took is superseded."""
        return await or_else(self._open(request), lambda error: self._open(request, error))

    async def _open(self, request: contract.OpenTaskRequest, unread: Exception | None = None) -> contract.TaskOutcome:
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
                read = contexts.read if unread is None else contexts.salvaged
                context = await read(tx.conn, self.engine, situation, self.engine.step(situation, request.step))
                if unread is not None:
                    tx.record(unreadable(situation, request.step, unread))
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
        try:
            return await or_else(self._take_up(request), lambda error: self._settle(request, error))
        except EffectStoredError:
            return contract.Settlement.model_validate(await self._stored(request.situation))

    async def _take_up(self, request: contract.SettleRequest) -> contract.Settlement:
        situation = request.situation
        async with self.engine.database.connection() as conn:
            outcome = await opening.take_up(
                conn, self.engine.keyring, request.task, settled=situation.settled, now=situation.at
            )
        if outcome is None:
            return await self._settle(request)
        steers = steering_of(self.engine.step(situation, request.step).output)
        return settlement_of(outcome).model_copy(update={"steers": steers})

    async def _settle(self, request: contract.SettleRequest, unread: Exception | None = None) -> contract.Settlement:
        situation = request.situation
        async with recording(self.engine.database, self.engine.keyring) as tx:
            if found := await self._found(tx, situation):
                return contract.Settlement.model_validate(found)
            await journeys.keep_up(tx, situation)
            outcome = await opening.outcome(tx, request.task)
            if outcome.open and request.withdraw is not None and await self._withdraws(tx, request):
                await opening.withdraw_task(tx, request.task, request.withdraw, now=situation.at)
                if outcome.tool_call is not None:
                    await give_up(tx, request, outcome.tool_call, not_made=_WITHDRAWN)
                outcome = await opening.outcome(tx, request.task)
            if outcome.open:
                settlement = contract.Settlement(state="open", check_after=look_again(outcome.due_date, situation.at))
                if not request.put_off or unread is not None or not await self._tell(tx, request):
                    tx.unchanged()
                    return settlement
            else:
                settlement = await self._ended(tx, request, outcome, unread)
            keep(tx, situation, "outcome", settlement.model_dump(mode="json"))
            kill_point("task.settling")
        kill_point("task.settled")
        return settlement.model_copy(update={"leaves": list(tx.leaves)})

    async def _tell(self, tx: Recording, request: contract.SettleRequest) -> bool:
        """Tell the customer when they are called back, if they still are to be."""
        task = await task_of(tx.conn, request.task, lock=True)
        if task.state is not State.CREATED or task.notice is None:
            return False
        step = self.engine.step(request.situation, request.step)
        await tell(tx, await contexts.read(tx.conn, self.engine, request.situation, step), task, task.notice)
        return True

    async def _ended(
        self, tx: Recording, request: contract.SettleRequest, outcome: Outcome, unread: Exception | None
    ) -> contract.Settlement:
        """What a closed task sets free, and its entry."""
        situation, step = request.situation, self.engine.step(request.situation, request.step)
        if not outcome.sets_free:
            settlement = settlement_of(outcome)
        elif unread is None:
            context = await contexts.read(tx.conn, self.engine, situation, step)
            settlement = await release(tx, context, request, outcome)
        else:
            settlement = await refuse(tx, request, outcome, unread)
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
        return settlement.model_copy(update={"steers": steering_of(step.output)})

    async def _withdraws(self, tx: Recording, request: contract.SettleRequest) -> bool:
        """Whether it is to be withdrawn, now that somebody looks."""
        if request.withdraw != contract.PERSON_ASKED:
            return True
        task = await task_of(tx.conn, request.task, lock=True)
        waits = task.state is State.READY and task.kind not in contract.WORK
        return waits and await transcript.asks_for_person(tx.conn, task.journey_id, request.progress.heard)

    @activity.defn(name=SETTLE_EVENTS)
    async def settle_events(self, request: contract.SettleEventsRequest) -> contract.Recorded:
        """Retire the events that a journey has applied while it waits."""
        async with self.engine.database.connection() as conn:
            kill_point("event.settling")
            await outbox.settle(conn, request.journey, request.settled, request.at)
        kill_point("event.settled")
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

    def _superseded(self, request: contract.OpenTaskRequest, finished: JsonValue) -> contract.TaskOutcome:
        """What came of the turn or the tool call that nobody seemed to take."""
        if request.call is not None:
            return contract.TaskOutcome(task=contract.ToolOutcome.model_validate(finished).task)
        steers = steering_of(self.engine.step(request.situation, request.step).output)
        turn = contract.TurnOutcome.model_validate(finished).model_copy(update={"steers": steers})
        return contract.TaskOutcome(turn=turn)
