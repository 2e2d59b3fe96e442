"""What comes of a model's reply: each thing that it wants is a question to the policies, asked where the effect is committed."""

from pydantic import JsonValue

from journeyman.agents.prompt import Unfit
from journeyman.agents.reply import Reply, ToolRequest
from journeyman.agents.tool import args_hash
from journeyman.conversation import transcript
from journeyman.conversation.masking import scrub
from journeyman.conversation.sentiment import sentiment
from journeyman.conversation.speech import Speech, assess
from journeyman.conversation.transcript import NewMessage, Signals
from journeyman.governance import (
    CollaborationModel,
    Decision,
    Facts,
    may_ask,
    may_call,
    may_complete,
    may_propose,
    may_say,
)
from journeyman.identifiers import new_id
from journeyman.journey.contract import TurnKind, TurnOutcome, TurnRequest
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import Recording
from journeyman.tasks.models import DraftKind, Kind
from journeyman.temporal import record
from journeyman.temporal.activities.permission import permit
from journeyman.temporal.context import Context, facts_of
from journeyman.temporal.engine import keep, sql
from journeyman.temporal.evidence import Exchange, answered, calls_of, unevidenced, verified_amounts
from journeyman.temporal.handover import announce_ai, to_person

Details = dict[str, str | bool | int]


async def conclude(tx: Recording, context: Context, request: TurnRequest, answer: Reply, *, shown: int) -> TurnOutcome:
    """Decide on a reply and do what is permitted of it. The facts are read anew: a stop or a cry for help came first.

    `shown` is the position of the last message that the model had seen: what came while it thought is still to be heard.
    """
    outcome = await _Conclusion(tx, context, request, answer, shown).outcome()
    return outcome.model_copy(update={"heard": shown})


def complete(tx: Recording, context: Context, request: TurnRequest, answer: Reply, *, shown: int) -> TurnOutcome | None:
    """Decide on a result that comes without words. None: it may not count as it is, or there is more to be written."""
    outcome = _Conclusion(tx, context, request, answer, shown).completed()
    return None if outcome is None else outcome.model_copy(update={"heard": shown})


class _Conclusion:
    def __init__(self, tx: Recording, context: Context, request: TurnRequest, answer: Reply, shown: int) -> None:
        self.tx, self.context, self.request, self.answer, self.shown = tx, context, request, answer, shown
        self.situation = context.situation
        self.agent = context.engine.project.agents[context.step.ai or ""]
        self.actor = Actor(kind="ai", id=self.agent.name)
        # The turn that is being concluded counts.
        self.progress = request.progress.model_copy(
            update={"turns": request.progress.turns + 1, "tokens": request.progress.tokens + answer.usage.total}
        )
        self.model: Details = {
            "agent_version": self.agent.hash,
            "model": answer.model,
            "prompt_hash": answer.prompt_hash,
            "prompt_tokens": answer.usage.prompt,
            "completion_tokens": answer.usage.completion,
            "model_calls": answer.calls,
        }

    async def outcome(self) -> TurnOutcome:
        """The one thing that the turn comes to."""
        answer = self.answer
        if answer.failure is not None:
            return await self._failed(answer.failure.cause, str(answer.failure))
        if answer.unfit is not None:
            return self._unfit(answer.unfit)
        if answer.tool_calls:
            return await self._tools(answer.tool_calls)
        envelope = answer.envelope
        assert envelope is not None  # a reply is an envelope, tool calls or a failure
        if envelope.result is not None:
            return self._overtaken() if self.context.wrote_since(self.shown) else await self._result()
        if envelope.hand_over is not None:
            self._told("agent.handed_over")
            return await self._open("work", "agent_handed_over", words=True)
        if envelope.ask_person is not None:
            return await self._ask(envelope.ask_person)
        return await self._say(envelope.say or "", understood=envelope.understood)

    def completed(self) -> TurnOutcome | None:
        """A result that counts, and is all there is."""
        if self.context.wrote_since(self.shown):
            return None
        output, decided, facts = self._judge()
        if not decided.allowed:
            return None
        self._decided(decided, facts, details=self.model | {"collaboration": "autonomous"}, values={"output": output})
        return self._done("completed", output=output)

    # Failures ----------------------------------------------------------------------------------------------------------

    async def _failed(self, cause: str, message: str) -> TurnOutcome:
        """The turn did not work. Policy says whether the agent may try again, or a person takes it."""
        self.progress = self.progress.model_copy(update={"failed_turns": self.progress.failed_turns + 1})
        self._told("agent.failed", {"cause": cause}, message=message)
        decided = permit(self.tx, self.context, self.progress, {"model_failure": cause})
        if decided.allowed:
            return self._done("again").model_copy(update={"failed": True})
        return await self._open("work", decided.reason or "not_permitted")

    def _unfit(self, unfit: Unfit) -> TurnOutcome:
        """The answer cannot be used. It is kept for the turn that repairs it: a crash asks for neither of them again."""
        self._told("agent.unfit", problem=unfit.problem)
        keep(self.tx, self.situation, "unfit", unfit.model_dump())
        return self._done("again").model_copy(update={"unfit": self.situation.effect})

    def _overtaken(self) -> TurnOutcome:
        """The customer wrote while the model thought: a result that has not heard it does not count."""
        self._told("agent.overtaken")
        return self._done("again")

    # Results -----------------------------------------------------------------------------------------------------------

    def _judge(self) -> tuple[JsonValue, Decision, Facts]:
        """The result, and whether it may count."""
        envelope = self.answer.envelope
        assert envelope is not None
        assert envelope.result is not None
        given: dict[str, object] = {
            **facts_of(envelope.result),
            "due": self.context.due(self.request.input),
            "unevidenced": unevidenced(envelope.result, self.request.input, self.context.exchanges),
            "token_probability": self.answer.token_probability,
            "claimed_confidence": self.answer.claimed_confidence,
            "intent": envelope.intent,
        }
        facts = self.context.facts(self.progress, given)
        decided = may_complete(self.context.authorizer, self.agent.name, self.context.resource, facts)
        return envelope.result.model_dump(mode="json"), decided, facts

    async def _result(self) -> TurnOutcome:
        envelope = self.answer.envelope
        assert envelope is not None
        output, decided, facts = self._judge()
        said = self._assess(envelope.say) if envelope.say else None
        spoken = self._may_say(said) if said is not None else None
        alone = decided.allowed and (spoken is None or spoken.allowed)
        model: CollaborationModel = "autonomous" if alone else "loop_in"
        self._decided(decided, facts, details=self.model | {"collaboration": model}, values={"output": output})
        if not decided.allowed:
            return await self._review(decided, output, said)
        if envelope.say and said is not None and spoken is not None:
            self._decided(spoken, self._speech_facts(said))
            if not spoken.allowed:
                return await self._review(spoken, output, said)
            await self._write(envelope.say, said, spoken)
        return self._done("completed", output=output)

    async def _review(self, decided: Decision, output: JsonValue, said: Speech | None) -> TurnOutcome:
        """The result counts once a person has accepted it; what was to be said with it waits as long, if that would help."""
        envelope = self.answer.envelope
        assert envelope is not None
        words = envelope.say
        if words and said is not None:
            approved = self._may_say(said, approved=True)
            if approved.allowed:
                keep(self.tx, self.situation, "say", scrub(words))
            else:
                self._decided(approved, self._speech_facts(said, approved=True), values={"text": scrub(words)})
                words = None
        return await self._open("review", decided.reason or "not_permitted", draft=output, then_said=words)

    # Speech ------------------------------------------------------------------------------------------------------------

    async def _say(self, text: str, *, understood: bool) -> TurnOutcome:
        said = self._assess(text)
        decided = self._may_say(said)
        details = self.model if understood else self.model | {"understood": False}
        self._decided(decided, self._speech_facts(said), details=details, values={"text": scrub(text)})
        if not decided.allowed:
            # Where the agent may not even work on, other words would not help: a person answers instead of reviewing.
            works = permit(self.tx, self.context, self.progress, said.facts)
            if not works.allowed:
                return await self._open("work", works.reason or "not_permitted")
            return await self._open(
                "review", decided.reason or "not_permitted", draft=scrub(text), draft_kind="message"
            )
        repeated = any(_same(text, message.text) for message in self.context.told_since_person)
        await self._write(text, said, decided)
        # The agent's own word can only count against it: what it repeats has not helped, whatever it says of that.
        return self._done("said").model_copy(update={"failed": repeated or not understood})

    def _assess(self, text: str) -> Speech:
        return assess(
            text,
            verified_amounts=verified_amounts(self.request.input, self.context.exchanges),
            allowed_links=self.context.engine.project.links,
            verified_numbers=answered(self.context.exchanges),
            language=self.context.journey.language,
        )

    def _speech_facts(self, said: Speech, *, approved: bool = False) -> Facts:
        return self.context.facts(self.progress, {**said.facts, "approved": approved})

    def _may_say(self, said: Speech, *, approved: bool = False) -> Decision:
        facts = self._speech_facts(said, approved=approved)
        return may_say(self.context.authorizer, self.agent.name, self.context.resource, facts)

    async def _write(self, text: str, said: Speech, decided: Decision) -> None:
        await announce_ai(self.tx, self.context)
        new = NewMessage(
            author=self.actor,
            text=scrub(text),
            signals=Signals(sentiment=sentiment(text), asks=said.asks),
            refs={"step": self.context.step.name, "effect": self.situation.effect},
            facts=record.permitted(decided),
            policies=list(decided.policies),
        )
        message = await transcript.write(self.tx, self.context.journey, new, now=self.situation.at)
        self.context.messages.append(message)

    async def _ask(self, question: str) -> TurnOutcome:
        facts = self.context.facts(self.progress)
        decided = may_ask(self.context.authorizer, self.agent.name, self.context.resource, facts)
        self._decided(decided, facts, details=self.model, values={"question": scrub(question)})
        if not decided.allowed:
            return await self._open("work", decided.reason or "not_permitted")
        new = NewMessage(
            author=self.actor,
            text=scrub(question),
            kind="question",
            audience="internal",
            refs={"step": self.context.step.name, "effect": self.situation.effect},
            facts=record.permitted(decided),
            policies=list(decided.policies),
        )
        self.context.messages.append(await transcript.write(self.tx, self.context.journey, new, now=self.situation.at))
        return await self._open("question", "agent_asks", draft={"question": question})

    # Tools -------------------------------------------------------------------------------------------------------------

    async def _tools(self, calls: tuple[ToolRequest, ...]) -> TurnOutcome:
        """Each call that policy permits is written as such, once; the rest are answered with why not."""
        permitted: list[str] = []
        for call in calls:
            given = {"due": self.context.due(self.request.input), **calls_of(call.tool, self.context.exchanges)}
            facts = self.context.facts(self.progress, given)
            decided = self._may_call(call, facts)
            if decided.allowed:
                permitted.append(await self._keep_call(call, "permitted", decided, facts))
                continue
            proposed = self._may_propose(call, facts)
            if proposed is not None and len(calls) == 1:
                reason = decided.reason or "not_permitted"
                call_id = await self._keep_call(call, "proposed", proposed, facts)
                draft: JsonValue = {"tool": call.tool, "args": call.args}
                return await self._open("approval", reason, draft=draft, tool_call=call_id)
            told = "it needs a colleague's approval; call it alone" if proposed else refused(decided)
            await self._keep_call(call, "refused", decided, facts, {"error": told})
        return self._done("called", calls=permitted)

    def _may_call(self, call: ToolRequest, facts: Facts) -> Decision:
        return may_call(self.context.authorizer, self.agent.name, self.context.resource, facts, call.tool, call.args)

    def _may_propose(self, call: ToolRequest, facts: Facts) -> Decision | None:
        """The decision that lets a person be asked. None too where their approval would not let the call run."""
        proposed = may_propose(
            self.context.authorizer, self.agent.name, self.context.resource, facts, call.tool, call.args
        )
        approved = facts.model_copy(update={"approved": True})
        return proposed if proposed.allowed and self._may_call(call, approved).allowed else None

    async def _keep_call(
        self, call: ToolRequest, status: str, decided: Decision, facts: Facts, result: JsonValue = None
    ) -> str:
        tool = self.agent.tool(call.tool)
        assert tool is not None  # the reply was read against the agent's tools
        call_id = new_id("call")
        digest = args_hash(tool, tool.parse(call.args))
        await self.tx.conn.execute(
            sql["add_tool_call"],
            call_id,
            self.situation.journey,
            self.context.step.name,
            self.agent.name,
            call.tool,
            tool.mode,
            await self.tx.seal(self.situation.customer, call.args),
            digest,
            status,
            None if result is None else await self.tx.seal(self.situation.customer, result),
            self.situation.at,
        )
        # The next call of the same reply is decided with this one counted.
        exchange = Exchange(call_id, call.tool, call.args, status, result, self.situation.at, approved=False)
        self.context.exchanges.append(exchange)
        self._decided(
            decided,
            facts,
            details=self.model | {"tool": call.tool, "args_hash": digest},
            refs={"tool_call": call_id},
            values={"args": call.args},
        )
        return call_id

    # What all share ----------------------------------------------------------------------------------------------------

    def _decided(
        self,
        decided: Decision,
        facts: Facts,
        *,
        details: Details | None = None,
        refs: dict[str, str] | None = None,
        values: dict[str, JsonValue] | None = None,
    ) -> None:
        self.tx.record(
            record.decision(
                self.situation,
                self.actor,
                self.context.step.name,
                decided,
                facts,
                details=details,
                refs=refs,
                values=values,
            )
        )

    async def _open(
        self,
        kind: Kind,
        reason: str,
        *,
        draft: JsonValue = None,
        draft_kind: DraftKind | None = None,
        tool_call: str | None = None,
        words: bool = False,
        then_said: str | None = None,
    ) -> TurnOutcome:
        envelope = self.answer.envelope
        task = await to_person(
            self.tx,
            self.context,
            self.progress,
            kind=kind,
            reason=reason,
            input=self.request.input,
            draft=draft,
            draft_kind=draft_kind,
            tool_call=tool_call,
            words=envelope.hand_over if words and envelope else None,
            then_said=then_said,
        )
        if tool_call is not None:
            await self.tx.conn.execute(sql["bind_approval"], tool_call, task.id)
        return self._done("opened").model_copy(update={"task": task})

    def _told(self, type: str, details: Details | None = None, **values: str) -> None:
        """On the record: what became of the turn."""
        sealed = {name: scrub(text) for name, text in values.items()}
        step, facts = {"step": self.context.step.name}, self.model | (details or {})
        self.tx.record(record.effect(self.situation, self.actor, type, refs=step, details=facts, values=sealed))

    def _done(self, kind: TurnKind, *, output: JsonValue = None, calls: list[str] | None = None) -> TurnOutcome:
        return TurnOutcome(kind=kind, output=output, calls=calls or [], tokens=self.answer.usage.total)


def refused(decided: Decision) -> str:
    """What an AI agent is told of a call that policy does not permit."""
    return f"refused by policy ({decided.reason or 'not permitted'}); do not try it again"


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
