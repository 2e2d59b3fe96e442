"""The knowledge from the command line."""

import shutil
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Cli
from tests.integration.cli.running import ROOT

pytestmark = pytest.mark.slow

ARTICLE = "# Fees\n\nA replacement card costs nothing.\n"


@pytest.fixture
def edited(tmp_path: Path, project: Path) -> tuple[Path, dict[str, str]]:
    """A copy of the project whose knowledge may be edited, and the environment that names it."""
    shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    text = (project / "pyproject.toml").read_text().replace(str(ROOT / "knowledge"), "knowledge")
    (tmp_path / "pyproject.toml").write_text(text)
    shutil.copy(project / "roster.json", tmp_path)
    return tmp_path / "knowledge", {"JOURNEYMAN_PROJECT": str(tmp_path)}


async def test_the_shipped_knowledge_is_in_order_in_force_and_found(cli: Cli) -> None:
    checked = await cli.data("knowledge", "check")
    assert checked["problems"] == []
    assert not (await cli.data("knowledge", "publish", "--as", "paula"))["published"]  # `dev` has
    found = await cli.data("knowledge", "search", "lost card", "--kind", "bank-service")
    assert found[0]["citation"] == f"bank-service/report-fraud.md#lost-or-stolen-card@{checked['base'][:12]}"
    shown = await cli("knowledge", "search", "lost card")
    assert "Reporting fraud > Lost or stolen card" in shown.out
    assert "in force)" in (await cli("knowledge", "show", found[0]["citation"])).out
    assert "says nothing about it" in (await cli("knowledge", "search", "zebra")).out


async def test_an_author_publishes_and_what_was_cited_before_opens_still(
    cli: Cli, edited: tuple[Path, dict[str, str]]
) -> None:
    folder, environment = edited
    before = (await cli.data("knowledge", "search", "opening hours"))[0]["citation"]
    (folder / "fees.md").write_text(ARTICLE)
    refused = await cli("knowledge", "publish", "--as", "bea", environment=environment)
    assert "`bea` may not `publish_policy`" in refused.err
    published = await cli("knowledge", "publish", "--as", "paula", "--json", environment=environment)
    assert published.json["published"]
    found = (await cli.data("knowledge", "search", "replacing cards"))[0]
    assert found["text"] == "A replacement card costs nothing."
    opened = await cli("knowledge", "show", before)
    assert "no longer in force" in opened.out
    assert (await cli.data("knowledge", "publish", "--as", "paula"))["published"]  # back to the shipped one


async def test_what_is_to_be_mended_is_told_and_not_published(cli: Cli, edited: tuple[Path, dict[str, str]]) -> None:
    folder, environment = edited
    (folder / "fees.md").write_text("No title.")
    checked = await cli("knowledge", "check", "--json", environment=environment)
    assert checked.code == 1
    assert checked.json["problems"] == ["fees.md: it has no title; begin it with a line `# Its title`"]
    published = await cli("knowledge", "publish", "--as", "paula", environment=environment)
    assert published.code == 1
    assert "note: fees.md: it has no title" in published.err
    assert "Nothing is published that has not passed its check" in published.err


async def test_what_is_wrong_is_told_in_one_line(cli: Cli, edited: tuple[Path, dict[str, str]]) -> None:
    folder, environment = edited
    assert "is no citation" in await cli.refused("knowledge", "show", "fees.md")
    assert "search for it anew" in await cli.refused("knowledge", "show", "fees.md#fees@000000000000")
    file = folder.parent / "pyproject.toml"
    file.write_text(file.read_text().replace('knowledge = "knowledge"\n', ""))
    none = await cli("knowledge", "check", environment=environment)
    assert "this project has no knowledge" in none.err
