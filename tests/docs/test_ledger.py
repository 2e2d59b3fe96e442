"""The code in docs/ledger.md runs."""

import pytest

from tests.docs.pages import ROOT, Block, blocks

PAGE = ROOT / "docs" / "ledger.md"
BLOCKS = blocks(PAGE, "python")


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_a_block_runs(block: Block) -> None:
    exec(compile(block.text, str(PAGE), "exec"), {"__name__": "docs"})


def test_there_are_blocks() -> None:
    assert BLOCKS
