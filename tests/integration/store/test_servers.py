"""The servers that the tests share."""

from temporalio.client import Client

from journeyman.store import Database


async def test_every_role_reads_the_same_database(
    database: Database, owner_database: Database, integrator_database: Database, temporal: Client
) -> None:
    async with owner_database.connection() as conn:
        name = await conn.fetchval("select current_database()")
    for other, role in ((database, "journeyman_app"), (integrator_database, "journeyman_integrator")):
        async with other.connection() as conn:
            assert tuple(await conn.fetchrow("select current_database(), current_user")) == (name, role)
    assert await temporal.service_client.check_health()
