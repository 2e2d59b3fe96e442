"""Policies and AI agents' versions from the command line."""

import json
import shutil
from pathlib import Path

import pytest

from journeyman.cli.session import Session
from tests.integration.cli.conftest import Cli
from tests.integration.cli.running import ROOT

pytestmark = pytest.mark.slow

QUESTION = {
    "principal": {"type": "AIAgent", "id": "teller"},
    "action": "perform",
    "resource": {
        "type": "Step",
        "id": "bank-service/inform-balance",
        "attrs": {"name": "inform-balance", "kind": "bank-service", "queue": "bank-care"},
    },
    "facts": {"triggers": ["person_request"]},
}


@pytest.fixture
def edited(tmp_path: Path, project: Path) -> tuple[Path, dict[str, str]]:
    """A copy of the project whose policies may be edited, and the environment that names it."""
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    text = (project / "pyproject.toml").read_text().replace(str(ROOT / "policies"), "policies")
    (tmp_path / "pyproject.toml").write_text(text)
    shutil.copy(project / "roster.json", tmp_path)
    return tmp_path / "policies", {"JOURNEYMAN_PROJECT": str(tmp_path)}


async def test_the_shipped_policies_are_in_order_and_proven(cli: Cli) -> None:
    assert (await cli.data("policy", "check"))["problems"] == []
    tested = await cli.data("policy", "test")
    assert tested["passed"] > 100
    assert (tested["failed"], tested["unproven"], tested["changes"]) == ([], [], None)


async def test_a_policy_that_does_not_parse_is_named_with_its_place(
    cli: Cli, edited: tuple[Path, dict[str, str]]
) -> None:
    folder, environment = edited
    (folder / "own.cedar").write_text(
        '// Why.\n@id("own")\n@serves("us")\npermit (principal is AIAgent, action, resource'
    )
    checked = await cli("policy", "check", "--json", environment=environment)
    assert checked.code == 1
    assert any(problem.startswith("own.cedar:2: it does not parse") for problem in checked.json["problems"])
    published = await cli("policy", "publish", "--as", "paula", environment=environment)
    assert published.code == 1
    assert "own.cedar:2: it does not parse" in published.err


async def test_a_case_that_fails_is_told_and_nothing_is_published(
    cli: Cli, edited: tuple[Path, dict[str, str]]
) -> None:
    folder, environment = edited
    text = (folder / "base.cedar").read_text()
    start = text.index("// A model that doubts itself")
    (folder / "base.cedar").write_text(text[:start] + text[text.index("};", start) + 2 :])
    tested = await cli("policy", "test", "--json", environment=environment)
    assert tested.code == 1
    assert tested.json["failed"]
    assert any("allow" in change for change in tested.json["changes"])
    published = await cli("policy", "publish", "--as", "paula", environment=environment)
    assert published.code == 1
    assert "Nothing is published that has not passed its check" in published.err


async def test_an_author_publishes_and_others_do_not(
    cli: Cli, edited: tuple[Path, dict[str, str]], session: Session
) -> None:
    folder, environment = edited
    base = folder / "base.cedar"
    base.write_text(base.read_text() + "\n// A remark at the end.\n")
    refused = await cli("policy", "publish", "--as", "bea", environment=environment)
    assert "`bea` may not `publish_policy`" in refused.err
    published = await cli("policy", "publish", "--as", "paula", "--json", environment=environment)
    assert published.json["published"]
    assert not (await cli("policy", "publish", "--as", "paula", "--json", environment=environment)).json["published"]
    async with (await session.database()).connection() as conn:
        newest = await conn.fetchrow(
            "select hash, published_by from publication where subject = 'policies' order by id desc limit 1"
        )
    assert (newest["hash"], newest["published_by"]) == (published.json["bundle"], "paula")
    assert (await cli.data("policy", "publish", "--as", "paula"))["published"]  # back to the shipped ones


async def test_a_decision_is_explained(cli: Cli) -> None:
    told = await cli.data("policy", "explain", json.dumps(QUESTION))
    assert not told["allowed"]
    assert "AI agent `teller` may not work the step `inform-balance`" in told["story"]
    in_force = await cli("policy", "explain", json.dumps(QUESTION), "--in-force")
    assert "Decided by bundle" in in_force.out
    cases = json.loads((ROOT / "policies" / "cases" / "base-ai.json").read_text())["cases"]
    assert (await cli.data("policy", "explain", "--case", cases[0]["name"]))["story"]
    assert "there is no case" in await cli.refused("policy", "explain", "--case", "no such case")
    assert "give a question as JSON" in await cli.refused("policy", "explain")
    assert "`question.principal.type`" in await cli.refused(
        "policy", "explain", json.dumps(QUESTION | {"principal": {"type": "Robot", "id": "r"}})
    )


async def test_an_ai_agents_version_is_published_by_an_author(cli: Cli) -> None:
    assert (await cli.data("agents", "publish", "--as", "paula"))["published"] == []
    listed = await cli.data("agents", "list")
    assert {agent["published_by"] for agent in listed} == {"dev"}
    assert all(agent["build"] == agent["published"] for agent in listed)
    assert "`bea` may not `publish_policy`" in await cli.refused("agents", "publish", "teller", "--as", "bea")
