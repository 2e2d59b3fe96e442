"""The pool on a real Postgres."""

from journeyman.store import Database


async def test_json_comes_back_as_python_objects(database: Database) -> None:
    async with database.connection() as conn:
        assert await conn.fetchval("select $1::jsonb", {"a": [1, "ü", None]}) == {"a": [1, "ü", None]}
