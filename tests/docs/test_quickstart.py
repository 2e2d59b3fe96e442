"""docs/quickstart.md: its commands, one after the other, on a running `journeyman dev`; what it shows is what comes out."""

import re
import shlex
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from journeyman.tasks.lifecycle import CLOSED
from tests.docs.pages import ROOT, blocks
from tests.integration.cli.conftest import Cli
from tests.integration.cli.running import Dev
from tests.integration.cli.waiting import until

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
    told, command, names = "", "", dict[str, str]()
    for block in blocks(PAGE):
        if block.language == "sh":
            told = ""
            for line in block.text.splitlines():
                command = re.sub(r"\b(JOURNEY|TASK|HASH)\b", lambda match: names[match[0]], line)
                if "JOURNEY" in names and command.startswith(("journeyman say", "journeyman show")):
                    await until(partial(at_rest, Cli(folder), names["JOURNEY"]))
                told += await run(command, folder)
                for name, pattern in _NAMED.items():
                    if found := re.search(pattern, told):
                        names[name] = found[0]
        elif block.language == "text":
            shown = [settled(line) for line in block.text.splitlines()]
            for line in shown:
                assert line in settled(told), f"{line}\nis not in:\n{told}"


async def at_rest(cli: Cli, journey: str) -> bool:
    """Whoever reads the page types slower than the journey goes on: it waits, and for nothing that is done already."""
    seen = await cli.data("show", journey)
    waits = {f"task {task['id']}" for task in seen["tasks"] if task["state"] not in CLOSED}
    return seen["status"] != "open" or seen["waiting_for"] in {"customer", *waits}


async def run(command: str, folder: Path) -> str:
    """One line of the page, its words as a shell reads them."""
    program, *words = shlex.split(command)
    assert program == "journeyman"
    printed = await Cli(folder)(*words)
    assert printed.code == 0, f"{command}\n{printed.out}{printed.err}"
    return printed.out
