"""Customers and people, as a test plays them. Each does what its like does in production, through the same operations."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, JsonValue

from journeyman.conversation.inbound import Inbound, Received, receive
from journeyman.customers.record import NewCustomer
from journeyman.store.sql import load
from journeyman.tasks import cases, closing, permission, staffing, working
from journeyman.tasks.desk import Desk
from journeyman.tasks.models import Presence, Task
from journeyman.testing.story import RehearsedJourney
from journeyman.testing.waiting import eventually
from journeyman.views import contents, inbox

if TYPE_CHECKING:
    from journeyman.testing.rehearsal import Rehearsal

AUTH = "rehearsal"
"""How the ledger says that a person of a rehearsal was authenticated."""

sql = load("testing")


@dataclass(frozen=True)
class RehearsedCustomer:
    """A customer."""

    rehearsal: "Rehearsal"
    address: str
    record: NewCustomer
    channel: str = "chat"

    async def says(
        self, text: str, *, kind: str | None = None, left: bool = False, id: str | None = None
    ) -> RehearsedJourney:
        """Write a message; outside an open journey it opens one of this kind. `id` is the channel's own."""
        received = await self._send(text, kind, left, id)
        return RehearsedJourney(self.rehearsal, received.journey)

    async def leaves(self) -> RehearsedJourney:
        """Hang up."""
        return await self.says("", left=True)

    async def opens(self, kind: str, input: BaseModel | None = None) -> RehearsedJourney:
        """Have a journey opened for them that they did not ask for, as `journeyman start` does; `input` is its first state."""
        rehearsal = self.rehearsal
        row = await cases.open_case(
            rehearsal.desk,
            rehearsal.engine.project.definition(kind),
            address=self.address,
            channel=self.channel,
            input=None if input is None else input.model_dump(mode="json"),
            newcomer=self.record,
            permitted=permission.Permission(rehearsal.author),
            now=rehearsal.engine.clock(),
        )
        await rehearsal.deliver(row.id)
        return RehearsedJourney(rehearsal, row.id)

    async def _send(self, text: str, kind: str | None, left: bool, id: str | None) -> Received:
        engine = self.rehearsal.engine
        received = await receive(
            engine.database,
            engine.keyring,
            Inbound(self.channel, self.address, text, id or f"{self.address}-{self.rehearsal.number()}", left),
            opens=engine.project.definition(kind) if kind else None,
            newcomer=self.record,
            now=engine.clock(),
        )
        await self.rehearsal.deliver(received.journey)
        return received


@dataclass(frozen=True)
class RehearsedPerson:
    """A person of the roster."""

    rehearsal: "Rehearsal"
    id: str

    async def takes(self, step: str, *, kind: str = "work") -> Task:
        """Wait for a task of this step that they may claim, claim and start it."""
        desk, now = self.rehearsal.desk, self.rehearsal.engine.clock

        async def found() -> Task | None:
            ranked = await inbox.waiting(desk, self.id, now=now())
            return next((each.task for each in ranked if (each.task.step, each.task.kind) == (step, kind)), None)

        task = await eventually(found, f"a task `{kind}` of step `{step}` that `{self.id}` may claim", self._tasks)
        await working.claim(desk, task.id, self.id, now=now(), auth=AUTH)
        return await working.start(desk, task.id, self.id, now=now(), auth=AUTH)

    async def completes(self, task: Task, output: BaseModel) -> None:
        """Submit a result."""
        await self._close(closing.complete(*self._on(task), output.model_dump(mode="json"), **self._when()), task)

    async def disposes(self, task: Task, disposition: str) -> None:
        """Close it without a result."""
        await self._close(closing.dispose(*self._on(task), disposition, **self._when()), task)

    async def accepts(self, task: Task) -> None:
        """Let a draft count."""
        await self._close(closing.accept(*self._on(task), **self._when()), task)

    async def edits(self, task: Task, output: BaseModel | str) -> None:
        """Let a draft count as edited."""
        edited: JsonValue = output if isinstance(output, str) else output.model_dump(mode="json")
        await self._close(closing.edit(*self._on(task), edited, **self._when()), task)

    async def rejects(self, task: Task, comment: str) -> None:
        """Refuse a draft."""
        await self._close(closing.reject(*self._on(task), comment=comment, **self._when()), task)

    async def hands_back(self, task: Task, reason: str) -> None:
        """Return the work to the AI agent."""
        await self._close(closing.hand_back(*self._on(task), reason=reason, **self._when()), task)

    async def answers(self, task: Task, text: str) -> None:
        """Answer an AI agent's question."""
        await self._close(closing.answer(*self._on(task), text, **self._when()), task)

    async def approves(self, task: Task) -> None:
        """Approve exactly the tool call that the task is about."""
        await self._close(closing.approve(*self._on(task), args_hash=await self._hash(task), **self._when()), task)

    async def denies(self, task: Task, comment: str) -> None:
        """Refuse the tool call."""
        denial = closing.deny(*self._on(task), args_hash=await self._hash(task), comment=comment, **self._when())
        await self._close(denial, task)

    async def comes(self) -> None:
        """Be there: everyone of the roster is, at first."""
        await self._is("online")

    async def pauses(self) -> None:
        """Take a break."""
        await self._is("away")

    async def goes(self) -> None:
        """Go home."""
        await self._is("offline")

    async def sees(self, task: Task) -> contents.Page:
        """The task's page, with all that this person may see."""
        return await contents.show(self.rehearsal.desk, task.id, self.id, **self._when())

    async def _is(self, presence: Presence) -> None:
        await staffing.set_presence(self.rehearsal.desk, self.id, presence, by=self.id, **self._when())

    async def _hash(self, task: Task) -> str:
        return (await self.sees(task)).tool_call_hash or ""

    def _on(self, task: Task) -> tuple[Desk, str, str]:
        return self.rehearsal.desk, task.id, self.id

    def _when(self) -> dict[str, Any]:
        return {"now": self.rehearsal.engine.clock(), "auth": AUTH}

    async def _close(self, closed: Any, task: Task) -> None:
        await closed
        await self.rehearsal.deliver(task.journey_id)

    async def _tasks(self) -> str:
        """All tasks that there are, and where their journeys stand."""
        async with self.rehearsal.engine.database.connection() as conn:
            rows = await conn.fetch(sql["tasks"])
        lines = [
            f"  {row['kind']} of `{row['step']}` in queue `{row['queue']}`, {row['state']}"
            + (f" by `{row['assignee']}`" if row["assignee"] else "")
            + f", because {row['reason']}"
            for row in rows
        ]
        stories = [await RehearsedJourney(self.rehearsal, id).story() for id in await self.rehearsal.open_journeys()]
        return "\n".join([f"there are {len(lines)} tasks{':' if lines else ''}", *lines, *stories])
