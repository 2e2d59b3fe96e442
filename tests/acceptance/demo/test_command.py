"""`journeyman demo` as it is run: its own scenarios, recorded customers, and what it does when time runs out."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from journeyman.conversation.canary import find_secrets
from journeyman.embedded.postgres import Postgres
from tests.acceptance.demo.staging import ROOT, STAR
from tests.collector import collecting

CARD = "4111111111111111"
"""What one of the customers types into the chat."""
IN_BYTES = '"id":"payments","kind":"ai"'
IN_SPANS = "invoke_agent payments"
"""What does stand there, so that it would be found."""


@dataclass(frozen=True)
class Ran:
    """What a run came to. `told` is the last line of stdout, read."""

    code: int
    told: dict[str, Any]
    stderr: str


@asynccontextmanager
async def ran(folder: Path, *options: str, **more: str) -> AsyncIterator[Ran]:
    """Run the command in a process of its own; what it keeps is deleted afterwards. `more` is of its environment."""
    place = folder / "demo"
    command = (sys.executable, "-m", "journeyman", "demo", "--folder", str(place), "--json", *options)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JOURNEYMAN_", "OPENAI_"))}
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment | more, stdout=pipe, stderr=pipe)
    out, err = await process.communicate()
    lines = out.decode().strip().splitlines()
    try:
        yield Ran(process.returncode or 0, json.loads(lines[-1]) if lines else {}, err.decode())
    finally:
        if place.exists():
            await Postgres(place).remove()


@pytest.mark.slow
async def test_the_demo_serves_everyone_and_proves_it(tmp_path: Path) -> None:
    with collecting() as collector:
        async with ran(tmp_path, JOURNEYMAN_OTLP_ENDPOINT=collector.address) as run:
            _serves_everyone(run)
            dump = await _dumped(tmp_path / "demo")
    # The card's number stands nowhere in Postgres, neither in texts nor in bytes, and nowhere in the spans.
    assert find_secrets(dump, {CARD, IN_BYTES}) == {IN_BYTES}
    spans = "\n".join(map(str, collector.spans))
    assert find_secrets(spans, {CARD, IN_SPANS}) == {IN_SPANS}


def _serves_everyone(run: Ran) -> None:
    told = run.told
    assert run.code == 0, (told, run.stderr)
    assert (told["journeys_started"], told["journeys_completed"], told["journeys_failed"]) == (13, 13, 0)
    zeros = ("unauthenticated_account_calls", "duplicate_effects", "lost_tasks", "secrets_found")
    assert [told[name] for name in zeros] == [0, 0, 0, 0], told["details"]
    assert told["ledger"]["verified"]
    assert told["ledger"]["size"] == told["ledger"]["entries"] > 300
    assert all(count > 0 for count in told["outcomes"].values()), told["outcomes"]
    assert all(count > 0 for count in told["steps"].values()), told["steps"]
    assert {"asked_for_person", "distress", "vip", "ai_failed", "customer_left", "back_to_ai"} <= told[
        "handoffs"
    ].keys()
    assert told["decisions"]["allow"] > told["decisions"]["deny"] > 0
    assert told["tasks"]["opened"] == told["tasks"]["completed"] > 10
    assert told["tasks"]["open"] == 0
    assert told["tool_calls"] > 10


async def _dumped(folder: Path) -> str:
    """Everything that Postgres holds, as text; bytes in hexadecimal."""
    server = Postgres(folder)
    await server.start()
    try:
        process = await asyncio.create_subprocess_exec(
            str(server.program("pg_dump")), server.dsn(), stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
    finally:
        server.kill()
    assert process.returncode == 0
    return out.decode()


@pytest.mark.slow
@pytest.mark.skipif(not STAR.exists(), reason=f"the recorded customers are not at {STAR}")
async def test_recorded_customers_are_served(tmp_path: Path) -> None:
    async with ran(tmp_path, "--conversations", str(STAR), "--domain", "bank", "--limit", "12") as run:
        told = run.told
        assert run.code == 0, (told, run.stderr)
        assert told["journeys_completed"] == told["journeys_started"] == 12
        assert told["recorded"]["balances_by_recorded_proofs"] * 5 >= told["recorded"]["recorded_balances"] * 4
        assert told["secrets_found"] == told["unauthenticated_account_calls"] == told["lost_tasks"] == 0


@pytest.mark.slow
async def test_a_demo_that_runs_out_of_time_says_what_is_open(tmp_path: Path) -> None:
    async with ran(tmp_path, "--deadline", "3") as run:
        assert run.code == 1
        assert run.told["journeys_completed"] < run.told["journeys_started"]
        head, *rest = run.told["unfinished"]
        assert head == "not finished within 3 s"
        assert any(line.startswith("journey jrn-") and "turns unsaid" in line for line in rest)


async def test_a_folder_that_is_no_demos_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "demo" / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    async with ran(tmp_path) as run:
        assert run.code == 1
        assert "holds something else than a demo" in run.stderr
        assert kept.read_text() == "mine"
