"""The commands that pages of the documentation show, as they stand there, on a running `journeyman dev`."""

import asyncio
import re
import shlex
from functools import partial

import pytest

from tests.docs.pages import PAGES as EVERY_PAGE
from tests.docs.pages import ROOT, Block, blocks
from tests.integration.cli.conftest import Cli
from tests.integration.cli.waiting import until

pytestmark = pytest.mark.slow

PAGES = ("ledger", "knowledge", "operations", "signin", "chat")
BLOCKS = [block for page in PAGES for block in blocks(ROOT / "docs" / f"{page}.md", "sh")]

_EXPORT = re.compile(r"export (\w+)=(.*)")
_TOKEN = re.compile(r"\btok-\w+")


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.page.stem}: {block.text.split(maxsplit=3)[1:3]}")
async def test_a_block_of_commands_runs(cli: Cli, block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(cli.folder)
    await until(partial(asyncio.to_thread, (cli.folder / "checkpoints").exists))  # soon after the start
    environment: dict[str, str] = {}
    token = ""
    for line in block.text.splitlines():
        if (export := _EXPORT.fullmatch(line)) is not None:
            environment[export[1]] = shlex.split(export[2])[0]
            continue
        program, *words = shlex.split(_TOKEN.sub(token, line), comments=True)
        assert program == "journeyman"
        if words == ["dev"]:
            continue  # it runs
        printed = await cli(*words, environment=environment)
        assert printed.code == 0, (line, printed.out, printed.err)
        token = next(iter(_TOKEN.findall(printed.out)), token)


def test_every_other_page_with_commands_has_a_test_of_its_own_or_says_that_it_has_none() -> None:
    shown = {page.stem for page in EVERY_PAGE if blocks(page, "sh")}
    assert shown == {*PAGES, "quickstart", "README", "api"}
