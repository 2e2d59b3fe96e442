"""docs/operations.md: every setting is in it, and every command it names exists."""

import re
from pathlib import Path

from typer.main import get_command

from journeyman.cli.app import app
from journeyman.cli.reference import commands
from journeyman.journey.limits import Limits
from journeyman.settings import Settings

PAGE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()


def test_every_setting_is_documented() -> None:
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        assert f"`{alias if isinstance(alias, str) else f'JOURNEYMAN_{name.upper()}'}`" in PAGE


def test_every_limit_is_documented() -> None:
    for name in Limits.model_fields:
        assert f"`JOURNEYMAN_LIMIT_{name.upper()}`" in PAGE


def test_every_command_that_it_names_exists() -> None:
    known = {name for name, _ in commands("journeyman", get_command(app))}
    named = re.findall(r"(?:^|`)(journeyman [a-z][a-z -]*[a-z])", PAGE, re.MULTILINE)
    assert len(named) > 15
    for name in named:
        words = name.split(" --")[0].split()
        assert " ".join(words[:2]) in known or " ".join(words[:3]) in known, name


def test_every_link_leads_to_a_page() -> None:
    for target in re.findall(r"\]\(([\w./-]+)\)", PAGE):
        assert (Path(__file__).parents[3] / "docs" / target).is_file(), target
