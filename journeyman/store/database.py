"""The pool of connections to Postgres, and what its failures mean."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

import asyncpg

from journeyman.errors import ConfigurationError, DatabaseUnavailableError

Connection: TypeAlias = asyncpg.Connection  # or what the pool lends in its place
UniqueViolation: TypeAlias = asyncpg.UniqueViolationError  # `constraint_name` says of what
UNMIGRATED = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)
"""What a statement raises on a database that has an older schema, or none."""

_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,  # starting up, shutting down, recovering
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
_MISCONFIGURED = (
    asyncpg.InvalidAuthorizationSpecificationError,  # wrong password or role too: it is the parent of InvalidPassword
    asyncpg.InvalidCatalogNameError,
    asyncpg.ClientConfigurationError,
)


class Database:
    """A pool. It heals itself: after an outage the next use opens a fresh connection, callers only retry."""

    def __init__(self, pool: asyncpg.Pool, place: str, acquire_timeout: float) -> None:
        self._pool = pool
        self._place = place
        self._acquire_timeout = acquire_timeout

    @classmethod
    async def connect(
        cls,
        dsn: str,
        *,
        min_size: int = 1,
        max_size: int = 8,
        acquire_timeout: float = 10.0,
        command_timeout: float = 60.0,
    ) -> "Database":
        """Open the pool, with `min_size` connections at once; times are in seconds.

        Raises `DatabaseUnavailableError` if Postgres does not answer and `ConfigurationError` if it refuses us.
        """
        place = location(dsn)
        try:
            pool = await asyncpg.create_pool(
                dsn,
                min_size=0,  # with a floor, asyncpg would log a traceback a second for as long as Postgres is away
                max_size=max_size,
                command_timeout=command_timeout,
                timeout=acquire_timeout,
                init=_prepare,
                reset=_as_it_is,
            )
            await _warm(pool, min_size)
        except (*_MISCONFIGURED, ValueError) as error:
            raise refused(error, place) from error
        except (OSError, TimeoutError, *_AWAY) as error:
            raise unavailable(error, place) from error
        return cls(pool, place, acquire_timeout)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection without a transaction: every statement commits by itself."""
        try:
            # The pool's own `timeout` would make a task of each acquisition.
            async with asyncio.timeout(self._acquire_timeout):
                conn = await self._pool.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailableError(
                f"no connection to Postgres at {self._place} within {self._acquire_timeout:g} s; "
                "check that it runs, or raise the pool's size"
            ) from error
        except _MISCONFIGURED as error:
            raise refused(error, self._place) from error
        except (OSError, *_AWAY) as error:
            raise unavailable(error, self._place) from error
        try:
            yield conn
        except (*_AWAY, asyncpg.InternalClientError) as error:
            # the latter: Postgres said good-bye while the connection was idle, and its end has not arrived yet
            raise unavailable(error, self._place) from error
        except (OSError, asyncpg.InterfaceError) as error:
            # only a closed connection makes these ours: the block may do other input and output
            if not _lost(conn):
                raise
            raise unavailable(error, self._place) from error
        finally:
            await self._give_back(conn)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A READ COMMITTED transaction: leaving the block commits, an exception rolls back.

        If Postgres dies during the commit itself, `DatabaseUnavailableError` does not tell whether it committed; what
        must happen once is keyed (see `effect.key`), so that doing it again finds what the first attempt stored.
        """
        async with self.connection() as conn, conn.transaction(isolation="read_committed"):
            yield conn

    async def _give_back(self, conn: Connection) -> None:
        try:
            await self._pool.release(conn, timeout=self._acquire_timeout)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            # a connection that cannot be reset is closed by the pool; what the block did is done, or has raised already
            return

    async def close(self) -> None:
        """Close every connection; waits for those in use, at most ten seconds."""
        try:
            async with asyncio.timeout(10.0):
                await self._pool.close()
        except (TimeoutError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            self._pool.terminate()


@asynccontextmanager
async def alone(dsn: str) -> AsyncIterator[Connection]:
    """One connection outside of any pool: what creates and drops databases needs it."""
    conn = await asyncpg.connect(dsn)
    try:
        yield conn
    finally:
        await conn.close()


def location(dsn: str) -> str:
    """Where a DSN points, without user and password, for messages."""
    try:
        parts = urlsplit(dsn)
        host = parse_qs(parts.query).get("host", [parts.hostname])[0] or "localhost"
        return f"`{host}:{parts.port}{parts.path}`" if parts.port else f"`{host}{parts.path}`"
    except ValueError:
        return "the configured address"


def unavailable(error: BaseException, place: str) -> DatabaseUnavailableError:
    """What to raise when Postgres is away."""
    return DatabaseUnavailableError(
        f"Postgres at {place} does not answer ({_words(error)}); check that it runs and that the address is right"
    )


def refused(error: BaseException, place: str) -> ConfigurationError:
    """What to raise when Postgres answers and will never let us in."""
    return ConfigurationError(
        f"Postgres at {place} refuses the connection ({_words(error)}); check role, password and database in the DSN"
    )


def _lost(conn: Connection) -> bool:
    """Whether the connection is gone; the pool takes one back at once when its socket closes."""
    try:
        return bool(conn.is_closed())
    except asyncpg.InterfaceError:
        return True


def _words(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__


_decoder = json.JSONDecoder()


def _encode(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _decode(text: str) -> object:
    # Postgres writes `jsonb` without space around it: `json.loads` would look for some.
    value, _ = _decoder.raw_decode(text)
    return value


async def _prepare(conn: Connection) -> None:
    for name, decoder in (("json", json.loads), ("jsonb", _decode)):
        await conn.set_type_codec(name, encoder=_encode, decoder=decoder, schema="pg_catalog")


async def _warm(pool: asyncpg.Pool, size: int) -> None:
    """Open the first connections, so that a wrong address shows at once."""
    opened: list[Connection] = []
    try:
        for _ in range(size):
            opened.append(await pool.acquire())
    finally:
        for conn in opened:
            await pool.release(conn)


async def _as_it_is(conn: Connection) -> None:
    """Between uses a connection is not reset: nothing here sets session state, and it would cost a round trip each time."""
