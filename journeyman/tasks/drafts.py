"""What a person has typed on a task's page and not sent: kept for them alone, until they send it or the task is closed.

It is sealed under the key of the task's customer, whom it is about, and without secrets. It has no effect, and so no entry.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from journeyman.conversation.masking import scrub
from journeyman.errors import ConflictError, ErasedError, InputError
from journeyman.store.sql import load
from journeyman.tasks.change import task_of
from journeyman.tasks.desk import Desk
from journeyman.tasks.viewing import seen

sql = load("drafts")

LONGEST: Final = 200_000  # characters of one draft

Typed = list[tuple[str, str]]
"""The fields of a form, by name, in the order of the page."""


async def keep(desk: Desk, task_id: str, person_id: str, form: str, typed: Typed, *, now: datetime) -> None:
    """Keep what was typed into a form; nothing at all forgets it.

    Raises DeniedError where policy does not show the task, ConflictError if it is closed, InputError if it is too long.
    """
    if sum(len(name) + len(text) for name, text in typed) > LONGEST:
        raise InputError(f"the draft has more than {LONGEST} characters; shorten it, or send it", field=form)
    async with desk.database.connection() as conn:
        task, _, _ = await seen(desk, conn, task_id, person_id, now)
        if not any(text for _, text in typed):
            await conn.execute(sql["drop"], person_id, task_id, form)
            return
        try:
            sealed = await desk.keyring.seal(conn, task.customer_id, [[name, scrub(text)] for name, text in typed])
        except ErasedError:
            return
        if await conn.fetchval(sql["keep"], person_id, task_id, form, sealed, now) is None:
            raise ConflictError("task `{task}` is closed; nothing can be written for it any more", task=task_id)


async def read(desk: Desk, task_id: str, person_id: str) -> Mapping[str, Typed]:
    """What a person has typed and not sent, by form."""
    found: dict[str, Typed] = {}
    async with desk.database.connection() as conn:
        rows = await conn.fetch(sql["of_task"], person_id, task_id)
        task = await task_of(conn, task_id) if rows else None
        for row in rows:
            assert task is not None  # where there are rows
            try:
                typed: Any = await desk.keyring.open(conn, task.customer_id, row["sealed"])
            except ErasedError:
                continue
            found[row["form"]] = [(str(name), str(text)) for name, text in typed]
    return found


async def drop(desk: Desk, task_id: str, person_id: str, form: str) -> None:
    """It was sent, or given up."""
    async with desk.database.connection() as conn:
        await conn.execute(sql["drop"], person_id, task_id, form)
