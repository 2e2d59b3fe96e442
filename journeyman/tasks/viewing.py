"""A person who looks: what policy lets them see, thing by thing and field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from journeyman.governance import Authorizer, Decision, Facts, Question, Resource
from journeyman.ledger.entry import Actor
from journeyman.store.database import Connection
from journeyman.tasks.change import task_of
from journeyman.tasks.desk import Desk, Standing, principal_of, refusal, view
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
        return self.authorizer.decide(self._question(resource, field, data_class, facts))

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

    def shown(self, field: str, things: Iterable[tuple[Resource, Facts | None]]) -> list[bool]:
        """May they see this field of each of these things?"""
        return self.authorizer.permits(
            [self._question(resource, field, "ordinary", facts) for resource, facts in things]
        )

    def _question(self, resource: Resource, field: str, data_class: str, facts: Facts | None) -> Question:
        return Question(
            principal=principal_of(self.person),
            action="view",
            resource=resource,
            facts=facts or Facts(),
            args={"field": field, "data_class": data_class},
        )


async def viewer(desk: Desk, conn: Connection, person_id: str, auth: str = "") -> Viewer:
    """A person as the one who looks. Raises NotFoundError."""
    return Viewer(*await desk.asker(conn, person_id), auth)


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
    task = await task_of(conn, task_id)
    standing = await desk.standing(conn, task, person_id, now)
    decision = view(standing.authorizer, standing.person, task, field, data_class, standing.facts)
    if not decision.allowed:
        raise refusal(decision, standing.person, task_id)
    return task, standing, decision


async def in_conversation(desk: Desk, conn: Connection, task_id: str, person_id: str, now: datetime) -> Task:
    """A task whose conversation policy shows to the person. Raises NotFoundError, DeniedError."""
    task, _, _ = await seen(desk, conn, task_id, person_id, now, field="conversation", data_class="personal")
    return task
