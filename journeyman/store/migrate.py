"""Migrations: numbered files of `store/migrations`, applied in order, forward only, each in its own transaction."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import asyncpg

from journeyman.errors import ConfigurationError
from journeyman.store import sql
from journeyman.store.database import Connection, location, refused, unavailable

_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_MINIMUM = 16  # the oldest Postgres that we test on


@dataclass(frozen=True)
class Migration:
    """One file. `sha256` is of its bytes: an applied file may never change."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations() -> list[Migration]:
    """Those of this installation, in order. Numbers must run from 1 without a gap."""
    found = []
    for file in (resources.files("journeyman.store") / "migrations").iterdir():
        if match := _NAME.match(file.name):
            found.append(Migration(int(match[1]), file.name, file.read_text(encoding="utf-8")))
        elif file.name.endswith(".sql"):
            raise ConfigurationError(f"`{file.name}` is no migration's name; name it like `0002_add_tags.sql`")
    found.sort(key=lambda migration: migration.number)
    for expected, migration in enumerate(found, start=1):
        if migration.number != expected:
            raise ConfigurationError(
                f"`{migration.name}` should have the number {expected:04d}: no gaps, no number twice"
            )
    return found


async def migrate(dsn: str) -> list[str]:
    """Bring the database of an owner's DSN to the newest schema; returns the names of the files that it applied.

    Safe to run from many processes at once. Raises `ConfigurationError` for a Postgres that is too old, an applied file
    that was changed, or a database that is newer than this installation; `DatabaseUnavailableError` if it is away.
    """
    return await apply(dsn, migrations())


async def apply(dsn: str, known: Sequence[Migration]) -> list[str]:
    """`migrate` with a given list."""
    place = location(dsn)
    try:
        conn = await asyncpg.connect(dsn)
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError, ValueError) as error:
        raise refused(error, place) from error
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
        raise unavailable(error, place) from error
    try:
        return await _apply(conn, known)
    except (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError) as error:
        raise unavailable(error, place) from error
    finally:
        await conn.close()


async def _apply(conn: Connection, known: Sequence[Migration]) -> list[str]:
    statements = sql.load("migrate")
    version = await conn.fetchval(statements["server_version"])
    if version // 10000 < _MINIMUM:
        raise ConfigurationError(f"Postgres {version // 10000} is too old; Journeyman needs {_MINIMUM} or newer")
    # closing the connection gives the lock back too, should anything below raise
    await conn.execute(statements["lock"])
    await conn.execute(statements["create_table"])
    applied = {row["number"]: row for row in await conn.fetch(statements["applied"])}
    if newer := [row["name"] for number, row in applied.items() if number > len(known)]:
        raise ConfigurationError(
            f"the database has `{newer[-1]}`, which this version does not know; install a newer one"
        )
    done = []
    for migration in known:
        if (row := applied.get(migration.number)) is not None:
            if row["sha256"] != migration.sha256:
                raise ConfigurationError(
                    f"`{migration.name}` was changed after it was applied; restore it and put the change in a new file"
                )
            continue
        async with conn.transaction():
            await conn.execute(migration.text)
            await conn.execute(statements["record"], migration.number, migration.name, migration.sha256)
        done.append(migration.name)
    await conn.execute(statements["unlock"])
    return done
