"""Checkpoints, written to a folder outside: a mounted share, a bucket with object lock, somebody else's machine.

One file a checkpoint, named by its size, never written twice. Only the newest needs to be published: each names the one
before it, so it vouches for all of them.
"""

import asyncio
import os
import secrets
from pathlib import Path

from journeyman.errors import InputError, LedgerError
from journeyman.killpoints import kill_point
from journeyman.ledger.checkpoint import Checkpoint, split_note
from journeyman.store import Database, sql

_SUFFIX = ".checkpoint"


async def publish(database: Database, folder: Path) -> Checkpoint | None:
    """Write the newest committed checkpoint to `folder`; None if it is there already, or there is none.

    `database` connects as the integrator's role. Raises LedgerError where the database contradicts the newest checkpoint
    that is outside already: it was rolled back, or rewritten. Doing it again after a crash is harmless.
    """
    statements = sql.load("ledger")
    outside = await asyncio.to_thread(newest, folder)
    async with database.connection() as conn:
        row = await conn.fetchrow(statements["newest_checkpoint"])
        if outside is not None:
            text = await conn.fetchval(statements["checkpoint_note"], outside.size)
            if text is None or _checkpoint(text) != outside:
                raise LedgerError(
                    f"the database does not hold checkpoint {outside.size} as it is in `{folder}`: it was rolled back or "
                    f"rewritten; `journeyman audit export` a pack and verify it `--against {folder}`"
                )
    if row is None or (outside is not None and outside.size == row["size"]):
        return None
    kill_point("checkpoint.publishing")
    await asyncio.to_thread(write, folder, row["note"])
    kill_point("checkpoint.published")
    return _checkpoint(row["note"])


def write(folder: Path, note: str) -> Path:
    """Write one note, whole or not at all, and on disk before it returns. Raises LedgerError if another is there."""
    size = _checkpoint(note).size
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{size:020d}{_SUFFIX}"
    if path.exists():
        if path.read_text(encoding="utf-8") != note:
            raise LedgerError(f"`{path}` holds another checkpoint of {size} leaves: one of the two is a forgery")
        return path
    draft = path.with_suffix(f".{secrets.token_hex(8)}.draft")  # two containers' processes may have one id
    with draft.open("w", encoding="utf-8") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return path


def published(folder: Path | None) -> list[str]:
    """The notes in the folder, smallest first: what `verify(kept=...)` takes. None where there is no folder yet."""
    if folder is None:
        return []
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob(f"*{_SUFFIX}"))]


def newest(folder: Path) -> Checkpoint | None:
    """The largest checkpoint in the folder, its signature not verified."""
    paths = sorted(folder.glob(f"*{_SUFFIX}"))
    try:
        return _checkpoint(paths[-1].read_text(encoding="utf-8")) if paths else None
    except InputError as error:
        raise LedgerError(f"`{paths[-1]}` is no checkpoint: it was altered outside") from error


def _checkpoint(note: str) -> Checkpoint:
    return Checkpoint.parse(split_note(note)[0])
