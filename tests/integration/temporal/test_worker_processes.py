"""The processes of docker-compose.yml, with its settings, on servers of this machine."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from journeyman.agents.standin.server import serve_standin
from journeyman.embedded.stack import Stack
from journeyman.embedded.temporal import NAMESPACE, TemporalServer

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
WORKERS = ("worker-journeys", "worker-agents", "worker-engine")

pytestmark = pytest.mark.slow


class Deployment:
    """The servers, and the environment that compose would give each of its services."""

    def __init__(self, stack: Stack, model: str, checkpoints: Path) -> None:
        self.verifier = str(stack.signing_key.verifier)
        self.values = {
            "JOURNEYMAN_PROJECT": str(ROOT),
            "JOURNEYMAN_DATABASE_URL": stack.dsn("journeyman_app"),
            "JOURNEYMAN_INTEGRATOR_URL": stack.dsn("journeyman_integrator"),
            "JOURNEYMAN_OWNER_URL": stack.dsn(),
            "JOURNEYMAN_MASTER_KEY": (stack.folder / "master.key").read_text().strip(),
            "JOURNEYMAN_LEDGER_KEY": (stack.folder / "ledger.skey").read_text().strip(),
            "JOURNEYMAN_CHECKPOINTS": str(checkpoints),
            "JOURNEYMAN_TEMPORAL_ADDRESS": stack.temporal.address,
            "JOURNEYMAN_TEMPORAL_NAMESPACE": NAMESPACE,
            "JOURNEYMAN_MODEL": "stand-in",
            "OPENAI_BASE_URL": model,
            "OPENAI_API_KEY": "none",
            "BANK_URL": "http://127.0.0.1:9",
            "PAYMENTS_URL": "http://127.0.0.1:9",
        }

    def environment(self, service: str) -> dict[str, str]:
        """Of one service: the names are compose's, the values this machine's. No collector runs here."""
        named = COMPOSE["services"][service]["environment"].keys() - {"JOURNEYMAN_OTLP_ENDPOINT"}
        return {name: self.values[name] for name in named}

    async def launch(self, service: str, *args: str) -> asyncio.subprocess.Process:
        """Start a service's command, or the CLI's with `args`."""
        command = COMPOSE["services"][service]["command"]
        if args or command[0] == "journeyman":
            command = ["python", "-m", "journeyman", *(args or command[1:])]
        return await started(command[1:], self.environment(service))

    async def cli(self, *args: str) -> Any:
        """What a command prints as JSON."""
        process = await self.launch("cli", *args, "--json")
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return json.loads(out)


async def started(args: list[str], environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    """A Python process with an environment of nothing but this."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, *args),
        cwd=ROOT,
        env=kept | dict(environment),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def says(process: asyncio.subprocess.Process, words: str) -> None:
    """Wait until a process has said something on stderr."""
    assert process.stderr is not None
    said = ""
    async with asyncio.timeout(60):
        while words not in said:
            line = (await process.stderr.readline()).decode()
            assert line, said
            said += line


@pytest.fixture(scope="module")
async def deployment(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    """Servers, migrated; a stand-in for the model."""
    folder = tmp_path_factory.mktemp("deployment")
    async with Stack(folder / "stack", durable=False, ui=False) as stack:
        async with serve_standin(project=ROOT) as model:
            yield Deployment(stack, model.base_url, folder / "checkpoints")
        await stack.postgres.remove()


async def test_the_deployments_processes_serve_a_customer(deployment: Deployment) -> None:
    migrated = await deployment.launch("migrate")
    assert (await migrated.communicate(), migrated.returncode)[1] == 0
    await deployment.cli("apply", "roster.yaml")
    assert (await deployment.cli("policy", "publish", "--as", "paula"))["published"]
    assert "receptionist" in (await deployment.cli("agents", "publish", "--as", "paula"))["published"]
    async with AsyncExitStack() as running:
        processes = []
        for service in WORKERS:
            process = await deployment.launch(service)
            running.callback(_kill, process)
            await says(process, f"worker is ready: {service.removeprefix('worker-')}")
            processes.append(process)
        told = await deployment.cli("say", "ada", "hello", "--kind", "bank-service", "--wait", "30")
        assert [answer["author_kind"] for answer in told["answers"]] == ["system", "system", "ai"]
        for process in processes:
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                assert await process.wait() == 0
    key = (await deployment.cli("audit", "checkpoint"))["note"].splitlines()[0]
    assert key.startswith("journeyman.local/")
    verify = ("audit", "verify", "--key", deployment.verifier, "--against", deployment.values["JOURNEYMAN_CHECKPOINTS"])
    verified = await deployment.cli(*verify)
    assert (verified["ok"], verified["waiting"]) == (True, 0)


@pytest.mark.parametrize("name", ["JOURNEYMAN_DATABASE_URL", "JOURNEYMAN_MASTER_KEY", "JOURNEYMAN_LEDGER_KEY"])
async def test_a_setting_that_is_missing_is_named(deployment: Deployment, name: str) -> None:
    environment = {key: value for key, value in deployment.environment("worker-engine").items() if key != name}
    process = await started(["-m", "workers.engine"], environment)
    out, err = await process.communicate()
    assert (process.returncode, out) == (1, b"")
    assert f"error: `{name}` is not set" in err.decode()


async def test_a_worker_does_not_start_without_temporal(deployment: Deployment) -> None:
    environment = deployment.environment("worker-journeys") | {"JOURNEYMAN_TEMPORAL_ADDRESS": "127.0.0.1:1"}
    process = await started(["-m", "workers.journeys"], environment)
    _, err = await process.communicate()
    assert process.returncode == 1
    assert "error: Temporal at `127.0.0.1:1` does not answer" in err.decode()


async def test_a_namespace_without_the_search_attributes_is_refused(deployment: Deployment, tmp_path: Path) -> None:
    server = TemporalServer(log=tmp_path / "temporal.log")
    server._command = lambda: _without_attributes(type(server)._command(server))  # type: ignore[method-assign]  # a plain server
    await server.start()
    try:
        environment = deployment.environment("worker-journeys") | {"JOURNEYMAN_TEMPORAL_ADDRESS": server.address}
        process = await started(["-m", "workers.journeys"], environment)
        _, err = await process.communicate()
    finally:
        server.kill()
    assert process.returncode == 1
    assert "lacks search attributes; run `temporal operator search-attribute create" in err.decode()


async def test_a_role_that_there_is_not_is_refused(deployment: Deployment) -> None:
    process = await deployment.launch("cli", "worker", "--roles", "journeys,janitor")
    _, err = await process.communicate()
    assert process.returncode == 1
    assert "`janitor` is no role of a worker; there are journeys, agents, engine" in err.decode()


def _without_attributes(command: list[Any]) -> list[Any]:
    return [part for part in command if part != "--search-attribute" and not str(part).endswith("=Keyword")]


def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
