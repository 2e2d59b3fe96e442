"""`journeyman demo --serve`: whoever sits down among the simulated people finds something to do, and Ctrl-C ends it."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from journeyman.embedded.postgres import Postgres
from tests.acceptance.demo.staging import ROOT
from tests.integration.cli.test_dev import processes_of

_MINUTE = 60.0


class Demo:
    """One that serves; the play before it is cut short."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.url = ""
        self.summary: dict[str, Any] = {}

    async def start(self) -> None:
        """Start it, and wait until it goes on."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("JOURNEYMAN_", "OPENAI_"))}
        options = ("--serve", "--json", "--deadline", "1", "--folder", str(self.place))
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "journeyman", "demo", *options),
            cwd=ROOT,
            env=kept,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        while not (found := re.search(r"the console is at (\S+):", line := (await self._next()))):
            assert line, "it has ended"
        self.url = found[1]
        self.summary = json.loads(await self._process.stdout.readline())

    async def interrupt(self) -> tuple[int, str]:
        """Ctrl-C: exit code, and what it said on stderr since."""
        self._process.send_signal(signal.SIGINT)
        _, said = await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode, said.decode()

    async def remove(self) -> None:
        """End it however it stands, and delete its data."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        if self.place.exists():
            await Postgres(self.place).remove()

    async def _next(self) -> str:
        assert self._process.stderr is not None
        return (await self._process.stderr.readline()).decode()


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
