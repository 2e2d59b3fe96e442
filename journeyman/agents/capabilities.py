"""What a model at an endpoint understands of the protocol, learned from what it refuses."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA_TAG = "output_schema"

_UNSUPPORTED_STATUSES = (400, 403, 404, 422, 500, 501)
"""Statuses that endpoints answer an unknown option with."""


@dataclass(slots=True)
class Capabilities:
    """Options that are still used. Each is given up at its first refusal and stays so while the process runs."""

    response_format: Literal["json_schema", "json_object", "none"] = "json_schema"
    logprobs: bool = True
    format_with_tools: bool = True
    """Whether a response format leaves tool calls possible. At vLLM and Ollama it rules them out, without a word
    (vllm-project/vllm#39929, ollama/ollama#8095)."""
    stream_options: bool = True
    strict_tools: bool = True
    tokens_option: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    refused_schemas: set[str] = field(default_factory=set)
    """Names of schemas that this endpoint cannot compile; others are still sent."""

    def options(
        self,
        messages: Sequence[dict[str, Any]],
        tools: Sequence[dict[str, Any]],
        response_format: dict[str, Any] | None,
        max_tokens: int,
    ) -> dict[str, Any]:
        """The request's body in words that the endpoint is thought to understand.

        Where it takes no schema, the schema goes into the system message.
        """
        body: dict[str, Any] = {"messages": list(messages), self.tokens_option: max_tokens}
        if self.stream_options:
            body["stream_options"] = {"include_usage": True}
        if self.logprobs:
            body["logprobs"] = True
        if tools:
            body["tools"] = list(tools) if self.strict_tools else [_loose(tool) for tool in tools]
        if response_format is not None:
            named = response_format["json_schema"]
            constrained = self.format_with_tools or not tools
            if constrained and self.response_format == "json_schema" and named["name"] not in self.refused_schemas:
                body["response_format"] = response_format
            else:
                body["messages"] = _with_schema(messages, named["schema"])
                if constrained and self.response_format != "none":
                    body["response_format"] = {"type": "json_object"}
        return body

    def learn(self, status: int, told: str, body: dict[str, Any]) -> bool:
        """Gives up the option that a refusal of `body` names. False: it names none that was used."""
        if status not in _UNSUPPORTED_STATUSES:
            return False
        told = told.lower()
        if "logprobs" in told and "logprobs" in body:
            self.logprobs = False
        elif "stream_options" in told and "stream_options" in body:
            self.stream_options = False
        elif "max_completion_tokens" in told and "max_tokens" in body and "context" not in told:
            self.tokens_option = "max_completion_tokens"
        elif "response_format" in body and re.search(
            r"response_format|response format|json_schema|json_object|json mode|structured output|guided|grammar", told
        ):
            self._give_up_format(told, body["response_format"])
        elif re.search(r"\bstrict\b|invalid schema for function", told) and body.get("tools") and self.strict_tools:
            self.strict_tools = False
        else:
            return False
        return True

    def _give_up_format(self, told: str, sent: dict[str, Any]) -> None:
        if sent["type"] == "json_object":
            self.response_format = "none"
        elif "invalid schema" in told or "grammar" in told:
            self.refused_schemas.add(sent["json_schema"]["name"])
        else:
            self.response_format = "json_object"


def _with_schema(messages: Sequence[dict[str, Any]], schema: dict[str, Any]) -> list[dict[str, Any]]:
    text = json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
    told = f"Answer with nothing but one JSON object of this JSON schema:\n<{SCHEMA_TAG}>{text}</{SCHEMA_TAG}>"
    first, *rest = messages
    if first["role"] != "system":
        return [{"role": "system", "content": told}, *messages]
    return [{**first, "content": f"{first['content']}\n\n{told}"}, *rest]


def _loose(tool: dict[str, Any]) -> dict[str, Any]:
    function = {key: value for key, value in tool["function"].items() if key != "strict"}
    return {**tool, "function": function}
