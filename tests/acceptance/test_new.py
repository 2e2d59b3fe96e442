"""`journeyman new`: what it lays out runs by itself, from the wheel as from a checkout."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from journeyman.cli.new import TEMPLATE, lay_out, requirement
from journeyman.errors import InputError

ROOT = Path(__file__).parents[2]


def run(folder: Path, *command: str) -> str:
    """A command in the project's folder, by this very Python and nothing else of this repository."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JOURNEYMAN_", "OPENAI_", "PYTHON", "PYTEST_"))
    }
    done = subprocess.run(
        [sys.executable, "-P", "-m", *command],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, laid out by the command."""
    above = tmp_path_factory.mktemp("projects")
    told = json.loads(run(above, "journeyman", "new", "Shop Care", "--json"))
    assert "workflows/missing_delivery/journey.py" in told["files"]
    assert ".gitignore" in told["files"]
    return above / "Shop Care"


@pytest.mark.slow
def test_its_own_tests_pass(shop: Path) -> None:
    assert "5 passed" in run(shop, "pytest", "-q", "-p", "no:cacheprovider")


@pytest.mark.slow
def test_its_demo_plays_to_the_end_and_is_verified(shop: Path) -> None:
    told = json.loads(run(shop, "journeyman", "demo", "--json").splitlines()[-1])
    assert told["journeys_completed"] == told["journeys_started"] == 4
    assert told["outcomes"]["resolved_by_ai"] == 1
    assert told["handoffs"] == {"asked_for_person": 1}
    assert told["ledger"]["verified"] is True
    assert told["lost_tasks"] == told["secrets_found"] == 0


def test_its_policies_are_in_order_and_every_one_is_proven(shop: Path) -> None:
    assert json.loads(run(shop, "journeyman", "policy", "check", "--json"))["problems"] == []
    told = json.loads(run(shop, "journeyman", "policy", "test", "--json"))
    assert (told["failed"], told["unproven"]) == ([], [])


@pytest.mark.slow
def test_it_is_strictly_typed(shop: Path, tmp_path: Path) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    with suppress(FileNotFoundError):  # most of the work is what we depend on: `make check` may have read it
        shutil.copytree(ROOT / ".mypy_cache" / version, tmp_path / version)
    like_ours = ("--strict", "--config-file", str(ROOT / "pyproject.toml"), "--cache-dir", str(tmp_path))
    run(shop, "mypy", *like_ours, "workflows", "activities", "workers", "tests")


def test_its_folder_names_it_and_pip_finds_the_journeyman_that_laid_it_out(shop: Path) -> None:
    section = tomllib.loads((shop / "pyproject.toml").read_text())["project"]
    assert section["name"] == "shop-care"
    assert requirement() in (shop / "Makefile").read_text()
    assert "{{" not in (shop / "README.md").read_text() + (shop / "Makefile").read_text()


def test_it_has_the_same_two_commands_and_folders_as_this_repository(shop: Path) -> None:
    targets = {line.partition(":")[0] for line in (shop / "Makefile").read_text().splitlines() if " ## " in line}
    assert {"demo", "test"} <= targets
    assert {"workflows", "activities", "workers", "policies", "tests"} <= {path.name for path in shop.iterdir()}


def test_the_default_cases_of_its_policies_are_those_of_this_repository() -> None:
    def names(file: Path) -> list[str]:
        return [case["name"] for case in json.loads(file.read_text())["cases"]]

    ours = names(ROOT / "policies" / "cases" / "base-ai.json")
    theirs = names(TEMPLATE / "policies" / "cases" / "base-ai.json")
    translated = {"asking for a PIN is the authenticator's business": "asking for what is no card data is fine"}
    assert theirs == [translated.get(name, name) for name in ours], "copy the changed cases into the template"


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(InputError, match="is not empty, and nothing in it is overwritten"):
        lay_out(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        lay_out(tmp_path / "mine")


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert sorted(lay_out(tmp_path)) == sorted(
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    )


@pytest.mark.slow
def test_a_wheel_holds_the_template_whole(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for source in TEMPLATE.rglob("*"):
            if source.is_file() and "__pycache__" not in source.parts:
                name = source.relative_to(ROOT).as_posix()
                assert name in names
                assert archive.read(name) == source.read_bytes(), name
    assert {name.split("/")[0] for name in names} == {"journeyman", "journeyman-0.1.0.dist-info"}
