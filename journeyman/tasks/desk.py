"""What every operation on tasks needs, and the decision that each of a person's operations begins with."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

from journeyman.customers.keys import Keyring
from journeyman.errors import DeniedError
from journeyman.governance import Authorizer, Decision, Facts, Principal, Question, Resource
from journeyman.journey.step import Step, facts_of_result
from journeyman.ledger.entry import Actor
from journeyman.store.database import Connection, Database
from journeyman.store.sql import load
from journeyman.tasks.models import Person, Task

sql = load("tasks")

ENGINE: Final = Actor(kind="system", id="journeyman")
CLOCK: Final = Actor(kind="system", id="clock")

Policies = Callable[[Connection], Awaitable[Authorizer]]
"""The authorizer of the bundle in force."""

Steps = Callable[[str, int, str], Step[Any]]
"""A step, by journey kind, version and step name. Raises NotFoundError."""

Links = Callable[[], Collection[str]]
"""The links and numbers that may be given out."""

FactsOf = Callable[[Connection, Task, BaseModel | None, datetime], Awaitable[Facts]]
"""The facts of a decision about a task, with the result that is decided on where there is one."""


async def committed_facts(conn: Connection, task: Task, result: BaseModel | None, now: datetime) -> Facts:
    """What the rows say of the customer and the journey, and what the result says of itself (`journey.step.Fact`)."""
    row = await conn.fetchrow(sql["facts"], task.journey_id, now)
    stated = facts_of_result(result) if result is not None else {}
    return Facts(
        customer_tier=row["tier"],
        verification=row["verification"],
        channel=row["channel"],
        language=row["language"],
        notices=frozenset(notice.partition("@")[0] for notice in row["notices"]),
        consents=frozenset(name for name, consent in row["consents"].items() if consent.get("given")),
        support_needs=frozenset(row["support_needs"]),
        prior_approvals=row["approvals"],
        simulated=row["simulated"],
        amount=stated.get("amount"),
        result_outcome=stated.get("outcome"),
    )


@dataclass(frozen=True)
class Desk:
    """One a process."""

    database: Database
    keyring: Keyring
    policies: Policies
    steps: Steps
    facts: FactsOf = committed_facts
    links: Links = frozenset


def principal_of(person: Person) -> Principal:
    """A person, as policies know them."""
    return Principal.person(
        person.id,
        teams=person.teams,
        roles=person.roles,
        skills=person.skills,
        simulated=person.simulated,
        delegates=person.delegates | person.delegate_of,
    )


def resource_of(task: Task) -> Resource:
    """A task, as policies know it."""
    return Resource.task(
        task.id,
        kind=task.kind,
        journey_kind=task.journey_kind,
        step=task.step,
        queue=task.queue,
        reason=task.reason,
        teams=task.candidate_groups,
        excluded=task.excluded,
        assignee=task.assignee,
    )


def resource_of_step(kind: str, step: Step[Any]) -> Resource:
    """A step of a journey kind, as policies know it."""
    return Resource.step(kind, step.name, queue=step.queue, regulated=step.regulated, care=step.care)


def ask(authorizer: Authorizer, person: Person, action: str, task: Task, facts: Facts) -> Decision:
    """May this person do this to this task?"""
    return authorizer.decide(
        Question(principal=principal_of(person), action=action, resource=resource_of(task), facts=facts)
    )


def view(authorizer: Authorizer, person: Person, task: Task, field: str, data_class: str, facts: Facts) -> Decision:
    """May this person see this field of this task?"""
    return authorizer.decide(
        Question(
            principal=principal_of(person),
            action="view",
            resource=resource_of(task),
            facts=facts,
            args={"field": field, "data_class": data_class},
        )
    )


def refusal(decision: Decision, person: Person, task_id: str) -> DeniedError:
    """What to raise when policy says no: what was asked, and the intent of what forbids it."""
    why = "; ".join(decision.intents or decision.errors) or "no policy permits it"
    return DeniedError(f"`{person.id}` may not `{decision.action}` task `{task_id}`: {why}", policies=decision.policies)
