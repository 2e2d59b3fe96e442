"""What our checkpoints say beyond C2SP, in extension lines, so that a signature covers it too.

- `at TIME`: when the checkpoint was made, by the integrator's clock.
- `previous SIZE HASH`: the checkpoint before it (SHA-256 of its signed text, base64). So one checkpoint that was kept
  outside vouches for every checkpoint before it, and a re-signed or dropped one shows.
- `recorded HASH`: a hash chain over the times at which Postgres wrote the entries (`recorded_at`), which stand in no body.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from journeyman.ledger.checkpoint import Checkpoint
from journeyman.ledger.entry import moment_text

START = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Statement:
    """The extension lines of one checkpoint. `previous` is (size, hash of its text), None for the first."""

    at: str
    recorded: bytes
    previous: tuple[int, bytes] | None

    @property
    def made(self) -> datetime:
        """The moment of `at`."""
        return datetime.fromisoformat(self.at)

    def lines(self) -> tuple[str, ...]:
        """The lines, in their order."""
        lines = [f"at {self.at}", f"recorded {base64.b64encode(self.recorded).decode()}"]
        if self.previous is not None:
            size, digest = self.previous
            lines.append(f"previous {size} {base64.b64encode(digest).decode()}")
        return tuple(lines)


def state(at: datetime, recorded: bytes, previous: Checkpoint | None) -> Statement:
    """What a new checkpoint states."""
    return Statement(moment_text(at), recorded, None if previous is None else (previous.size, digest(previous)))


def stated(checkpoint: Checkpoint) -> Statement | None:
    """What a checkpoint states, or None if its extension lines are not exactly ours."""
    try:
        at, recorded = checkpoint.extension("at"), checkpoint.extension("recorded")
        size, _, encoded = (checkpoint.extension("previous") or "").partition(" ")
        previous = (int(size), base64.b64decode(encoded, validate=True)) if size else None
        statement = Statement(at or "", base64.b64decode(recorded or "", validate=True), previous)
        exact = moment_text(statement.made) == at and statement.lines() == checkpoint.extensions
    except ValueError:
        return None
    return statement if exact else None


def digest(checkpoint: Checkpoint) -> bytes:
    """SHA-256 of the signed text: the same whoever else cosigns the note."""
    return hashlib.sha256(checkpoint.text().encode()).digest()


def extend_recorded(chain: bytes, times: Iterable[datetime]) -> bytes:
    """The chain of recording times, one link an entry: SHA-256(chain || microseconds since 1970, 8 bytes)."""
    for time in times:
        microseconds = (time - _EPOCH) // timedelta(microseconds=1)
        chain = hashlib.sha256(chain + microseconds.to_bytes(8, "big", signed=True)).digest()
    return chain
