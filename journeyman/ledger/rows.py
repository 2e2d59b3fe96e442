"""Checks of single rows of a pack: what each column says against the leaf that was signed, and values against commitments."""

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from journeyman.errors import InputError
from journeyman.ledger.canonical import parse
from journeyman.ledger.entry import ERASURE, body_problem, commitment, moment_text
from journeyman.ledger.locate import Row
from journeyman.ledger.merkle import leaf_hash
from journeyman.ledger.pack import EntryRow, LeafRow, Place, ValueRow
from journeyman.ledger.report import Fault


def row_of(place: Place) -> Row:
    """The place's leaf hash, three times."""
    return Row(
        leaf=place.leaf.leaf_hash if place.leaf else None,
        entry=place.entry.leaf_hash if place.entry else None,
        body=leaf_hash(place.entry.body) if place.entry else None,
    )


def integrated_faults(
    leaf: LeafRow, place: Place, truth: bytes, where: Mapping[bytes, int], waiting: Mapping[bytes, int]
) -> Iterator[Fault]:
    """What is wrong with one integrated place, given the leaf that was signed for it."""
    entry, index = place.entry, leaf.index
    if entry is None:
        message = f"the entry's row is gone; its body's leaf hash was {truth.hex()}"
        yield Fault("missing", "entry", message, index=index, entry=leaf.entry_id)
        return
    if entry.id != leaf.entry_id:
        message = f"it names entry {leaf.entry_id}, and entry {entry.id} stands beside it"
        yield Fault("altered", "leaf.entry_id", message, index=index, entry=entry.id)
    stored, hashed = entry.leaf_hash, leaf_hash(entry.body)
    if leaf.leaf_hash == stored == hashed != truth:
        return  # a whole row at another place: the settlement tells it
    if leaf.leaf_hash != truth:
        yield Fault("altered", "leaf.leaf_hash", "it is not the one that was signed", index=index, entry=entry.id)
    if stored == hashed != truth:
        if (other := where.get(hashed)) is not None:
            message = f"it points to the entry of leaf {other}"
            yield Fault("swapped", "leaf.entry_id", message, index=index, entry=entry.id)
            return
        if (owner := waiting.get(truth)) is not None:
            message = f"it points to entry {entry.id}, and was signed over entry {owner}"
            yield Fault("altered", "leaf.entry_id", message, index=index, entry=entry.id)
            return
    if stored != truth:
        yield Fault("altered", "entry.leaf_hash", "it is not the one that was signed", index=index, entry=entry.id)
    if hashed != truth:
        yield Fault("altered", "entry.body", "it is not the one that was signed", index=index, entry=entry.id)
        return
    yield from column_faults(entry, index)


def waiting_faults(entry: EntryRow, witnessed: frozenset[str]) -> Iterator[Fault]:
    """What is wrong with an entry that has no leaf yet; `witnessed` are leaf hashes known from elsewhere."""
    stored, hashed = entry.leaf_hash, leaf_hash(entry.body)
    if stored == hashed:
        yield from column_faults(entry, None)
    elif stored.hex() in witnessed:
        yield Fault("altered", "entry.body", "it does not hash to the leaf hash that was witnessed", entry=entry.id)
    else:
        column = "entry.leaf_hash" if hashed.hex() in witnessed else "entry.body"
        yield Fault("altered", column, "the body does not hash to the leaf hash beside it", entry=entry.id)


def column_faults(entry: EntryRow, index: int | None) -> Iterator[Fault]:
    """Columns that repeat what the body says, and say something else."""
    body, problem = read_body(entry.body)
    if problem is not None:
        yield Fault("altered", "entry.body", f"it is no body of an entry: {problem}", index=index, entry=entry.id)
        return
    for column, stored, said in (
        ("type", entry.type, body["type"]),
        ("journey_id", entry.journey_id, body.get("journey")),
        ("at", _exact(entry.at), body["at"]),
    ):
        if stored != said:
            message = f"it is `{stored}` where the body says `{said}`"
            yield Fault("altered", f"entry.{column}", message, index=index, entry=entry.id)


def erased_subject(place: Place) -> str | None:
    """Whom an entry in the tree says to be erased. Never `system`: it is nobody, and its key is never destroyed."""
    if place.leaf is None or place.entry is None or leaf_hash(place.entry.body) != place.leaf.leaf_hash:
        return None
    body, problem = read_body(place.entry.body)
    if problem is not None or body["type"] != ERASURE or body["subject"] == "system":
        return None
    return str(body["subject"])


def value_faults(place: Place, values: Sequence[ValueRow], erased: Set[str]) -> Iterator[Fault]:
    """Values that are gone, that nobody committed to, or that are not what was committed to. `erased` are the subjects of
    whom an entry in the tree says so."""
    entry = place.entry
    body, problem = read_body(entry.body) if entry else ({}, "gone")
    if entry is None or problem is not None:
        return
    index = place.leaf.index if place.leaf else None
    rows = {row.name: row for row in values}
    for name, made in body["values"].items():
        row = rows.pop(name, None)
        if row is None:
            message = f"the value `{name}` was committed to, and its row is gone"
            yield Fault("missing", "entry_value", message, index=index, entry=entry.id)
            continue
        if row.subject != body["subject"]:
            message = f"the value `{name}` is of `{row.subject}` where the body says `{body['subject']}`"
            yield Fault("altered", "entry_value.subject", message, index=index, entry=entry.id)
        elif row.state == "erased":
            if row.subject not in erased:
                message = (
                    f"the key of the value `{name}` is gone, and no entry in the tree says that its subject was erased"
                )
                yield Fault("missing", "entry_value", message, index=index, entry=entry.id)
        elif not _opens(row, made):
            message = f"the value `{name}` no longer opens to what was committed to"
            yield Fault("altered", "entry_value.sealed", message, index=index, entry=entry.id)
    for name in rows:
        message = f"the entry commits to no value `{name}`"
        yield Fault("extra", "entry_value", message, index=index, entry=entry.id)


def _opens(row: ValueRow, made: str) -> bool:
    try:
        return row.state == "open" and commitment(row.salt or b"", row.value) == made
    except InputError:
        return False


def read_body(data: bytes) -> tuple[dict[str, Any], str | None]:
    """An entry's body, and what is wrong with it, if anything."""
    try:
        body = parse(data)
    except InputError as error:
        return {}, str(error)
    return body, body_problem(body)


def _exact(moment: datetime) -> str:
    return moment_text(moment) if moment.microsecond % 1000 == 0 else moment.isoformat()
