"""A project in which the files that a page shows are laid out as they stand there."""

import re
from collections.abc import Iterable
from pathlib import Path

from journeyman.cli.new import lay_out
from tests.docs.pages import Block


def project(folder: Path, shown: Iterable[Block], *, journeys: list[str], agents: list[str]) -> Path:
    """What `journeyman new` lays out, with these blocks as files and these names in [tool.journeyman]."""
    lay_out(folder)
    for block in shown:
        if block.file is not None:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(block.text, encoding="utf-8")
    settings = folder / "pyproject.toml"
    text = settings.read_text(encoding="utf-8")
    for name, added in (("journeys", journeys), ("agents", agents)):
        listed = "".join(f', "{each}"' for each in added)
        text = re.sub(rf"^({name} = \[.*)\]$", rf"\g<1>{listed}]", text, flags=re.MULTILINE)
    settings.write_text(text, encoding="utf-8")
    return folder
