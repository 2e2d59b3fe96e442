"""docs/knowledge.md: what it shows works."""

from typing import Any

import pytest

from journeyman.agents import AIAgent
from journeyman.knowledge import Article, Base
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.publishing import publish_knowledge
from tests.docs.pages import ROOT, blocks
from tests.integration.tasks.world import NOW, World

PAGE = ROOT / "docs" / "knowledge.md"


def run(word: str) -> dict[str, Any]:
    """The names of the page's one block of Python that has this word."""
    (block,) = [block for block in blocks(PAGE, "python") if word in block.text]
    names: dict[str, Any] = {"__name__": "page"}
    exec(compile(block.text, str(PAGE), "exec"), names)
    return names


def test_the_article_of_the_page_is_in_order() -> None:
    (block,) = blocks(PAGE, "md")
    article = Article.parse("page.md", block.text)
    assert (article.problems, article.kinds, len(article.sections)) == ((), ("bank-service",), 2)


def test_the_agent_of_the_page_is_one() -> None:
    helper = run("HELPER")["HELPER"]
    assert isinstance(helper, AIAgent)
    assert helper.tool("search_knowledge") is not None


async def test_the_code_of_the_page_finds_and_opens(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    async with recording(world.database, world.desk.keyring) as tx:
        await publish_knowledge(tx, Base.load(ROOT / "knowledge"), Actor(kind="system", id="test"), NOW)
    async with world.database.connection() as conn:
        await run("def answer")["answer"](conn)
    told = capsys.readouterr().out
    assert "bank-service/report-fraud.md#lost-or-stolen-card@" in told
    assert "block the card in the app" in told
