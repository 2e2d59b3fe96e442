"""The export format: JSON lines that hold the ledger's rows as they are, so that a verifier needs nothing else.

The first line is the header. Then come, in this order: one line a leaf (`place`: the leaf's row, its entry's row and the
values), one a recorded entry that has no leaf yet, one a checkpoint, one a consistency proof. A pack of one journey holds
its entries only, each with an inclusion proof against the pack's checkpoint. Hashes are in hex, times in RFC 3339.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from journeyman.errors import InputError

FORMAT: Literal["journeyman-ledger-pack/1"] = "journeyman-ledger-pack/1"

Count = Annotated[int, Field(ge=0)]


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="hex", val_json_bytes="hex")


class Header(_Line):
    """`origin` and `key` are the pack's own word: what to trust comes from elsewhere. `journey`: the pack is of that one."""

    line: Literal["header"] = "header"
    format: Literal["journeyman-ledger-pack/1"] = FORMAT
    origin: str
    key: str | None
    exported_at: AwareDatetime
    journey: str | None = None
    with_values: bool = False


class EntryRow(_Line):
    """A row of `entry`. The body is text, in hex only if it is none. `recorded_at` is left out where nothing proves it."""

    id: int
    journey_id: str | None
    type: str
    at: AwareDatetime
    recorded_at: AwareDatetime | None
    text: str | None = None
    raw: bytes | None = None
    leaf_hash: bytes

    @property
    def body(self) -> bytes:
        """The bytes in the row."""
        return self.raw or b"" if self.text is None else self.text.encode()


class LeafRow(_Line):
    """A row of `leaf`."""

    index: Count
    entry_id: int
    leaf_hash: bytes


class ValueRow(_Line):
    """A row of `entry_value`, opened: `erased` if its key is destroyed, `unreadable` if it does not decrypt."""

    name: str
    subject: str
    state: Literal["open", "erased", "unreadable"]
    salt: bytes | None = None
    value: JsonValue = None


class Place(_Line):
    """A leaf and its entry. One of them may be gone; an entry that waits for integration has no leaf."""

    line: Literal["place"] = "place"
    leaf: LeafRow | None
    entry: EntryRow | None
    values: tuple[ValueRow, ...] = ()
    proof: tuple[bytes, ...] | None = None


class CheckpointRow(_Line):
    """A row of `checkpoint`."""

    line: Literal["checkpoint"] = "checkpoint"
    size: Count
    root: bytes
    frontier: tuple[bytes, ...]
    note: str
    at: AwareDatetime


class Consistency(_Line):
    """That the tree of `size` leaves extends the one of `old`."""

    line: Literal["consistency"] = "consistency"
    old: Count
    size: Count
    proof: tuple[bytes, ...]


class Pack(BaseModel):
    """An export."""

    model_config = ConfigDict(frozen=True)

    header: Header
    places: tuple[Place, ...] = ()
    checkpoints: tuple[CheckpointRow, ...] = ()
    proofs: tuple[Consistency, ...] = ()

    @property
    def leaves(self) -> Iterator[tuple[LeafRow, Place]]:
        """What is integrated."""
        return ((place.leaf, place) for place in self.places if place.leaf is not None)

    @property
    def waiting(self) -> Iterator[EntryRow]:
        """What is recorded and has no place in the tree."""
        return (place.entry for place in self.places if place.leaf is None and place.entry is not None)

    def lines(self) -> Iterator[str]:
        """The file's lines, each ended."""
        for line in (self.header, *self.places, *self.checkpoints, *self.proofs):
            yield line.model_dump_json() + "\n"

    @classmethod
    def read(cls, lines: Iterable[str]) -> Self:
        """Read a file's lines. Raises InputError with the number of the line that is wrong."""
        header: Header | None = None
        places: list[Place] = []
        checkpoints: list[CheckpointRow] = []
        proofs: list[Consistency] = []
        for number, text in enumerate(lines, start=1):
            try:
                line = _LINE.validate_json(text)
            except (ValidationError, UnicodeEncodeError) as error:
                raise InputError(f"line {number} of the pack does not fit `{FORMAT}`: export it again") from error
            match line:
                case Header() if header is None and number == 1:
                    header = line
                case Place():
                    places.append(line)
                case CheckpointRow():
                    checkpoints.append(line)
                case Consistency():
                    proofs.append(line)
                case _:
                    raise InputError(f"line {number} of the pack is a second header: export it again")
        if header is None:
            raise InputError("the pack is empty or its first line is no header: export it again")
        return cls(header=header, places=tuple(places), checkpoints=tuple(checkpoints), proofs=tuple(proofs))


_LINE: TypeAdapter[Header | Place | CheckpointRow | Consistency] = TypeAdapter(
    Annotated[Header | Place | CheckpointRow | Consistency, Field(discriminator="line")]
)
