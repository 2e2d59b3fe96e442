"""The stage of a test."""

from pathlib import Path

import pytest

from journeyman.embedded.postgres import Postgres
from journeyman.embedded.temporal import TemporalServer
from tests.acceptance.demo.staging import Stage, settings_of


@pytest.fixture
def stage(
    postgres: Postgres,
    database_name: str,
    temporal_server: TemporalServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Stage:
    """On the tests' servers, with a database of its own."""
    return Stage(settings_of(postgres, database_name, temporal_server, tmp_path), tmp_path, monkeypatch)
