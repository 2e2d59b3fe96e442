"""What a verification found: faults, each with its place, and what an auditor should know besides."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["altered", "missing", "extra", "swapped", "misdated", "rolled_back", "fork", "unsigned", "unproven"]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    `column` is `table.column`, or the table's name where a whole row is meant. `index` is the leaf's, the first one of
    `index..last` where only a range can be told; `entry` the id of the row in `entry`; `size` the checkpoint's.
    """

    kind: Kind
    column: str
    message: str
    index: int | None = None
    last: int | None = None
    entry: int | None = None
    size: int | None = None

    def __str__(self) -> str:
        place = []
        if self.index is not None:
            place.append(
                f"leaf {self.index}" if self.last in (None, self.index) else f"leaves {self.index}..{self.last}"
            )
        if self.entry is not None:
            place.append(f"entry {self.entry}")
        if self.size is not None:
            place.append(f"checkpoint {self.size}")
        return f"{self.kind} {self.column} ({', '.join(place) or 'the pack'}): {self.message}"


@dataclass
class Report:
    """The outcome. `size` and `root` are of the newest checkpoint that is signed by a key in use."""

    origin: str
    journey: str | None
    size: int = 0
    root: bytes = b""
    integrated: int = 0
    waiting: int = 0
    erased: int = 0
    late: int = 0
    early: int = 0
    kept: Sequence[int] = ()
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.faults

    def render(self) -> str:
        """Plain text for a person."""
        of = f"journey {self.journey} in " if self.journey else ""
        lines = [
            f"{of}ledger {self.origin}: {'no fault' if self.ok else f'{len(self.faults)} fault(s)'}",
            f"  checkpoint {self.size}, root {self.root.hex()}",
            f"  entries: {self.integrated} integrated, {self.waiting} recorded and not yet integrated",
            f"  values erased: {self.erased}",
            f"  checked against checkpoints kept outside: {', '.join(map(str, self.kept)) or 'none'}",
        ]
        lines += [f"  note: {note}" for note in self.notes]
        lines += [f"  FAULT {fault}" for fault in self.faults]
        return "\n".join(lines) + "\n"
