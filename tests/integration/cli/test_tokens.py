"""Tokens for programs, from the command line."""

import json

import pytest

from tests.integration.cli.conftest import Cli

pytestmark = pytest.mark.slow


async def test_a_token_is_made_listed_and_revoked(cli: Cli) -> None:
    made = await cli.data("tokens", "make", "fay", "--scope", "tasks:read", "--name", "the wallboard")
    assert made["token"].startswith("jny_")
    (listed,) = await cli.data("tokens", "list", "fay")
    assert (listed["id"], listed["name"], listed["scopes"]) == (made["id"], "the wallboard", ["tasks:read"])
    assert made["token"] not in json.dumps(listed)
    assert (await cli.data("tokens", "revoke", made["id"]))["revoked"] == made["id"]
    assert "there is no token" in await cli.refused("tokens", "revoke", made["id"])
    assert "is no scope; there are" in await cli.refused("tokens", "make", "fay", "--scope", "everything")
    assert "there is no person `zoe`" in await cli.refused("tokens", "make", "zoe", "--scope", "tasks:read")
