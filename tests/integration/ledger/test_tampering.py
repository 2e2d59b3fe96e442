"""What a superuser of the database can do to the ledger, and that the verifier names it, given a checkpoint kept outside."""

import pytest

from journeyman.ledger.checkpoint import SigningKey
from journeyman.ledger.entry import Actor, Entry, body
from journeyman.ledger.log import recording
from journeyman.ledger.merkle import leaf_hash
from tests.integration.ledger.conftest import KEY, TIME, Log, entry

# Of `filled`: entry ids are 1..22, leaf i is entry i + 1, checkpoints are 8, 13 and 20, entries 21 and 22 wait.
ALTERED = "altered"
Place = tuple[str, str, int | None, int | None, int | None]  # kind, column, index, entry, checkpoint

EDITS: dict[str, tuple[list[str], list[Place]]] = {
    "an entry's body": (
        [
            "update entry set body = convert_to(replace(convert_from(body, 'UTF8'), 'ai', 'person'), 'UTF8') where id = 6"
        ],
        [(ALTERED, "entry.body", 5, 6, None)],
    ),
    "an entry's body, no longer text": (
        ["update entry set body = '\\xff00' where id = 6"],
        [(ALTERED, "entry.body", 5, 6, None)],
    ),
    "a body and its entry's leaf hash": (
        ["update entry set body = '{}', leaf_hash = sha256('\\x007b7d') where id = 6"],
        [(ALTERED, "entry.leaf_hash", 5, 6, None), (ALTERED, "entry.body", 5, 6, None)],
    ),
    "a body and both leaf hashes": (
        [
            "update entry set body = '{}', leaf_hash = sha256('\\x007b7d') where id = 13",
            "update leaf set leaf_hash = sha256('\\x007b7d') where index = 12",
        ],
        [(ALTERED, "leaf.leaf_hash", 12, 13, None), (ALTERED, "entry.body", 12, 13, None)],
    ),
    "an entry's leaf hash": (
        ["update entry set leaf_hash = sha256('x') where id = 6"],
        [(ALTERED, "entry.leaf_hash", 5, 6, None)],
    ),
    "a leaf's leaf hash": (
        ["update leaf set leaf_hash = sha256('x') where index = 5"],
        [(ALTERED, "leaf.leaf_hash", 5, 6, None)],
    ),
    "both leaf hashes": (
        [
            "update leaf set leaf_hash = sha256('x') where index = 5",
            "update entry set leaf_hash = sha256('x') where id = 6",
        ],
        [(ALTERED, "leaf.leaf_hash", 5, 6, None), (ALTERED, "entry.leaf_hash", 5, 6, None)],
    ),
    "an entry's type": (
        ["update entry set type = 'message.noted' where id = 6"],
        [(ALTERED, "entry.type", 5, 6, None)],
    ),
    "an entry's time, by a microsecond": (
        ["update entry set at = at + interval '1 microsecond' where id = 6"],
        [(ALTERED, "entry.at", 5, 6, None)],
    ),
    "an entry's journey": (
        ["update entry set journey_id = 'journey-0' where id = 6"],
        [(ALTERED, "entry.journey_id", 5, 6, None)],
    ),
    "an entry's journey, to none": (
        ["update entry set journey_id = null where id = 6"],
        [(ALTERED, "entry.journey_id", 5, 6, None)],
    ),
    "when an entry was recorded": (
        ["update entry set recorded_at = recorded_at - interval '1 day' where id = 6"],
        [(ALTERED, "entry.recorded_at", 0, None, None)],
    ),
    "when two entries were recorded, by turns": (
        [
            "update entry set recorded_at = recorded_at + interval '1 millisecond' where id = 9",
            "update entry set recorded_at = recorded_at - interval '1 millisecond' where id = 20",
        ],
        [(ALTERED, "entry.recorded_at", 8, None, None), (ALTERED, "entry.recorded_at", 13, None, None)],
    ),
    "the entry that a leaf points to, to one that waits": (
        ["update leaf set entry_id = 21 where index = 5"],
        [(ALTERED, "leaf.entry_id", 5, 21, None)],
    ),
    "the entries that two leaves point to": (
        [
            "update leaf set entry_id = -1 where index = 5",
            "update leaf set entry_id = 6 where index = 9",
            "update leaf set entry_id = 10 where index = 5",
        ],
        [("swapped", "leaf.entry_id", 5, 10, None), ("swapped", "leaf.entry_id", 9, 6, None)],
    ),
    "the indices of two leaves": (
        [
            "update leaf set index = -1 where index = 5",
            "update leaf set index = 5 where index = 9",
            "update leaf set index = 9 where index = -1",
        ],
        [("swapped", "leaf.index", 5, None, None)],
    ),
    "the index of a leaf": (
        ["update leaf set index = 40 where index = 5"],
        [("missing", "leaf", 5, None, None), ("extra", "leaf", 40, 6, None)],
    ),
    "a waiting entry's body": (
        ["update entry set body = '{}' where id = 22"],
        [(ALTERED, "entry.body", None, 22, None)],
    ),
    "a waiting entry's type": (
        ["update entry set type = 'other' where id = 22"],
        [(ALTERED, "entry.type", None, 22, None)],
    ),
    "a checkpoint's size": (
        ["update checkpoint set size = 14 where size = 13"],
        [(ALTERED, "checkpoint.size", None, None, 13)],
    ),
    "a checkpoint's root": (
        ["update checkpoint set root = sha256('x') where size = 13"],
        [(ALTERED, "checkpoint.root", None, None, 13)],
    ),
    "a checkpoint's frontier": (
        ["update checkpoint set frontier[2] = sha256('x') where size = 13"],
        [(ALTERED, "checkpoint.frontier", None, None, 13)],
    ),
    "a checkpoint's frontier, shortened": (
        ["update checkpoint set frontier = frontier[1:2] where size = 13"],
        [(ALTERED, "checkpoint.frontier", None, None, 13)],
    ),
    "a checkpoint's time": (
        ["update checkpoint set at = at - interval '1 microsecond' where size = 13"],
        [(ALTERED, "checkpoint.at", None, None, 13)],
    ),
    "a checkpoint's note": (
        ["update checkpoint set note = replace(note, '13', '14') where size = 13"],
        [(ALTERED, "checkpoint.note", None, None, 13)],
    ),
    "the newest checkpoint's note": (
        ["update checkpoint set note = replace(note, 'at 2', 'at 1') where size = 20"],
        [(ALTERED, "checkpoint.note", None, None, 20)],
    ),
    "a checkpoint's note, with a second signature": (
        ["update checkpoint set note = note || (regexp_match(note, '(— .*\\n)$'))[1] where size = 13"],
        [(ALTERED, "checkpoint.note", None, None, 13)],
    ),
}

REMOVALS: dict[str, tuple[list[str], list[Place]]] = {
    "an entry": (["delete from entry where id = 6"], [("missing", "entry", 5, 6, None)]),
    "a leaf": (["delete from leaf where index = 5"], [("missing", "leaf", 5, 6, None)]),
    "an entry and its leaf": (
        ["delete from leaf where index = 5", "delete from entry where id = 6"],
        [("missing", "leaf", 5, None, None)],
    ),
    "an entry and its leaf, the rest moved up": (
        [
            "delete from leaf where index = 5",
            "delete from entry where id = 6",
            "update leaf set index = -index where index > 5",
            "update leaf set index = -index - 1 where index < 0",
        ],
        [("missing", "leaf", 0, None, None)],
    ),
    "the last leaves": (["delete from leaf where index >= 17"], [("missing", "leaf", 17, None, None)]),
    "a value": (["delete from entry_value where entry_id = 6"], [("missing", "entry_value", 5, 6, None)]),
    "a checkpoint": (["delete from checkpoint where size = 13"], [("missing", "checkpoint", None, None, 13)]),
    "the newest checkpoint": (
        ["delete from checkpoint where size = 20"],
        [("missing", "checkpoint", None, None, 20)],
    ),
}

FORGED = "'{\"forged\":true}'"
ADDITIONS: dict[str, tuple[list[str], list[Place]]] = {
    "a leaf at the end": (
        ["insert into leaf select 20, 21, leaf_hash from entry where id = 21"],
        [("extra", "leaf", 20, 21, None)],
    ),
    "an entry in the middle, the rest moved on": (
        [
            f"insert into entry (type, at, body, leaf_hash) values ('x', now(), {FORGED}, sha256('\\x00' || {FORGED}::bytea))",
            "update leaf set index = -index - 1 where index >= 5",
            "update leaf set index = -index where index < 0",
            "insert into leaf select 5, id, leaf_hash from entry where type = 'x'",
        ],
        [("extra", "leaf", 5, 23, None), (ALTERED, "entry.body", 5, 23, None)],
    ),
    "a value": (
        ["insert into entry_value select entry_id, 'more', subject, sealed from entry_value where entry_id = 6"],
        [("extra", "entry_value", 5, 6, None)],
    ),
    "another journey's value": (
        ["update entry_value set sealed = (select sealed from entry_value where entry_id = 8) where entry_id = 6"],
        [(ALTERED, "entry_value.sealed", 5, 6, None)],
    ),
    "a value with a bit flipped": (
        ["update entry_value set sealed = set_bit(sealed, 200, 1 - get_bit(sealed, 200)) where entry_id = 6"],
        [(ALTERED, "entry_value.sealed", 5, 6, None)],
    ),
    "a value of another subject": (
        ["update entry_value set subject = 'customer-0' where entry_id = 6"],
        [(ALTERED, "entry_value.subject", 5, 6, None)],
    ),
}


async def told(log: Log, statements: list[str]) -> list[Place]:
    kept = (await log.notes())[-1:]
    before = await log.verify(kept)
    assert before.ok, before.render()
    await log.tamper(*statements)
    report = await log.verify(kept)
    return [(fault.kind, fault.column, fault.index, fault.entry, fault.size) for fault in report.faults]


@pytest.mark.parametrize("what", EDITS)
async def test_an_edit_is_told_by_its_place(filled: Log, what: str) -> None:
    statements, expected = EDITS[what]
    assert await told(filled, statements) == expected


@pytest.mark.parametrize("what", REMOVALS)
async def test_a_removal_is_told_by_its_place(filled: Log, what: str) -> None:
    statements, expected = REMOVALS[what]
    found = await told(filled, statements)
    assert found[: len(expected)] == expected or set(expected) <= set(found), found
    assert "entry.recorded_at" not in {column for _, column, _, _, _ in found}


TRUNCATIONS: dict[str, Place] = {
    "leaf": ("missing", "leaf", 0, None, None),
    "checkpoint": ("extra", "leaf", 0, 1, None),  # a leaf that no checkpoint covers
    "entry_value": ("missing", "entry_value", 0, 1, None),
    "entry cascade": ("missing", "leaf", 0, None, None),
    "entry, entry_value, leaf, checkpoint cascade": ("rolled_back", "leaf", 0, None, 20),
}


@pytest.mark.parametrize("tables", TRUNCATIONS)
async def test_a_truncation_is_told(filled: Log, tables: str) -> None:
    assert TRUNCATIONS[tables] in await told(filled, [f"truncate {tables}"])


@pytest.mark.parametrize("what", ADDITIONS)
async def test_an_addition_is_told_by_its_place(filled: Log, what: str) -> None:
    statements, expected = ADDITIONS[what]
    assert await told(filled, statements) == expected


BESIDE = {
    **EDITS,
    **REMOVALS,
    **ADDITIONS,
    "three leaf hashes, each in another column": (
        [
            "update leaf set leaf_hash = sha256('x') where index = 2",
            "update entry set leaf_hash = sha256('x') where id = 5",
            "update entry set body = '{}' where id = 7",
        ],
        [],
    ),
}


@pytest.mark.parametrize("what", sorted(BESIDE.keys() - {"the last leaves"}))  # which take the times along
async def test_when_an_entry_was_recorded_is_told_beside_another_fault(filled: Log, what: str) -> None:
    again = "update entry set recorded_at = recorded_at + interval '1 microsecond' where id = 17"
    statements, _ = BESIDE[what]
    found = await told(filled, [*statements, again])
    times = [index for kind, column, index, _, _ in found if (kind, column) == (ALTERED, "entry.recorded_at")]
    assert times[-1] == (8 if what.startswith("a checkpoint's note") or what == "a checkpoint" else 13), found
    assert len(found) > len(times) or what.startswith("when ")


DATED: dict[str, tuple[str, str, list[Place]]] = {
    "recorded a month ago": (
        "now() - interval '1 month'",
        "now()",
        [("misdated", "entry.recorded_at", 22, 23, None)],
    ),
    "done and recorded a month ago": (
        "now() - interval '1 month'",
        "now() - interval '1 month'",
        [("misdated", "entry.recorded_at", 22, 23, None)],
    ),
    "done an hour ago": ("now()", "now() - interval '1 hour'", [("misdated", "entry.at", 22, 23, None)]),
    "recorded tomorrow": (
        "now() + interval '1 day'",
        "now() + interval '1 day'",
        [("misdated", "entry.recorded_at", 22, 23, None)],
    ),
}


@pytest.mark.parametrize("what", DATED)
async def test_a_forged_approval_that_says_another_time_is_told_though_it_is_integrated(filled: Log, what: str) -> None:
    recorded, at, expected = DATED[what]
    kept = (await filled.notes())[-1:]
    async with filled.owner.transaction() as conn:
        recorded_at, happened_at = await conn.fetchrow(f"select {recorded}, date_trunc('second', {at})")
        text = body(Entry(type="task.approved", at=happened_at, actor=Actor(kind="person", id="ana")), {})
        await conn.execute(
            "insert into entry (type, at, body, leaf_hash, recorded_at) values ('task.approved', $1, $2, $3, $4)",
            happened_at,
            text,
            leaf_hash(text),
            recorded_at,
        )
    assert await filled.integrate()
    report = await filled.verify(kept)
    assert [(fault.kind, fault.column, fault.index, fault.entry, fault.size) for fault in report.faults] == expected


async def test_a_rollback_to_an_older_tree_is_told(filled: Log) -> None:
    found = await told(
        filled,
        [
            "delete from checkpoint where size > 8",
            "delete from leaf where index >= 8",
            "delete from entry_value where entry_id > 8",
            "delete from entry where id > 8",
        ],
    )
    assert found == [("rolled_back", "leaf", 8, None, 20)]


async def test_a_ledger_rewritten_and_signed_anew_with_the_real_key_is_told(filled: Log) -> None:
    notes = await filled.notes()
    await filled.tamper(
        "delete from checkpoint",
        "delete from leaf",
        "delete from entry where id = 11",
        "delete from entry_value where entry_id = 11",
    )
    assert await filled.integrate()
    assert (await filled.verify([])).ok  # by itself it is perfect: this is why a checkpoint must be kept outside
    for kept in ([notes[2]], [notes[1]], notes):
        report = await filled.verify(kept)
        forks = [fault for fault in report.faults if fault.kind == "fork"]
        assert forks, report.render()
    first = min(forks, key=lambda fault: fault.size or 0)
    assert (first.column, first.index, first.last, first.size) == ("leaf.leaf_hash", 8, 12, 13)


async def test_a_fork_from_an_older_checkpoint_is_told(filled: Log) -> None:
    notes = await filled.notes()
    await filled.tamper(
        "delete from checkpoint where size > 13",
        "delete from leaf where index >= 13",
        "update entry set journey_id = null, type = 'x', body = '{}', leaf_hash = sha256('\\x007b7d') where id = 16",
    )
    assert await filled.integrate()
    report = await filled.verify(notes)
    assert [(fault.kind, fault.index, fault.last, fault.size) for fault in report.faults if fault.kind == "fork"] == [
        ("fork", 13, 19, 20)
    ]


async def test_another_key_signs_nothing(filled: Log) -> None:
    notes = await filled.notes()
    await filled.tamper("delete from checkpoint", "delete from leaf")
    assert await filled.integrate(SigningKey.generate(KEY.name))
    report = await filled.verify(notes[-1:])
    assert "checkpoint.note" in {fault.column for fault in report.faults}


async def test_a_waiting_entry_that_was_taken_away_is_told_by_its_witness(filled: Log) -> None:
    kept = await filled.notes()
    assert (await filled.verify(kept, witnessed=filled.leaves)).ok
    await filled.tamper("delete from entry_value where entry_id = 22", "delete from entry where id = 22")
    assert (await filled.verify(kept)).ok  # nothing in Postgres knows of it
    report = await filled.verify(kept, witnessed=filled.leaves)
    assert [(fault.kind, fault.column) for fault in report.faults] == [("missing", "entry")]
    assert filled.leaves[21] in report.faults[0].message


async def test_a_journeys_pack_tells_the_same(filled: Log) -> None:
    kept = await filled.notes()
    report = await filled.verify(kept, journey="journey-1")
    assert report.ok, report.render()
    assert (report.integrated, report.waiting) == (10, 1)
    await filled.tamper("update entry set body = '{}' where id = 6")
    report = await filled.verify(kept, journey="journey-1")
    assert [(fault.kind, fault.column, fault.index, fault.entry) for fault in report.faults] == [
        (ALTERED, "entry.body", 5, 6)
    ]


async def test_a_journeys_pack_out_of_a_rewritten_ledger_is_told(filled: Log) -> None:
    kept = await filled.notes()
    await filled.tamper(
        "delete from checkpoint",
        "delete from leaf",
        "delete from entry_value where entry_id = 1",
        "delete from entry where id = 1",
    )
    await filled.integrate()
    assert (await filled.verify([], journey="journey-1")).ok
    report = await filled.verify(kept, journey="journey-1")
    assert [(fault.kind, fault.column, fault.size) for fault in report.faults] == [
        ("fork", "checkpoint.root", 8),
        ("fork", "checkpoint.root", 13),
        ("fork", "checkpoint.root", 20),
    ]


async def test_a_key_destroyed_without_an_erasure_is_told_and_one_with_it_is_not(filled: Log) -> None:
    for journey in (None, "journey-0"):
        assert (await filled.verify(await filled.notes(), journey=journey)).ok
    async with filled.app.transaction() as conn:
        await filled.keyring.destroy(conn, "customer-0", TIME)
    for journey in (None, "journey-0"):
        report = await filled.verify(await filled.notes(), journey=journey)
        assert {(fault.kind, fault.column) for fault in report.faults} == {("missing", "entry_value")}
    async with recording(filled.app, filled.keyring) as tx:
        tx.record(entry(22, type="customer.erased", journey=None, subject="customer-0", values={}))
    await filled.integrate()
    for journey in (None, "journey-0"):
        report = await filled.verify(await filled.notes(), journey=journey)
        assert report.ok, report.render()
