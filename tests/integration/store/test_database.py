"""The pool on a real Postgres, which is killed under it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from journeyman.embedded.postgres import Postgres
from journeyman.errors import ConfigurationError, DatabaseUnavailableError
from journeyman.store import Database


@pytest.fixture
async def mortal(tmp_path: Path) -> AsyncIterator[Postgres]:
    """A Postgres that may be killed."""
    server = Postgres(tmp_path, durable=False)
    await server.start()
    yield server
    await server.remove()


async def test_json_comes_back_as_python_objects(database: Database) -> None:
    async with database.connection() as conn:
        assert await conn.fetchval("select $1::jsonb", {"a": [1, "ü", None]}) == {"a": [1, "ü", None]}
        assert await conn.fetchval("""select '{"a": 1.5}'::json""") == {"a": 1.5}


async def test_a_transaction_commits_at_its_end(database: Database) -> None:
    async with database.transaction() as conn:
        await conn.execute("insert into calendar (id, time_zone, hours) values ('c', 'UTC', $1)", {})
    async with database.transaction() as conn:
        assert await conn.fetchval("select count(*) from calendar") == 1


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.transaction() as conn:
            await conn.execute("insert into calendar (id, time_zone, hours) values ('c', 'UTC', $1)", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()
    async with database.transaction() as conn:
        assert await conn.fetchval("select count(*) from calendar") == 0


async def test_an_error_of_the_block_itself_is_not_taken_for_an_outage(database: Database) -> None:
    with pytest.raises(ConnectionResetError, match="of something else"):
        async with database.transaction():
            raise ConnectionResetError("of something else")


async def test_no_role_of_the_services_can_change_the_ledger(database: Database) -> None:
    async with database.connection() as conn:
        assert not await conn.fetchval("select has_table_privilege('entry', 'update, delete, truncate')")
        assert await conn.fetchval("select rolsuper or rolcreatedb from pg_roles where rolname = current_user") is False
        assert [
            tuple(row)
            for row in await conn.fetch(
                "select role, tab from unnest(array['journeyman_app', 'journeyman_integrator']) role,"
                " unnest(array['entry', 'entry_value', 'leaf', 'checkpoint']) tab"
                " where has_any_column_privilege(role, tab, 'update') or has_table_privilege(role, tab, 'delete, truncate')"
            )
        ] == []


async def test_a_database_that_is_away_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match=r"does not answer \(.*\); check that it runs") as caught:
        await Database.connect(f"postgresql://app:secret@/journeyman?host={tmp_path}")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("dsn", ["postgresql://nobody_known@/{db}", "postgresql://postgres@/no_such_database"])
async def test_a_database_that_refuses_us_is_a_configuration_error(
    postgres: Postgres, database_name: str, dsn: str
) -> None:
    query = postgres.dsn().partition("?")[2]
    with pytest.raises(ConfigurationError, match=r"refuses the connection .*; check role, password and database"):
        await Database.connect(f"{dsn.format(db=database_name)}?{query}")


async def test_a_pool_without_a_free_connection_says_so(postgres: Postgres, database_name: str) -> None:
    database = await Database.connect(postgres.dsn(database=database_name), max_size=1, acquire_timeout=0.1)
    async with database.connection():
        with pytest.raises(
            DatabaseUnavailableError, match=r"within 0\.1 s; check that it runs, or raise the pool's size"
        ):
            async with database.connection():
                pass
    await database.close()


async def test_the_pool_recovers_when_postgres_was_killed_and_is_back(mortal: Postgres) -> None:
    database = await Database.connect(mortal.dsn(), min_size=3, max_size=3)
    async with database.transaction() as conn:
        await conn.execute("create table kept (id int); insert into kept values (1)")

    async def write_and_kill() -> None:
        async with database.transaction() as conn:
            await conn.execute("insert into kept values (2)")
            mortal.kill()
            while True:  # its processes outlive it for a moment
                await conn.execute("insert into kept values (3)")

    with pytest.raises(DatabaseUnavailableError):
        await write_and_kill()
    with pytest.raises(DatabaseUnavailableError):
        async with database.connection() as conn:
            await conn.execute("select 1")
    await mortal.start()

    async def read() -> int:
        async with database.transaction() as conn:
            found: int = await conn.fetchval("select count(*) from kept")
            return found

    assert await asyncio.gather(*(read() for _ in range(9))) == [1] * 9
    await database.close()


async def test_a_statement_under_way_fails_when_postgres_is_stopped(mortal: Postgres) -> None:
    database = await Database.connect(mortal.dsn(), max_size=1)
    started = asyncio.Event()

    async def hold() -> None:
        async with database.transaction() as conn:
            started.set()
            await conn.execute("select pg_sleep(60)")

    held = asyncio.create_task(hold())
    await started.wait()
    await mortal.stop()
    with pytest.raises(DatabaseUnavailableError):
        await held
    await mortal.start()
    async with database.transaction() as conn:
        assert await conn.fetchval("select 1") == 1
    await database.close()


async def test_a_cancelled_block_gives_its_connection_back(postgres: Postgres, database_name: str) -> None:
    database = await Database.connect(postgres.dsn(database=database_name), max_size=1, acquire_timeout=5)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05), database.transaction() as conn:
            await conn.execute("select pg_sleep(60)")
    async with database.transaction() as conn:
        assert await conn.fetchval("select 1") == 1
    await database.close()
