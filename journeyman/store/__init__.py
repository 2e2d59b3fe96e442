"""Postgres: the pool, named SQL, migrations."""

from journeyman.store.database import Connection, Database
from journeyman.store.migrate import migrate

__all__ = ["Connection", "Database", "migrate"]
