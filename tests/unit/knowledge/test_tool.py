"""The library's own tool."""

import pytest

from journeyman.agents import ToolCall, search_knowledge
from journeyman.errors import DeniedError

CALL = ToolCall(idempotency_key="call-1", journey="jrn-1", customer="cus-1", step="s", agent="a")


async def test_outside_of_a_worker_there_is_nothing_to_look_up() -> None:
    with pytest.raises(DeniedError, match="call the tool from a worker"):
        await search_knowledge.run(search_knowledge.parse({"query": "hours"}), CALL)


def test_it_only_reads_and_sees_no_secret() -> None:
    assert (search_knowledge.mode, search_knowledge.secrets) == ("read", ())
