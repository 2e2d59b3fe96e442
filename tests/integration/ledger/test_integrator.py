"""Whatever the writers do, the tree is contiguous, complete and signed; whatever dies, nothing is lost or signed twice."""

import asyncio
import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from journeyman.errors import DatabaseUnavailableError, LedgerError
from journeyman.ledger.checkpoint import SigningKey, open_note
from journeyman.ledger.integrator import integrate, integrate_for_ever
from journeyman.ledger.log import recording
from journeyman.ledger.merkle import leaf_hash
from journeyman.ledger.publish import publish, published, write
from tests.integration.ledger.conftest import KEY, TIME, Log, entry


async def test_an_empty_ledger_has_nothing_to_integrate(log: Log) -> None:
    assert await log.integrate() is None


async def test_what_waits_is_read_in_batches_and_signed_once(log: Log) -> None:
    for count, batch in ((5, 2), (4, 2), (1, 2)):
        await log.record(count)
        assert await integrate(log.integrator, KEY, now=datetime.now(UTC), batch=batch)
        assert await integrate(log.integrator, KEY, now=datetime.now(UTC), batch=batch) is None
    notes = await log.notes()
    assert [open_note(note, KEY.verifier).size for note in notes] == [5, 9, 10]
    assert (await log.verify(notes, witnessed=log.leaves)).ok


async def test_a_checkpoint_is_never_older_than_the_one_before(log: Log) -> None:
    now = datetime.now(UTC)
    for behind in (0, 3):
        await log.record(1)
        assert await integrate(log.integrator, KEY, now=now - timedelta(minutes=behind))
    report = await log.verify(await log.notes())
    assert report.ok, report.render()


async def test_an_entry_whose_leaf_hash_is_not_of_its_body_gets_no_place_and_the_others_do(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    await log.record(1)
    async with log.app.connection() as conn:
        forged = await conn.fetchval(
            "insert into entry (type, at, body, leaf_hash) values ('x', now(), '{}', $1) returning id", bytes(32)
        )
    await log.record(1)
    made = await log.integrate()
    assert made is not None
    assert made.size == 2
    assert f"entries [{forged}]" in caplog.text
    report = await log.verify(await log.notes())
    assert [(fault.kind, fault.column, fault.entry) for fault in report.faults] == [("altered", "entry.body", forged)]
    await log.tamper(f"delete from entry where id = {forged}")
    assert (await log.verify(await log.notes())).ok  # nothing was ever signed over it


@pytest.mark.parametrize("column", ["recorded_at", "id"])
async def test_the_application_cannot_say_when_it_recorded(log: Log, column: str) -> None:
    value = {"recorded_at": "now() - interval '1 month'", "id": "7"}[column]
    async with log.app.connection() as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(
                f"insert into entry (type, at, body, leaf_hash, {column}) overriding system value "
                f"values ('x', now(), '{{}}', '\\x00', {value})"
            )


async def test_eight_writers_two_integrators_and_rollbacks_make_one_complete_tree(log: Log) -> None:
    async with log.owner.transaction() as conn:
        # At the commit, when ids are given: some wait, so that ids commit out of order; some fail, so that ids have gaps.
        await conn.execute(
            "create function delay() returns trigger language plpgsql as $$ begin "
            "perform pg_sleep(random() * 0.01); if random() < 0.1 then raise 'unlucky'; end if; return null; end $$"
        )
        await conn.execute(
            "create constraint trigger delay after insert on entry deferrable initially deferred "
            "for each row execute function delay()"
        )
    dice = random.Random(7)
    kept: list[str] = []
    leaves: list[str] = []
    number = iter(range(10_000))
    done = asyncio.Event()

    async def write_some(writer: int) -> None:
        for turn in range(25):
            try:
                async with recording(log.app, log.keyring) as tx:
                    for _ in range(dice.randint(1, 3)):
                        tx.record(entry(next(number), refs={"writer": f"{writer}.{turn}"}))
            except asyncpg.RaiseError:
                continue
            leaves.extend(tx.leaves)

    async def integrate_some() -> None:
        while not done.is_set():
            made = await integrate(log.integrator, KEY, now=datetime.now(UTC), batch=dice.choice([1, 5, 50]))
            if made is not None and dice.random() < 0.3:
                kept.append((await log.notes())[-1])
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as integrators:
        for _ in range(2):
            integrators.create_task(integrate_some())
        async with asyncio.TaskGroup() as writers:
            for writer in range(8):
                writers.create_task(write_some(writer))
        done.set()
    while await log.integrate():
        pass

    report = await log.verify([*kept, (await log.notes())[-1]], witnessed=leaves)
    assert report.ok, report.render()
    assert report.integrated == report.size == len(leaves)
    assert report.waiting == 0
    async with log.app.connection() as conn:
        ids = [row[0] for row in await conn.fetch("select entry_id from leaf order by index")]
    assert len(ids) == len(set(ids)) == len(leaves)


async def test_an_entry_that_commits_late_with_a_small_id_is_integrated(log: Log) -> None:
    async with log.app.transaction() as slow:
        late = await slow.fetchval(
            "insert into entry (type, at, body, leaf_hash) values ('x', now(), 'x', $1) returning id", leaf_hash(b"x")
        )
        await log.record(4)
        assert (await integrate(log.integrator, KEY, now=TIME, window=1)) is not None
    made = [await integrate(log.integrator, KEY, now=TIME, window=window) for window in (1, None)]
    assert [checkpoint and checkpoint.size for checkpoint in made] == [
        None,
        5,
    ]  # the window missed it; the full round did not
    async with log.app.connection() as conn:
        assert await conn.fetchval("select entry_id from leaf where index = 4") == late


async def test_only_one_integrator_works_at_a_time(log: Log) -> None:
    await log.record(1)
    async with log.integrator.transaction() as conn:
        await conn.execute("select pg_advisory_xact_lock(hashtextextended('journeyman.ledger', 0))")
        assert await log.integrate() is None
    assert await log.integrate() is not None


async def test_a_crash_before_the_commit_leaves_the_tree_as_it_was(log: Log) -> None:
    await log.record(3)
    await log.integrate()
    await log.record(2)
    async with log.owner.transaction() as conn:
        # the checkpoint's row is the last thing written: its failure is a death as late as one can be before the commit
        await conn.execute("create function die() returns trigger language plpgsql as $$ begin "
                           "perform pg_terminate_backend(pg_backend_pid()); return null; end $$")  # fmt: skip
        await conn.execute("create trigger die after insert on checkpoint for each row execute function die()")
    with pytest.raises(DatabaseUnavailableError):
        await log.integrate()
    assert len(await log.notes()) == 1
    async with log.owner.transaction() as conn:
        await conn.execute("drop trigger die on checkpoint")
    made = await log.integrate()
    assert made is not None
    assert made.size == 5
    assert (await log.verify(await log.notes(), witnessed=log.leaves)).ok


@pytest.mark.parametrize(
    "statement",
    [
        "delete from leaf where index = 19",
        "delete from checkpoint where size = 20",
        "delete from checkpoint",
        "update checkpoint set frontier[1] = sha256('x') where size = 20",
        "update checkpoint set note = replace(note, 'at 2', 'at 1') where size = 20",
        "insert into leaf select 20, 21, leaf_hash from entry where id = 21",
    ],
)
async def test_a_tree_that_is_not_the_signed_one_is_never_extended(filled: Log, statement: str) -> None:
    await filled.tamper(statement)
    with pytest.raises(LedgerError, match="verify it against"):
        await filled.integrate()


async def test_a_new_key_goes_on_where_the_previous_one_is_known(filled: Log) -> None:
    new = SigningKey.generate(KEY.name)
    with pytest.raises(LedgerError, match="not signed by"):
        await filled.integrate(new)
    made = await integrate(filled.integrator, new, now=TIME, previous_keys=(KEY.verifier,))
    assert made is not None
    assert made.size == 22


async def test_the_loop_integrates_until_it_is_stopped(log: Log) -> None:
    await log.record(7)
    loop = asyncio.create_task(
        integrate_for_ever(log.integrator, KEY, lambda: datetime.now(UTC), every=0.001, full_every=2, batch=3)
    )
    async with asyncio.timeout(10):
        while (await log.verify(await log.notes())).waiting:
            pass
        await log.record(1)
        while (await log.verify(await log.notes())).waiting:
            pass
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop


async def test_only_the_newest_checkpoint_is_published_once_and_vouches_for_all(filled: Log, tmp_path: Path) -> None:
    folder = tmp_path / "outside"
    made = await publish(filled.integrator, folder)
    assert made is not None
    assert made.size == 20
    assert await publish(filled.integrator, folder) is None
    assert [path.name for path in folder.iterdir()] == ["00000000000000000020.checkpoint"]
    assert (await filled.verify(published(folder))).ok


async def test_a_death_while_writing_leaves_no_half_checkpoint(
    filled: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(_: int) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", dies)
        with pytest.raises(OSError, match="no space"):
            await publish(filled.integrator, tmp_path)
    assert published(tmp_path) == []
    assert await publish(filled.integrator, tmp_path) is not None
    assert len(published(tmp_path)) == 1


async def test_two_containers_whose_processes_have_one_id_publish_at_once(
    filled: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = (await filled.notes())[-1]
    flush = os.fsync

    def meanwhile(file: int) -> None:
        monkeypatch.setattr(os, "fsync", flush)
        write(tmp_path, note)
        flush(file)

    monkeypatch.setattr(os, "fsync", meanwhile)
    write(tmp_path, note)
    assert published(tmp_path) == [note]


async def test_a_database_that_was_rolled_back_publishes_nothing_more(filled: Log, tmp_path: Path) -> None:
    await publish(filled.integrator, tmp_path)
    await filled.tamper("delete from checkpoint where size = 20", "delete from leaf where index >= 13")
    assert await filled.integrate()
    with pytest.raises(LedgerError, match="rolled back or rewritten"):
        await publish(filled.integrator, tmp_path)
    assert len(published(tmp_path)) == 1


async def test_another_checkpoint_of_one_size_is_never_written_over(filled: Log, tmp_path: Path) -> None:
    notes = await filled.notes()
    path = write(tmp_path, notes[0])
    path.write_text(notes[0] + "— other aGVsbG8=\n")
    with pytest.raises(LedgerError, match="forgery"):
        write(tmp_path, notes[0])


async def test_what_is_no_checkpoint_outside_is_told(filled: Log, tmp_path: Path) -> None:
    (tmp_path / "00000000000000000020.checkpoint").write_text("nonsense")
    with pytest.raises(LedgerError, match="altered outside"):
        await publish(filled.integrator, tmp_path)


async def test_whom_entries_name_is_found_before_and_after_they_are_integrated(log: Log) -> None:
    named = "select entry_id from mentioned where name = 'ai:form-filler' order by entry_id"
    await log.record(3)
    async with log.app.connection() as conn:
        before = await conn.fetch(named)
        assert len(before) == 3
        await log.integrate()
        assert await conn.fetch(named) == before
    async with log.integrator.connection() as conn:
        assert await conn.fetchval("select count(*) from mention where name = 'ai:form-filler'") == 3
    async with log.app.connection() as conn:
        await log.record(1)
        assert len(await conn.fetch(named)) == 4
