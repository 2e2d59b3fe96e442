"""`journeyman demo --serve`: whoever sits down among the simulated people is offered something to do, and Ctrl-C ends it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.demo.serving import Demo
from tests.integration.cli.test_dev import processes_of

_MINUTE = 60.0


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    """One that has begun."""
    made = Demo(tmp_path / "demo")
    try:
        await made.start()
        yield made
    finally:
        await made.remove()


@pytest.mark.slow
async def test_a_newcomer_is_offered_work_within_a_minute(demo: Demo) -> None:
    assert demo.summary["lost_tasks"] == 0
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with (
        asyncio.timeout(_MINUTE),
        httpx2.AsyncClient(base_url=demo.url, headers=headers, trust_env=False) as browser,
    ):
        assert (await browser.post("/signin", data={"person": "bea"})).status_code == 303
        assert (await browser.put("/api/v1/people/me/presence", json={"presence": "online"})).status_code == 200
        while not (mine := (await browser.get("/api/v1/tasks/mine")).json()["items"]):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        [task] = mine
        assert (task["offered_to"], task["state"]) == ("bea", "ready")
        path = f"/api/v1/tasks/{task['id']}"
        assert (await browser.post(f"{path}/accept-offer")).json()["assignee"] == "bea"
        assert (await browser.post(f"{path}/start")).status_code == 200
    code, said = await demo.interrupt()
    assert "Traceback" not in said
    assert code == 1  # as without --serve: the play was cut short
    assert processes_of(demo.place) == []
