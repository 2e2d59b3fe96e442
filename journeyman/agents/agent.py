"""An AI agent as its author declares it, and the specification of it that is published."""

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Self

from pydantic import BaseModel, ConfigDict, JsonValue, field_validator, model_validator

from journeyman.agents.schema import strict_schema
from journeyman.agents.tool import Tool
from journeyman.errors import DefinitionError

_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_REFERENCE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


class Article(BaseModel):
    """A text that the agent may rely on."""

    model_config = ConfigDict(frozen=True)

    title: str
    text: str


class AIAgent(BaseModel):
    """An AI agent: who it is, what it is told, what it may ask to do. What it may really do, policy decides.

    Raises DefinitionError at import where the declaration does not hold together.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    instructions: str
    tools: tuple[Tool, ...] = ()
    knowledge: tuple[Article, ...] = ()
    model: str | None = None
    """The model's name at the endpoint; none: the endpoint's own."""
    max_turns: int = 12
    """Model calls for one step, after which a person gets it."""
    max_tokens: int = 2048
    """Tokens of one answer."""
    prompt_tokens: int = 24_000
    """Estimated tokens of one prompt; a longer transcript loses its middle."""
    calibrated: tuple[str, ...] = ()
    """The steps, each as `KIND/STEP`, for which people have compared `token_probability` with their reviews of this very version,
    under the `model` that it names: to policies it is a measure of confidence there, and nowhere else."""
    standin: str | None = None
    """`module:function` of the script that the stand-in model follows for this agent."""

    @field_validator("name")
    @classmethod
    def _name_fits(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise DefinitionError(
                f"agent `{name}`: a name is lower case letters, digits and `-`, at most 64; rename it"
            )
        return name

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        owner = f"agent `{self.name}`"
        if not self.instructions.strip():
            raise DefinitionError(f"{owner}: it has no instructions; say what it is for and what it must not do")
        seen: set[str] = set()
        for tool in self.tools:
            if tool.name in seen:
                raise DefinitionError(f"{owner}: it has two tools named `{tool.name}`; rename or drop one")
            seen.add(tool.name)
        for field in ("max_turns", "max_tokens", "prompt_tokens"):
            if getattr(self, field) < 1:
                raise DefinitionError(f"{owner}: {field} is `{getattr(self, field)}`; it must be at least 1")
        if self.calibrated and self.model is None:
            raise DefinitionError(f"{owner}: it is calibrated and names no `model`; name the one that was calibrated")
        if self.standin is not None and not _REFERENCE.fullmatch(self.standin):
            raise DefinitionError(f"{owner}: standin is `{self.standin}`; write it as `module:function`")
        return self

    def tool(self, name: str) -> Tool | None:
        """Its tool of that name."""
        return next((tool for tool in self.tools if tool.name == name), None)

    def spec(self, outputs: Mapping[str, type[BaseModel]] | None = None) -> dict[str, JsonValue]:
        """What `publish` records: instructions, knowledge, tools with their schemas, model, limits.

        `outputs` adds the output models of the steps that it works, by step name.
        """
        return {
            "name": self.name,
            "title": self.title,
            "instructions": self.instructions,
            "knowledge": [{"title": article.title, "text": article.text} for article in self.knowledge],
            "tools": [tool.spec() for tool in self.tools],
            "model": self.model,
            "max_turns": self.max_turns,
            "max_tokens": self.max_tokens,
            "prompt_tokens": self.prompt_tokens,
            "calibrated": [*sorted(self.calibrated)],
            "standin": self.standin,
            "outputs": {step: strict_schema(output) for step, output in sorted((outputs or {}).items())},
        }

    @cached_property
    def hash(self) -> str:
        """Hex SHA-256 of `spec()`: which version of the agent this is."""
        return spec_hash(self.spec())


def spec_hash(spec: dict[str, JsonValue]) -> str:
    """Hex SHA-256 of a specification, whatever the order of its keys."""
    text = json.dumps(spec, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
