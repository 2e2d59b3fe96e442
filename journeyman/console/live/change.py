"""What an entry of the ledger means to those who watch: that something changed, and whom it concerns. Never what it says."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, cast

from journeyman.errors import InputError
from journeyman.ledger.entry import body_problem, moment_text

_LONGEST: Final = 200
_LOOKS: Final = frozenset({"viewed", "left", "searched", "found", "read", "exported"})


class Topic(NamedTuple):
    """What one can listen to: `person:ID`, `queue:ID`, `journey:ID`, or `all`."""

    kind: Literal["person", "queue", "journey", "all"]
    id: str = ""

    @classmethod
    def parse(cls, text: str) -> "Topic":
        """Raises InputError."""
        kind, colon, id = text.partition(":")
        if kind == "all" and not colon:
            return ALL
        if kind not in ("person", "queue", "journey") or not id or len(text) > _LONGEST:
            raise InputError(
                f"`{text[:_LONGEST]}` is no topic; give `person:ID`, `queue:ID`, `journey:ID` or `all`", field="topic"
            )
        return cls(cast(Literal["person", "queue", "journey"], kind), id)

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}" if self.id else self.kind


ALL: Final = Topic("all")


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One entry, as it is told. `person` is who has the work in hand or is asked to, else who did it.

    `position` is where to resume from after it: everything up to there was told, or never comes. It is the entry's own id
    unless an older entry may still come.
    """

    id: int
    leaf: bytes
    position: int
    type: str
    journey: str | None
    task: str | None
    queue: str | None
    person: str | None
    at: str
    topics: frozenset[Topic]

    def names_to(self, topics: frozenset[Topic]) -> bool:
        """Whether who listens to these is told its queue and person: who has it or did it, and who may listen to its queue or to
        all. Of a task that left their queue, others learn no more than that: where it went, policy may hide from them.
        """
        known = {ALL, Topic("queue", self.queue or ""), Topic("person", self.person or "")}
        return not topics.isdisjoint(known)

    @property
    def looked(self) -> bool:
        """Whether somebody only looked. A page that read again upon it would be looking too, and two of them never stop."""
        return self.type.rpartition(".")[2] in _LOOKS

    @property
    def ends_all(self) -> bool:
        """Whether it may have changed who may listen to what: other teams, roles, policies. All connect again, and are asked."""
        return self.type in ("roster.applied", "published")

    @property
    def ends_person(self) -> bool:
        """Whether `person` may be signed in no more: their streams connect again, and those of another session are let in."""
        return self.type in ("person.signed_out", "person.sessions_ended", "token.revoked")


class Named(NamedTuple):
    """What an entry names by itself, read once."""

    refs: dict[str, str]
    people: list[str]
    queues: list[str]
    actor: str | None

    @property
    def task(self) -> str | None:
        return self.refs.get("task")


_NOTHING: Final = Named({}, [], [], None)


def named(body: bytes) -> Named:
    """Reads a body. One that is not ours names nothing: it is told by its type and journey alone, and the verifier tells it."""
    try:
        parsed: Any = json.loads(body)
    except ValueError:
        return _NOTHING
    if body_problem(parsed):
        return _NOTHING
    refs = {name: ref for name, ref in parsed["refs"].items() if isinstance(ref, str) and ref}
    facts, actor = parsed["facts"], parsed["actor"]
    rostered = parsed["type"] == "roster.applied"
    return Named(
        refs,
        str(facts.get("people", "")).split() if rostered else [],
        str(facts.get("queues", "")).split() if rostered else [],
        str(actor.get("id")) if actor.get("kind") == "person" else None,
    )


def change(row: Mapping[str, Any], says: Named, tasks: Sequence[Mapping[str, Any]], position: int) -> Change:
    """Of a row of `entry`, what its body names, and the rows of its task and of the open tasks of its journey."""
    refs, journey = says.refs, row["journey_id"]
    people = [refs.get("to"), refs.get("person")]
    queues = [refs.get("queue"), refs.get("from_queue")]
    beside: list[str | None] = []
    for task in tasks:
        if task["id"] == says.task:
            people += (task["assignee"], task["offered_to"])
            queues.append(task["queue"])
        elif task["open"]:
            beside += (task["assignee"], task["offered_to"])
    people += (*(beside if says.task is None else ()), refs.get("from"), says.actor)
    topics = {ALL}
    consulted = [person for task in tasks if task["open"] for person in task["consulted"]]
    topics |= {Topic("person", person) for person in (*people, *beside, *says.people, *consulted) if person}
    topics |= {Topic("queue", queue) for queue in (*queues, *says.queues) if queue}
    if journey:
        topics.add(Topic("journey", journey))
    return Change(
        row["id"],
        row["leaf_hash"],
        position,
        row["type"],
        journey,
        says.task,
        next((queue for queue in queues if queue), None),
        next((person for person in people if person), None),
        moment_text(row["at"]),
        frozenset(topics),
    )
