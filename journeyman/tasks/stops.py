"""The stop button: no AI agent goes on with a journey, one AI agent does nothing more, or none of them does.

A flag is checked at every decision of an AI agent and again before every tool call. A journey that is stopped while its AI
agent waits for the customer is told so, and goes to people at once.
"""

from datetime import datetime

from pydantic import BaseModel

from journeyman.conversation.masking import scrub
from journeyman.errors import ConflictError
from journeyman.governance import Resource
from journeyman.ledger.entry import Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.tasks.cases import engine_sql, lock_open, permission_for, sql
from journeyman.tasks.desk import Desk
from journeyman.tasks.permission import Permission, permission

ALL = "all"


class Stop(BaseModel):
    """A flag that is set. `scope` is `all`, `agent:NAME` or `journey:ID`."""

    scope: str
    set_by: str
    reason: str
    at: datetime


async def stops(conn: Connection) -> list[Stop]:
    """What is stopped, in the order in which it was."""
    return [Stop.model_validate(dict(row)) for row in await conn.fetch(sql["stops"])]


async def stop(
    desk: Desk, scope: str, *, reason: str, person: str | None = None, auth: str = "cli", now: datetime
) -> None:
    """Press stop on `all`, `agent:NAME` or `journey:ID`. Raises ConflictError if it is stopped already, DeniedError."""
    reason = scrub(reason)
    async with desk.recording() as tx:
        permitted = await _permitted(desk, tx, scope, person, "stop", auth)
        if await tx.conn.fetchval(engine_sql["set_stop"], scope, permitted.actor.id, reason, now) is None:
            raise ConflictError(
                "`{scope}` is stopped already; `{button}` takes the stop away",
                field="scope",
                scope=scope,
                button="resume",
            )
        if journey := _journey(scope):
            tx.tell(journey, "stop", "", at=now)
        tx.record(_entry("ai.stopped", scope, permitted, now, reason))


async def resume(desk: Desk, scope: str, *, person: str | None = None, auth: str = "cli", now: datetime) -> None:
    """Take the stop away. What has gone to people meanwhile stays with them. Raises ConflictError if it is not stopped, or is
    being cancelled: that stop stays. Raises DeniedError.
    """
    async with desk.recording() as tx:
        permitted = await _permitted(desk, tx, scope, person, "resume", auth)
        if (journey := _journey(scope)) and await tx.conn.fetchval(sql["cancelling"], journey):
            raise ConflictError(
                "journey `{journey}` is being cancelled, by people; AI agents stay away", field="scope", journey=journey
            )
        if await tx.conn.fetchval(engine_sql["clear_stop"], scope) is None:
            raise ConflictError(
                "`{scope}` is not stopped; AI agents go on as policy lets them", field="scope", scope=scope
            )
        tx.record(_entry("ai.resumed", scope, permitted, now, ""))


async def _permitted(desk: Desk, tx: Recording, scope: str, person: str | None, action: str, auth: str) -> Permission:
    if journey := _journey(scope):
        return await permission_for(desk, tx, await lock_open(tx, journey), person, action, auth)
    agent = scope.removeprefix("agent:")
    resource = Resource.deployment() if scope == ALL else Resource.agent(agent)
    return await permission(desk, tx.conn, person, action, resource, auth=auth)


def _journey(scope: str) -> str | None:
    return scope.removeprefix("journey:") if scope.startswith("journey:") else None


def _entry(type: str, scope: str, permitted: Permission, now: datetime, reason: str) -> Entry:
    values = {"reason": reason} if reason else {}
    return permitted.entry(type, now, journey=_journey(scope), facts={"scope": scope}, values=values)
