"""Reading the ledger out of Postgres, for a verifier who does not trust Postgres.

Nothing here judges: rows go into the pack as they are. Everything is read in one snapshot, as the application's role.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from journeyman.customers.keys import Keyring
from journeyman.errors import ErasedError, InputError
from journeyman.ledger.checkpoint import Checkpoint, VerifierKey, split_note
from journeyman.ledger.merkle import Tree
from journeyman.ledger.pack import CheckpointRow, Consistency, EntryRow, Header, LeafRow, Pack, Place, ValueRow
from journeyman.ledger.rows import erased_subject
from journeyman.store import Connection, Database, sql


async def read_pack(
    database: Database,
    *,
    now: datetime,
    key: VerifierKey | None = None,
    journey: str | None = None,
    keyring: Keyring | None = None,
    consistent_with: Iterable[int] = (),
) -> Pack:
    """Export the whole ledger, or the entries of one journey with proofs against the newest checkpoint, and the entry of
    its customer's erasure.

    `keyring` adds the values, opened: the pack is then as confidential as they are. A journey's pack proves that it extends
    the checkpoints of the sizes in `consistent_with` (a whole pack needs no such proof). One pack is held in memory; a
    journey's proofs read every leaf hash once.
    """
    async with _snapshot(database) as conn:
        checkpoints = [_checkpoint_row(row) for row in await conn.fetch(sql.load("ledger")["checkpoints"])]
        newest = checkpoints[-1] if checkpoints else None
        values = await _values(conn, keyring, journey) if keyring else {}
        places = [_place(row, values) for row in await _places(conn, journey)]
        if journey is not None:
            gone = {value.subject for place in places for value in place.values if value.state == "erased"}
            erasures = [_place(row, {}) for row in await conn.fetch(sql.load("ledger")["erasures"])]
            places += [place for place in erasures if erased_subject(place) in gone]
        proofs: list[Consistency] = []
        if journey is not None:
            checkpoints = checkpoints[-1:]
            if newest is not None:
                leaves = await conn.fetch(sql.load("ledger")["leaf_hashes"], newest.size)
                tree = await asyncio.to_thread(Tree, [row["leaf_hash"] for row in leaves])
                places = [_proven(place, tree) for place in places]
                proofs = [
                    Consistency(old=old, size=tree.size, proof=tuple(tree.consistency_proof(old)))
                    for old in sorted(set(consistent_with))
                    if 0 < old < tree.size == newest.size
                ]
    header = Header(
        origin=key.name if key else _origin(newest),
        key=str(key) if key else None,
        exported_at=now,
        journey=journey,
        with_values=keyring is not None,
    )
    return Pack(header=header, places=tuple(places), checkpoints=tuple(checkpoints), proofs=tuple(proofs))


async def unrecorded(database: Database, witnessed: Iterable[str]) -> list[str]:
    """Of leaf hashes that others saw recorded (activity results in Temporal's history), those that no entry has."""
    hashes = sorted(set(witnessed))
    async with database.connection() as conn:
        rows = await conn.fetch(sql.load("ledger")["present"], [bytes.fromhex(leaf) for leaf in hashes])
    present = {row[0] for row in rows}
    return [leaf for leaf in hashes if leaf not in present]


async def newest_checkpoint(database: Database) -> CheckpointRow | None:
    """The newest signed tree head; None before there is one."""
    async with database.connection() as conn:
        row = await conn.fetchrow(sql.load("ledger")["newest_checkpoint"])
    return None if row is None else _checkpoint_row(row)


async def waiting(database: Database) -> int:
    """How many entries are recorded and not yet integrated."""
    async with database.connection() as conn:
        return int(await conn.fetchval(sql.load("ledger")["waiting"]))


@asynccontextmanager
async def _snapshot(database: Database) -> AsyncIterator[Connection]:
    async with database.connection() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        yield conn


async def _places(conn: Connection, journey: str | None) -> list[Any]:
    statements = sql.load("ledger")
    if journey is None:
        return list(await conn.fetch(statements["all_places"]))
    return list(await conn.fetch(statements["journey_places"], journey))


async def _values(conn: Connection, keyring: Keyring, journey: str | None) -> dict[int, list[ValueRow]]:
    statements = sql.load("ledger")
    if journey is None:
        rows = await conn.fetch(statements["all_values"])
    else:
        rows = await conn.fetch(statements["journey_values"], journey)
    values: dict[int, list[ValueRow]] = defaultdict(list)
    for row in rows:
        values[row["entry_id"]].append(await open_value(conn, keyring, row))
    return values


async def open_value(conn: Connection, keyring: Keyring, row: Any) -> ValueRow:
    """A row of `entry_value`, opened as far as it can be."""
    name, subject = row["name"], row["subject"]
    try:
        opened = await keyring.open(conn, subject, row["sealed"])
    except ErasedError:
        return ValueRow(name=name, subject=subject, state="erased")
    except InputError:
        return ValueRow(name=name, subject=subject, state="unreadable")
    match opened:
        case {"salt": str(salt), "value": value} if _is_hex(salt):
            return ValueRow(name=name, subject=subject, state="open", salt=bytes.fromhex(salt), value=value)
    return ValueRow(name=name, subject=subject, state="unreadable")


def _place(row: Any, values: dict[int, list[ValueRow]]) -> Place:
    leaf = entry = None
    if row["index"] is not None:
        leaf = LeafRow(index=row["index"], entry_id=row["entry_id"], leaf_hash=row["integrated_hash"])
    if row["id"] is not None:
        text, raw = _text(row["body"])
        entry = EntryRow(
            id=row["id"],
            journey_id=row["journey_id"],
            type=row["type"],
            at=row["at"],
            recorded_at=row["recorded_at"],
            text=text,
            raw=raw,
            leaf_hash=row["leaf_hash"],
        )
    return Place(leaf=leaf, entry=entry, values=tuple(values.get(row["id"], ())))


def _proven(place: Place, tree: Tree) -> Place:
    """With its proof, and without `recorded_at`, which only a whole pack can prove."""
    entry = place.entry and place.entry.model_copy(update={"recorded_at": None})
    proof = None
    if place.leaf is not None and place.leaf.index < tree.size:
        proof = tuple(tree.inclusion_proof(place.leaf.index))
    return place.model_copy(update={"entry": entry, "proof": proof})


def _checkpoint_row(row: Any) -> CheckpointRow:
    return CheckpointRow(
        size=row["size"],
        root=row["root"],
        frontier=tuple(row["frontier"]),
        note=row["note"],
        at=row["at"],
    )


def _origin(newest: CheckpointRow | None) -> str:
    try:
        return Checkpoint.parse(split_note(newest.note)[0]).origin if newest else ""
    except InputError:
        return ""


def _text(body: bytes) -> tuple[str | None, bytes | None]:
    try:
        return body.decode("utf-8"), None
    except UnicodeDecodeError:
        return None, body


def _is_hex(text: str) -> bool:
    try:
        return bytes.fromhex(text).hex() == text
    except ValueError:
        return False
