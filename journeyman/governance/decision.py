"""Questions to the policies, and their answers: who may do what to which thing, given which facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, JsonValue

from journeyman.governance.facts import Facts

PrincipalType = Literal["AIAgent", "Person", "System", "Customer"]
ResourceType = Literal[
    "Step", "Task", "Journey", "JourneyKind", "Customer", "Person", "Team", "Queue", "Bundle", "AIAgent", "Deployment"
]


_ORDINARY: Final = Facts()


class _Strict:
    """Made a hundred times a page, and compared: no models, which would check each. One that is read, is read strictly."""

    __slots__ = ()
    __pydantic_config__ = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class PersonAttrs(_Strict):
    """What policies know of a person, beside their roles and teams (which are parents)."""

    skills: frozenset[str] = frozenset()
    simulated: bool = False
    delegates: frozenset[str] = frozenset()
    """Ids of people who act for this one, or for whom this one acts: one of them may not approve the other's work."""


@dataclass(frozen=True, slots=True)
class Principal(_Strict):
    """Who asks. Use the constructors `agent`, `person`, `customer`, `system`."""

    type: PrincipalType
    id: str
    attrs: PersonAttrs | None = None
    parents: frozenset[tuple[Literal["Role", "Team"], str]] = frozenset()

    @classmethod
    def agent(cls, name: str) -> Self:
        """An AI agent, by its name."""
        return cls(type="AIAgent", id=name)

    @classmethod
    def person(
        cls,
        id: str,
        *,
        teams: Iterable[str] = (),
        roles: Iterable[str] = (),
        skills: Iterable[str] = (),
        simulated: bool = False,
        delegates: Iterable[str] = (),
    ) -> Self:
        """A person, with the teams, roles (agent, supervisor, auditor, author) and skills of their record."""
        return cls(
            type="Person",
            id=id,
            attrs=PersonAttrs(skills=frozenset(skills), simulated=simulated, delegates=frozenset(delegates)),
            parents=frozenset({("Role", role) for role in roles} | {("Team", team) for team in teams}),
        )

    @classmethod
    def customer(cls, id: str) -> Self:
        """A customer, by their pseudonym: for what they do themselves."""
        return cls(type="Customer", id=id)

    @classmethod
    def system(cls, id: str = "journeyman") -> Self:
        """The engine itself, for what its clocks and fallbacks do."""
        return cls(type="System", id=id)


@dataclass(frozen=True, slots=True)
class StepAttrs(_Strict):
    """A step of a journey kind, as its author declared it."""

    name: str
    kind: str
    """The journey kind."""
    queue: str
    regulated: bool = False
    """A rule demands that a person answers for the result."""
    care: bool = False
    """The customer needs a person first; AI agents may assist."""


@dataclass(frozen=True, slots=True)
class TaskAttrs(_Strict):
    """A task, as its row says."""

    kind: Literal["work", "review", "approval", "question", "callback"]
    journey_kind: str
    step: str
    queue: str
    reason: str
    teams: frozenset[str] = frozenset()
    """The candidate groups: teams whose members may take it."""
    excluded: frozenset[str] = frozenset()
    """Ids of people who may not do it: it is their own work."""
    assignee: str | None = None
    consulted: frozenset[str] = frozenset()
    """Ids of people whom a colleague asks about it just now."""


@dataclass(frozen=True, slots=True)
class JourneyAttrs(_Strict):
    """A journey of a customer."""

    kind: str
    teams: frozenset[str] = frozenset()
    """Teams that have, or had, a task of it."""
    customer: str | None = None
    """Whose it is, for what customers do themselves."""


@dataclass(frozen=True, slots=True)
class QueueAttrs(_Strict):
    """A queue of tasks."""

    teams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BundleAttrs(_Strict):
    """A policy bundle, an AI agent's version or a knowledge base, that someone wants to publish or to see."""

    kind: Literal["policies", "agent", "knowledge"] = "policies"
    checked: bool = False
    """Policies: their check found nothing and all their cases passed. An agent: the policies in force type its tools as they
    are, so that what they say of arguments holds. Knowledge: its check found nothing."""


ResourceAttrs = StepAttrs | TaskAttrs | JourneyAttrs | QueueAttrs | BundleAttrs | Principal


@dataclass(frozen=True, slots=True)
class Resource(_Strict):
    """What is asked about. AI actions are asked of a `Step`, people's of anything else. Use the constructors."""

    type: ResourceType
    id: str
    attrs: ResourceAttrs | None = None

    @classmethod
    def step(cls, kind: str, name: str, *, queue: str, regulated: bool = False, care: bool = False) -> Self:
        """The step `name` of the journey kind `kind`; in policies it is `Step::"kind/name"`."""
        attrs = StepAttrs(name=name, kind=kind, queue=queue, regulated=regulated, care=care)
        return cls(type="Step", id=f"{kind}/{name}", attrs=attrs)

    @classmethod
    def task(
        cls,
        id: str,
        *,
        kind: Literal["work", "review", "approval", "question", "callback"],
        journey_kind: str,
        step: str,
        queue: str,
        reason: str = "",
        teams: Iterable[str] = (),
        excluded: Iterable[str] = (),
        assignee: str | None = None,
        consulted: Iterable[str] = (),
    ) -> Self:
        """A task by its id, with what its row says."""
        attrs = TaskAttrs(
            kind=kind,
            journey_kind=journey_kind,
            step=step,
            queue=queue,
            reason=reason,
            teams=frozenset(teams),
            excluded=frozenset(excluded),
            assignee=assignee,
            consulted=frozenset(consulted),
        )
        return cls(type="Task", id=id, attrs=attrs)

    @classmethod
    def journey(cls, id: str, *, kind: str, teams: Iterable[str] = (), customer: str | None = None) -> Self:
        """A journey by its id."""
        attrs = JourneyAttrs(kind=kind, teams=frozenset(teams), customer=customer)
        return cls(type="Journey", id=id, attrs=attrs)

    @classmethod
    def kind(cls, kind: str) -> Self:
        """All journeys of a kind, in numbers."""
        return cls(type="JourneyKind", id=kind)

    @classmethod
    def person(cls, person: Principal) -> Self:
        """A person as the one who is seen or managed; the same as `principal` when it is oneself."""
        return cls(type="Person", id=person.id, attrs=person)

    @classmethod
    def customer(cls, id: str) -> Self:
        """A customer by their pseudonym."""
        return cls(type="Customer", id=id)

    @classmethod
    def team(cls, name: str) -> Self:
        """A team, as those who share its macros."""
        return cls(type="Team", id=name)

    @classmethod
    def queue(cls, id: str, *, teams: Iterable[str] = ()) -> Self:
        """A queue by its id."""
        return cls(type="Queue", id=id, attrs=QueueAttrs(teams=frozenset(teams)))

    @classmethod
    def bundle(
        cls, hash: str, *, kind: Literal["policies", "agent", "knowledge"] = "policies", checked: bool = False
    ) -> Self:
        """A policy bundle, agent version or knowledge base by its hash."""
        return cls(type="Bundle", id=hash, attrs=BundleAttrs(kind=kind, checked=checked))

    @classmethod
    def agent(cls, name: str) -> Self:
        """An AI agent as the thing that is stopped."""
        return cls(type="AIAgent", id=name)

    @classmethod
    def deployment(cls) -> Self:
        """The whole deployment: what `stop all`, a look at everything, and an export of the whole ledger, are asked of."""
        return cls(type="Deployment", id="all")


@dataclass(frozen=True, slots=True)
class Question(_Strict):
    """May `principal` do `action` to `resource`, given `facts`?

    `action` is a name of the schema (`perform`, `claim`, ...), a tool's name, or `propose:TOOL`. `args` are a tool's
    arguments (`model_dump(mode="json")`), or for `view` the `field` and its `data_class`; None where the action has none.
    """

    principal: Principal
    action: str
    resource: Resource
    facts: Facts = _ORDINARY
    args: dict[str, JsonValue] | None = None


class Decision(BaseModel):
    """The answer. `allowed` only when a policy permits, none forbids, none failed, and the question fits the schema."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed: bool
    action: str
    policies: tuple[str, ...] = ()
    """Ids of the policies that determined it, in the bundle's order; empty when no policy permits it."""
    intents: tuple[str, ...] = ()
    """The line of intent of each of them."""
    reason: str | None = None
    """When denied: the first `@handoff` word of the policies that forbid it; `not_permitted` when no policy says more,
    `policy_error` when it could not be decided. None when allowed."""
    bundle: str
    """The hash of the bundle that decided."""
    errors: tuple[str, ...] = ()
    """Why it could not be decided: the question does not fit the schema, or a policy failed."""
