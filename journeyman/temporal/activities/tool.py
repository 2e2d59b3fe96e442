"""`journeyman.call_tool`: one permitted tool call. Intent, effect under an idempotency key, outcome.

Enforcement stands here, where the effect is: without a committed, unspent permit for this tool and these arguments nothing
runs, stop flags are looked at once more, and policy decides again on a call that had to wait for a person's approval.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import JsonValue
from temporalio import activity

from journeyman import knowledge
from journeyman.agents.passage import Passage
from journeyman.agents.tool import Tool, ToolCall, args_hash
from journeyman.conversation import transcript
from journeyman.conversation.masking import scrub, scrubbed
from journeyman.customers import journeys
from journeyman.customers import record as customers
from journeyman.errors import DeniedError, EffectStoredError, InputError, JourneymanError, NotFoundError
from journeyman.governance import may_call
from journeyman.journey.contract import OpenedTask, ToolOutcome, ToolRequest
from journeyman.journey.names import CALL_TOOL
from journeyman.journey.step import Step
from journeyman.killpoints import kill_point
from journeyman.ledger.canonical import canonical
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording, recording
from journeyman.store.database import Connection
from journeyman.temporal import context as contexts
from journeyman.temporal import record
from journeyman.temporal.activities.conclusion import refused as refused_by
from journeyman.temporal.activities.heartbeat import heartbeating
from journeyman.temporal.activities.unreadable import ATTEMPTS, or_else, unreadable
from journeyman.temporal.activities.untaken import NOT_READ, UNCERTAIN, give_up
from journeyman.temporal.context import Context
from journeyman.temporal.engine import Engine, keep, recorded_before, sql, stored
from journeyman.temporal.evidence import calls_of, verification
from journeyman.temporal.handover import to_person

VERIFIED_FOR = timedelta(minutes=30)

PASSAGES = 3
"""How many passages of the knowledge one call of a tool may find."""


@dataclass(frozen=True)
class _Started:
    tool: Tool
    args: dict[str, JsonValue]
    agent: str
    leaves: list[str]


@dataclass(frozen=True)
class _Answer:
    status: str  # done, failed, uncertain
    result: JsonValue


class ToolActivity:
    """The activity, bound to its worker's engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @activity.defn(name=CALL_TOOL)
    @heartbeating
    async def call_tool(self, request: ToolRequest) -> ToolOutcome:
        """Run the tool once. A rerun of a finished call returns; one that may have run before runs under the same key."""
        step = self.engine.step(request.situation, request.step)
        return await or_else(self._call(request, step), lambda error: self._give_up(request, step, error))

    async def _call(self, request: ToolRequest, step: Step[Any]) -> ToolOutcome:
        started = await self._start(request, step)
        if isinstance(started, ToolOutcome):
            return started
        kill_point("tool.started")
        answer = await self._run(request, started)
        kill_point("tool.answered")
        return await self._finish(request, step, started, answer)

    async def _give_up(self, request: ToolRequest, step: Step[Any], error: Exception) -> ToolOutcome:
        """What it hangs on cannot be read. It is not made any more; if it may have been, a person finds out."""

        async def given_up(tx: Recording) -> OpenedTask | None:
            uncertain = await give_up(tx, request, request.call, not_made=NOT_READ)
            tx.record(unreadable(request.situation, step.name, error))
            if uncertain is None:
                return None
            context = await contexts.salvaged(tx.conn, self.engine, request.situation, step)
            return await self._find_out(tx, context, request, uncertain)

        async with self.engine.database.connection() as conn:
            before = await recorded_before(conn, request.situation)
        return await self._end_with(request, given_up, before)

    async def _start(self, request: ToolRequest, step: Step[Any]) -> ToolOutcome | _Started:
        situation = request.situation
        async with recording(self.engine.database, self.engine.keyring) as tx:
            row = await tx.conn.fetchrow(sql["lock_tool_call"], request.call, situation.journey)
            if row is None:
                raise NotFoundError(f"there is no tool call `{request.call}`, so nothing permits it; it was not made")
            if row["status"] not in ("permitted", "started"):
                tx.unchanged()
                return await self._stored(tx.conn, request)
            agent = self.engine.project.agents.get(row["agent"])
            tool = agent.tool(row["tool"]) if agent is not None else None
            args = await tx.open(situation.customer, row["args"])
            begun = row["status"] == "started"  # by a runner that has died, or is thought dead: it may have run
            refused: str | None = None
            if await tx.conn.fetchval(sql["stopped"], situation.journey, row["agent"]):
                refused = "stopped by a person"
            elif tool is None or not isinstance(args, dict) or _hash(tool, args) != row["args_hash"]:
                refused = "this is not the call that was permitted"
            elif row["task_id"] is not None and not begun:
                refused = await self._refused(tx, request, step, row, args)
            outcome: ToolOutcome | None = None
            if begun and row["mode"] != "read" and (refused is not None or row["mode"] == "at_most_once"):
                # It may have run, and will not run again. A person finds out.
                task = await self._uncertain(tx, request, step, row["tool"], args)
                told: JsonValue = {"error": UNCERTAIN}
                await self._end(tx, request, row, "tool.uncertain", "uncertain", told)
                outcome = ToolOutcome(kind="opened", task=task)
            elif refused is not None:
                await self._end(tx, request, row, "tool.stopped", "refused", {"error": refused})
                outcome = ToolOutcome(kind="done")
            elif begun:
                tx.unchanged()
            else:
                await tx.conn.execute(sql["start_tool_call"], request.call)
                tx.record(self._entry(request, row, "tool.intent"))
                keep(tx, situation, "permit", {"call": request.call})
            if outcome is not None:
                keep(tx, situation, "outcome", outcome.model_dump(mode="json"))
            kill_point("tool.starting")
            before = await recorded_before(tx.conn, situation) if begun else []
        if outcome is not None:
            return outcome.model_copy(update={"leaves": before + tx.leaves})
        assert tool is not None
        assert isinstance(args, dict)
        return _Started(tool, args, row["agent"], before + tx.leaves)

    async def _refused(
        self, tx: Recording, request: ToolRequest, step: Step[Any], row: Any, args: dict[str, JsonValue]
    ) -> str | None:
        """Decide on a call that a person has approved, as things are now; None if it may run.

        While it waited for them the customer may have asked for a person, a verification may have lapsed, a policy changed.
        """
        situation = request.situation
        context = await contexts.read(tx.conn, self.engine, situation, step)
        context.exchanges = [exchange for exchange in context.exchanges if exchange.id != request.call]
        input = None if row["input"] is None else await tx.open(situation.customer, row["input"])
        given = {"approved": True, "due": context.due(input), **calls_of(row["tool"], context.exchanges)}
        facts = context.facts(request.progress, given)
        decided = may_call(context.authorizer, row["agent"], context.resource, facts, row["tool"], args)
        tx.record(
            record.decision(
                situation,
                Actor(kind="ai", id=row["agent"]),
                request.step,
                decided,
                facts,
                details={"tool": row["tool"], "args_hash": row["args_hash"]},
                refs={"tool_call": request.call, "task": row["task_id"]},
                values={"args": args},
            )
        )
        return None if decided.allowed else refused_by(decided)

    async def _end(
        self, tx: Recording, request: ToolRequest, row: Any, type: str, status: str, result: JsonValue
    ) -> None:
        """The call comes to nothing, on the record."""
        sealed = await tx.seal(request.situation.customer, result)
        await tx.conn.execute(sql["finish_tool_call"], request.call, status, sealed)
        await tx.conn.execute(transcript.sql["spend_secrets"], request.call)
        tx.record(self._entry(request, row, type))

    def _entry(self, request: ToolRequest, row: Any, type: str) -> Entry:
        return record.effect(
            request.situation,
            journeys.SYSTEM,
            type,
            refs={"tool_call": request.call, "step": request.step},
            details={"tool": row["tool"], "mode": row["mode"], "args_hash": row["args_hash"]},
        )

    async def _uncertain(
        self, tx: Recording, request: ToolRequest, step: Step[Any], tool: str, args: JsonValue
    ) -> OpenedTask:
        """The task of finding out whether a call was made."""
        context = await contexts.read(tx.conn, self.engine, request.situation, step)
        call: JsonValue = {"tool": tool, "args": args}
        return await self._find_out(tx, context, request, call)

    async def _find_out(self, tx: Recording, context: Context, request: ToolRequest, call: JsonValue) -> OpenedTask:
        return await to_person(
            tx, context, request.progress, kind="work", reason="tool_uncertain", input=call, draft=call
        )

    async def _stored(self, conn: Connection, request: ToolRequest) -> ToolOutcome:
        """What an earlier run of this effect has come to."""
        found = (await stored(conn, self.engine.keyring, request.situation)).get("outcome", {"kind": "done"})
        leaves = await recorded_before(conn, request.situation)
        return ToolOutcome.model_validate(found).model_copy(update={"leaves": leaves})

    async def _run(self, request: ToolRequest, started: _Started) -> _Answer:
        """Run it. A tool that refuses raises one of our own errors: then it has not been done. After any other, nobody
        knows; it is tried again under the same key where it may be, and then a person finds out.
        """
        tool, situation = started.tool, request.situation
        call = ToolCall(
            idempotency_key=request.call,
            journey=situation.journey,
            customer=situation.customer,
            step=request.step,
            agent=started.agent,
            secrets=tool.secrets,
            resolve=lambda handle, kinds: self._reveal(request, handle, kinds),
            search=lambda query: self._look_up(request, query),
        )
        try:
            result = await tool.run(tool.parse(started.args), call)
        except Exception as error:  # whatever a team's tool raises is its answer, and never ends the journey
            if isinstance(error, JourneymanError) and not error.retryable:
                told = scrub(str(error)).encode(errors="replace").decode()
                return _Answer("failed", {"error": told or type(error).__name__})
            if tool.mode != "at_most_once" and activity.info().attempt < ATTEMPTS:
                raise
            if tool.mode != "read":  # it may have been done, and the agent would ask for it again under another key
                return _Answer("uncertain", {"error": UNCERTAIN})
            return _Answer(
                "failed", {"error": f"the service is away ({type(error).__name__}); tell the customer or hand over"}
            )
        try:
            plain = scrubbed(result.model_dump(mode="json"))
            canonical(plain, floats=True)
        except Exception as error:  # it is done, and its result cannot be recorded: no other attempt would tell more
            told = f"it answered with what cannot be recorded ({type(error).__name__})"
            return _Answer("failed" if tool.mode == "read" else "uncertain", {"error": told})
        return _Answer("done", plain)

    async def _finish(self, request: ToolRequest, step: Step[Any], started: _Started, answer: _Answer) -> ToolOutcome:
        situation, tool = request.situation, started.tool
        actor = Actor(kind="system", id=f"tool:{tool.name}")

        async def finished(tx: Recording) -> OpenedTask | None:
            if answer.status == "uncertain":
                await journeys.hold(tx.conn, situation.journey)  # the journey before its calls and tasks, as everywhere
            sealed = await tx.seal(situation.customer, answer.result)
            await tx.conn.execute(sql["finish_tool_call"], request.call, answer.status, sealed)
            await tx.conn.execute(transcript.sql["spend_secrets"], request.call)
            tx.record(
                record.effect(
                    situation,
                    actor,
                    "tool.outcome",
                    refs={"tool_call": request.call, "step": request.step},
                    details={"tool": tool.name, "status": answer.status},
                    values={"result": answer.result},
                )
            )
            if answer.status == "done" and (level := verification(tool, answer.result)) is not None:
                await customers.verified(
                    tx,
                    situation.customer,
                    level,
                    until=self.engine.moment(situation) + VERIFIED_FOR,
                    by=actor,
                    journey=situation.journey,
                    now=situation.at,
                )
            if answer.status == "uncertain":
                return await self._uncertain(tx, request, step, tool.name, started.args)
            return None

        return await self._end_with(request, finished, started.leaves)

    async def _end_with(
        self, request: ToolRequest, write: Callable[[Recording], Awaitable[OpenedTask | None]], leaves: list[str]
    ) -> ToolOutcome:
        """Commit the end of the call, which `write` writes; where it returns a task, a person finds out."""
        try:
            async with recording(self.engine.database, self.engine.keyring) as tx:
                task = await write(tx)
                outcome = ToolOutcome(kind="opened" if task else "done", task=task)
                keep(tx, request.situation, "outcome", outcome.model_dump(mode="json"))
                kill_point("tool.finishing")
        except EffectStoredError:
            # This runner was thought dead, and another has dealt with the call: what is stored counts.
            async with self.engine.database.connection() as conn:
                return await self._stored(conn, request)
        kill_point("tool.finished")
        return outcome.model_copy(update={"leaves": leaves + tx.leaves})

    async def _look_up(self, request: ToolRequest, query: str) -> list[Passage]:
        """What the knowledge in force says to AI agents, in the journey's language where it can."""
        situation = request.situation
        async with self.engine.database.connection() as conn:
            journey = await journeys.read(conn, situation.journey)
            found = await knowledge.search(
                conn, query, audience="all", kind=situation.kind, language=journey.language, limit=PASSAGES
            )
        return [_passage(each) for each in found]

    async def _reveal(self, request: ToolRequest, handle: str, kinds: tuple[str, ...]) -> str:
        """The secret behind a handle, once. A retry under the same call may read it again: it was not spent for nothing."""
        situation = request.situation
        async with recording(self.engine.database, self.engine.keyring) as tx:
            now = self.engine.moment(situation)
            row = await tx.conn.fetchrow(
                transcript.sql["take_secret"], handle, situation.journey, list(kinds), now, request.call
            )
            if row is None:
                raise DeniedError(
                    f"`{handle}` is no {' or '.join(kinds)} of this conversation, or it was used; ask the customer anew"
                )
            refs = {"tool_call": request.call, "secret": handle}
            if row["again"]:
                tx.unchanged()
            else:
                tx.record(
                    record.effect(
                        situation, journeys.SYSTEM, "secret.revealed", refs=refs, details={"kind": row["kind"]}
                    )
                )
            secret = str(await tx.open(situation.customer, row["sealed"]))
            kill_point("secret.revealing")
        kill_point("secret.revealed")
        return secret


def _passage(found: knowledge.Found) -> Passage:
    """As much of it as a prompt has room for."""
    heading = " > ".join(found.headings)
    return Passage(
        citation=found.citation, heading=heading, text=found.text[: knowledge.LONGEST], language=found.language
    )


def _hash(tool: Tool, args: dict[str, JsonValue]) -> str | None:
    """The hash of the arguments as the tool reads them now; None where it no longer does."""
    try:
        return args_hash(tool, tool.parse(args))
    except InputError:
        return None
