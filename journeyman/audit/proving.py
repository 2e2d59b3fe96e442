"""Proving from the desk that a trace is what was recorded, and taking it along.

Nothing is proved by the console itself: what Postgres holds goes into a pack, and the pure verifier judges the pack.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from journeyman.audit.reading import no_entry, reading
from journeyman.customers import journeys
from journeyman.errors import InputError
from journeyman.governance import Resource
from journeyman.ledger.audit import read_pack
from journeyman.ledger.checkpoint import Checkpoint, SigningKey, VerifierKey, split_note
from journeyman.ledger.merkle import leaf_hash, verify_inclusion
from journeyman.ledger.pack import Pack
from journeyman.ledger.report import Report
from journeyman.ledger.verify import verify as verify_pack
from journeyman.settings import Settings
from journeyman.tasks.desk import Desk
from journeyman.tasks.permission import permission


@dataclass(frozen=True)
class Proof:
    """That one entry is in the tree: its leaf and the hashes beside its way up to the root of the newest checkpoint.

    `path` is None where it is not in that tree: it waits for integration.
    """

    entry: int
    index: int | None
    leaf_hash: str
    path: tuple[str, ...] | None
    size: int
    root: str
    note: str
    holds: bool


def trusted_keys(settings: Settings) -> list[VerifierKey]:
    """The keys that this deployment's checkpoints are signed with, the newest first; none where it was not told. Raises
    ConfigurationError."""
    own = []
    if settings.ledger_key is not None:
        own = [SigningKey.parse(settings.need("ledger_key")).verifier]
    elif settings.ledger_public_key is not None:
        own = [VerifierKey.parse(settings.ledger_public_key)]
    return [*own, *(VerifierKey.parse(text) for text in settings.previous_ledger_keys)]


def sizes_of(notes: Iterable[str]) -> list[int]:
    """Of those that can be read; the verifier reports the others."""
    sizes = []
    for note in notes:
        try:
            sizes.append(Checkpoint.parse(split_note(note)[0]).size)
        except InputError:
            continue
    return sizes


async def verify(
    desk: Desk,
    journey_id: str,
    person_id: str,
    *,
    kept: Sequence[str],
    trusted: Sequence[VerifierKey],
    begun: str | None = None,
    auth: str,
    now: datetime,
) -> tuple[Report, str]:
    """Verify a journey's trace as it stands in Postgres, against checkpoints that were `kept` outside: what the verifier says,
    and the reading that it belongs to. Raises NotFoundError, DeniedError."""
    async with reading(desk, journey_id, person_id, begun, auth=auth, now=now) as (_, mine):
        pass
    held = await pack(desk, journey_id, kept, trusted, values=mine.opened, now=now)
    return await asyncio.to_thread(verify_pack, held, kept=kept, trusted=trusted), mine.id


async def prove(
    desk: Desk, journey_id: str, entry: int, person_id: str, *, begun: str | None = None, auth: str, now: datetime
) -> Proof:
    """The proof of one entry against the newest checkpoint. Raises NotFoundError, DeniedError."""
    async with reading(desk, journey_id, person_id, begun, auth=auth, now=now):
        pass
    held = await pack(desk, journey_id, (), (), values=False, now=now)
    found = next((place for place in held.places if place.entry is not None and place.entry.id == entry), None)
    if found is None or found.entry is None:
        raise no_entry(journey_id, entry)
    newest = held.checkpoints[-1] if held.checkpoints else None
    leaf = leaf_hash(found.entry.body)
    holds = False
    if newest is not None and found.leaf is not None and found.proof is not None:
        holds = verify_inclusion(found.leaf.index, newest.size, leaf, found.proof, newest.root)
    return Proof(
        entry=entry,
        index=found.leaf.index if found.leaf else None,
        leaf_hash=leaf.hex(),
        path=tuple(each.hex() for each in found.proof) if found.proof is not None else None,
        size=newest.size if newest else 0,
        root=newest.root.hex() if newest else "",
        note=newest.note if newest else "",
        holds=holds,
    )


async def export(
    desk: Desk,
    journey_id: str | None,
    person_id: str | None,
    *,
    values: bool,
    kept: Sequence[str] = (),
    trusted: Sequence[VerifierKey] = (),
    auth: str,
    now: datetime,
) -> Pack:
    """A pack of the ledger, or of one journey, for whoever may take it along; recorded. Raises NotFoundError, DeniedError."""
    async with desk.recording() as tx:
        resource = Resource.deployment()
        if journey_id is not None:
            row = await journeys.read(tx.conn, journey_id)
            resource = Resource.journey(row.id, kind=row.kind)
        permitted = await permission(desk, tx.conn, person_id, "export", resource, auth=auth)
        tx.record(permitted.entry("ledger.exported", now, journey=journey_id, facts={"values": values}))
    return await pack(desk, journey_id, kept, trusted, values=values, now=now)


async def pack(
    desk: Desk,
    journey_id: str | None,
    kept: Sequence[str],
    trusted: Sequence[VerifierKey],
    *,
    values: bool,
    now: datetime,
) -> Pack:
    """What Postgres holds, for whoever has asked policy and recorded it already."""
    return await read_pack(
        desk.database,
        now=now,
        key=trusted[0] if trusted else None,
        journey=journey_id,
        keyring=desk.keyring if values else None,
        consistent_with=sizes_of(kept),
    )
