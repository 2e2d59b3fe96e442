"""docs/journeys.md and docs/testing.md: their journey, its policy and its tests are one project, and run as they stand there."""

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks, by_itself
from tests.docs.projects import project

JOURNEYS, TESTING = ROOT / "docs" / "journeys.md", ROOT / "docs" / "testing.md"


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the two pages."""
    return project(
        tmp_path_factory.mktemp("moving"),
        [*blocks(JOURNEYS), *blocks(TESTING)],
        journeys=["workflows.moving.journey:Moving"],
        agents=["activities.moving.agents:MOVER"],
    )


@pytest.mark.slow
def test_the_stories_of_the_page_come_true(moving: Path) -> None:
    done = by_itself(moving, "pytest", "-q", "tests/test_moving.py", "tests/test_decisions.py")
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_policies_are_in_order(moving: Path) -> None:
    done = by_itself(moving, "journeyman", "policy", "check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_diagram_is_the_one_shown(moving: Path) -> None:
    (shown,) = blocks(JOURNEYS, "mermaid")
    done = by_itself(moving, "journeyman", "diagram", "moving")
    assert done.stdout.strip() == shown.text.strip(), done.stdout + done.stderr


def test_its_own_worker_can_be_imported(moving: Path) -> None:
    done = by_itself(moving, "pytest", "-q", "--collect-only", "--doctest-modules", "workers/own.py")
    assert "error" not in done.stdout, done.stdout + done.stderr


def test_the_settings_of_pytest_are_those_of_a_new_project() -> None:
    shown = next(block for block in blocks(TESTING, "toml"))
    assert shown.text in (ROOT / "journeyman/cli/template/pyproject.toml").read_text()
