"""The attempts are worth their name: each tool there is is called with something that fits it, so that policy is asked."""

import pytest

from journeyman.agents.tool import Tool
from journeyman.errors import InputError
from journeyman.project import Project
from tests.acceptance.durable.shipped import REPOSITORY
from tests.acceptance.durable.traitor.attempts import AMOUNTS, ARGUMENTS

TOOLS = {tool.name: tool for tool in Project.load(REPOSITORY).tools}


def test_every_tool_that_there_is_is_tried() -> None:
    assert ARGUMENTS.keys() == TOOLS.keys()


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_tool_is_called_with_what_fits_it_and_with_what_does_not(name: str) -> None:
    fit = [_fits(TOOLS[name], args) for args in ARGUMENTS[name]]
    assert fit[0]
    assert not fit[-1]


@pytest.mark.parametrize("name", AMOUNTS)
def test_every_amount_around_a_limit_fits_and_so_is_asked_about(name: str) -> None:
    fit = [args for args in ARGUMENTS[name] if isinstance(args, dict) and _fits(TOOLS[name], args)]
    assert {*AMOUNTS[name]} <= {args.get("amount_minor") for args in fit}


def _fits(tool: Tool, args: object) -> bool:
    assert isinstance(args, dict)
    try:
        tool.parse(args)
    except InputError:
        return False
    return True
