"""The facts of a decision, assembled at the decision point from committed rows."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from pydantic import BaseModel, JsonValue

from journeyman.agents.tool import Tool
from journeyman.conversation import notices, transcript
from journeyman.conversation.transcript import Message
from journeyman.customers import journeys
from journeyman.customers.journeys import JourneyRow
from journeyman.customers.record import Customer
from journeyman.errors import NotFoundError
from journeyman.governance import Authorizer, Facts, Resource
from journeyman.journey.contract import Progress, Situation
from journeyman.journey.step import Step, due_of, facts_of_result
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.tasks.calendar import Calendar
from journeyman.tasks.desk import resource_of_step
from journeyman.temporal import evidence
from journeyman.temporal.engine import Engine, sql
from journeyman.temporal.evidence import Exchange


@dataclass
class Context:
    """What is known at a decision. Who acts on it has held the journey since before, or writes only if it is `unmoved`."""

    engine: Engine
    situation: Situation
    step: Step[Any]
    journey: JourneyRow
    customer: Customer
    authorizer: Authorizer
    messages: list[Message]
    exchanges: list[Exchange]
    grounds: dict[str, Any]
    """What else stands in Postgres, as it was read; the fields from here on are of it."""
    stopped: bool
    people_available: bool
    calendar: Calendar | None
    prior_approvals: int
    taken: int
    """Position of the last message when a person last closed work on the journey: what came before, they have dealt with."""
    agent_version: str | None
    permitted: bool
    """Whether the decision that lets this effect begin was there."""

    @cached_property
    def resource(self) -> Resource:
        """The step, as policies know it."""
        return resource_of_step(self.situation.kind, self.step)

    @property
    def tools(self) -> tuple[Tool, ...]:
        """What the step's AI agent may ask for."""
        return self.engine.project.agents[self.step.ai].tools if self.step.ai is not None else ()

    @property
    def heard(self) -> int:
        """Position of the last message."""
        return self.messages[-1].position if self.messages else 0

    def wrote_since(self, shown: int) -> bool:
        """Whether the customer wrote something after this position."""
        return any(
            each.author_kind == "customer" and each.kind == "text" and each.position > shown for each in self.messages
        )

    @property
    def heard_since_person(self) -> list[Message]:
        """What the customer said since a person last worked on it. Who only judged a call or a draft has not."""
        return [each for each in self.messages if each.author_kind == "customer" and each.position > self.taken]

    @property
    def told_since_person(self) -> list[Message]:
        """What AI agents told the customer since a person last worked on it."""
        return [each for each in self.messages if each.author_kind == "ai" and each.position > self.taken]

    def facts(self, progress: Progress, given: Mapping[str, Any] | None = None) -> Facts:
        """The facts now; `given` are those of the result, the sentence or the failure that is decided on."""
        heard = self.heard_since_person
        recent = [message.signals.sentiment for message in heard if message.kind == "text"][-3:]
        now = self.engine.moment(self.situation)
        agent = self.engine.project.agents[self.step.ai] if self.step.ai else None
        return Facts(
            **{
                "sentiment": round(sum(recent) / len(recent)) if recent else 0,
                "triggers": frozenset[str]().union(*(message.signals.triggers for message in heard)),
                "failed_turns": progress.failed_turns,
                "turns": progress.turns,
                "turns_left": max(agent.max_turns - progress.turns, 0) if agent else None,
                "tokens": progress.tokens,
                "handoffs": progress.handoffs,
                "hand_backs": progress.hand_backs,
                "customer_tier": self.customer.tier,
                "verification": self.customer.verification_at(now),
                "channel": self.journey.channel,
                "language": self.journey.language,
                "notices": notices.names(self.journey.notices),
                "consents": self.customer.given_consents,
                "support_needs": frozenset(self.customer.support_needs),
                "ai_available": self.engine.ai_available(),
                "people_available": self.people_available,
                "in_hours": self.calendar is None or self.calendar.open_at(now),
                "stopped": self.stopped,
                "published": agent is None or self.agent_version == agent.hash,
                "sampled": self._sampled(progress),
                "calibrated": agent is not None and self.resource.id in agent.calibrated,
                "prior_approvals": self.prior_approvals,
                "approved_sum": sum(
                    amount for call in self.exchanges if call.approved for amount in evidence.amounts(call.args)
                ),
                "simulated": self.journey.simulated,
                "failed_calls": evidence.failed_calls(self.tools, self.exchanges),
                **self.stated,
                **(given or {}),
            }
        )

    def _sampled(self, progress: Progress) -> bool:
        return is_drawn(self.journey.id, progress.performance, self.engine.project.review_share)

    def due(self, input: JsonValue) -> int | None:
        """What the step is to collect or pay, as its input says."""
        return due_of(self.step.input, input)

    def unmoved(self, tx: Recording) -> None:
        """Let `tx` write only if all of this still stands, and the turn is permitted. Else it raises JourneyMovedError."""
        tx.only_if(
            sql["unmoved"],
            self.journey.id,
            self.journey.next_event,
            self.journey.next_message,
            self.step.ai or "",
            self.step.queue,
            self.grounds,
            self.situation.effect,
        )

    @cached_property
    def stated(self) -> dict[str, Any]:
        """The facts of the amounts that the customer names in their own words."""
        told = (message.text for message in self.messages if message.author_kind == "customer")
        return evidence.stated(told)


async def read(conn: Connection, engine: Engine, situation: Situation, step: Step[Any]) -> Context:
    """Read everything that a decision on this step needs. Raises NotFoundError."""
    row = await conn.fetchrow(sql["context"], situation.journey, step.ai or "", step.queue, situation.effect)
    if row is None:
        raise NotFoundError(
            f"there is no journey `{situation.journey}` in Postgres; start journeys with `journeyman start`"
        )
    grounds = row["grounds"]
    customer = Customer.model_validate(grounds["customer"])
    return Context(
        engine=engine,
        situation=situation,
        step=step,
        journey=JourneyRow.model_validate(row["journey"]),
        customer=customer,
        authorizer=await engine.published.authorizer(conn, grounds["bundle"]),
        messages=await transcript.opened(
            conn, engine.keyring, customer.id, map(_message, row["messages"] or []), whole=True
        ),
        exchanges=await _exchanges(conn, engine, situation, step),
        grounds=grounds,
        stopped=grounds["stopped"],
        people_available=grounds["people_available"],
        calendar=Calendar.model_validate(grounds["calendar"]) if grounds["calendar"] else None,
        prior_approvals=grounds["prior_approvals"],
        taken=grounds["taken"],
        agent_version=grounds["agent_version"],
        permitted=row["permitted"],
    )


async def salvaged(conn: Connection, engine: Engine, situation: Situation, step: Step[Any]) -> Context:
    """What a person is given to go on with where `read`, or the facts that are made of it, break for good: what there is of the
    conversation, and which calls were made. Nothing is decided on it. Raises NotFoundError.
    """
    customer = Customer(
        id=situation.customer,
        language="und",
        time_zone="UTC",
        tier="standard",
        verification="none",
        verified_until=None,
        support_needs=[],
        consents={},
        simulated=False,
    )
    calls = await conn.fetch(sql["tool_calls"], situation.journey, step.name)
    return Context(
        engine=engine,
        situation=situation,
        step=step,
        journey=await journeys.read(conn, situation.journey),
        customer=customer,
        authorizer=await engine.published.authorizer(conn),
        messages=await transcript.read(conn, engine.keyring, situation.journey, situation.customer),
        exchanges=[
            Exchange(row["id"], row["tool"], None, row["status"], None, row["created_at"], row["approved"])
            for row in calls
        ],
        grounds={},
        stopped=False,
        people_available=False,
        calendar=None,
        prior_approvals=0,
        taken=0,
        agent_version=None,
        permitted=False,
    )


def _message(row: dict[str, Any]) -> dict[str, Any]:
    """A row that came as JSON, which knows neither bytes nor times."""
    return row | {"body": base64.b64decode(row["body"]), "at": datetime.fromisoformat(row["at"])}


async def _exchanges(conn: Connection, engine: Engine, situation: Situation, step: Step[Any]) -> list[Exchange]:
    if step.ai is None or not engine.project.agents[step.ai].tools:
        return []
    found = []
    for row in await conn.fetch(sql["tool_calls"], situation.journey, step.name):
        args = await engine.keyring.open(conn, situation.customer, row["args"])
        result = None if row["result"] is None else await engine.keyring.open(conn, situation.customer, row["result"])
        found.append(Exchange(row["id"], row["tool"], args, row["status"], result, row["created_at"], row["approved"]))
    return found


def facts_of(result: BaseModel) -> dict[str, Any]:
    """The facts that a result states of itself, under the names that policies use."""
    found = facts_of_result(result)
    if "outcome" in found:
        found["result_outcome"] = found.pop("outcome")
    return found


def is_drawn(journey: str, performance: str, share: int) -> bool:
    """Whether the result of this performance (`STEP#N`) in a journey is among the `share` of 1,000 that are drawn for review.

    A deterministic draw that no agent can influence.
    """
    digest = hashlib.sha256(f"{journey}\0{performance}".encode()).digest()
    return int.from_bytes(digest[:4]) % 1000 < share
