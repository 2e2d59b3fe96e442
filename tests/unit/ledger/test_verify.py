"""The verifier on packs alone: no change passes, and the report names its place. (On Postgres: tests/integration/ledger.)"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.errors import InputError
from journeyman.ledger.checkpoint import SigningKey
from journeyman.ledger.entry import ERASURE, Actor, Entry, body, commitment
from journeyman.ledger.merkle import leaf_hash
from journeyman.ledger.pack import Pack, Place, ValueRow
from journeyman.ledger.report import Fault
from journeyman.ledger.verify import verify
from tests.unit.ledger.packs import KEY, SALT, TIME, entry_place, integrated, pack_of

PACK = pack_of(13, [3, 1, 4, 4])
KEPT = [PACK.checkpoints[-1].note]
NOT_EVIDENCE = {"exported_at", "with_values", "state", "line", "format", "journey", "proof", "raw"}


def faults_of(pack: Pack, kept: list[str] = KEPT) -> list[Fault]:
    return verify(pack, kept=kept, trusted=[KEY.verifier]).faults


def told(faults: list[Fault]) -> list[tuple[str, str, int | None]]:
    return [(fault.kind, fault.column, fault.index) for fault in faults]


def with_places(places: list[Place]) -> Pack:
    return PACK.model_copy(update={"places": tuple(places)})


def cells(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    match value:
        case dict():
            for name, member in value.items():
                if name not in NOT_EVIDENCE:
                    yield from cells(member, (*path, name))
        case list():
            for position, member in enumerate(value):
                yield from cells(member, (*path, position))
        case None:
            pass
        case _:
            yield path


LINES = [json.loads(line) for line in PACK.lines()]
CELLS = [(number, path) for number, line in enumerate(LINES) for path in cells(line)]


def changed(value: Any, random: Any) -> Any:
    match value:
        case int():
            return value + random.choice([-1, 1, 7]) if value else 1
        case str() if "T" in value and value.endswith("Z") and len(value) < 30:
            return value.replace("2026", "2025")
        case _:
            at = random.randrange(len(value))
            other = random.choice([digit for digit in "0123456789abcdef" if digit != value[at]])
            return value[:at] + other + value[at + 1 :]


def test_an_honest_pack_has_no_fault() -> None:
    report = verify(PACK, kept=[row.note for row in PACK.checkpoints], trusted=[KEY.verifier])
    assert report.ok, report.render()
    assert (report.size, report.integrated, report.waiting, report.kept) == (12, 12, 1, [3, 4, 8, 12])
    assert "no fault" in report.render()
    assert [note for note in report.notes if "own word" in note or "could rewrite" in note] == []


def test_what_rests_on_the_packs_own_word_is_said() -> None:
    report = verify(PACK)
    assert report.ok
    assert any("own word" in note for note in report.notes)
    assert any("could rewrite all" in note for note in report.notes)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(CELLS), st.randoms(use_true_random=False))
def test_no_changed_cell_passes(cell: tuple[int, tuple[Any, ...]], random: Any) -> None:
    number, path = cell
    lines = json.loads(json.dumps(LINES))
    target = lines[number]
    for name in path[:-1]:
        target = target[name]
    target[path[-1]] = changed(target[path[-1]], random)
    waiting_only = lines[number].get("leaf", 0) is None
    if waiting_only and path[-1] in ("id", "recorded_at"):
        return  # nothing covers these two until the entry is integrated
    try:
        pack = Pack.read(json.dumps(line) for line in lines)
    except InputError:
        return
    assert faults_of(pack), (cell, lines[number])


@settings(deadline=None)
@given(st.integers(0, 11))
def test_a_changed_body_is_told_by_its_index(index: int) -> None:
    places = list(PACK.places)
    entry = places[index].entry
    assert entry is not None
    assert entry.text is not None
    forged = entry.model_copy(update={"text": entry.text.replace('"customer"', '"person"')})
    places[index] = places[index].model_copy(update={"entry": forged})
    assert told(faults_of(with_places(places)))[0] == ("altered", "entry.body", index)


def rewritten(index: int) -> list[Place]:
    """Another entry in all columns of all its rows."""
    places = list(PACK.places)
    leaf, other = places[index].leaf, entry_place(index, mark="-forged")
    assert leaf is not None
    assert other.entry is not None
    forged = leaf.model_copy(update={"leaf_hash": other.entry.leaf_hash})
    places[index] = other.model_copy(update={"leaf": forged})
    return places


@pytest.mark.parametrize(("index", "first", "last"), [(0, 0, 1), (2, 2, 2), (3, 3, 3), (5, 4, 7), (11, 8, 11)])
def test_a_row_rewritten_in_every_column_is_told_by_the_narrowest_signed_range(
    index: int, first: int, last: int
) -> None:
    faults = faults_of(with_places(rewritten(index)))
    assert (faults[0].kind, faults[0].column) == ("altered", "leaf.leaf_hash")
    assert (faults[0].index, faults[0].last) == (first, last)


@settings(deadline=None)
@given(st.lists(st.integers(0, 11), min_size=2, max_size=2, unique=True))
def test_exchanged_rows_are_told_by_both_places(pair: list[int]) -> None:
    low, high = sorted(pair)
    places = list(PACK.places)
    for here, there in ((low, high), (high, low)):
        leaf = places[here].leaf
        origin = PACK.places[there]
        assert leaf is not None
        assert origin.leaf is not None
        places[here] = origin.model_copy(update={"leaf": origin.leaf.model_copy(update={"index": here})})
    fault = faults_of(with_places(places))[0]
    assert (fault.kind, fault.column, fault.index, fault.last) == ("swapped", "leaf.index", low, high)


def moved(places: list[Place]) -> list[Place]:
    """With contiguous indices, as one would leave them who covers a tracks."""
    return [
        place.model_copy(update={"leaf": place.leaf.model_copy(update={"index": at})}) if place.leaf else place
        for at, place in enumerate(places)
    ]


@pytest.mark.parametrize("index", [0, 2, 3])
def test_a_row_taken_out_with_the_rest_moved_up_is_told(index: int) -> None:
    faults = faults_of(with_places(moved([*PACK.places[:index], *PACK.places[index + 1 :]])))
    assert faults[0].kind == "missing"
    assert (faults[0].index or 0) <= index <= (faults[0].last or 12)


def test_a_row_put_in_with_the_rest_moved_on_is_told() -> None:
    forged = entry_place(50)
    assert PACK.places[3].leaf is not None
    assert forged.entry is not None
    leaf = PACK.places[3].leaf.model_copy(update={"entry_id": 150, "leaf_hash": forged.entry.leaf_hash})
    forged = forged.model_copy(update={"leaf": leaf})
    assert told(faults_of(with_places(moved([*PACK.places[:3], forged, *PACK.places[3:]]))))[0] == ("extra", "leaf", 3)


def test_a_cut_tail_is_told() -> None:
    cut = with_places([place for place in PACK.places if not place.leaf or place.leaf.index < 9])
    fault = faults_of(cut)[0]
    assert (fault.kind, fault.index, fault.last) == ("missing", 9, 11)


def test_a_rollback_is_told_by_the_kept_checkpoint_and_by_nothing_else() -> None:
    back = pack_of(13, [3, 1, 4])
    assert verify(back, trusted=[KEY.verifier]).ok
    fault = faults_of(back)[0]
    assert (fault.kind, fault.index, fault.last, fault.size) == ("rolled_back", 8, 11, 12)


def test_a_ledger_rewritten_and_signed_anew_with_the_real_key_is_a_fork() -> None:
    places = [entry_place(number) for number in range(13)]
    places[5] = entry_place(5, mark="-forged")
    for batches in ([3, 1, 4, 4], [4, 8], [13]):
        forged = integrated(places, batches)
        assert verify(forged, trusted=[KEY.verifier]).ok
        faults = faults_of(forged, [PACK.checkpoints[1].note, PACK.checkpoints[-1].note])
        assert "fork" in {fault.kind for fault in faults}
        fork = next(fault for fault in faults if fault.kind == "fork")
        assert fork.size in (4, 12)


def test_a_checkpoint_signed_anew_over_the_same_tree_is_a_fork() -> None:
    other = pack_of(13, [3, 5, 4])
    checkpoints = (*PACK.checkpoints[:2], other.checkpoints[1], PACK.checkpoints[3])
    faults = faults_of(PACK.model_copy(update={"checkpoints": checkpoints}))
    assert [(fault.kind, fault.size) for fault in faults] == [("fork", 8), ("extra", 4)]


def test_an_older_checkpoint_of_another_tree_is_a_fork() -> None:
    other = integrated(rewritten(1), [3, 1, 4, 4])
    checkpoints = (*PACK.checkpoints[:2], other.checkpoints[2], PACK.checkpoints[3])
    faults = faults_of(PACK.model_copy(update={"checkpoints": checkpoints}))
    assert ("fork", 8) in [(fault.kind, fault.size) for fault in faults]
    assert "altered" not in {fault.kind for fault in faults}


def test_a_dropped_checkpoint_is_told_by_the_one_after_it() -> None:
    pack = PACK.model_copy(update={"checkpoints": PACK.checkpoints[:2] + PACK.checkpoints[3:]})
    assert [(fault.kind, fault.column, fault.size) for fault in faults_of(pack)] == [("missing", "checkpoint", 8)]


def test_dropped_checkpoints_at_the_end_are_told_by_the_kept_one() -> None:
    pack = PACK.model_copy(update={"checkpoints": PACK.checkpoints[:2]})
    faults = {(fault.kind, fault.column, fault.size) for fault in faults_of(pack)}
    assert ("missing", "checkpoint", 12) in faults


def test_another_key_is_not_trusted() -> None:
    places = [entry_place(number) for number in range(4)]
    forged = integrated(places, [4], SigningKey.generate(KEY.name))
    assert {fault.kind for fault in verify(forged, trusted=[KEY.verifier]).faults} >= {"unsigned", "altered"}
    assert verify(forged, kept=KEPT, trusted=[KEY.verifier]).faults


def test_a_kept_checkpoint_of_another_log_is_refused() -> None:
    other = integrated([entry_place(1)], [1], SigningKey("other.example/log", KEY.seed))
    report = verify(PACK, kept=[other.checkpoints[0].note])
    assert [fault.column for fault in report.faults] == ["kept"]
    assert [fault.kind for fault in verify(PACK, kept=["nonsense"]).faults] == ["unsigned"]


def test_an_entry_that_a_witness_saw_and_that_is_gone_is_told() -> None:
    waiting = PACK.places[12].entry
    assert waiting is not None
    seen = waiting.leaf_hash.hex()
    assert verify(PACK, kept=KEPT, witnessed=[seen]).ok
    dropped = with_places(list(PACK.places[:12]))
    faults = verify(dropped, kept=KEPT, witnessed=[seen]).faults
    assert [(fault.kind, fault.column) for fault in faults] == [("missing", "entry")]
    assert seen in faults[0].message


def value_edit(edit: Callable[[dict[str, Any]], None]) -> Pack:
    lines = json.loads(json.dumps(LINES))
    edit(lines[1 + 4])
    return Pack.read(json.dumps(line) for line in lines)


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda line: line["values"][0].update(value="other"), ("altered", "entry_value.sealed", 4)),
        (lambda line: line["values"][0].update(salt="00" * 32), ("altered", "entry_value.sealed", 4)),
        (lambda line: line["values"][0].update(salt="00"), ("altered", "entry_value.sealed", 4)),
        (lambda line: line["values"][0].update(state="unreadable"), ("altered", "entry_value.sealed", 4)),
        (lambda line: line["values"][0].update(subject="someone"), ("altered", "entry_value.subject", 4)),
        (lambda line: line["values"].clear(), ("missing", "entry_value", 4)),
        (lambda line: line["values"].append(line["values"][0] | {"name": "more"}), ("extra", "entry_value", 4)),
    ],
)
def test_a_value_that_is_not_what_was_committed_to_is_told(
    edit: Callable[[dict[str, Any]], None], expected: tuple[str, str, int]
) -> None:
    assert told(faults_of(value_edit(edit))) == [expected]


def erasure(subject: str) -> Place:
    """The entry that says that somebody was erased."""
    place = entry_place(12)
    assert place.entry is not None
    made = Entry(type=ERASURE, at=place.entry.at, actor=Actor(kind="person", id="sue"), subject=subject)
    text = body(made, {})
    row = place.entry.model_copy(
        update={"type": ERASURE, "journey_id": None, "text": text.decode(), "leaf_hash": leaf_hash(text)}
    )
    return Place(leaf=None, entry=row)


def erased_value(by: Place, batches: list[int]) -> Pack:
    """A pack in which the key of a value is gone, and then this entry."""
    places = [entry_place(number) for number in range(12)]
    gone = places[4].values[0].model_copy(update={"state": "erased", "salt": None, "value": None})
    places[4] = places[4].model_copy(update={"values": (gone,)})
    return integrated([*places, by], batches)


def test_an_erased_value_is_no_fault_and_is_said() -> None:
    report = verify(erased_value(erasure("customer-1"), [12, 1]))
    assert report.ok, report.render()
    assert report.erased == 1
    assert any("erased" in note for note in report.notes)


@pytest.mark.parametrize(
    ("by", "batches"),
    [(entry_place(12), [12, 1]), (erasure("customer-2"), [12, 1]), (erasure("customer-1"), [12])],
    ids=["no erasure", "another's", "not integrated"],
)
def test_a_key_that_is_gone_without_an_erasure_in_the_tree_is_told(by: Place, batches: list[int]) -> None:
    assert told(verify(erased_value(by, batches)).faults) == [("missing", "entry_value", 4)]


def test_what_concerns_nobody_is_never_erased() -> None:
    pack = pack_of(1, [1])
    made = Entry(type="ai.stopped", at=TIME, actor=Actor(kind="person", id="sue"), values={"reason": "x"})
    text = body(made, {"reason": commitment(SALT, "x")})
    place = pack.places[0]
    assert place.entry is not None
    row = place.entry.model_copy(
        update={"type": made.type, "journey_id": None, "at": TIME, "recorded_at": TIME}
        | {"text": text.decode(), "leaf_hash": leaf_hash(text)}
    )
    value = ValueRow(name="reason", subject="system", state="erased")
    stopped = Place(leaf=None, entry=row, values=(value,))
    assert told(verify(integrated([stopped, erasure("system")], [2])).faults) == [("missing", "entry_value", 0)]


def dated(number: int, *, recorded: timedelta, at: timedelta | None = None, by: str = "person") -> Place:
    """An entry of somebody, recorded and said to have happened so long after the day began."""
    place = entry_place(number)
    assert place.entry is not None
    made = Entry(type="task.approved", at=TIME + (recorded if at is None else at), actor=Actor(kind=by, id="ana"))
    text = body(made, {})
    row = place.entry.model_copy(
        update={"type": made.type, "journey_id": None, "at": made.at, "recorded_at": TIME + recorded}
        | {"text": text.decode(), "leaf_hash": leaf_hash(text)}
    )
    return Place(leaf=None, entry=row)


DAYS = [TIME + timedelta(days=day) for day in range(6)]


def of_days(*more: Place, made: datetime) -> Pack:
    """An entry a day, each with its checkpoint; then these, with theirs."""
    return integrated(
        [dated(day, recorded=timedelta(days=day)) for day in range(5)] + list(more),
        [1] * 5 + [len(more)],
        made=[*DAYS[:5], made],
    )


@pytest.mark.parametrize(
    ("more", "made", "expected"),
    [
        (dated(9, recorded=timedelta(days=4, minutes=-10)), DAYS[5], []),
        (dated(9, recorded=timedelta(days=-30)), DAYS[5], [("misdated", "entry.recorded_at", 5)]),
        (dated(9, recorded=timedelta(days=3, hours=12)), DAYS[5], [("misdated", "entry.recorded_at", 5)]),
        (dated(9, recorded=timedelta(days=6)), DAYS[5], [("misdated", "entry.recorded_at", 5)]),
        (dated(9, recorded=timedelta(days=5), at=timedelta(days=-30)), DAYS[5], [("misdated", "entry.at", 5)]),
        (dated(9, recorded=timedelta(days=5), at=timedelta(days=4)), DAYS[5], [("misdated", "entry.at", 5)]),
        (dated(9, recorded=timedelta(days=5), at=timedelta(days=6)), DAYS[5], []),
        (dated(9, recorded=timedelta(days=5), at=timedelta(days=4), by="system"), DAYS[5], []),
        (dated(9, recorded=timedelta(days=5), at=timedelta(days=-30), by="ai"), DAYS[5], [("misdated", "entry.at", 5)]),
        (dated(9, recorded=timedelta(days=4)), DAYS[3],
         [("misdated", "checkpoint.at", None), ("misdated", "entry.recorded_at", 5)]),
    ],
)  # fmt: skip
def test_an_entry_dated_back_is_told_though_all_of_it_is_signed(
    more: Place, made: datetime, expected: list[tuple[str, str, int | None]]
) -> None:
    pack = of_days(more, made=made)
    assert told(verify(pack, kept=[pack.checkpoints[4].note], trusted=[KEY.verifier]).faults) == expected


def test_an_entry_that_waits_and_is_dated_back_is_told() -> None:
    pack = integrated([dated(0, recorded=timedelta(days=3)), dated(1, recorded=timedelta())], [1], made=DAYS[3:])
    assert told(faults_of(pack, [])) == [("misdated", "entry.recorded_at", None)]


def test_work_that_waited_is_no_fault_and_is_said() -> None:
    pack = of_days(dated(9, recorded=timedelta(days=5), at=timedelta(days=4), by="system"), made=DAYS[5])
    report = verify(pack, trusted=[KEY.verifier])
    assert (report.ok, report.late) == (True, 1)
    assert any("work that waited" in note for note in report.notes)


def test_an_entry_of_a_moment_to_come_is_no_fault_and_is_said() -> None:
    report = verify(of_days(dated(9, recorded=timedelta(days=5), at=timedelta(days=6)), made=DAYS[5]))
    assert (report.ok, report.early) == (True, 1)
    assert any("time was simulated" in note for note in report.notes)


def test_an_index_out_of_all_measure_costs_nothing_and_is_told() -> None:
    places = list(PACK.places)
    leaf = places[11].leaf
    assert leaf is not None
    places[11] = places[11].model_copy(update={"leaf": leaf.model_copy(update={"index": 2**60})})
    assert ("extra", "leaf", 2**60) in told(faults_of(with_places(places)))


def test_an_empty_ledger_has_no_fault() -> None:
    assert verify(pack_of(0, [])).ok
    assert told(verify(pack_of(0, []), kept=KEPT).faults) == [("rolled_back", "leaf", 0)]
