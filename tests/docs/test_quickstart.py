"""docs/quickstart.md: its commands, one after the other, on a running `journeyman dev`; what it shows is what comes out."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, blocks
from tests.integration.cli.running import Dev

PAGE = ROOT / "docs" / "quickstart.md"

_NAMED = {"JOURNEY": r"jrn-\w{26}", "TASK": r"task-\w{26}", "HASH": r"\b[0-9a-f]{64}\b"}
_VOLATILE = (
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    r"\b\w+-01[0-9a-z]{24}\b",
    r"\b[0-9a-f]{8,12}\b",
    r"revision \d+",
    *_NAMED,
)


def settled(line: str) -> str:
    """Without what differs from run to run."""
    for pattern in _VOLATILE:
        line = re.sub(pattern, "_", line)
    return " ".join(line.split())


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Path]:
    """A folder with a running `journeyman dev`."""
    dev = Dev(tmp_path / "dev", ROOT)
    try:
        await dev.start()
        yield dev.folder
    finally:
        await dev.stop()
        await dev.remove()


@pytest.mark.slow
async def test_the_page_comes_true(folder: Path) -> None:
    told, names = "", dict[str, str]()
    for block in blocks(PAGE):
        if block.language == "sh":
            told = ""
            for line in block.text.splitlines():
                command = re.sub(r"\b(JOURNEY|TASK|HASH)\b", lambda match: names[match[0]], line)
                told += await asyncio.to_thread(run, command, folder)
                for name, pattern in _NAMED.items():
                    if found := re.search(pattern, told):
                        names[name] = found[0]
        elif block.language == "text":
            came = settled(told)
            for line in block.text.splitlines():
                assert settled(line) in came, f"{line}\nis not in:\n{told}"


def run(command: str, folder: Path) -> str:
    """One line of the page, in a shell."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("JOURNEYMAN_", "OPENAI_"))}
    path = f"{Path(sys.executable).parent}:{kept['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=ROOT,
        env=kept | {"PATH": path, "JOURNEYMAN_FOLDER": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
