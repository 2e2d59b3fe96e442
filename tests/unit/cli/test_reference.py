"""docs/cli.md, and what every command owes its users."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from journeyman.cli.app import app
from journeyman.cli.reference import commands, reference
from journeyman.governance.cases import load_cases

ROOT = Path(__file__).parents[3]
COMMANDS = dict(commands("journeyman", get_command(app)))
PRINTS_NO_DATA = {"journeyman worker"}


def test_the_page_is_what_the_commands_say() -> None:
    page = ROOT / "docs" / "cli.md"
    assert page.read_text(encoding="utf-8") == reference(), (
        "run `python -m journeyman.cli.reference > docs/cli.md` and read what changed"
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example_of_itself(name: str) -> None:
    assert f"Example: `{name}" in COMMANDS[name].help


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_can_be_typed_as_it_stands(name: str) -> None:
    shown = re.search(r"Example: `(.*)`", COMMANDS[name].help)
    assert shown is not None
    COMMANDS[name].make_context(name, shlex.split(shown[1].removeprefix(name)))


def test_the_case_of_the_example_is_one_of_the_shipped_ones() -> None:
    shown = re.search(r'--case "(.*)"', COMMANDS["journeyman policy explain"].help)
    assert shown is not None
    assert shown[1] in {case.name for case in load_cases(ROOT / "policies" / "cases")}


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - PRINTS_NO_DATA))
def test_every_command_that_prints_data_prints_it_as_json(name: str) -> None:
    assert any("--json" in parameter.opts for parameter in COMMANDS[name].params)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    assert all(parameter.help for parameter in COMMANDS[name].params)


PROMISED = {
    "": "dev start say show list cancel queues trace diagram replay versions migrate worker apply rewrap",
    "tasks ": "list show claim release start complete transfer suspend resume comment accept edit reject return approve deny"
    " answer dispose",
    "people ": "list set-presence",
    "customers ": "list show consent erase",
    "audit ": "verify export checkpoint reconcile",
    "policy ": "check test explain publish",
    "knowledge ": "check publish search show",
    "agents ": "publish stop resume",
    "journeys ": "stop",
}


@pytest.mark.parametrize("noun", PROMISED)
def test_the_promised_commands_are_there(noun: str) -> None:
    assert {f"journeyman {noun}{word}" for word in PROMISED[noun].split()} <= COMMANDS.keys()
