"""Errands whose worker may be killed, on the session's servers."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO

import pytest
from temporalio.client import Client

from journeyman.agents.standin.server import serve_standin
from journeyman.embedded.postgres import Postgres
from journeyman.project import Project
from journeyman.testing.pending import end_pending
from tests.acceptance.durable.double import Double
from tests.acceptance.durable.script import SCRIPTED
from tests.acceptance.durable.stage import Errands, errands_with

QUICK = {"JOURNEYMAN_LIMIT_HEARTBEAT": "1", "JOURNEYMAN_LIMIT_WORKFLOW_TASK": "1", "JOURNEYMAN_LIMIT_RESEND": "1"}
"""A dead worker is noticed soon."""

REPOSITORY = Path(__file__).parents[4]


@pytest.fixture(scope="session")
def nursery() -> Iterator[IO[bytes]]:
    """Bears workers; see there."""
    command = [sys.executable, "-m", "tests.acceptance.durable.nursery"]
    born = subprocess.Popen(command, cwd=REPOSITORY, env=os.environ | QUICK, stdin=subprocess.PIPE)
    assert born.stdin is not None
    with born.stdin as lines:
        yield lines
    born.wait()


@pytest.fixture
async def mortals(
    tmp_path: Path,
    project: Project,
    double: Double,
    nursery: IO[bytes],
    postgres: Postgres,
    database_name: str,
    temporal: Client,
) -> AsyncIterator[Errands]:
    """Errands; no worker runs yet."""
    dsn = postgres.dsn("journeyman_app", database_name)
    async with (
        serve_standin(scripts=SCRIPTED) as standin,
        errands_with(tmp_path, project, standin, double, nursery, dsn, temporal) as errands,
    ):
        yield errands
        await errands.stop()
        await end_pending(temporal, errands.database)
