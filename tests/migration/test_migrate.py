"""Migrations: from empty, step by step, forward only."""

import asyncio
import hashlib
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import asyncpg
import pytest

from journeyman.embedded.postgres import Postgres
from journeyman.errors import ConfigurationError, DatabaseUnavailableError
from journeyman.store import migrate as migrate_all
from journeyman.store.migrate import Migration, apply, migrations

_numbers = count(1)

Fresh = Callable[[], Awaitable[str]]


@pytest.fixture
async def fresh(postgres: Postgres) -> AsyncIterator[Fresh]:
    """Makes empty databases and returns their DSNs."""
    made: list[str] = []
    admin = await asyncpg.connect(postgres.dsn(database="postgres"))

    async def make() -> str:
        name = f"empty_{next(_numbers)}"
        await admin.execute(f"create database {name}")
        made.append(name)
        return postgres.dsn(database=name)

    yield make
    for name in made:
        await admin.execute(f"drop database {name} with (force)")
    await admin.close()


def schema(postgres: Postgres, dsn: str) -> str:
    """The schema as pg_dump writes it."""
    dump = subprocess.run(
        [postgres.program("pg_dump"), "--schema-only", "--restrict-key=x", "--dbname", dsn],
        capture_output=True,
        text=True,
        check=True,
    )
    return dump.stdout


async def test_all_at_once_equals_one_by_one_and_a_second_run_changes_nothing(postgres: Postgres, fresh: Fresh) -> None:
    at_once, one_by_one = await fresh(), await fresh()
    assert await migrate_all(at_once) == [migration.name for migration in migrations()]
    for number in range(1, len(migrations()) + 1):
        await apply(one_by_one, migrations()[:number])
    assert await migrate_all(one_by_one) == []
    first, second = schema(postgres, at_once), schema(postgres, one_by_one)
    assert first == second
    assert "CREATE TABLE public.journey " in first


async def test_many_processes_may_migrate_at_once(fresh: Fresh) -> None:
    dsn = await fresh()
    applied = await asyncio.gather(*(migrate_all(dsn) for _ in range(4)))
    assert sorted(map(len, applied)) == [0, 0, 0, len(migrations())]


async def test_an_applied_file_that_was_changed_is_refused(fresh: Fresh) -> None:
    dsn = await fresh()
    await apply(dsn, [Migration(1, "0001_a.sql", "create table a ()")])
    changed = [Migration(1, "0001_a.sql", "create table a (b int)"), Migration(2, "0002_b.sql", "create table b ()")]
    with pytest.raises(ConfigurationError, match=r"`0001_a\.sql` was changed after it was applied; restore it"):
        await apply(dsn, changed)
    assert await tables(dsn) == {"a", "schema_migration"}


async def test_a_database_newer_than_the_code_is_refused(fresh: Fresh) -> None:
    dsn = await fresh()
    both = [Migration(1, "0001_a.sql", "create table a ()"), Migration(2, "0002_b.sql", "create table b ()")]
    await apply(dsn, both)
    with pytest.raises(ConfigurationError, match=r"has `0002_b\.sql`, which this version does not know"):
        await apply(dsn, both[:1])


async def test_a_migration_that_fails_leaves_nothing_of_itself_and_can_be_run_again(fresh: Fresh) -> None:
    dsn = await fresh()
    good = Migration(1, "0001_a.sql", "create table a ()")
    with pytest.raises(asyncpg.UndefinedTableError):
        await apply(dsn, [good, Migration(2, "0002_b.sql", "create table b (); insert into nowhere values (1)")])
    assert await tables(dsn) == {"a", "schema_migration"}
    assert await apply(dsn, [good, Migration(2, "0002_b.sql", "create table b ()")]) == ["0002_b.sql"]


async def test_a_database_that_is_away_is_unavailable(tmp_path: object) -> None:
    with pytest.raises(DatabaseUnavailableError, match="check that it runs"):
        await migrate_all(f"postgresql://postgres@/journeyman?host={tmp_path}")


def test_a_migration_is_recorded_by_the_hash_of_its_text() -> None:
    assert Migration(1, "0001_a.sql", "ä").sha256 == hashlib.sha256("ä".encode()).hexdigest()


async def tables(dsn: str) -> set[str]:
    conn = await asyncpg.connect(dsn)
    try:
        rows = await conn.fetch("select tablename from pg_tables where schemaname = 'public'")
    finally:
        await conn.close()
    return {row["tablename"] for row in rows}
