"""`journeyman demo --serve`: whoever sits down among the simulated people finds something to do, and Ctrl-C ends it."""

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
async def test_a_newcomer_sits_down_among_them_within_a_minute(demo: Demo) -> None:
    assert demo.summary["journeys_started"] > 0
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with (
        asyncio.timeout(_MINUTE),
        httpx2.AsyncClient(base_url=demo.url, headers=headers, trust_env=False) as browser,
    ):
        assert (await browser.post("/signin", data={"person": "sofia"})).status_code == 303
        while (answer := await browser.post("/api/v1/tasks/next")).status_code == 204:  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        task = answer.json()["task"]
        assert task["assignee"] == "sofia"
        assert (await browser.post(f"/api/v1/tasks/{task['id']}/start")).status_code == 200
    code, said = await demo.interrupt()
    assert "Traceback" not in said
    assert code == 1  # as without --serve: the play was cut short
    assert processes_of(demo.place) == []
