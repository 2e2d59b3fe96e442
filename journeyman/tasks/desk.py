"""What every operation on tasks needs, and the decision that each of a person's operations begins with."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal, Protocol

from pydantic import JsonValue

from journeyman.conversation import notices
from journeyman.customers.journeys import JourneyRow
from journeyman.customers.keys import Keyring
from journeyman.errors import DeniedError, NotFoundError
from journeyman.governance import Authorizer, Decision, Facts, Principal, Question, Resource
from journeyman.journey.step import Step
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import Recording, recording
from journeyman.store.database import Connection, Database
from journeyman.store.sql import load
from journeyman.tasks.models import Person, Task
from journeyman.tasks.once import Once

sql = load("tasks")

CLOCK: Final = Actor(kind="system", id="clock")


class Policies(Protocol):
    """The authorizer of the bundle in force: `current`, where the caller has read its hash in this transaction."""

    async def __call__(self, conn: Connection, current: str | None = None, /) -> Authorizer: ...


Steps = Callable[[str, int, str], Step[Any]]
"""A step, by journey kind, version and step name. Raises NotFoundError."""

Links = Callable[[], Collection[str]]
"""The links and numbers that may be given out."""

NoticesDue = Callable[[JourneyRow], Sequence[tuple[str, str]]]
"""(`name@version`, text) of the notices that a customer lacks before a person speaks to them."""


@dataclass(frozen=True)
class Standing:
    """Who asks, by which policies, about what."""

    person: Person
    authorizer: Authorizer
    facts: Facts
    """What the rows say of the customer and the journey."""


@dataclass(frozen=True)
class Desk:
    """One a process."""

    database: Database
    keyring: Keyring
    policies: Policies
    steps: Steps
    links: Links = frozenset
    notices: NoticesDue = lambda _: ()
    send: Callable[[str], None] = lambda _: None
    """Sends a journey what has just been committed for it, and is not waited for. An engine worker sends what is left."""
    once: Once | None = None
    """The key of the request that this desk serves, where it serves a single one."""

    @asynccontextmanager
    async def recording(self, *, at_once: bool = False) -> AsyncIterator[Recording]:
        """The transaction of a deed, as `ledger.log.recording`, which claims the request that this desk serves, if it serves one.

        Raises as `Once.claim`.
        """
        async with recording(self.database, self.keyring, at_once=at_once) as tx:
            if self.once is not None:
                await self.once.claim(tx)
            yield tx
        for journey in tx.told:
            self.send(journey)

    async def asker(self, conn: Connection, person_id: str) -> tuple[Person, Authorizer]:
        """Who asks, and by which policies, in one statement. Raises NotFoundError for an unknown person."""
        row = await conn.fetchrow(sql["asker"], person_id)
        if row is None:
            raise _nobody(person_id)
        return Person.model_validate(row["person"]), await self.policies(conn, row["bundle"])

    async def standing(self, conn: Connection, task: Task, person_id: str, now: datetime) -> Standing:
        """What a decision on a task needs, in one statement. Raises NotFoundError for an unknown person."""
        return await self.standing_on(conn, task.journey_id, person_id, now)

    async def standing_on(self, conn: Connection, journey_id: str, person_id: str, now: datetime) -> Standing:
        """The same of a journey, which exists."""
        return await self._standing(conn, await conn.fetchrow(sql["standing"], journey_id, now, person_id), person_id)

    async def seen(
        self,
        conn: Connection,
        task_id: str,
        person_id: str,
        now: datetime,
        how: Literal["seen", "opened"] = "seen",
    ) -> tuple[Task, Standing, Mapping[str, Any]]:
        """A task, what a decision on it needs, and the row of both: `opened` has what the task holds, sealed, and its journey.

        Raises NotFoundError for an unknown task or person.
        """
        row = await conn.fetchrow(sql[how], task_id, now, person_id)
        if row is None:
            raise no_task(task_id)
        return Task.from_row(row["task"]), await self._standing(conn, row, person_id), row

    async def held(
        self, conn: Connection, task_id: str, person_id: str, now: datetime
    ) -> tuple[Task, Standing, Mapping[str, Any]]:
        """The same of a task as it stays until the transaction ends, with its journey.

        Raises NotFoundError for an unknown task or person.
        """
        row = await conn.fetchrow(sql["held"], task_id, now, person_id)
        if row is None:
            raise no_task(task_id)
        if row["stale"]:
            return await self.held(conn, task_id, person_id, now)  # nobody else has it any more
        return Task.from_row(row["task"]), await self._standing(conn, row, person_id), row

    async def _standing(self, conn: Connection, row: Mapping[str, Any], person_id: str) -> Standing:
        if row["person"] is None:
            raise _nobody(person_id)
        person = Person.model_validate(row["person"])
        return Standing(person, await self.policies(conn, row["bundle"]), _facts(row))

    async def facts(self, conn: Connection, task: Task, now: datetime) -> Facts:
        """The facts of a decision about a task, as its rows say."""
        return _facts(await conn.fetchrow(sql["standing"], task.journey_id, now, None))

    async def permitted(
        self,
        conn: Connection,
        authorizer: Authorizer,
        person: Person,
        action: str,
        tasks: Sequence[Task],
        now: datetime,
        args: dict[str, JsonValue] | None = None,
    ) -> list[bool]:
        """Whether the person may do this, for each of some tasks. What the rows say of all is read in one statement."""
        rows = await conn.fetch(sql["standings"], list({task.journey_id for task in tasks}), now)
        facts = {row["id"]: _facts(row) for row in rows}
        principal = principal_of(person)
        return authorizer.permits(
            [
                Question(
                    principal=principal,
                    action=action,
                    resource=resource_of(task),
                    facts=facts[task.journey_id],
                    args=args,
                )
                for task in tasks
            ]
        )


def no_task(task_id: str) -> NotFoundError:
    """What to raise for an unknown task."""
    return NotFoundError(
        f"there is no task `{task_id}`; `journeyman tasks list` shows those that are open", field="task"
    )


def _nobody(person_id: str) -> NotFoundError:
    return NotFoundError(f"there is no person `{person_id}`; add them to the roster", field="person")


def _facts(row: Mapping[str, Any]) -> Facts:
    return _known_facts(
        row["tier"],
        row["verification"],
        row["channel"],
        row["language"],
        notices.names(row["notices"]),
        frozenset(name for name, consent in row["consents"].items() if consent.get("given")),
        frozenset(row["support_needs"]),
        row["approvals"],
        row["simulated"],
    )


@lru_cache(maxsize=1024)  # many of a list are alike, and to check them takes longer than to read them
def _known_facts(
    tier: str,
    verification: Any,
    channel: str,
    language: str,
    notices: frozenset[str],
    consents: frozenset[str],
    support_needs: frozenset[str],
    approvals: int,
    simulated: bool,
) -> Facts:
    return Facts(
        customer_tier=tier,
        verification=verification,
        channel=channel,
        language=language,
        notices=notices,
        consents=consents,
        support_needs=support_needs,
        prior_approvals=approvals,
        simulated=simulated,
    )


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
        consulted=task.consulted,
    )


def resource_of_step(kind: str, step: Step[Any]) -> Resource:
    """A step of a journey kind, as policies know it."""
    return Resource.step(kind, step.name, queue=step.queue, regulated=step.regulated, care=step.care)


def ask(authorizer: Authorizer, person: Person, action: str, task: Task, facts: Facts) -> Decision:
    """May this person do this to this task?"""
    return authorizer.decide(
        Question(principal=principal_of(person), action=action, resource=resource_of(task), facts=facts)
    )


def to_view(principal: Principal, resource: Resource, field: str, data_class: str, facts: Facts) -> Question:
    """May they see this field of it?"""
    args: dict[str, JsonValue] = {"field": field, "data_class": data_class}
    return Question(principal=principal, action="view", resource=resource, facts=facts, args=args)


def view(authorizer: Authorizer, person: Person, task: Task, field: str, data_class: str, facts: Facts) -> Decision:
    """May this person see this field of this task?"""
    return authorizer.recall(to_view(principal_of(person), resource_of(task), field, data_class, facts))


def viewable(
    authorizer: Authorizer, person: Person, task: Task, fields: Mapping[str, str], facts: Facts
) -> frozenset[str]:
    """Those of these fields of a task, given with their data classes, that the person may see."""
    principal, resource = principal_of(person), resource_of(task)
    may = authorizer.permits(
        [to_view(principal, resource, field, data_class, facts) for field, data_class in fields.items()]
    )
    return frozenset(field for field, allowed in zip(fields, may, strict=True) if allowed)


def refusal(decision: Decision, person: Person, task_id: str) -> DeniedError:
    """What to raise when policy says no: what was asked, and the intent of what forbids it."""
    why = "; ".join(decision.intents or decision.errors) or "no policy permits it"
    return DeniedError(
        "`{person}` may not `{deed}` task `{task}`: {why}",
        policies=decision.policies,
        person=person.id,
        deed=decision.action,
        task=task_id,
        why=why,
    )
