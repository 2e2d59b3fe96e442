"""The library's own tool: an AI agent looks something up in the same knowledge that people have."""

from pydantic import BaseModel, Field

from journeyman.agents.passage import Passage
from journeyman.agents.tool import ToolCall, tool


class KnowledgeQuery(BaseModel):
    """What to look for."""

    query: str = Field(min_length=1, max_length=400, description="a few words, as for a search box; no personal data")


class Knowledge(BaseModel):
    """What was found, best first; empty: the knowledge says nothing about it."""

    passages: list[Passage]


@tool(mode="read", title="Search the knowledge")
async def search_knowledge(args: KnowledgeQuery, call: ToolCall) -> Knowledge:
    """Searches the company's published articles. Rely on nothing but what a passage says, and say so where none does."""
    return Knowledge(passages=await call.look_up(args.query))
