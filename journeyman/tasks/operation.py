"""One person's operation on one task: decide, change, record, in a transaction that holds it or in one statement."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypedDict

from pydantic import BaseModel, JsonValue

from journeyman.conversation.masking import scrub, scrubbed
from journeyman.errors import ConflictError, InputError
from journeyman.governance import Authorizer, Decision, Facts
from journeyman.journey.step import facts_of_result
from journeyman.killpoints import kill_point
from journeyman.ledger.entry import Actor, Entry, moment_text
from journeyman.ledger.log import Recording
from journeyman.tasks.change import Worked, changed, open_handoff, record, save
from journeyman.tasks.desk import Desk, Standing, ask, refusal, sql
from journeyman.tasks.lifecycle import CLOSED, SUPERVISED, TABLE, Action, By, apply, for_kind
from journeyman.tasks.models import Packet, Person, Queue, Task
from journeyman.tasks.people import hold_person, queue_of
from journeyman.tasks.viewing import require
from journeyman.words import short, small

_CLAIM_FIRST: Final = "nobody holds task `{task}`; {claim} it first"


class Deed(TypedDict):
    """When a person does something, and how they were authenticated."""

    now: datetime
    auth: str


class Change(Deed, total=False):
    """The same of a deed with a task. `revision` is the one that they have read: on another, nothing happens."""

    revision: int | None


@dataclass
class Operation:
    """What an operation works with, inside its transaction. The journey and the task are held, or nothing is written unless they
    stand as they were read."""

    desk: Desk
    tx: Recording
    task: Task
    person: Person
    authorizer: Authorizer
    facts: Facts
    now: datetime
    auth: str
    revision: int | None
    wrap_up: timedelta | None
    """How long whoever closes the task wraps it up."""
    decided: tuple[Decision, Facts] | None = None

    @property
    def by(self) -> Actor:
        """The person, as the ledger names them."""
        return Actor(kind="person", id=self.person.id, auth=self.auth)

    def closes(self, action: Action) -> None:
        """Check that such a task is closed by `action`, before anything is read of what was given for it.

        Who hears what first is as for `permit`: whoever may not see the task is told that, and nothing else of it.
        """
        if not self._inside:
            require(self.task, Standing(self.person, self.authorizer, self.facts))
        for_kind(action, self.task.kind)
        if self._inside:
            self._stands(action)

    async def permit(
        self,
        question: str,
        action: Action | None,
        result: BaseModel | None = None,
        *,
        stated: Mapping[str, Any] | None = None,
    ) -> None:
        """Ask policy, then check that the task stands as it was read, and as `action` needs it.

        `stated` are the facts of a sentence. Raises DeniedError or ConflictError. Members and supervisors hear first how the
        task stands, since that is what they can act on; to anyone else policy speaks first, and tells nothing of the task.
        """
        if self._inside:
            self._stands(action)
        facts = self.facts.model_copy(update=_facts_of(result) | dict(stated or {}))
        decision = ask(self.authorizer, self.person, question, self.task, facts)
        if not decision.allowed:
            raise refusal(decision, self.person, self.task.id)
        self._stands(action)
        self.decided = (decision, facts)

    @property
    def _inside(self) -> bool:
        """Whether they work on what such a task waits with, or lead who do."""
        return self.person.supervises or bool(self.person.teams & self.task.candidate_groups)

    @property
    def decision(self) -> Decision:
        """The one that lets them, once policy was asked."""
        assert self.decided
        return self.decided[0]

    def _stands(self, action: Action | None) -> None:
        task, person = self.task, self.person
        if self.revision is not None and self.revision != task.revision:
            raise ConflictError(
                "task `{task}` was changed since you read it"
                f" (revision {self.revision}, now {task.revision}); read it again",
                field="revision",
                task=task.id,
            )
        if action is None:
            return
        by = TABLE[action].by
        others = "task `{task}` is with `{holder}`"
        named = {"task": task.id, "holder": task.assignee or "", "claim": Action.CLAIM}
        if action is Action.CLAIM and task.held:
            again = "you have it already" if task.assignee == person.id else "take another"
            raise ConflictError(f"{others}; {again}", **named)
        apply(task.state, action, task.kind)
        if By.OFFEREE in by and task.offered_to != person.id:
            raise ConflictError(
                "task `{task}` is not offered to `{person}`, or no longer; see what is waiting",
                task=task.id,
                person=person.id,
            )
        if By.SUPERVISOR in by and not person.supervises:
            ask_them = f"{others}; ask them to transfer it, or a supervisor to take it over"
            raise ConflictError(ask_them if task.assignee else _CLAIM_FIRST, **named)
        if by == (By.HOLDER,) or By.HOLDER in by:
            if task.assignee == person.id or (action in SUPERVISED and person.supervises):
                return
            raise ConflictError(f"{others}, and only they can do this" if task.assignee else _CLAIM_FIRST, **named)

    async def save(
        self,
        action: Action,
        *,
        refs: Mapping[str, str] | None = None,
        facts: Mapping[str, str | bool | int] | None = None,
        values: Mapping[str, JsonValue] | None = None,
        output: JsonValue = None,
        packet: Packet | None = None,
        **columns: Any,
    ) -> Task:
        """Apply the action, write the row and its entry. A closed task tells its journey."""
        after = changed(self.task, action, self.now, **columns)
        closes = after.state in CLOSED
        wraps_up = self.now + self.wrap_up if closes and self.wrap_up is not None else None
        worked = Worked(self.person.id, self.now, wraps_up) if closes or after.assignee == self.person.id else None
        await save(self.tx, self.task, after, output=output, packet=packet, worked=worked)
        stated = dict(facts or {}) | ({"wrap_up": moment_text(wraps_up)} if wraps_up else {})
        record(self.tx, after, action, self.by, self.now, refs=refs, facts=stated, values=values, decided=self.decided)
        self.task = after
        return after

    def record(
        self,
        type: str,
        *,
        refs: Mapping[str, str] | None = None,
        facts: Mapping[str, str | bool | int] | None = None,
        values: Mapping[str, JsonValue] | None = None,
    ) -> None:
        """The entry of a deed that leaves the task as it is. Values are the customer's."""
        task = self.task
        self.tx.record(
            Entry(
                type=type,
                at=self.now,
                actor=self.by,
                journey=task.journey_id,
                subject=task.customer_id if values else "system",
                refs={"task": task.id, "step": task.step, "queue": task.queue} | dict(refs or {}),
                facts={"bundle": self.decision.bundle} | dict(facts or {}),
                policies=list(self.decision.policies),
                values=dict(values or {}),
            )
        )

    async def queue(self) -> Queue:
        """The task's queue."""
        return await queue_of(self.tx.conn, self.task.queue)

    async def comment(self, text: str, *, to: str | None = None) -> None:
        """Keep a note of the person beside the task; the entry of the change has its text too. `to` is whom it asks something."""
        if text:
            sealed = await self.tx.seal(self.task.customer_id, scrub(short(text, "comment")))
            await self.tx.conn.execute(sql["comment"], self.task.id, self.person.id, sealed, self.now, to)

    async def packet(self, reason: str | None = None, **fields: Any) -> Packet:
        """The packet that the task came with, brought up to now, secrets cut out. Without a reason it is as it was."""
        row = await self.tx.conn.fetchrow(sql["contents"], self.task.id)
        before: Any = {}
        if row["packet"] is not None:
            before = await self.tx.open(self.task.customer_id, row["packet"])
        fields["reason"] = reason or (None if before else self.task.reason)
        given = {key: list(value) if isinstance(value, tuple) else value for key, value in fields.items() if value}
        small(given, "summary")
        return Packet.model_validate(scrubbed(before | given))

    async def hand_over(self, packet: Packet, direction: str, reason: str, *, giver: str | None = None) -> str:
        """Open a handoff from this person, or from `giver`. It is complete once accepted. Returns its id.

        `reason` is a stable word, kept in clear; what the giver wrote is in the packet, which is sealed.
        """
        by = f"person:{giver or self.person.id}"
        return await open_handoff(
            self.tx, self.task, packet, giver=by, direction=direction, reason=reason, now=self.now
        )

    async def accept_handoffs(self) -> dict[str, str]:
        """The person has the task now: what was handed over with it is accepted. As the entry's `refs`."""
        by = f"person:{self.person.id}"
        accepted = await self.tx.conn.fetch(sql["accept_handoffs"], self.task.id, by, self.now, self.task.journey_id)
        return {"handoff": accepted[-1]["id"]} if accepted else {}


@asynccontextmanager
async def operation(
    desk: Desk,
    task_id: str,
    person_id: str,
    *,
    now: datetime,
    auth: str,
    revision: int | None = None,
    takes: bool = False,
    at_once: bool = False,
) -> AsyncIterator[Operation]:
    """The transaction of one operation. Raises NotFoundError for an unknown task or person.

    With `takes` nobody else changes what the person holds meanwhile, so that they never hold more than they can. With `at_once`
    nothing is held: one statement writes all, if the task and its journey still stand as they were read, else JourneyMovedError
    is raised.
    """
    async with desk.recording(at_once=at_once) as tx:
        if at_once:
            task, standing, row = await desk.seen(tx.conn, task_id, person_id, now)
            tx.only_if(sql["unmoved"], task.id, task.revision, row["told"])
        else:
            task, standing, row = await desk.held(tx.conn, task_id, person_id, now)
        if takes:
            await hold_person(tx.conn, person_id)
            standing = await desk.standing(tx.conn, task, person_id, now)
        op = Operation(
            desk,
            tx,
            task,
            standing.person,
            standing.authorizer,
            standing.facts,
            now,
            auth,
            revision,
            row["wrap_up"],
        )
        yield op
        if op.task.state in CLOSED:
            kill_point("submit.committing")
    if op.task.state in CLOSED:
        kill_point("submit.committed")


def required(text: str, field: str, why: str) -> str:
    """The text without secrets and surrounding blanks. Raises InputError if nothing is left, or too much."""
    if not text.strip():
        raise InputError(f"`{field}` is empty; {why}", field=field)
    return scrub(short(text.strip(), field))


def _facts_of(result: BaseModel | None) -> dict[str, Any]:
    """What the result says of itself (`journey.step.Fact`)."""
    stated = facts_of_result(result) if result is not None else {}
    return {"amount": stated.get("amount"), "result_outcome": stated.get("outcome")}
