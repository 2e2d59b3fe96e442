"""The desk's benchmark runs: what it seeds is what the desk can show and give away."""

from benchmarks import desk
from journeyman.embedded.postgres import Postgres


async def test_the_desk_is_measured_beside_bare_sql(postgres: Postgres, database_name: str) -> None:
    owner, app = postgres.dsn(database=database_name), postgres.dsn("journeyman_app", database_name)
    found = await desk.measure_on(owner, app, tasks=6000, open_tasks=5000, people=40, calls=3)
    assert len(found["results"]) == 12
    for row in found["results"].values():
        assert row["ours_p95_ms"] > 0 < row["bare_p95_ms"]
