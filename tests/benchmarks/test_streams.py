"""The benchmark of streams runs, and loses nothing."""

from benchmarks import streams
from journeyman.embedded.postgres import Postgres


async def test_every_event_arrives_at_every_stream_that_it_concerns(postgres: Postgres, database_name: str) -> None:
    found = await streams.measure(postgres.dsn("journeyman_app", database_name), 12, 20)
    assert found["one_stream_events"] == 20
    assert found["all_streams_events"] == 20 + 11 * 2
    assert found["memory_after_mb"] > 0
