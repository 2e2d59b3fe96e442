"""What a person has typed and not sent does not outlive its task."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pydantic import JsonValue

from journeyman.errors import ConflictError
from journeyman.ledger.log import Recording
from journeyman.store import Database
from journeyman.store.database import Connection
from journeyman.tasks import closing, drafts
from journeyman.tasks.lifecycle import State
from tests.integration.tasks.world import NOW, World

HOW: dict[str, Any] = {"now": NOW, "auth": "token"}
RESULT: JsonValue = {"amount_minor": 12_000, "outcome": "pay"}
TYPED = [("text", "I look into it")]


async def test_what_is_typed_while_the_task_closes_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    task = await world.claimed()
    finish, keeping = Recording._finish, list[asyncio.Task[None]]()

    async def late(tx: Recording) -> None:
        await finish(tx)
        keeping.append(asyncio.create_task(drafts.keep(world.desk, task.id, "ana", "say", TYPED, now=NOW)))
        await world.waits(keeping[0])

    monkeypatch.setattr(Recording, "_finish", late)
    await closing.dispose(world.desk, task.id, "ana", "unreachable", **HOW)
    with pytest.raises(ConflictError, match="is closed; nothing can be written for it any more"):
        await keeping[0]
    assert await world.rows("select from draft") == []


async def test_what_is_kept_while_somebody_waits_to_close_the_task_goes_with_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await world.claimed()
    kept, closes = asyncio.Event(), asyncio.Event()

    connection = Database.connection

    @asynccontextmanager
    async def uncommitted(database: Database) -> AsyncIterator[Connection]:
        async with connection(database) as conn, conn.transaction():
            yield conn
            kept.set()
            await closes.wait()

    with monkeypatch.context() as patch:
        patch.setattr(Database, "connection", uncommitted)
        keeping = asyncio.create_task(drafts.keep(world.desk, task.id, "ana", "say", TYPED, now=NOW))
        await kept.wait()
    submit = asyncio.create_task(closing.complete(world.desk, task.id, "ana", RESULT, **HOW))
    await world.waits(submit)
    closes.set()
    await keeping
    assert (await submit).state is State.COMPLETED
    assert await world.rows("select from draft") == []
