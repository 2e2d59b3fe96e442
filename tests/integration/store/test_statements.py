"""Every statement is one that the migrated database understands."""

import pytest

from journeyman.store import Database, sql


@pytest.mark.parametrize("noun", sql.nouns())
async def test_every_statement_of_a_noun_fits_the_schema(owner_database: Database, noun: str) -> None:
    async with owner_database.connection() as conn:
        for name, statement in sql.load(noun).items():
            try:
                await conn.prepare(statement)
            except Exception as error:
                raise AssertionError(f"{noun}.{name}: {error}") from error
