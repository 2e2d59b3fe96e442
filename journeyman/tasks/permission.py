"""May this person do this to a journey, an AI agent, a bundle? Tasks have their own way: see `operation`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from pydantic import JsonValue

from journeyman.customers.record import Customer, Verification
from journeyman.errors import DeniedError
from journeyman.governance import Decision, Facts, Question, Resource
from journeyman.ledger.entry import Actor, Entry
from journeyman.store.database import Connection
from journeyman.tasks.desk import Desk, principal_of

OPERATOR = Actor(kind="system", id="operator", auth="cli")
"""Whoever holds the deployment's keys and names no person. Their deeds are on the record as such."""

_ALL: Final = {"stop": "all AI agents", "resume": "all AI agents", "find": "customers"}  # of the deployment
_NOUNS: Final = {"AIAgent": "AI agent", "JourneyKind": "journeys of kind"}


@dataclass(frozen=True)
class Permission:
    """Who acts, and the decision that lets them: none for the operator and the clock, whom no policy binds."""

    actor: Actor
    decision: Decision | None = None

    @property
    def facts(self) -> dict[str, str | bool | int]:
        """What an entry says of the decision."""
        return {"bundle": self.decision.bundle} if self.decision else {}

    @property
    def policies(self) -> list[str]:
        return list(self.decision.policies) if self.decision else []

    def entry(
        self,
        type: str,
        at: datetime,
        *,
        journey: str | None = None,
        subject: str = "system",
        refs: Mapping[str, str] | None = None,
        facts: Mapping[str, str | bool | int] | None = None,
        values: Mapping[str, JsonValue] | None = None,
    ) -> Entry:
        """The entry of the deed, with the decision that lets them. Values are the subject's."""
        return Entry(
            type=type,
            at=at,
            actor=self.actor,
            journey=journey,
            subject=subject,
            refs=dict(refs or {}),
            facts=dict(facts or {}) | self.facts,
            policies=self.policies,
            values=dict(values or {}),
        )


async def permission(
    desk: Desk,
    conn: Connection,
    person: str | None,
    action: str,
    resource: Resource,
    *,
    auth: str,
    facts: Facts | None = None,
    args: Mapping[str, str] | None = None,
) -> Permission:
    """Ask policy about a person; None is the operator. `args` are the field and data class of a `view`.

    Raises NotFoundError for an unknown person, DeniedError.
    """
    if person is None:
        return Permission(OPERATOR)
    acting, authorizer = await desk.asker(conn, person)
    question = Question(
        principal=principal_of(acting),
        action=action,
        resource=resource,
        facts=facts or Facts(),
        args=dict(args) if args is not None else None,
    )
    decision = authorizer.decide(question)
    if not decision.allowed:
        raise refused(person, decision, resource)
    return Permission(Actor(kind="person", id=person, auth=auth), decision)


def refused(person: str, decision: Decision, resource: Resource) -> DeniedError:
    """What to raise when policy says no: what was asked, why not, and what to do."""
    why = "; ".join(decision.intents or decision.errors) or "no policy permits it"
    what, named = _ALL.get(decision.action, "all of it"), {"person": person, "deed": decision.action, "why": why}
    if resource.type != "Deployment":
        noun = _NOUNS.get(resource.type, resource.type.lower())
        slot = noun if noun not in named else "holder"
        what, named = f"{noun} `{{{slot}}}`", named | {slot: resource.id}
    return DeniedError(
        f"`{{person}}` may not `{{deed}}` {what}: {{why}}; ask someone who may", policies=decision.policies, **named
    )


def facts_of(customer: Customer, now: datetime) -> Facts:
    """What is decided on where a customer is asked about, and none of their journeys."""
    verified, needs = customer.verification_at(now), frozenset(customer.support_needs)
    return known_facts(customer.tier, verified, customer.language, customer.given_consents, needs, customer.simulated)


@lru_cache(maxsize=1024)  # many of a list are alike, and to check them takes longer than to read them
def known_facts(
    tier: str,
    verification: Verification,
    language: str,
    consents: frozenset[str],
    support_needs: frozenset[str],
    simulated: bool,
) -> Facts:
    """The same, of what is known of the customer."""
    return Facts(
        customer_tier=tier,
        verification=verification,
        language=language,
        consents=consents,
        support_needs=support_needs,
        simulated=simulated,
    )
