"""`journeyman.call_tool`: one permitted tool call. Intent, effect under an idempotency key, outcome.

Enforcement stands here, where the effect is: without a committed, unspent permit for this tool and these arguments nothing
runs, and stop flags are looked at once more.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import JsonValue
from temporalio import activity

from journeyman.agents.tool import Tool, ToolCall, args_hash
from journeyman.conversation import transcript
from journeyman.conversation.masking import scrub
from journeyman.customers import record as customers
from journeyman.customers.record import Verification
from journeyman.errors import DeniedError, NotFoundError, UnavailableError
from journeyman.journey.contract import ToolOutcome, ToolRequest
from journeyman.journey.names import CALL_TOOL
from journeyman.journey.step import Fact, Step
from journeyman.killpoints import kill_point
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.temporal import context as contexts
from journeyman.temporal import record
from journeyman.temporal.activities.heartbeat import heartbeating
from journeyman.temporal.engine import Engine, recorded_before, sql
from journeyman.temporal.handover import to_person

ATTEMPTS = 5
"""How often a tool that may be repeated is tried while the service behind it is away."""

VERIFIED_FOR = timedelta(minutes=30)


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
        step = self.engine.project.step(request.situation.kind, request.situation.version, request.step)
        started = await self._start(request, step)
        if isinstance(started, ToolOutcome):
            return started
        kill_point("tool.started")
        answer = await self._run(request, started)
        kill_point("tool.answered")
        return await self._finish(request, step, started, answer)

    async def _start(self, request: ToolRequest, step: Step[Any]) -> ToolOutcome | _Started:
        situation, actor = request.situation, Actor(kind="system", id="journeyman")
        async with recording(self.engine.database, self.engine.keyring) as tx:
            row = await tx.conn.fetchrow(sql["lock_tool_call"], request.call, situation.journey)
            if row is None:
                raise NotFoundError(f"there is no tool call `{request.call}`, so nothing permits it; it was not made")
            if row["status"] not in ("permitted", "started"):
                tx.unchanged()
                return ToolOutcome(kind="done", leaves=await recorded_before(tx.conn, situation))
            tool = self.engine.project.agents[row["agent"]].tool(row["tool"])
            args = await tx.open(situation.customer, row["args"])
            if tool is None or not isinstance(args, dict) or args_hash(tool, tool.parse(args)) != row["args_hash"]:
                raise DeniedError(f"tool call `{request.call}` is not what was permitted; it was not made")
            refs = {"tool_call": request.call, "step": request.step}
            details: dict[str, str | bool | int] = {"tool": tool.name, "mode": tool.mode, "args_hash": row["args_hash"]}
            if await tx.conn.fetchval(sql["stopped"], situation.journey, row["agent"]):
                told = await tx.seal(situation.customer, {"error": "stopped by a person"})
                await tx.conn.execute(sql["finish_tool_call"], request.call, "refused", told, situation.at)
                tx.record(record.effect(situation, actor, "tool.stopped", refs=refs, details=details))
                stopped = True
            elif row["status"] == "started" and tool.mode == "at_most_once":
                # It may have run; it must not run again. A person finds out.
                context = await contexts.read(tx.conn, self.engine, situation, step)
                told = await tx.seal(
                    situation.customer, {"error": "it is not known whether it was done; a colleague finds out"}
                )
                await tx.conn.execute(sql["finish_tool_call"], request.call, "uncertain", told, situation.at)
                tx.record(record.effect(situation, actor, "tool.uncertain", refs=refs, details=details))
                draft: JsonValue = {"tool": tool.name, "args": args}
                task = await to_person(
                    tx, context, request.progress, kind="work", reason="tool_uncertain", input=draft, draft=draft
                )
                return ToolOutcome(kind="opened", task=task)
            else:
                await tx.conn.execute(sql["start_tool_call"], request.call, situation.at)
                tx.record(record.effect(situation, actor, "tool.intent", refs=refs, details=details))
                stopped = False
            kill_point("tool.starting")
        if stopped:
            return ToolOutcome(kind="done", leaves=list(tx.leaves))
        return _Started(tool, args, row["agent"], list(tx.leaves))

    async def _run(self, request: ToolRequest, started: _Started) -> _Answer:
        """Run it. While its service is away and it may be repeated, the activity is retried, and then it has failed."""
        tool, situation = started.tool, request.situation
        call = ToolCall(
            idempotency_key=request.call,
            journey=situation.journey,
            customer=situation.customer,
            step=request.step,
            agent=started.agent,
            secrets=tool.secrets,
            resolve=lambda handle, kinds: self._reveal(request, handle, kinds),
        )
        try:
            result = await tool.run(tool.parse(started.args), call)
        except (UnavailableError, TimeoutError, OSError) as error:
            if tool.mode == "at_most_once":
                return _Answer("uncertain", {"error": "it is not known whether it was done; a colleague finds out"})
            if activity.info().attempt < ATTEMPTS:
                raise
            return _Answer(
                "failed", {"error": f"the service is away ({type(error).__name__}); tell the customer or hand over"}
            )
        except Exception as error:  # whatever a team's tool raises is its answer, and never ends the journey
            return _Answer("failed", {"error": scrub(str(error)) or type(error).__name__})
        return _Answer("done", result.model_dump(mode="json"))

    async def _finish(self, request: ToolRequest, step: Step[Any], started: _Started, answer: _Answer) -> ToolOutcome:
        situation, tool = request.situation, started.tool
        actor = Actor(kind="system", id=f"tool:{tool.name}")
        task = None
        async with recording(self.engine.database, self.engine.keyring) as tx:
            sealed = await tx.seal(situation.customer, answer.result)
            await tx.conn.execute(sql["finish_tool_call"], request.call, answer.status, sealed, situation.at)
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
            if answer.status == "done" and (level := established(tool, answer.result)) is not None:
                await customers.verified(
                    tx,
                    situation.customer,
                    level,
                    until=situation.at + VERIFIED_FOR,
                    by=actor,
                    journey=situation.journey,
                    now=situation.at,
                )
            if answer.status == "uncertain":
                context = await contexts.read(tx.conn, self.engine, situation, step)
                draft: JsonValue = {"tool": tool.name, "args": started.args}
                task = await to_person(
                    tx, context, request.progress, kind="work", reason="tool_uncertain", input=draft, draft=draft
                )
            kill_point("tool.finishing")
        kill_point("tool.finished")
        leaves = started.leaves + tx.leaves
        return ToolOutcome(kind="opened" if task else "done", task=task, leaves=leaves)

    async def _reveal(self, request: ToolRequest, handle: str, kinds: tuple[str, ...]) -> str:
        """The secret behind a handle, once. A retry under the same call may read it again: it was not spent for nothing."""
        situation = request.situation
        async with recording(self.engine.database, self.engine.keyring) as tx:
            row = await tx.conn.fetchrow(
                transcript.sql["take_secret"], handle, situation.journey, list(kinds), situation.at, request.call
            )
            if row is None:
                raise DeniedError(
                    f"`{handle}` is no {' or '.join(kinds)} of this conversation, or it was used; ask the customer anew"
                )
            actor = Actor(kind="system", id="journeyman")
            refs = {"tool_call": request.call, "secret": handle}
            tx.record(record.effect(situation, actor, "secret.revealed", refs=refs, details={"kind": row["kind"]}))
            return str(await tx.open(situation.customer, row["sealed"]))


def established(tool: Tool, result: JsonValue) -> Verification | None:
    """The verification level that a tool's result states, in its field marked `Fact("verification")`; None or `none`: not any."""
    for name, info in tool.result.model_fields.items():
        if any(isinstance(mark, Fact) and mark.name == "verification" for mark in info.metadata):
            level = result.get(name) if isinstance(result, dict) else None
            return "basic" if level == "basic" else "strong" if level == "strong" else None
    return None
