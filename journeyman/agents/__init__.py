"""AI agents and their tools, as their authors declare them.

The model's side of a turn is in `prompt`, `endpoint` and `reply`; the stand-in model in `standin`. They are imported from
there: what declares an agent must not load an HTTP client.
"""

from journeyman.agents.agent import AIAgent, Article
from journeyman.agents.knowledge import search_knowledge
from journeyman.agents.passage import Passage
from journeyman.agents.tool import Tool, ToolCall, args_hash, tool

__all__ = ["AIAgent", "Article", "Passage", "Tool", "ToolCall", "args_hash", "search_knowledge", "tool"]
