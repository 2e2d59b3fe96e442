"""A simulated person: takes work, begins it, closes it, all by the operations that real people use; marked `simulated`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pydantic import JsonValue

from journeyman.conversation import transcript
from journeyman.conversation.transcript import Message
from journeyman.customers import journeys
from journeyman.errors import ConflictError, DeniedError, UnavailableError
from journeyman.tasks import closing, speaking, working
from journeyman.tasks.lifecycle import State
from journeyman.tasks.models import Task
from journeyman.testing.simulation.world import AUTH, World
from journeyman.views import contents, inbox
from journeyman.views.contents import Page

IDLE = 0.4
"""Seconds until someone who found nothing looks again."""
GLANCE = 2.0
"""Seconds within which they see that something is offered to them."""


@dataclass(frozen=True)
class Case:
    """A task in hand: its content as policy shows it to this person, and the conversation so far."""

    person: str
    page: Page
    conversation: tuple[Message, ...]

    @property
    def task(self) -> Task:
        return self.page.task


@dataclass(frozen=True)
class Complete:
    """Submit the step's result; `say` is told the customer before."""

    output: JsonValue
    say: str = ""


@dataclass(frozen=True)
class Dispose:
    """Close the work with one of its dispositions; `say` is told the customer before."""

    disposition: str
    say: str = ""


@dataclass(frozen=True)
class Accept:
    """Let the draft count as it is."""


@dataclass(frozen=True)
class Edit:
    """Let the draft count as edited."""

    output: JsonValue


@dataclass(frozen=True)
class Reject:
    """Refuse the draft."""

    comment: str


@dataclass(frozen=True)
class HandBack:
    """Return the work to the AI agent; `say` is told the customer before."""

    reason: str
    summary: str = ""
    say: str = ""


@dataclass(frozen=True)
class Approve:
    """Let the very tool call run."""


@dataclass(frozen=True)
class Deny:
    """Refuse the tool call."""

    comment: str


@dataclass(frozen=True)
class Answer:
    """Answer the AI agent's question."""

    text: str


Handling = Complete | Dispose | Accept | Edit | Reject | HandBack | Approve | Deny | Answer

Colleague = Callable[[Case], Awaitable[Handling]]
"""How the project's people would close a task: the project's own, for each of its steps and kinds of task."""


@dataclass
class SimulatedPerson:
    """One of the roster, at work until cancelled."""

    world: World
    id: str
    colleague: Colleague
    pace: float = 0.3
    """Seconds between beginning a task and closing it."""
    idle: float = IDLE
    present: asyncio.Event = field(default_factory=asyncio.Event)
    doing: Task | None = None
    closed: int = 0
    _before: list[Task] | None = field(default=None, init=False)

    async def work(self) -> None:
        """Close what they had in hand before, each once; then take the next best task and close it, again and again."""
        while True:
            await self.present.wait()
            try:
                busy = await self.take_one()
            except (ConflictError, UnavailableError):  # withdrawn meanwhile, or a service is away: look again
                busy = False
            finally:
                self.doing = None
            if not busy:
                await self._rest()

    async def take_one(self) -> bool:
        """Take and close one task; False if nothing waits for this person."""
        world = self.world
        if self._before is None:
            self._before = [task for task in await self._tasks() if task.held]
        if self._before:
            task = self._before.pop()
        elif ranked := await inbox.take_next(world.desk, self.id, now=world.now(), auth=AUTH):
            task = ranked.task
        else:
            return False
        if task.state is not State.IN_PROGRESS:
            task = await working.start(world.desk, task.id, self.id, now=world.now(), auth=AUTH)
        self.doing = task
        await asyncio.sleep(self.pace)
        case = await self._case(self.doing)
        await world.through(self._close(case, await self.colleague(case)))
        self.closed += 1
        return True

    async def _rest(self) -> None:
        """Until they look again, or something is offered to them."""
        left = self.idle
        while left > 0:
            await asyncio.sleep(min(left, GLANCE))
            left -= GLANCE
            if left > 0 and any(task.offered_to == self.id for task in await self._tasks()):
                return

    async def _tasks(self) -> list[Task]:
        """What is offered to them, and what they have in hand."""
        return await inbox.mine(self.world.desk, self.id, now=self.world.now())

    async def _case(self, task: Task) -> Case:
        world = self.world
        page = await contents.show(world.desk, task.id, self.id, now=world.now(), auth=AUTH)
        async with world.engine.database.connection() as conn:
            row = await journeys.read(conn, task.journey_id)
            said = await transcript.read(conn, world.engine.keyring, row.id, row.customer_id)
        return Case(self.id, page, tuple(said))

    async def _close(self, case: Case, handling: Handling) -> None:
        """Close it as decided, and let the journey know. What policy refuses goes back to the queue, with the reason."""
        world, task = self.world, case.task
        try:
            await self._submit(case, handling)
        except DeniedError as denied:
            await working.release(world.desk, task.id, self.id, comment=str(denied), now=world.now(), auth=AUTH)
        await world.deliver(task.journey_id)

    async def _submit(self, case: Case, handling: Handling) -> None:
        desk, id, now = self.world.desk, case.task.id, self.world.now()
        if isinstance(handling, Complete | Dispose | HandBack) and handling.say:
            await speaking.say(desk, id, self.id, handling.say, now=now, auth=AUTH)
        seen = case.page.tool_call_hash or ""
        match handling:
            case Complete(output, _):
                await closing.complete(desk, id, self.id, output, now=now, auth=AUTH)
            case Dispose(disposition, _):
                await closing.dispose(desk, id, self.id, disposition, now=now, auth=AUTH)
            case Accept():
                await closing.accept(desk, id, self.id, now=now, auth=AUTH)
            case Edit(output):
                await closing.edit(desk, id, self.id, output, now=now, auth=AUTH)
            case Reject(comment):
                await closing.reject(desk, id, self.id, comment=comment, now=now, auth=AUTH)
            case HandBack(reason, summary, _):
                await closing.hand_back(desk, id, self.id, reason=reason, summary=summary, now=now, auth=AUTH)
            case Approve():
                await closing.approve(desk, id, self.id, args_hash=seen, now=now, auth=AUTH)
            case Deny(comment):
                await closing.deny(desk, id, self.id, args_hash=seen, comment=comment, now=now, auth=AUTH)
            case Answer(text):
                await closing.answer(desk, id, self.id, text, now=now, auth=AUTH)
