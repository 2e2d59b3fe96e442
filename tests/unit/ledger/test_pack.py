"""A pack reads back as it was written, and what is no pack is refused with the line."""

import pytest

from journeyman.errors import InputError
from journeyman.ledger.pack import EntryRow, Pack, Place
from tests.unit.ledger.packs import TIME, pack_of


def test_a_pack_reads_back_as_it_was_written() -> None:
    pack = pack_of(5, [2, 2])
    assert Pack.read(pack.lines()) == pack
    assert len(list(pack.lines())) == 1 + 5 + 2


def test_a_body_that_is_no_text_is_kept_in_hex() -> None:
    row = EntryRow(id=1, journey_id=None, type="a", at=TIME, recorded_at=TIME, raw=b"\xff\x00", leaf_hash=bytes(32))
    pack = pack_of(0, []).model_copy(update={"places": (Place(leaf=None, entry=row),)})
    again = Pack.read(pack.lines())
    assert [entry.body for entry in again.waiting] == [b"\xff\x00"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "empty"),
        (["{"], "line 1"),
        (['{"line":"place","leaf":null,"entry":null}'], "no header"),
        ([*pack_of(1, []).lines(), '{"line":"place"}'], "line 3"),
        ([*pack_of(0, []).lines(), *pack_of(0, []).lines()], "second header"),
    ],
)
def test_what_is_no_pack_is_refused(lines: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Pack.read(lines)
