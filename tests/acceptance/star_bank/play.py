"""One conversation, played: the customer's turns as typed, one each time the AI waits; everything else is ours and real.

Masking, triggers, sentiment, prompt, scripts, reply envelope, speech rules and the shipped policies are those of production.
The loop of a step is written out here. A person who is asked to review or approve does so; one who takes the work over
hands it back where the demo's people do, and ends the play elsewhere.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, JsonValue

from activities.bank_service.agents import AUTHENTICATOR, FRAUD_DESK, RECEPTIONIST, TELLER
from activities.bank_service.standin import authenticator, fraud_desk, receptionist, teller
from activities.demo.people import handed_back
from journeyman.agents import AIAgent
from journeyman.agents.arguments import plain_arguments
from journeyman.agents.envelope import Envelope, parse_envelope
from journeyman.agents.prompt import Exchange, Line, Turn, prompt
from journeyman.agents.standin.reply import StandinReply
from journeyman.agents.standin.request import parse_request
from journeyman.conversation.masking import fill, mask
from journeyman.conversation.sentiment import sentiment
from journeyman.conversation.speech import assess
from journeyman.conversation.triggers import triggers
from journeyman.governance import (
    Authorizer,
    Bundle,
    Facts,
    Resource,
    may_call,
    may_complete,
    may_perform,
    may_propose,
    may_say,
)
from journeyman.journey.step import Step, facts_of_result
from journeyman.temporal import evidence
from journeyman.temporal.evidence import amounts, calls_of, failed_calls, stated, unevidenced, verified_amounts
from tests.acceptance.star_bank.bank import Bank
from tests.acceptance.star_bank.recordings import Recording
from workflows.bank_service.contracts import AUTHENTICATE, INFORM_BALANCE, REPORT_FRAUD, UNDERSTAND, Request

POLICIES = Path(__file__).parents[3] / "policies"

SCRIPTS = {"receptionist": receptionist, "authenticator": authenticator, "teller": teller, "fraud-desk": fraud_desk}
AGENTS: dict[str, AIAgent] = {agent.name: agent for agent in (RECEPTIONIST, AUTHENTICATOR, TELLER, FRAUD_DESK)}


@dataclass
class Played:
    """What came of one conversation."""

    recording: Recording
    bank: Bank
    end: str = ""
    people: list[str] = field(default_factory=list)
    """Every task for a person, as `kind: reason`."""
    left_over: int = 0
    """Recorded turns that the journey did not wait for."""
    lines: list[Line] = field(default_factory=list)
    triggers: frozenset[str] = frozenset()
    turns: int = 0
    repeated: int = 0
    """Turns in which the AI said what it had said before."""

    @property
    def by_ai_alone(self) -> bool:
        """No person had anything to do with it."""
        return not self.people


class _HandedOver(Exception):  # noqa: N818 - a route
    """A person has the work; the simulation ends."""


class _Left(Exception):  # noqa: N818 - a route
    """The customer is gone."""


@cache
def authorizer() -> Authorizer:
    """The shipped policies."""
    return Authorizer(Bundle.load(POLICIES))


class Play:
    """One conversation, played."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.bank = Bank([*recording.accounts])
        self.played = Played(recording, self.bank)
        self.coming = list(recording.turns)
        self.lines = self.played.lines
        self.signals: list[tuple[frozenset[str], int]] = []
        self.exchanges: dict[str, list[Exchange]] = {}
        self.made: dict[str, list[evidence.Exchange]] = {}
        self.calls = 0
        self.heard = -1

    def run(self) -> Played:
        """The stages of workflows/bank_service/journey.py."""
        played = self.played
        if not self.coming:
            played.end = "empty"
            return played
        self._hear()
        self.lines.append(Line(author_kind="system", text="You are talking with an AI assistant."))
        try:
            self._listen()
        except _HandedOver:
            played.end = "person"
        except _Left:
            played.end = "left"
        played.left_over = len(self.coming)
        return played

    def _listen(self) -> None:
        verified = False
        for _ in range(80):
            request = self._perform(UNDERSTAND, None)
            assert isinstance(request, Request)
            if request.wish in ("nothing", "handled"):
                self.played.end = "nothing"
                return
            if request.wish == "other":
                continue
            if not verified:
                identity: Any = self._perform(AUTHENTICATE, None)
                verified = identity.outcome == "verified"
                if not verified:
                    continue
            if request.wish == "fraud":
                self._perform(REPORT_FRAUD, request)
            else:
                self._perform(INFORM_BALANCE, None)
        self.played.end = "loop"

    def _hear(self) -> None:
        if not self.coming:
            raise _Left
        text = self.coming.pop(0)
        asked = next(
            (
                line.text
                for line in reversed(self.lines)
                if line.author_kind in ("ai", "person") and line.audience == "customer"
            ),
            None,
        )
        masked = mask(text, asked=asked)
        handles: list[str] = []
        for secret in masked.handled:
            handles.append(
                f"sec-{len(self.bank.secrets) + len(self.bank.checks) + len(handles):04d}{len(self.lines):04d}"
            )
            self.bank.secrets[handles[-1]] = secret.value
        text = fill(masked, handles)
        found = triggers(text)
        self.signals.append((found, sentiment(text)))
        self.played.triggers |= found
        self.lines.append(Line(author_kind="customer", text=text))

    # One step ----------------------------------------------------------------------------------------------------------

    def _perform(self, step: Step[Any], input: BaseModel | None) -> BaseModel:
        agent = AGENTS[step.ai or ""]
        plain = None if input is None else input.model_dump(mode="json")
        turns = failed = tokens = passed = 0
        while True:
            facts = self._facts(
                step, turns=turns, failed_turns=failed, tokens=tokens, handoffs=passed, hand_backs=passed
            )
            permitted = may_perform(authorizer(), agent.name, _resource(step), facts)
            if not permitted.allowed:
                self._work(step, permitted.reason or "")
                failed, passed = 0, passed + 1
                continue
            shown = len(self.lines)
            reply, used = self._answer(agent, step, plain)
            turns, tokens = turns + 1, tokens + used
            self.played.turns += 1
            counted = {
                "turns": turns,
                "failed_turns": failed,
                "tokens": tokens,
                "handoffs": passed,
                "hand_backs": passed,
            }
            if reply.calls:
                for tool, args in reply.calls:
                    self._call(agent, step, tool, args, counted, alone=len(reply.calls) == 1)
                continue
            envelope = parse_envelope(json.dumps(reply.envelope()), step.output)
            if envelope.result is not None:
                self._conclude(agent, step, envelope, plain, counted)
                return envelope.result
            if envelope.hand_over is not None or envelope.ask_person is not None:
                self._person("work: agent_handed_over")
            text = envelope.say or ""
            self._say(agent, step, text, plain, counted)
            repeated = any(_same(text, line.text) for line in self.lines if line.author_kind == "ai")
            failed += repeated or not envelope.understood
            self.played.repeated += repeated
            self.lines.append(Line(author_kind="ai", author=agent.name, text=text))
            if shown == len(self.lines) - 1:
                self._hear()

    def _answer(self, agent: AIAgent, step: Step[Any], input: JsonValue) -> tuple[StandinReply, int]:
        turn = Turn(
            agent=agent,
            step=step.heading,
            instructions=step.instructions,
            output=step.output,
            input=input,
            transcript=tuple(self.lines),
            exchanges=tuple(self.exchanges.get(step.name, ())),
        )
        messages = prompt(turn).messages
        body = {"model": "stand-in", "messages": messages, "tools": [tool.offered for tool in turn.offered]}
        reply = SCRIPTS[agent.name](parse_request(body))
        return reply, sum(len(message["content"] or "") for message in messages) // 4 + 60

    def _call(
        self,
        agent: AIAgent,
        step: Step[Any],
        name: str,
        given: dict[str, JsonValue],
        counted: dict[str, int],
        *,
        alone: bool,
    ) -> None:
        tool = agent.tool(name)
        assert tool is not None, name
        args = plain_arguments(tool.parse(json.dumps(given)))
        made = self.made.setdefault(step.name, [])
        facts = self._facts(step, **counted, **calls_of(name, made))
        decided = may_call(authorizer(), agent.name, _resource(step), facts, name, args)
        helped = facts.model_copy(update={"approved": True})
        status, approved = "done", False
        if decided.allowed:
            result = self.bank.call(name, args)
        elif (
            alone
            and may_propose(authorizer(), agent.name, _resource(step), facts, name, args).allowed
            and may_call(authorizer(), agent.name, _resource(step), helped, name, args).allowed
        ):
            self.played.people.append(f"approval: {decided.reason}")
            result, approved = self.bank.call(name, args), True
        else:
            result, status = {"error": f"refused by policy ({decided.reason}); do not try it again"}, "refused"
        self.calls += 1
        id = f"call-{self.calls}"
        exchange = Exchange(id=id, tool=name, args=args, outcome=result, after=len(self.lines))
        self.exchanges.setdefault(step.name, []).append(exchange)
        made.append(evidence.Exchange(id, name, args, status, result, datetime.now(UTC), approved))

    def _conclude(
        self, agent: AIAgent, step: Step[Any], envelope: Envelope, input: JsonValue, counted: dict[str, int]
    ) -> None:
        assert envelope.result is not None
        given = facts_of_result(envelope.result)
        if "outcome" in given:
            given["result_outcome"] = given.pop("outcome")
        made = self.made.get(step.name, [])
        given["unevidenced"] = unevidenced(envelope.result, input, made)
        given["approved_sum"] = sum(amount for call in made if call.approved for amount in amounts(call.args))
        facts = self._facts(step, **counted, **given, intent=envelope.intent)
        decided = may_complete(authorizer(), agent.name, _resource(step), facts)
        if not decided.allowed:
            self.played.people.append(f"review: {decided.reason}")
        elif envelope.say:
            self._say(agent, step, envelope.say, input, counted)
        if envelope.say:
            self.lines.append(Line(author_kind="ai", author=agent.name, text=envelope.say))

    def _say(self, agent: AIAgent, step: Step[Any], text: str, input: JsonValue, counted: dict[str, int]) -> None:
        verified = verified_amounts(input, self.made.get(step.name, []))
        said = assess(text, verified_amounts=verified, allowed_links=(), language="en")
        facts = self._facts(
            step,
            **counted,
            speech_commitments=said.commitments,
            speech_amounts_unverified=said.amounts_unverified,
            speech_links_unlisted=said.links_unlisted,
            speech_claims_human=said.claims_human,
            speech_reveals=said.reveals,
            speech_asks=said.asks,
        )
        decided = may_say(authorizer(), agent.name, _resource(step), facts)
        if not decided.allowed:
            self._person(f"say: {decided.reason} ({text})")

    def _facts(self, step: Step[Any], **given: Any) -> Facts:
        recent = [score for _, score in self.signals][-3:]
        return Facts(
            sentiment=round(sum(recent) / len(recent)) if recent else 0,
            triggers=frozenset[str]().union(*(found for found, _ in self.signals)),
            notices=frozenset(("ai-disclosure", "recording")),
            verification="none" if self.bank.account is None else "basic",
            language="en",
            failed_calls=failed_calls(AGENTS[step.ai or ""].tools, self.made.get(step.name, [])),
            **stated(line.text for line in self.lines if line.author_kind == "customer"),
            **given,
        )

    def _work(self, step: Step[Any], reason: str) -> None:
        """A person takes the work, and hands it back or keeps it."""
        back = handed_back(reason, self.lines) if step in (UNDERSTAND, AUTHENTICATE) else None
        if back is None:
            self._person(f"work: {reason}")
            return
        self.played.people.append(f"handed back: {reason}")
        self.signals = []
        if back.say:
            self.lines.append(Line(author_kind="person", text=back.say))
        self.lines.append(Line(author_kind="person", audience="internal", text=back.reason))

    def _person(self, why: str) -> None:
        self.played.people.append(why)
        raise _HandedOver


def _resource(step: Step[Any]) -> Resource:
    return Resource.step("bank-service", step.name, queue=step.queue, regulated=step.regulated, care=step.care)


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
