"""The life cycle against the real database, as a state machine: whatever people, clocks and the engine do in any order."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from pydantic import JsonValue

from journeyman.errors import InputError
from journeyman.ledger.log import recording
from journeyman.store import Database
from journeyman.tasks import closing, moving, offers, opening, working
from journeyman.tasks.change import tasks_of
from journeyman.tasks.clocks import sweep
from journeyman.tasks.desk import Desk
from journeyman.tasks.lifecycle import CLOSED, HELD, Action, State
from journeyman.tasks.models import Person, Task
from journeyman.views.contents import actions
from tests.integration.tasks.world import NOW, World

T = TypeVar("T")
PEOPLE = st.sampled_from(["ana", "bea", "sue"])
WHICH = st.integers(0, 3)
RESULT: JsonValue = {"amount_minor": 1, "outcome": "pay"}


async def complete(desk: Desk, task_id: str, person: str, **how: Any) -> Task:
    return await closing.complete(desk, task_id, person, RESULT, **how)


async def dispose(desk: Desk, task_id: str, person: str, **how: Any) -> Task:
    return await closing.dispose(desk, task_id, person, "unreachable", **how)


_OPERATIONS: dict[Action, Any] = {
    Action.CLAIM: working.claim,
    Action.ACCEPT_OFFER: offers.accept,
    Action.DECLINE_OFFER: offers.decline,
    Action.START: working.start,
    Action.RELEASE: working.release,
    Action.SUSPEND: working.suspend,
    Action.RESUME: working.resume,
    Action.TRANSFER: moving.transfer,
    Action.TRANSFER_WARM: moving.transfer,
    Action.ESCALATE: moving.escalate,
    Action.TAKE_OVER: moving.take_over,
    Action.COMPLETE: complete,
    Action.DISPOSE: dispose,
    Action.RETURN: closing.hand_back,
    Action.FAIL: closing.fail,
}


# Not truncated: that would reach the people, who point to the task whose notes they write.
EMPTIED = (
    *("look", "draft", "callback", "handoff", "task_comment", "task", "outbox"),
    *("mention", "entry_value", "leaf", "entry"),
)


class Tasks(RuleBasedStateMachine):
    """Tasks of three journeys, three people (one a supervisor), the clocks."""

    world: ClassVar[World]
    owner: ClassVar[Database]
    loop: ClassVar[asyncio.AbstractEventLoop]
    done: ClassVar[Counter[Action]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.ids: list[str] = []
        self.seen: dict[str, Task] = {}
        self.journeys: list[str] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    @initialize()
    def begin(self) -> None:
        async def clear() -> list[str]:
            async with self.owner.transaction() as conn:
                await conn.execute(
                    "update person set presence = 'online', presence_at = null, worked_at = null, wrap_up_task = null,"
                    " wrap_up_until = null"
                )
                for table in EMPTIED:
                    await conn.execute(f"delete from {table}")
            return [await self.world.journey() for _ in range(3)]

        self.journeys = self.run(clear())
        self.open(0, "claims")

    @rule(which=WHICH, queue=st.sampled_from(["claims", "pushed"]))
    def open(self, which: int, queue: str) -> None:
        self.ids = [id for id in self.ids if id not in self.seen or self.seen[id].open] or self.ids[-1:]
        if len(self.ids) < 4:
            journey = self.journeys[which % 3]
            self.ids.append(self.run(self.world.task(queue, journey_id=journey, now=self.now)).id)

    def attempt(self, which: int, action: Action, person: str, to: str, minutes: int) -> None:
        """One operation: it changes its one task by one revision, or is refused and changes nothing."""
        task_id = self.ids[which % len(self.ids)]
        before = self.run(self.world.read(task_id))
        fields: dict[str, Any] = {}
        match action:
            case Action.SUSPEND:
                fields = {"until": self.now + timedelta(minutes=minutes), "reason": "x"}
            case Action.TRANSFER:
                fields = {"to_queue": "pushed" if before.queue == "claims" else "claims", "reason": "x"}
            case Action.TRANSFER_WARM:
                fields = {"to_person": to, "warm": True, "reason": "x"}
            case Action.ESCALATE | Action.TAKE_OVER | Action.RETURN:
                fields = {"reason": "x"}
            case Action.FAIL:
                fields = {"comment": "x"}
        work = _OPERATIONS[action](self.world.desk, task_id, person, now=self.now, auth="token", **fields)
        try:
            after = self.run(work)
        except InputError:
            assert self.run(self.world.read(task_id)) == before
            return
        self.done[action] += 1
        assert after.revision == before.revision + 1
        assert self.run(self.world.read(task_id)) == after

    @rule(
        which=WHICH, picks=st.lists(st.integers(0, 20), min_size=1, max_size=6), to=PEOPLE, minutes=st.integers(1, 90)
    )
    def do_what_is_possible(self, which: int, picks: list[int], to: str, minutes: int) -> None:
        """What the person concerned could do next, again and again, as their page shows it."""
        for pick in picks:
            task = self.run(self.world.read(self.ids[which % len(self.ids)]))
            name = task.offered_to or task.assignee or to
            person = Person(id=name, name=name, roles=frozenset({"supervisor"} if name == "sue" else ()))
            if shown := actions(task, person):
                self.attempt(which, shown[pick % len(shown)], name, to, minutes)

    @rule(
        what=st.sampled_from(["action", "presence", "time", "time", "withdraw"]),
        which=WHICH,
        action=st.sampled_from(list(_OPERATIONS)),
        person=PEOPLE,
        to=PEOPLE,
        presence=st.sampled_from(["online", "online", "away", "offline"]),
        minutes=st.sampled_from([0, 0, 1, 3, 20, 24 * 60]),
    )
    def something_else_happens(
        self, what: str, which: int, action: Action, person: str, to: str, presence: str, minutes: int
    ) -> None:
        """Anything tried, possible or not; people come and go; time passes; now and then a journey needs no more."""
        match what:
            case "action":
                self.attempt(which, action, person, to, minutes)
            case "presence":
                self.run(self.world.presence(person, presence, self.now))
            case "time":
                self.now += timedelta(minutes=minutes)
                self.run(sweep(self.world.desk, now=self.now))
                assert not any(self.run(sweep(self.world.desk, now=self.now)).values())
            case "withdraw" if which == 3:
                self.run(self._withdraw(self.journeys[len(person) % 3]))

    async def _withdraw(self, journey: str) -> None:
        async with recording(self.world.database, self.world.desk.keyring) as tx:
            if not await opening.withdraw(tx, journey, "customer_returned", self.now):
                tx.unchanged()

    @invariant()
    def every_promise_holds(self) -> None:
        tasks, recorded, told = self.run(self._stand())
        for task in tasks:
            before = self.seen.get(task.id)
            if before is not None:
                assert task.revision >= before.revision
                if before.state in CLOSED:
                    assert task == before, "a closed task never changes, so nothing completes twice"
                if task.revision == before.revision:
                    assert task == before, "no change without a revision"
            if task.state in HELD:
                assert task.assignee
            if task.state is State.READY:
                assert task.assignee is None, "what waits is with nobody"
            assert recorded[task.id] == task.revision, "one entry a change"
            closed_by_person = task.state in (State.COMPLETED, State.FAILED)
            assert told[task.id] == closed_by_person, "the journey hears of a closing once"
            if task.open and task.state is not State.SUSPENDED and task.queue == "claims" and task.escalations < 5:
                assert task.escalate_at, "a clock watches over all that is not on hold"
            if task.state is State.SUSPENDED:
                assert task.follow_up_date, "nothing is on hold for ever"
            self.seen[task.id] = task

    async def _stand(self) -> tuple[list[Task], Counter[str], Counter[str]]:
        async with self.world.database.connection() as conn:
            tasks = await tasks_of(conn, self.ids)
            recorded = await conn.fetch(
                "select convert_from(body, 'UTF8')::jsonb -> 'refs' ->> 'task' as id from entry where type like 'task.%'"
            )
            told = await conn.fetch("select reference as id from outbox")
        return tasks, Counter(row["id"] for row in recorded), Counter(row["id"] for row in told)


@pytest.mark.slow
async def test_whatever_happens_in_any_order_the_promises_hold(world: World, owner_database: Database) -> None:
    Tasks.world, Tasks.owner, Tasks.loop = world, owner_database, asyncio.get_running_loop()
    quick = settings(
        max_examples=50, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    await asyncio.to_thread(run_state_machine_as_test, Tasks, settings=quick)
    assert len(Tasks.done) > 6, f"too little was possible to prove anything: {Tasks.done}"
