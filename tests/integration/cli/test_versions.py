"""Kinds and versions from the command line."""

import re
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Cli
from tests.integration.cli.running import ROOT
from tests.integration.cli.waiting import until

pytestmark = pytest.mark.slow


async def test_a_machine_is_drawn(cli: Cli) -> None:
    drawn = await cli("diagram", "insurance-claim")
    assert drawn.out.startswith("stateDiagram-v2\n    [*] --> first_notice\n")
    assert "there is no journey kind `nope`" in await cli.refused("diagram", "nope")
    refused = await cli.refused("diagram", "bank-service", "--version", "9")
    assert "`bank-service` has no version `9`; this project has `1`" in refused


async def test_versions_are_counted_where_they_run(cli: Cli) -> None:
    await cli.data("start", "bank-service", "--address", "vera", "--id", "version-1")

    async def agree() -> bool:
        (one,) = await cli.data("versions", "bank-service")
        return bool(one["newest"] and one["in_build"] and one["postgres"]["open"] == one["temporal"].get("running"))

    await until(agree)


async def test_running_journeys_replay_against_this_build(cli: Cli) -> None:
    journey = (await cli.data("say", "rita", "hello", "--kind", "bank-service", "--wait", "20"))["journey"]

    async def is_visible() -> bool:
        return journey in [each["journey"] for each in (await cli.data("replay", "bank-service"))["replayed"]]

    await until(is_visible)
    told = await cli.data("replay", "bank-service")
    assert {each["problem"] for each in told["replayed"]} == {None}
    assert told["unread"] == 0


async def test_a_build_that_could_not_go_on_is_told(cli: Cli, project: Path, tmp_path: Path) -> None:
    """The same kind and version, which now waits before its first step: what runs would be lost in it."""
    journey = (await cli.data("say", "rose", "hello", "--kind", "bank-service", "--wait", "20"))["journey"]
    source = (ROOT / "workflows" / "bank_service" / "journey.py").read_text()
    first_line = re.compile(r'(async def listen\(self\)[^\n]*\n\s*"""[^"]*"""\n)')
    changed, times = first_line.subn(r"\1        await self.wait(timedelta(seconds=1))\n", source)
    assert times == 1
    changed = re.sub(r"^import|^from", "from datetime import timedelta\n\\g<0>", changed, count=1, flags=re.MULTILINE)
    (tmp_path / "otherbuild.py").write_text(changed)
    text = (project / "pyproject.toml").read_text()
    text = text.replace("workflows.bank_service.journey:BankService", "otherbuild:BankService").replace(
        '"roster.json"', f'"{project / "roster.json"}"'
    )
    (tmp_path / "pyproject.toml").write_text(text)

    async def is_visible() -> bool:
        return journey in [each["journey"] for each in (await cli.data("replay", "bank-service"))["replayed"]]

    await until(is_visible)
    printed = await cli("replay", "bank-service", "--json", environment={"JOURNEYMAN_PROJECT": str(tmp_path)})
    assert printed.code == 1
    (problem,) = [each["problem"] for each in printed.json["replayed"] if each["journey"] == journey]
    assert "does not match" in problem or "Nondeterminism" in problem

    limited = await cli.data("replay", "bank-service", "--limit", "1")
    assert len(limited["replayed"]) == 1
    assert limited["unread"] >= 1
    assert "not replayed: leave out --limit" in (await cli("replay", "bank-service", "--limit", "1")).out
