"""docs/policies.md: what it shows works."""

from pathlib import Path

import pytest

from journeyman.agents import Tool
from journeyman.governance.cases import load_cases, run
from journeyman.governance.check import problems_of
from journeyman.governance.schema import generate
from tests.docs import pages
from tests.docs.pages import ROOT
from tests.unit.governance.shipped import authorizer, files
from tests.unit.governance.tools import SHIPPED


def blocks(language: str) -> list[str]:
    return [block.text for block in pages.blocks(ROOT / "docs" / "policies.md", language)]


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_of_the_page_runs(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(block, "docs/policies.md", "exec"), {"__name__": "page"})


def test_the_policies_of_the_page_pass_the_check() -> None:
    block = next(block for block in blocks("python") if "class Refund(" in block)
    names: dict[str, object] = {"__name__": "page"}
    exec(compile(block, "docs/policies.md", "exec"), names)
    refund = names["refund"]
    assert isinstance(refund, Tool)
    tools = generate([*SHIPPED, refund])
    found = problems_of(files() | {"tools.cedarschema": tools, "page.cedar": "\n".join(blocks("cedar"))})
    assert found == []


def test_the_case_of_the_page_passes(tmp_path: Path) -> None:
    (block,) = blocks("json")
    (tmp_path / "page.json").write_text(block)
    (result,) = run(authorizer(), load_cases(tmp_path))
    assert result.passed, result.failures
