"""Packs made without a database, as an honest integrator would fill one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from journeyman.ledger.chain import START, extend_recorded, state
from journeyman.ledger.checkpoint import Checkpoint, SigningKey, sign
from journeyman.ledger.entry import Actor, Entry, body, commitment
from journeyman.ledger.merkle import Frontier, leaf_hash
from journeyman.ledger.pack import CheckpointRow, EntryRow, Header, LeafRow, Pack, Place, ValueRow

KEY = SigningKey("ledger.example/journeys", bytes(range(32)))
TIME = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
SALT = bytes(range(32))


def entry_place(number: int, *, mark: str = "") -> Place:
    """An entry with one value, recorded and not integrated; `mark` makes another one of the same number."""
    entry = Entry(
        id=f"ent-{number}{mark}",
        type="message.said",
        at=TIME + timedelta(seconds=number),
        actor=Actor(kind="customer", id="customer-1"),
        journey=f"journey-{number % 2}",
        subject="customer-1",
        values={"text": f"message {number}"},
    )
    made = body(entry, {"text": commitment(SALT, f"message {number}")})
    row = EntryRow(
        id=100 + number,
        journey_id=entry.journey,
        type=entry.type,
        at=entry.at,
        recorded_at=entry.at + timedelta(microseconds=number),
        text=made.decode(),
        leaf_hash=leaf_hash(made),
    )
    value = ValueRow(name="text", subject="customer-1", state="open", salt=SALT, value=f"message {number}")
    return Place(leaf=None, entry=row, values=(value,))


def integrated(
    places: Sequence[Place], batches: Sequence[int], key: SigningKey = KEY, made: Sequence[datetime] = ()
) -> Pack:
    """A pack of these entries in this order, with a checkpoint after each batch, made at these times; the rest waits."""
    rows: list[Place] = []
    checkpoints: list[CheckpointRow] = []
    frontier, recorded, previous = Frontier(), START, None
    for batch in batches:
        for place in places[len(rows) : len(rows) + batch]:
            assert place.entry is not None
            assert place.entry.recorded_at is not None
            leaf = LeafRow(index=frontier.size, entry_id=place.entry.id, leaf_hash=place.entry.leaf_hash)
            frontier.append(leaf.leaf_hash)
            recorded = extend_recorded(recorded, [place.entry.recorded_at])
            rows.append(place.model_copy(update={"leaf": leaf}))
        at = made[len(checkpoints)] if made else _soon_after(rows[-1])
        checkpoint = Checkpoint(key.name, frontier.size, frontier.root(), state(at, recorded, previous).lines())
        checkpoints.append(
            CheckpointRow(
                size=frontier.size,
                root=frontier.root(),
                frontier=tuple(frontier.hashes),
                note=sign(checkpoint, key),
                at=at,
            )
        )
        previous = checkpoint
    header = Header(origin=key.name, key=str(key.verifier), exported_at=TIME, with_values=True)
    return Pack(header=header, places=(*rows, *places[len(rows) :]), checkpoints=tuple(checkpoints))


def _soon_after(place: Place) -> datetime:
    assert place.entry is not None
    assert place.entry.recorded_at is not None
    return place.entry.recorded_at.replace(microsecond=0) + timedelta(seconds=1)


def pack_of(count: int, batches: Sequence[int]) -> Pack:
    """A pack of `count` entries."""
    return integrated([entry_place(number) for number in range(count)], batches)
