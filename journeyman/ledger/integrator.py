"""Gives every recorded entry its place in the tree, and signs the tree.

Writers only insert. One integrator at a time takes what has committed and has no leaf yet, appends it, and writes leaves and
the checkpoint over them in one transaction. So a signature can only be seen once all that it covers is committed, and a
crash at any moment leaves the tree as the last checkpoint says.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from journeyman.errors import InputError, LedgerError, UnavailableError
from journeyman.killpoints import kill_point
from journeyman.ledger.chain import START, extend_recorded, state, stated
from journeyman.ledger.checkpoint import Checkpoint, SigningKey, VerifierKey, open_note, sign
from journeyman.ledger.merkle import Frontier, leaf_hash
from journeyman.store import Database, sql
from journeyman.store.database import Connection

_log = logging.getLogger(__name__)

WINDOW = 5_000  # how many ids back the frequent rounds look; the full ones look at all


async def integrate(
    database: Database,
    signing_key: SigningKey,
    *,
    now: datetime,
    batch: int = 2000,
    window: int | None = None,
    previous_keys: tuple[VerifierKey, ...] = (),
) -> Checkpoint | None:
    """Integrate what waits, `batch` entries at a time, and sign it once; `database` connects as the integrator's role.

    Returns the new checkpoint once it is committed, or None where there is nothing to integrate or another integrator is
    at it. `window` makes it look only that many ids behind the newest integrated one, which is cheap however long the ledger
    is; rounds without it must come in between, for what committed late. An entry whose leaf hash is not that of its body is
    refused: it stays without a place, the verifier tells it, and the log does in rounds without a window. Raises LedgerError
    if the tree in the database is not the one that was signed: it never extends such a tree.

    One checkpoint covers all that had been recorded when it was made, so an entry that says it is older, and is not in it, was
    dated back.
    """
    statements = sql.load("ledger")
    async with database.transaction() as conn:
        if not await conn.fetchval(statements["become_integrator"]):
            return None
        previous, frontier = await _head(conn, (signing_key.verifier, *previous_keys))
        floor = 0
        if window is not None:
            floor = max(0, await conn.fetchval(statements["newest_integrated"]) - window)
        statement = previous and stated(previous)
        first, recorded = frontier.size, statement.recorded if statement else START
        more = True
        while more:
            rows = await conn.fetch(statements["unintegrated"], floor, batch)
            sound = [row for row in rows if leaf_hash(row["body"]) == row["leaf_hash"]]
            if window is None and len(sound) < len(rows):
                forged = [row["id"] for row in rows if row not in sound]
                _log.critical("entries %s have leaf hashes that are not of their bodies: they get no place", forged)
            await conn.execute(
                statements["add_leaves"],
                frontier.size,
                [row["id"] for row in sound],
                [row["leaf_hash"] for row in sound],
            )
            await conn.execute(statements["add_mentions"], [row["id"] for row in sound])
            for row in sound:
                frontier.append(row["leaf_hash"])
            recorded = extend_recorded(recorded, (row["recorded_at"] for row in sound))
            more = len(rows) == batch
            floor = rows[-1]["id"] if more else floor
        if frontier.size == first:
            return None
        at = now.replace(microsecond=now.microsecond // 1000 * 1000)
        if statement:
            at = max(
                at, statement.made
            )  # whatever the clocks of two machines say, no checkpoint is older than the last
        lines = state(at, recorded, previous).lines()
        checkpoint = Checkpoint(signing_key.name, frontier.size, frontier.root(), lines)
        note = sign(checkpoint, signing_key)
        await conn.execute(statements["add_checkpoint"], checkpoint.size, checkpoint.root, frontier.hashes, note, at)
        kill_point("tree.integrating")
    kill_point("tree.integrated")
    return checkpoint


async def integrate_for_ever(
    database: Database,
    signing_key: SigningKey,
    clock: Callable[[], datetime],
    *,
    every: float = 1.0,
    full_every: int = 300,
    batch: int = 2000,
    previous_keys: tuple[VerifierKey, ...] = (),
) -> None:
    """Integrate until cancelled: a round each `every` seconds, one in `full_every` over the whole ledger, the first one too.

    While Postgres is away it waits; a LedgerError ends it.
    """
    turn = 0
    while True:
        window = WINDOW if turn % full_every else None
        try:
            await integrate(database, signing_key, now=clock(), batch=batch, window=window, previous_keys=previous_keys)
        except UnavailableError as error:
            _log.warning("the ledger waits: %s", error)
        turn += 1
        await asyncio.sleep(every)


async def _head(conn: Connection, keys: tuple[VerifierKey, ...]) -> tuple[Checkpoint | None, Frontier]:
    """The newest checkpoint and the frontier to go on from, after a check that they and the leaves belong together."""
    statements = sql.load("ledger")
    row = await conn.fetchrow(statements["newest_checkpoint"])
    held = await conn.fetchval(statements["leaves_held"])
    remedy = "stop the integrator, `journeyman audit export` a pack and verify it against the checkpoints kept outside"
    if row is None:
        if held:
            raise LedgerError(f"there are {held} leaves and no checkpoint over them: {remedy}")
        return None, Frontier()
    checkpoint = _opened(row["note"], keys, remedy)
    if held != checkpoint.size or row["size"] != checkpoint.size:
        raise LedgerError(f"there are {held} leaves, and the newest checkpoint is over {checkpoint.size}: {remedy}")
    try:
        frontier = Frontier(checkpoint.size, row["frontier"])
    except ValueError as error:
        raise LedgerError(f"the frontier of checkpoint {checkpoint.size} was altered: {remedy}") from error
    if frontier.root() != checkpoint.root or stated(checkpoint) is None:
        raise LedgerError(
            f"the frontier of checkpoint {checkpoint.size} does not fold to its root, or its lines are not ours: {remedy}"
        )
    return checkpoint, frontier


def _opened(note: str, keys: tuple[VerifierKey, ...], remedy: str) -> Checkpoint:
    for key in keys:
        try:
            return open_note(note, key)
        except (InputError, LedgerError):
            continue
    raise LedgerError(
        f"the newest checkpoint is not signed by `{keys[0]}` or a previous key: name the key of this ledger in "
        f"JOURNEYMAN_PREVIOUS_LEDGER_KEYS, or {remedy}"
    )
