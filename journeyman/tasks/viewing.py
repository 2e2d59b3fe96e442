"""A person who looks: what policy lets them see, thing by thing and field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from journeyman.governance import Authorizer, Decision, Facts, Principal, Question, Resource
from journeyman.ledger.entry import Actor
from journeyman.store.database import Connection
from journeyman.tasks.desk import Desk, Standing, principal_of, refusal, to_view, view
from journeyman.tasks.models import Person, Task
from journeyman.tasks.permission import refused

SEES_ALL: Final = frozenset({"supervisor", "auditor"})
"""Roles that look beyond their teams; what they may view, policy says."""


@dataclass(frozen=True)
class Viewer:
    """Who looks, by the policies in force when they began."""

    person: Person
    authorizer: Authorizer
    auth: str = ""

    @property
    def actor(self) -> Actor:
        """The person, as the ledger names them."""
        return Actor(kind="person", id=self.person.id, auth=self.auth)

    @property
    def teams(self) -> list[str] | None:
        """The teams whose work they look through; None is everyone's."""
        return None if self.person.roles & SEES_ALL else sorted(self.person.teams)

    def decide(
        self, resource: Resource, field: str, data_class: str = "ordinary", *, facts: Facts | None = None
    ) -> Decision:
        """May they see this field of it?"""
        return self.authorizer.recall(self._question(resource, field, data_class, facts))

    def require(
        self, resource: Resource, field: str, data_class: str = "ordinary", *, facts: Facts | None = None
    ) -> Decision:
        """The decision that lets them see it. Raises DeniedError."""
        decision = self.decide(resource, field, data_class, facts=facts)
        if not decision.allowed:
            raise refused(self.person.id, decision, resource)
        return decision

    def among(self, resource: Resource, fields: Mapping[str, str], *, facts: Facts | None = None) -> frozenset[str]:
        """Those of these fields, given with their data classes, that they may see."""
        may = self.authorizer.permits(
            [self._question(resource, field, data_class, facts) for field, data_class in fields.items()]
        )
        return frozenset(field for field, allowed in zip(fields, may, strict=True) if allowed)

    def shown(
        self, field: str, things: Iterable[tuple[Resource, Facts | None]], data_class: str = "ordinary"
    ) -> list[bool]:
        """May they see this field of each of these things?"""
        return self.authorizer.permits(
            [self._question(resource, field, data_class, facts) for resource, facts in things]
        )

    @cached_property
    def _principal(self) -> Principal:
        return principal_of(self.person)

    def _question(self, resource: Resource, field: str, data_class: str, facts: Facts | None) -> Question:
        return to_view(self._principal, resource, field, data_class, facts or Facts())


async def viewer(desk: Desk, conn: Connection, person_id: str, auth: str = "") -> Viewer:
    """A person as the one who looks. Raises NotFoundError."""
    return Viewer(*await desk.asker(conn, person_id), auth)


async def looker(desk: Desk, person_id: str) -> Viewer:
    """The same for several views of one page, which then need not each ask who it is."""
    async with desk.database.connection() as conn:
        return await viewer(desk, conn, person_id)


async def seen(
    desk: Desk,
    conn: Connection,
    task_id: str,
    person_id: str,
    now: datetime,
    *,
    field: str = "task",
    data_class: str = "ordinary",
) -> tuple[Task, Standing, Decision]:
    """A task of which policy shows this field to the person, and the decision. Raises NotFoundError, DeniedError."""
    task, standing, _ = await desk.seen(conn, task_id, person_id, now)
    return task, standing, require(task, standing, field, data_class)


def require(task: Task, standing: Standing, field: str = "task", data_class: str = "ordinary") -> Decision:
    """The decision that lets a person see this field of a task. Raises DeniedError."""
    decision = view(standing.authorizer, standing.person, task, field, data_class, standing.facts)
    if not decision.allowed:
        raise refusal(decision, standing.person, task.id)
    return decision


async def in_conversation(desk: Desk, conn: Connection, task_id: str, person_id: str, now: datetime) -> Task:
    """A task whose conversation policy shows to the person. Raises NotFoundError, DeniedError."""
    task, _, _ = await seen(desk, conn, task_id, person_id, now, field="conversation", data_class="personal")
    return task
