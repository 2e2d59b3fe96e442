"""A journey under way, as a test looks at it: what was said, decided and handed over, and the story that says so."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from journeyman.conversation import transcript
from journeyman.conversation.transcript import Message
from journeyman.customers import journeys
from journeyman.customers.journeys import JourneyRow
from journeyman.journey import names
from journeyman.journey.contract import View
from journeyman.ledger.trace import read_trace, render
from journeyman.store.sql import load
from journeyman.tasks import cases
from journeyman.testing.pending import pending_of
from journeyman.testing.waiting import eventually

if TYPE_CHECKING:
    from journeyman.testing.rehearsal import Rehearsal

sql = load("testing")

_QUIET = ("journey", "effect", "message", "position", "bundle", "agent_version", "prompt_hash", "task", "transcript")


@dataclass(frozen=True)
class RehearsedJourney:
    """A journey by its id."""

    rehearsal: "Rehearsal"
    id: str

    async def row(self) -> JourneyRow:
        """What Postgres knows of it."""
        async with self.rehearsal.engine.database.connection() as conn:
            return await journeys.read(conn, self.id)

    async def outcome(self) -> str:
        """Wait for its end."""

        async def closed() -> str | None:
            row = await self.row()
            return row.outcome if row.status != "open" else None

        return await eventually(closed, f"the end of journey `{self.id}`", self.story)

    async def reaches(self, stage: str) -> None:
        """Wait until it stands in this stage. Postgres knows with the next thing that it does there; Temporal at once."""

        async def there() -> bool | None:
            view = await self.rehearsal.temporal.get_workflow_handle(self.id).query(names.SHOW_QUERY, result_type=View)
            return view.stage == stage or None

        await eventually(there, f"stage `{stage}` of journey `{self.id}`", self.story)

    async def cancel(self, reason: str) -> None:
        """Cancel it, as the operator: what it has to undo is undone."""
        await cases.cancel(
            self.rehearsal.desk, self.id, reason, person=None, auth="cli", now=self.rehearsal.engine.clock()
        )
        await self.rehearsal.deliver(self.id)

    async def told(self, text: str) -> Message:
        """Wait until the customer was told something that contains `text`."""

        async def found() -> Message | None:
            row = await self.row()  # before the messages: after its end nobody says anything more
            for message in await self.messages():
                if message.author_kind != "customer" and message.audience == "customer" and text in message.text:
                    return message
            if row.status != "open":
                raise AssertionError(
                    f"journey `{self.id}` ended as `{row.outcome}`, and the customer was never told `{text}`\n"
                    f"{await self.story()}"
                )
            return None

        return await eventually(found, f"a message with `{text}` in journey `{self.id}`", self.story)

    async def linked(self, kind: str) -> "RehearsedJourney":
        """Wait for a journey of this kind that this one has opened."""

        async def opened() -> str | None:
            async with self.rehearsal.engine.database.connection() as conn:
                found: str | None = await conn.fetchval(sql["linked"], self.id, kind)
            return found

        linked = await eventually(opened, f"a `{kind}` linked to journey `{self.id}`", self.story)
        await self.rehearsal.deliver(linked)
        return RehearsedJourney(self.rehearsal, linked)

    async def messages(self) -> list[Message]:
        """The transcript."""
        engine = self.rehearsal.engine
        row = await self.row()
        async with engine.database.connection() as conn:
            return await transcript.read(conn, engine.keyring, self.id, row.customer_id)

    async def decisions(self, action: str | None = None) -> list[tuple[str, str, tuple[str, ...]]]:
        """(action, verdict, ids of the policies) of what AI agents asked, in order."""
        rows = await self._read("decisions")
        found = [(row["action"], row["verdict"], tuple(row["policies"])) for row in rows]
        return [each for each in found if action in (None, each[0])]

    async def decided(self, action: str, verdict: Literal["allow", "deny"], *policies: str) -> None:
        """Assert that this was decided, and that each of these policies was among the reasons."""
        taken = await self.decisions(action)
        if any(each[1] == verdict and set(policies) <= set(each[2]) for each in taken):
            return
        why = f" because of {', '.join(policies)}" if policies else ""
        told = [f"  {verdict}, because of {', '.join(ids) or 'no policy'}" for _, verdict, ids in taken]
        raise AssertionError(
            "\n".join(
                [
                    f"no decision to {verdict} `{action}`{why}; "
                    + (f"these were taken on `{action}`:" if told else f"nothing asked to `{action}`"),
                    *told,
                    await self.story(),
                ]
            )
        )

    async def handoffs(self) -> list[tuple[str, str]]:
        """(direction, reason), in order."""
        return [(row["direction"], row["reason"]) for row in await self._read("handoffs")]

    async def handed(self, direction: Literal["to_person", "to_ai"], reason: str) -> None:
        """Assert that the work changed hands like this."""
        made = await self.handoffs()
        if (direction, reason) not in made:
            told = [f"  {way}, because {why}" for way, why in made] or ["  none"]
            raise AssertionError(
                "\n".join([f"no handoff {direction} because {reason}; there were:", *told, await self.story()])
            )

    async def entries(self) -> list[str]:
        """The types of all ledger entries, in order."""
        return [row["type"] for row in await self._read("entries")]

    async def trace(self) -> str:
        """Its trace, as `journeyman trace` tells it."""
        engine = self.rehearsal.engine
        return render(await read_trace(engine.database, engine.keyring, self.id))

    async def story(self) -> str:
        """What has happened so far, for the message of a test that failed."""
        row = await self.row()
        where = f"is in stage `{row.stage}` with {row.performer or 'nobody'}"
        head = f"journey `{self.id}` ({row.kind}) {where if row.status == 'open' else f'ended as `{row.outcome}`'}"
        told = [f"  {_line(each)}" for each in await self._read("story")]
        pending = await pending_of(self.rehearsal.temporal, self.id)
        trouble = [f"  it cannot go on: {pending.trouble}"] if pending.trouble else []
        return "\n".join([f"{head}; it went like this:", *told, *trouble])

    async def _read(self, name: str) -> list[Any]:
        async with self.rehearsal.engine.database.connection() as conn:
            return list(await conn.fetch(sql[name], self.id))


def _line(entry: Any) -> str:
    details = {**entry["facts"], **entry["refs"]}
    told = " ".join(f"{name}={value}" for name, value in details.items() if name not in _QUIET and value != "")
    policies = f" [{', '.join(entry['policies'])}]" if entry["policies"] else ""
    return f"{entry['type']} by {entry['actor']}: {told}{policies}"
