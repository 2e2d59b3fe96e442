"""A request as a script of the stand-in model sees it: the prompt, taken apart again."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from journeyman.agents.capabilities import SCHEMA_TAG
from journeyman.agents.prompt import ANSWER_HEADING, KNOWLEDGE_HEADING, STEP_HEADING, Line, unescape

_TAGGED = re.compile(r"<(customer|ai|person|system|internal|input|note|tool_result|left_out)>(.*)</\1>", re.DOTALL)
_SCHEMA = re.compile(rf"<{SCHEMA_TAG}>(.*)</{SCHEMA_TAG}>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """A tool that the request offers."""

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON schema of its arguments."""


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """A tool call of this step and what came of it."""

    tool: str
    args: dict[str, JsonValue]
    result: JsonValue
    """The result; none where it was refused or failed."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class StandinRequest:
    """What the model was asked. Fields are empty where the request has no such part."""

    model: str
    instructions: str = ""
    """The agent's."""
    step: str = ""
    """The step's title."""
    step_instructions: str = ""
    input: JsonValue = None
    """The step's input."""
    lines: tuple[Line, ...] = ()
    tools: tuple[OfferedTool, ...] = ()
    outcomes: tuple[ToolOutcome, ...] = ()
    notes: tuple[str, ...] = ()
    schema: dict[str, Any] | None = None
    """JSON schema that the answer must fit: of the reply envelope, or of something else."""

    @property
    def is_envelope(self) -> bool:
        """Whether a reply envelope is asked for."""
        return self.schema is not None and {"say", "result"} <= self.schema.get("properties", {}).keys()

    @property
    def output_schema(self) -> dict[str, Any] | None:
        """JSON schema of `result`, with the `$defs` that it refers to."""
        if self.schema is None or not self.is_envelope:
            return self.schema
        result = self.schema["properties"]["result"]
        found = next((member for member in result.get("anyOf", [result]) if member.get("type") != "null"), None)
        return None if found is None else {**found, "$defs": self.schema.get("$defs", {})}

    @property
    def said(self) -> tuple[str, ...]:
        """The customer's lines."""
        return tuple(line.text for line in self.lines if line.author_kind == "customer")

    @property
    def latest(self) -> str:
        """What the customer has said since the last answer, as one text."""
        texts: list[str] = []
        for line in reversed(self.lines):
            if line.author_kind == "ai" and line.audience == "customer":
                break
            if line.author_kind == "customer":
                texts.insert(0, line.text)
        return "\n".join(texts)

    def outcome(self, tool: str) -> ToolOutcome | None:
        """The latest outcome of a tool; none: it was not called in this step."""
        return next((outcome for outcome in reversed(self.outcomes) if outcome.tool == tool), None)

    def result_of(self, tool: str) -> Any:
        """The latest result of a tool; none: it was not called, or there is no result."""
        outcome = self.outcome(tool)
        return None if outcome is None else outcome.result

    def offers(self, tool: str) -> bool:
        """Whether a tool may be asked for."""
        return any(offered.name == tool for offered in self.tools)


def parse_request(body: dict[str, Any]) -> StandinRequest:
    """Reads a chat-completions request, Journeyman's own or any other."""
    messages: list[dict[str, Any]] = [message for message in body.get("messages", ()) if isinstance(message, dict)]
    system = "\n\n".join(_content(message) for message in messages if message.get("role") in ("system", "developer"))
    head, _, rest = system.partition(f"\n\n{STEP_HEADING}") if STEP_HEADING in system else (system, "", "")
    step, _, _ = rest.partition(f"\n\n{ANSWER_HEADING}")
    title, _, step_instructions = step.partition("\n")
    tagged = [*_tagged(messages)]
    inputs = [text for tag, text in tagged if tag == "input"]
    return StandinRequest(
        model=str(body.get("model", "")),
        instructions=head.partition(f"\n\n{KNOWLEDGE_HEADING}")[0],
        step=title,
        step_instructions=step_instructions,
        input=_json(inputs[0]) if inputs else None,
        lines=tuple(_lines(messages)),
        tools=tuple(_tools(body)),
        outcomes=tuple(_outcomes(messages)),
        notes=tuple(text for tag, text in tagged if tag == "note"),
        schema=_schema(body, system),
    )


def _tagged(messages: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for message in messages:
        if message.get("role") == "user" and (match := _TAGGED.fullmatch(_content(message))):
            yield match[1], unescape(match[2])


def _lines(messages: list[dict[str, Any]]) -> Iterator[Line]:
    for message in messages:
        text = _content(message)
        if message.get("role") == "assistant" and text:
            spoken = _json(text)
            if isinstance(spoken, dict) and isinstance(spoken.get("ask_person"), str):
                yield Line(author_kind="ai", audience="internal", text=spoken["ask_person"])
            elif isinstance(spoken, dict) and isinstance(spoken.get("say"), str):
                yield Line(author_kind="ai", text=spoken["say"])
            elif not isinstance(spoken, dict):
                yield Line(author_kind="ai", text=text)
        elif message.get("role") == "user":
            match = _TAGGED.fullmatch(text)
            if match is None:
                yield Line(author_kind="customer", text=text)
            elif match[1] == "customer":
                yield Line(author_kind="customer", text=unescape(match[2]))
            elif match[1] in ("ai", "system"):
                yield Line.model_validate({"author_kind": match[1], "text": unescape(match[2])})
            elif match[1] in ("person", "internal"):
                audience = "internal" if match[1] == "internal" else "customer"
                yield Line.model_validate({"author_kind": "person", "audience": audience, "text": unescape(match[2])})


def _outcomes(messages: list[dict[str, Any]]) -> Iterator[ToolOutcome]:
    calls: dict[str, tuple[str, dict[str, JsonValue]]] = {}
    for message in messages:
        for call in message.get("tool_calls") or ():
            args = _json(call["function"].get("arguments") or "{}")
            calls[call["id"]] = (call["function"]["name"], args if isinstance(args, dict) else {})
        if message.get("role") == "tool" and message.get("tool_call_id") in calls:
            tool, args = calls[message["tool_call_id"]]
            text = _content(message)
            match = _TAGGED.fullmatch(text)
            value = _json(unescape(match[2]) if match else text)
            failed = isinstance(value, dict) and value.keys() == {"error"}
            error = str(value["error"]) if isinstance(value, dict) and failed else None
            yield ToolOutcome(tool, args, None if failed else value, error)


def _tools(body: dict[str, Any]) -> Iterator[OfferedTool]:
    for offered in body.get("tools") or ():
        function = offered.get("function", {})
        parameters = function.get("parameters") or {"type": "object", "properties": {}}
        yield OfferedTool(function.get("name", ""), function.get("description", ""), parameters)


def _schema(body: dict[str, Any], system: str) -> dict[str, Any] | None:
    named = (body.get("response_format") or {}).get("json_schema") or {}
    if isinstance(named.get("schema"), dict):
        return dict(named["schema"])
    match = _SCHEMA.search(system)
    found = _json(match[1]) if match else None
    return found if isinstance(found, dict) else None


def _content(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content if isinstance(part, dict))
    return str(content)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
