"""Times of a pack: whether what is said to have happened when, and to have been recorded when, can be true together."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from journeyman.ledger.chain import START, extend_recorded, stated
from journeyman.ledger.checkpoint import Checkpoint
from journeyman.ledger.entry import moment_text
from journeyman.ledger.pack import EntryRow
from journeyman.ledger.report import Fault, Report
from journeyman.ledger.rows import read_body

APART = timedelta(minutes=15)
"""How far honest clocks and a transaction or a round of the integrator that takes its time set two moments apart."""

DELAYED = timedelta(days=30)
"""How late what the engine, an AI agent or a customer did may be recorded: it waits for Temporal, or for a channel. What
people do is recorded as they do it."""


def checkpoint_faults(checkpoints: Sequence[Checkpoint]) -> Iterator[Fault]:
    """Checkpoints, in the order of their sizes, that say to be older than one before them."""
    newest: str | None = None
    for checkpoint in checkpoints:
        statement = stated(checkpoint)
        if statement is None:
            continue
        if newest is not None and statement.at < newest:
            message = f"it was made at {statement.at}, it says, and builds on one of {newest}"
            yield Fault("misdated", "checkpoint.at", message, size=checkpoint.size)
        newest = max(newest or "", statement.at)


def check_recorded(rows: Mapping[int, EntryRow], checkpoints: Sequence[Checkpoint], report: Report) -> None:
    """The times at which Postgres wrote the entries, against the chain in the checkpoints; faults and counts go to the report.

    `rows` are the entries by their leaf's index. Where one lacks, nothing is said of those that a checkpoint covers with it.
    """
    chain, done, before = START, 0, None
    for checkpoint in checkpoints:
        statement = stated(checkpoint)
        if statement is None:
            continue
        entries = [rows[at] for at in range(done, checkpoint.size) if at in rows]
        times = [entry.recorded_at for entry in entries if entry.recorded_at is not None]
        whole = len(times) == checkpoint.size - done
        chain = extend_recorded(chain, times)
        if whole and statement.recorded == chain:
            for at, entry in enumerate(entries, start=done):
                report.late += _is_late(entry)
                report.early += _is_early(entry)
                report.faults.extend(entry_faults(entry, at, after=before, until=statement.made))
        elif whole:
            identity = entries[0].id if len(entries) == 1 else None
            message = "the times are not the ones that were signed"
            last = checkpoint.size - 1
            report.faults.append(Fault("altered", "entry.recorded_at", message, index=done, last=last, entry=identity))
        chain, done, before = statement.recorded, checkpoint.size, statement.made
    minutes = APART // timedelta(minutes=1)
    for count, when in (
        (report.late, "before they were recorded: work that waited"),
        (report.early, "after they were recorded: time was simulated, or a clock ran ahead"),
    ):
        if count:
            report.notes.append(f"{count} entries tell of more than {minutes} minutes {when}")


def entry_faults(
    entry: EntryRow, index: int | None, *, after: datetime | None, until: datetime | None
) -> Iterator[Fault]:
    """An entry whose times cannot be true together, though each is the one that was signed.

    `after` is when the newest checkpoint without it was made, `until` the oldest with it.
    """
    recorded = entry.recorded_at
    body, problem = read_body(entry.body)
    if recorded is None or problem is not None:
        return
    if after is not None and recorded + APART < after:
        message = f"recorded at {moment_text(recorded)}, it says, and a checkpoint of {moment_text(after)} lacks it"
        yield Fault("misdated", "entry.recorded_at", message, index=index, entry=entry.id)
    if until is not None and recorded - APART > until:
        message = f"recorded at {moment_text(recorded)}, it says, and a checkpoint of {moment_text(until)} has it"
        yield Fault("misdated", "entry.recorded_at", message, index=index, entry=entry.id)
    allowed = APART if body["actor"].get("kind") == "person" else DELAYED
    if entry.at + allowed < recorded:
        message = f"it is of {moment_text(entry.at)}, and was recorded at {moment_text(recorded)}"
        yield Fault("misdated", "entry.at", message, index=index, entry=entry.id)


def _is_late(entry: EntryRow) -> bool:
    """Whether it was recorded later than a transaction takes: what it tells had to wait."""
    return entry.recorded_at is not None and entry.at + APART < entry.recorded_at


def _is_early(entry: EntryRow) -> bool:
    """Whether it tells of a moment that had not come when it was recorded. That hides nothing: simulated time does it."""
    return entry.recorded_at is not None and entry.at - APART > entry.recorded_at
