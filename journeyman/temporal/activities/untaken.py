"""A tool call that nobody made, nor will: no agent worker took it, or it is not wanted any more. A person goes on."""

from pydantic import JsonValue

from journeyman.conversation import transcript
from journeyman.customers.journeys import SYSTEM
from journeyman.errors import NotFoundError, UnreadableError
from journeyman.journey.contract import OpenTaskRequest, SettleRequest, ToolRequest
from journeyman.ledger.log import Recording
from journeyman.temporal import record
from journeyman.temporal.engine import sql

UNCERTAIN = "it is not known whether it was done; a colleague finds out"
NOT_READ = "what it hangs on cannot be read; it was not made"
_NOT_MADE = "no agent worker was there to make it; it was not made"


async def give_up(
    tx: Recording, request: OpenTaskRequest | SettleRequest | ToolRequest, call: str, *, not_made: str = _NOT_MADE
) -> JsonValue:
    """End the call on the record; what it was, if nobody knows whether it was made, else None. Raises NotFoundError.

    The caller holds the journey, and has superseded the effect: who still runs the call can commit nothing of it.
    """
    situation = request.situation
    row = await tx.conn.fetchrow(sql["lock_tool_call"], call, situation.journey)
    if row is None:
        raise NotFoundError(f"there is no tool call `{call}`; nothing was to be made")
    if row["status"] not in ("proposed", "permitted", "started"):
        return None
    uncertain = row["status"] == "started" and row["mode"] != "read"
    told = {"error": UNCERTAIN if uncertain else not_made}
    status = "uncertain" if uncertain else "refused"
    sealed = await tx.seal(situation.customer, dict(told))
    await tx.conn.execute(sql["finish_tool_call"], call, status, sealed)
    await tx.conn.execute(transcript.sql["spend_secrets"], call)
    tx.record(
        record.effect(
            situation,
            SYSTEM,
            "tool.uncertain" if uncertain else "tool.stopped",
            refs={"tool_call": call, "step": request.step},
            details={"tool": row["tool"], "mode": row["mode"], "args_hash": row["args_hash"]},
        )
    )
    if not uncertain:
        return None
    try:
        args = await tx.open(situation.customer, row["args"])
    except UnreadableError:
        args = None
    return {"tool": row["tool"], "args": args}
