"""Every page: its links lead somewhere, its Python parses, and everything that there is, is documented."""

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from journeyman.cli.app import app
from journeyman.cli.reference import commands
from journeyman.console.reference import reference
from journeyman.governance import Bundle
from journeyman.journey.limits import Limits
from journeyman.settings import Settings
from tests.docs.pages import PAGES, ROOT, blocks, prose

DOCS = ROOT / "docs"

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def _ids(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_ids)
def test_a_pages_links_lead_somewhere(page: Path) -> None:
    for target in _LINK.findall(prose(page)):
        if re.match(r"https?://|mailto:", target):
            continue
        file, _, anchor = target.partition("#")
        found = (page.parent / file).resolve() if file else page
        assert found.exists(), f"{_ids(page)} links to {target}"
        if anchor:
            assert anchor in _anchors(found), f"{_ids(page)} links to {target}"


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=_ids)
def test_a_pages_python_json_and_toml_parse(page: Path) -> None:
    for block in blocks(page):
        match block.language:
            case "python":
                ast.parse(block.text)
            case "json":
                json.loads(block.text)
            case "toml":
                tomllib.loads(block.text)


@pytest.mark.parametrize("page", PAGES, ids=_ids)
def test_a_page_speaks_of_the_project_alone(page: Path) -> None:
    assert not re.search(r"/(work|root|home/\w+)/|issue \d|#\d{2,}\b|\bTODO\b", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "cli.md"], ids=_ids)
def test_the_commands_that_a_page_names_exist(page: Path) -> None:
    known = {name.removeprefix("journeyman ") for name, _ in commands("journeyman", get_command(app))}
    groups = {name.split()[0] for name in known if " " in name}
    shown = [
        *re.findall(r"`([^`\n]+)`", prose(page)),
        *(b.text for b in blocks(page) if b.language in ("sh", "console", "shell")),
    ]
    for text in shown:
        for words in re.findall(
            r"(?:^|[\s;&|])journeyman(?: --folder \S+)? ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", f" {text}"
        ):
            alone = words.split()[0]
            named = words if alone in groups and words != alone else alone
            assert named in known | groups, f"{_ids(page)}: journeyman {words}"


def test_the_index_names_every_page() -> None:
    named = set(_LINK.findall((DOCS / "index.md").read_text()))
    assert {page.name for page in DOCS.glob("*.md")} - {"index.md"} <= named


def test_the_api_s_page_is_made_of_its_document() -> None:
    assert (DOCS / "api.md").read_text() == reference()


def test_every_command_is_documented() -> None:
    page = (DOCS / "cli.md").read_text()
    for name, _ in commands("journeyman", get_command(app)):
        assert f"\n## {name}\n" in page, name


def test_every_setting_is_documented() -> None:
    page = (DOCS / "operations.md").read_text()
    names = {
        str(field.validation_alias) if field.validation_alias else f"JOURNEYMAN_{name.upper()}"
        for name, field in Settings.model_fields.items()
    }
    names |= {f"JOURNEYMAN_LIMIT_{name.upper()}" for name in Limits.model_fields}
    assert {name for name in names if f"`{name}`" not in page} == set()


def test_every_policy_says_what_it_is_for_and_whom_it_serves() -> None:
    for policy in Bundle.load(ROOT / "policies").policies:
        assert policy.intent, policy.id
        assert policy.annotations.get("serves"), policy.id


def test_every_state_is_documented() -> None:
    page = (DOCS / "states.md").read_text()
    schema = (ROOT / "journeyman/store/migrations/0001_initial.sql").read_text()
    states: set[str] = set()
    for constraint in ("journey_status", "tool_call_status", "task_state", "person_presence"):
        listed = re.search(rf"constraint {constraint} check \(\s*\w+ in \(([^)]*)\)", schema)
        assert listed is not None, constraint
        states |= set(re.findall(r"'(\w+)'", listed[1]))
    assert {state for state in states if f"`{state}`" not in page} == set()


def test_every_runtime_dependency_has_its_reason() -> None:
    page = (DOCS / "decisions" / "dependencies.md").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for requirement in [*project["dependencies"], *extras["embedded"], *extras["testing"]]:
        name = re.split(r"[\[>=<]", requirement)[0]
        assert name == "journeyman" or f"`{name}`" in page, requirement


def test_every_decision_names_its_options_its_choice_and_what_would_change_it() -> None:
    for page in (DOCS / "decisions").glob("*.md"):
        text = page.read_text()
        for part in ("**Options", "**Choice.**", "**What would change it.**"):
            assert part in text, f"{page.name}: {part}"


def test_every_key_of_the_projects_section_is_documented() -> None:
    told = "".join((DOCS / name).read_text() for name in ("journeys.md", "operations.md"))
    section = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["journeyman"]
    assert {key for key in section if key not in told} == set()
