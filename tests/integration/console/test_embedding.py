"""The page about the customer chat: what a web site would copy from it works."""

from typing import Any

from tests.docs.pages import ROOT, blocks
from tests.integration.console.site import Site

PAGE = ROOT / "docs" / "chat.md"


async def test_a_site_s_server_exchanges_what_it_knows_for_a_token(site: Site) -> None:
    (block,) = [each for each in blocks(PAGE, "python") if each.file == "chat_token.py"]
    made: dict[str, Any] = {}
    exec(compile(block.text, "chat_token.py", "exec"), made)
    async with site.program("ana", "chat:write") as console:
        token = await made["chat_token"](console, "account-7", "Ada")
    async with site.client(headers={"Authorization": f"Bearer {token}"}) as browser:
        assert (await browser.get("/api/v1/chat")).json()["answers"] == "nobody"
