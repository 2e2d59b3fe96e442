"""The OpenAPI document tells the truth: schemathesis tries it, with all its checks."""

import asyncio
import sys
from pathlib import Path

import pytest

from journeyman.console import identity
from journeyman.console.identity import SCOPES
from tests.integration.console.serving import serving
from tests.integration.console.site import Site
from tests.integration.tasks.world import CLI

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = "4"  # of each operation and phase


@pytest.mark.slow
async def test_schemathesis_finds_nothing(site: Site, tmp_path: Path) -> None:
    task = await site.world.claimed()
    config = tmp_path / "schemathesis.toml"
    config.write_text(f'{CONFIG.read_text()}\n[parameters]\n"path.task" = "{task.id}"\n')
    _, token = await identity.make_token(site.world.desk, "ana", "a test", SCOPES, by=CLI, now=site.now)
    async with serving(site.app) as address:
        running = await asyncio.create_subprocess_exec(
            *(
                str(Path(sys.executable).with_name("schemathesis")),
                "--config-file",
                str(config),
                "run",
                f"{address}/api/v1/openapi.json",
            ),
            *("--checks", "all", "--max-examples", EXAMPLES, "--generation-deterministic", "--no-color"),
            *("--header", f"Authorization: Bearer {token}", "--request-timeout", "30"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await asyncio.wait_for(running.communicate(), 300)
    assert running.returncode == 0, told.decode()[-12_000:]
