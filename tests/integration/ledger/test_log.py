"""No entry, no effect; and nobody who writes can change what was written."""

from typing import Any

import asyncpg
import pytest

from journeyman.errors import EffectStoredError, ErasedError, InputError, JourneyMovedError, UnrecordedEffectError
from journeyman.ledger.audit import unrecorded, waiting
from journeyman.ledger.log import recording
from journeyman.store.sql import load
from tests.integration.ledger.conftest import TIME, Log, entry

FLAG = "insert into stop_flag values ('all', 'person-1', 'a test', now())"


async def count(log: Log, table: str) -> int:
    async with log.owner.connection() as conn:
        return int(await conn.fetchval(f"select count(*) from {table}"))


async def test_an_effect_commits_with_its_entries(log: Log) -> None:
    async with recording(log.app, log.keyring) as tx:
        await tx.conn.execute(FLAG)
        tx.record(entry(0))
        tx.record(entry(1))
        assert tx.leaves == []
    assert len(tx.leaves) == 2
    assert await unrecorded(log.app, [*tx.leaves, "00" * 32]) == ["00" * 32]
    assert (await count(log, "stop_flag"), await count(log, "entry"), await count(log, "entry_value")) == (1, 2, 2)
    assert await waiting(log.app) == 2


async def test_an_effect_without_an_entry_is_rolled_back(log: Log) -> None:
    with pytest.raises(UnrecordedEffectError):
        async with recording(log.app, log.keyring) as tx:
            await tx.conn.execute(FLAG)
    assert await count(log, "stop_flag") == 0


async def test_an_entry_of_a_transaction_that_fails_is_gone_with_it(log: Log) -> None:
    with pytest.raises(asyncpg.DataError):  # noqa: PT012 - what leaves the block is what is tested
        async with recording(log.app, log.keyring) as tx:
            tx.record(entry(0))
            await tx.conn.execute("select 1 / 0")
    assert tx.leaves == []
    assert await count(log, "entry") == 0


async def test_a_transaction_that_changed_nothing_may_end_without_an_entry_and_then_changes_nothing(log: Log) -> None:
    async with recording(log.app, log.keyring) as tx:
        await tx.conn.execute(FLAG)
        tx.record(entry(0))
        tx.unchanged()
    assert tx.leaves == []
    assert (await count(log, "stop_flag"), await count(log, "entry")) == (0, 0)


async def test_what_is_recorded_at_once_is_written_whole_or_not_at_all(log: Log) -> None:
    async with recording(log.app, log.keyring, at_once=True) as tx:
        tx.record(entry(0))
        tx.record(entry(1))
    assert len(tx.leaves) == 2
    with pytest.raises(asyncpg.DataError):  # noqa: PT012 - what leaves the block is what is tested
        async with recording(log.app, log.keyring, at_once=True) as tx:
            tx.record(entry(2))
            await tx.conn.execute("select 1 / 0")
    async with recording(log.app, log.keyring, at_once=True) as tx:
        tx.record(entry(3))
        tx.unchanged()
    with pytest.raises(asyncpg.ForeignKeyViolationError):  # noqa: PT012 - what leaves the block is what is tested
        async with recording(log.app, log.keyring, at_once=True) as tx:
            tx.record(entry(4))
            tx.keep("run:1", "permit", journey="unknown", subject="system", result={}, at=TIME)
    assert await count(log, "entry") == 2


async def open_journey(log: Log) -> None:
    async with log.owner.connection() as conn:
        await conn.execute("insert into customer (id, created_at) values ('customer-0', now())")
        await conn.execute(
            "insert into journey (id, kind, version, customer_id, owner, stage, opened_at)"
            " values ('journey-0', 'claim', 1, 'customer-0', 'claims', 'start', now())"
        )


async def test_of_two_runners_of_an_effect_the_second_hears_that_it_is_stored_and_commits_nothing(log: Log) -> None:
    async def run() -> None:
        async with recording(log.app, log.keyring) as tx:
            tx.record(entry(0))
            tx.keep("run:1", "outcome", journey="journey-0", subject="customer-0", result={}, at=TIME)

    await open_journey(log)
    await run()
    with pytest.raises(EffectStoredError):
        await run()
    assert await count(log, "entry") == 1


async def test_what_violates_another_rule_is_no_stored_effect(log: Log) -> None:
    await open_journey(log)
    async with log.owner.connection() as conn:
        await conn.execute(
            "insert into outbox (journey_id, sequence, event_id, kind, reference, created_at)"
            " values ('journey-0', 1, 'evt-1', 'message', '', now())"
        )
    with pytest.raises(asyncpg.UniqueViolationError):  # noqa: PT012 - what leaves the block is what is tested
        async with recording(log.app, log.keyring) as tx:
            tx.record(entry(0))
            tx.keep("run:1", "outcome", journey="journey-0", subject="customer-0", result={}, at=TIME)
            tx.tell("journey-0", "message", "", at=TIME)
    assert (await count(log, "entry"), await count(log, "effect")) == (0, 0)


async def test_a_transaction_tells_one_thing(log: Log) -> None:
    with pytest.raises(AssertionError, match="use a second one"):  # noqa: PT012 - what leaves the block is what is tested
        async with recording(log.app, log.keyring) as tx:
            tx.record(entry(0))
            tx.tell("journey-1", "stop", "", at=TIME)
            tx.tell("journey-1", "stop", "", at=TIME)
    assert await count(log, "entry") == 0


async def test_what_cannot_be_canonical_is_refused_where_it_is_recorded(log: Log) -> None:
    with pytest.raises(InputError, match="safe integer"):
        async with recording(log.app, log.keyring) as tx:
            tx.record(entry(0, facts={"amount": 2**53}))


async def test_a_value_is_any_json(log: Log) -> None:
    value = {"amount": 12.5, "none": None, "list": [1, True, "ü\u0000"], "nested": {"z": 1, "a": -0.0}}
    async with recording(log.app, log.keyring) as tx:
        tx.record(entry(0, values={"text": value, "more": "x"}))
    assert (await log.verify([])).ok


async def test_a_value_recorded_after_its_subject_was_erased_is_not_kept(log: Log) -> None:
    await log.record(2)
    async with recording(log.app, log.keyring) as tx:
        await log.keyring.destroy(tx.conn, "customer-0", TIME)
        tx.record(entry(2, type="customer.erased", values={}))
    await log.record(1)
    async with recording(log.app, log.keyring) as tx:
        tx.record(entry(4))
    await log.integrate()
    report = await log.verify(await log.notes())
    assert report.ok, report.render()
    assert report.erased == 3
    async with log.app.connection() as conn:
        sealed = await conn.fetch("select sealed from entry_value where subject = 'customer-0' order by entry_id")
        assert sealed[-1][0] == b""
        with pytest.raises(ErasedError):
            await log.keyring.open(conn, "customer-0", sealed[0][0])


@pytest.mark.parametrize("table", ["entry", "entry_value", "leaf", "checkpoint"])
@pytest.mark.parametrize("statement", ["update {0} set {1} = {1}", "delete from {0}", "truncate {0} cascade"])
async def test_neither_service_can_change_or_delete_what_was_recorded(filled: Log, table: str, statement: str) -> None:
    column = {"entry": "body", "entry_value": "sealed", "leaf": "leaf_hash", "checkpoint": "note"}[table]
    for database in (filled.app, filled.integrator):
        async with database.connection() as conn:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(statement.format(table, column))


async def test_neither_service_can_do_the_others_work(log: Log) -> None:
    async with log.app.connection() as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("insert into leaf values (0, 1, 'x')")
    async with log.integrator.connection() as conn:
        for statement in (
            "insert into entry (type, at, body, leaf_hash) values ('a', now(), 'a', 'a')",
            "table entry_value",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute(statement)


UNMOVED = load("engine")["unmoved"]
STOOD: dict[str, Any] = {
    "journey": "journey-0",
    "event": 1,
    "message": 1,
    "agent": "clerk",
    "queue": "claims",
    "grounds": None,
    "effect": "run:1",
}
"""As the condition takes them."""


@pytest.mark.parametrize(
    "moved",
    [
        {"event": 2},
        {"message": 2},
        {"effect": "run:2"},
        "insert into stop_flag values ('agent:clerk', 'sue', 'doubt', now())",
        "update customer set tier = 'vip'",
    ],
    ids=str,
)
async def test_what_was_decided_on_something_that_changed_meanwhile_is_not_written(
    log: Log, moved: dict[str, Any] | str
) -> None:
    await open_journey(log)
    async with recording(log.app, log.keyring) as tx:
        tx.record(entry(0))
        tx.keep("run:1", "permit", journey="journey-0", subject="customer-0", result={}, at=TIME)
        read = await tx.conn.fetchval("select grounds('journey-0', 'clerk', 'claims')")
    stood, statement = STOOD | {"grounds": read}, moved if isinstance(moved, str) else "select"
    async with log.owner.connection() as conn:
        await conn.execute(statement)
    with pytest.raises(JourneyMovedError):  # noqa: PT012 - what leaves the block is what is tested
        async with recording(log.app, log.keyring, at_once=True) as tx:
            tx.record(entry(1))
            tx.keep("run:1", "outcome", journey="journey-0", subject="customer-0", result={}, at=TIME)
            tx.only_if(UNMOVED, *(stood | (moved if isinstance(moved, dict) else {})).values())
    assert (await count(log, "entry"), await count(log, "entry_value"), await count(log, "effect")) == (1, 1, 1)
    async with log.owner.connection() as conn:
        stood["grounds"] = await conn.fetchval("select grounds('journey-0', 'clerk', 'claims')")
    async with recording(log.app, log.keyring, at_once=True) as tx:
        tx.record(entry(1))
        tx.only_if(UNMOVED, *stood.values())
    assert await count(log, "entry") == 2
