"""The console dies in the middle of a submit: sent again, it is carried out once."""

import asyncio
import signal
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx2
import pytest

from journeyman.console import identity
from journeyman.embedded.postgres import Postgres
from journeyman.settings import Settings
from journeyman.store.database import alone
from journeyman.tasks import working
from tests.acceptance.browser.served import served_on
from tests.integration.console.process import Process

_CLOSINGS = """
    select count(*) from entry
    where type = 'task.completed' and convert_from(body, 'UTF8')::jsonb -> 'refs' ->> 'task' = $1
"""


async def test_a_submit_that_was_cut_by_a_kill_is_done_once(
    settings: Settings, postgres: Postgres, database_name: str
) -> None:
    now = datetime.now(UTC)
    async with served_on(settings) as served:
        await served.online("bea")
        task = await served.task()
        await working.claim(served.desk, task.id, "bea", now=now, auth="picker")
        await working.start(served.desk, task.id, "bea", now=now, auth="picker")
        secret = await identity.sign_in(served.desk, "bea", auth="picker", now=now)

    async def submit() -> httpx2.Response:
        async with httpx2.AsyncClient(base_url=url, cookies={"journeyman": secret}, trust_env=False) as browser:
            return await browser.post(
                f"/api/v1/tasks/{task.id}/complete",
                json={"output": {"balance_minor": 421800, "bank_name": "Example Bank"}},
                headers={"Sec-Fetch-Site": "same-origin", "Idempotency-Key": "the-very-submit"},
            )

    process = Process(settings)
    url = await process.console("--picker", "--port", "0")
    async with alone(postgres.dsn(database=database_name)) as conn:
        async with conn.transaction():
            await conn.execute("lock table outbox in exclusive mode")  # the submit comes as far as telling the journey
            cut = asyncio.create_task(submit())
            while not await conn.fetchval("select count(*) from pg_locks where not granted"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            process.signal(signal.SIGKILL)
            with pytest.raises(httpx2.TransportError):
                await cut
        await process.ended()
        assert await conn.fetchval("select state from task where id = $1", task.id) == "in_progress"

        again = Process(settings)
        url = await again.console("--picker", "--port", str(urlsplit(url).port))
        for _ in range(2):
            answer = await submit()
            assert (answer.status_code, answer.json()["state"]) == (200, "completed")
        assert await conn.fetchval(_CLOSINGS, task.id) == 1
        assert await conn.fetchval("select count(*) from outbox where reference = $1", task.id) == 1
    again.signal(signal.SIGTERM)
    assert (await again.ended())[0] == 0
