"""Every statement is one that the migrated database understands."""

import re

import pytest

from journeyman.store import Database, sql


@pytest.mark.parametrize("noun", sql.nouns())
async def test_every_statement_of_a_noun_fits_the_schema(owner_database: Database, noun: str) -> None:
    async with owner_database.connection() as conn:
        for name, statement in sql.load(noun).items():
            try:
                await conn.prepare(whole(statement))
            except Exception as error:
                raise AssertionError(f"{noun}.{name}: {error}") from error


def whole(text: str) -> str:
    """A part, with what it hangs on."""
    defined = re.search(r"^(\w+) as (?:materialized )?\(", text, re.MULTILINE)
    if text.startswith(("select", "with", "insert", "update", "delete")) or defined is None:
        return text
    before = [
        sql.load("ledger")["anyhow"],
        sql.load("ledger")["free"],
        "recorded as (select 1 as id)",
        "saved as (select)",
    ]
    names = ("unmoved", "claimed", "recorded", "saved")
    needed = before[: names.index(defined[1])] if defined[1] in names else before
    return sql.joined([*((part, ()) for part in needed), (text, ())], "select")[0]
