"""One `journeyman dev` for the tests of the command line, on the shipped journeys with queues that are always open."""

import asyncio
import io
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from journeyman.cli import folder as folders
from journeyman.cli import main
from journeyman.cli.session import Session
from tests.integration.cli.running import Dev, project_files


@dataclass(frozen=True)
class Printed:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its last line of stdout, as JSON."""
        return json.loads(self.out.splitlines()[-1])


class Cli:
    """The program, run in a thread of this process with the environment of a shell."""

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.environment = environment or {}

    async def __call__(self, *args: str, environment: dict[str, str] | None = None) -> Printed:
        """Run it."""
        return await asyncio.to_thread(self._run, args, self.environment | (environment or {}))

    async def data(self, *args: str) -> Any:
        """What a command prints as JSON; it must succeed."""
        printed = await self(*args, "--json")
        assert printed.code == 0, printed.err
        return printed.json

    async def refused(self, *args: str, code: int = 1) -> str:
        """What a command that fails says: one line on stderr, nothing on stdout."""
        printed = await self(*args)
        assert (printed.code, printed.out) == (code, "")
        lines = [line for line in printed.err.splitlines() if not line.startswith("note: ")]
        assert len(lines) == 1
        assert lines[0].startswith("error: ")
        return lines[0].removeprefix("error: ")

    def _run(self, args: tuple[str, ...], environment: dict[str, str]) -> Printed:
        out, err, code = io.StringIO(), io.StringIO(), 0
        argv = ["journeyman", "--folder", str(self.folder), *args]
        with (
            mock.patch.object(sys, "argv", argv),
            mock.patch.dict(os.environ, environment),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 1
        return Printed(code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the shipped journeys, whose queues never close."""
    return project_files(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
async def dev(project: Path) -> AsyncIterator[Dev]:
    """`journeyman dev`, running."""
    with tempfile.TemporaryDirectory(prefix="journeyman-cli-") as name:
        running = Dev(Path(name) / "dev", project)
        try:
            await running.start()
            yield running
        finally:
            await running.stop()
            await running.remove()


@pytest.fixture
def cli(dev: Dev) -> Cli:
    """The program, working on it."""
    return Cli(dev.folder)


@pytest.fixture
async def session(dev: Dev) -> AsyncIterator[Session]:
    """What commands work with, for a look behind them."""
    with mock.patch.dict(os.environ):
        async with Session(*folders.read_settings(dev.folder)) as opened:
            yield opened


@pytest.fixture
def away(session: Session) -> dict[str, str]:
    """The environment of a deployment whose Temporal is away, on the same database."""
    settings = session.settings
    return {
        "JOURNEYMAN_DATABASE_URL": settings.need("database_url"),
        "JOURNEYMAN_MASTER_KEY": settings.need("master_key"),
        "JOURNEYMAN_PROJECT": str(settings.project),
        "JOURNEYMAN_TEMPORAL_ADDRESS": "127.0.0.1:1",
    }
