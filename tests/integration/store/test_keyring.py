"""The keyring on a real Postgres."""

import asyncio
import os
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from journeyman.customers.keys import CACHED_FOR, SYSTEM, Keyring
from journeyman.errors import ConfigurationError, ErasedError, InputError
from journeyman.store import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(value=JSON)
async def test_any_json_comes_back(database: Database, keyring: Keyring, value: JsonValue) -> None:
    async with database.transaction() as conn:
        assert await keyring.open(conn, "cust-1", await keyring.seal(conn, "cust-1", value)) == value


async def test_a_lone_surrogate_comes_back(database: Database, keyring: Keyring) -> None:
    async with database.transaction() as conn:
        assert await keyring.open(conn, "cust-1", await keyring.seal(conn, "cust-1", "\ud800")) == "\ud800"


async def test_what_is_no_json_is_refused(database: Database, keyring: Keyring) -> None:
    async with database.transaction() as conn:
        with pytest.raises(InputError, match="a value of `cust-1` is no JSON"):
            await keyring.seal(conn, "cust-1", float("nan"))


async def test_an_altered_value_is_refused(database: Database, keyring: Keyring) -> None:
    async with database.transaction() as conn:
        sealed = bytearray(await keyring.seal(conn, "cust-1", "hello"))
        sealed[-1] ^= 1
        with pytest.raises(InputError, match="altered"):
            await keyring.open(conn, "cust-1", bytes(sealed))


async def test_a_value_of_another_subject_is_refused(database: Database, keyring: Keyring) -> None:
    async with database.transaction() as conn:
        sealed = await keyring.seal(conn, "cust-1", "hello")
        await keyring.ensure(conn, "cust-2", NOW)
        with pytest.raises(InputError, match="belongs to another subject"):
            await keyring.open(conn, "cust-2", sealed)
        with pytest.raises(InputError, match="`cust-3` has no key"):
            await keyring.open(conn, "cust-3", sealed)


async def test_a_value_opens_in_another_process(database: Database) -> None:
    master = os.urandom(32)
    async with database.transaction() as conn:
        sealed = await Keyring(master).seal(conn, "cust-1", {"name": "Ada"})
    async with database.transaction() as conn:
        assert await Keyring(master).open(conn, "cust-1", sealed) == {"name": "Ada"}


async def test_many_who_make_a_key_at_once_get_the_same_one(database: Database) -> None:
    master = os.urandom(32)
    rings = [Keyring(master) for _ in range(6)]

    async def seal(ring: Keyring) -> bytes:
        async with database.transaction() as conn:
            return await ring.seal(conn, "cust-1", "hello")

    sealed = await asyncio.gather(*(seal(ring) for ring in rings))
    async with database.transaction() as conn:
        for ring, other in zip(rings, [*sealed[1:], sealed[0]], strict=True):
            assert await ring.open(conn, "cust-1", other) == "hello"


async def test_a_key_made_in_a_transaction_that_is_rolled_back_is_not_used_again(
    database: Database, keyring: Keyring
) -> None:
    async def seal_and_fail() -> None:
        async with database.transaction() as conn:
            await keyring.ensure(conn, "cust-1", NOW)
            async with conn.transaction():  # a savepoint: its rows carry another transaction number
                await keyring.seal(conn, "cust-2", "first")
            await keyring.seal(conn, "cust-1", "first")
            await keyring.seal(conn, "cust-2", "second")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await seal_and_fail()
    assert keyring.cached("cust-1") is None
    assert keyring.cached("cust-2") is None
    async with database.transaction() as conn:
        sealed = await keyring.seal(conn, "cust-1", "kept")
    async with database.transaction() as conn:
        assert await keyring.open(conn, "cust-1", sealed) == "kept"


async def test_a_committed_key_is_cached(database: Database, keyring: Keyring) -> None:
    async with database.transaction() as conn:
        sealed = await keyring.seal(conn, "cust-1", "hello")
    async with database.transaction() as conn:
        await keyring.open(conn, "cust-1", sealed)
    assert keyring.cached("cust-1") is not None


async def test_a_destroyed_key_reads_and_seals_nothing_more(database: Database, keyring: Keyring) -> None:
    async with database.transaction() as conn:
        sealed = await keyring.seal(conn, "cust-1", "hello")
    async with database.transaction() as conn:
        await keyring.open(conn, "cust-1", sealed)
        await keyring.destroy(conn, "cust-1", NOW)
        with pytest.raises(ErasedError, match="the data of `cust-1` were erased"):
            await keyring.open(conn, "cust-1", sealed)
        with pytest.raises(ErasedError):
            await keyring.seal(conn, "cust-1", "more")
        with pytest.raises(ErasedError):
            await keyring.ensure(conn, "cust-1", NOW)
        await keyring.destroy(conn, "cust-1", datetime(2027, 1, 1, tzinfo=UTC))
        assert await conn.fetchval("select destroyed_at from subject_key where subject = 'cust-1'") == NOW


async def test_a_subject_erased_before_it_had_a_key_never_gets_one(database: Database, keyring: Keyring) -> None:
    async with database.transaction() as conn:
        await keyring.destroy(conn, "cust-1", NOW)
        with pytest.raises(ErasedError):
            await keyring.seal(conn, "cust-1", "hello")


async def test_the_key_of_the_system_is_never_destroyed(database: Database, keyring: Keyring) -> None:
    async with database.transaction() as conn:
        with pytest.raises(InputError, match="`system`"):
            await keyring.destroy(conn, SYSTEM, NOW)


async def test_another_process_forgets_a_destroyed_key_within_a_minute(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = os.urandom(32)
    here, there = Keyring(master), Keyring(master)
    async with database.transaction() as conn:
        sealed = await here.seal(conn, "cust-1", "hello")
    async with database.transaction() as conn:
        assert await there.open(conn, "cust-1", sealed) == "hello"
        await here.destroy(conn, "cust-1", NOW)
    clock = time.monotonic() + CACHED_FOR
    monkeypatch.setattr("journeyman.customers.keys.time.monotonic", lambda: clock)
    async with database.transaction() as conn:
        with pytest.raises(ErasedError):
            await there.open(conn, "cust-1", sealed)


async def test_the_master_key_is_rotated(database: Database) -> None:
    old, new = os.urandom(32), os.urandom(32)
    async with database.transaction() as conn:
        sealed = await Keyring(old).seal(conn, "cust-1", "hello")
        await Keyring(old).ensure(conn, "cust-2", NOW)
    async with database.transaction() as conn:
        with pytest.raises(ConfigurationError, match="is not configured; add that key to the previous ones"):
            await Keyring(new).open(conn, "cust-1", sealed)
    both = Keyring(new, previous=[old])
    async with database.transaction() as conn:
        assert await both.open(conn, "cust-1", sealed) == "hello"
        assert await both.rewrap(conn, limit=1) == 1
        assert await both.rewrap(conn) == 1
        assert await both.rewrap(conn) == 0
    async with database.transaction() as conn:
        assert await Keyring(new).open(conn, "cust-1", sealed) == "hello"


async def test_a_wrapped_key_moved_to_another_subject_is_refused(database: Database, keyring: Keyring) -> None:
    async with database.transaction() as conn:
        await keyring.ensure(conn, "cust-1", NOW)
        await keyring.ensure(conn, "cust-2", NOW)
        await conn.execute(
            "update subject_key set wrapped = (select wrapped from subject_key where subject = 'cust-1') "
            "where subject = 'cust-2'"
        )
        with pytest.raises(InputError, match="the key of `cust-2` was altered"):
            await keyring.ensure(conn, "cust-2", NOW)
