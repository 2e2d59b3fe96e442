"""A tool: one typed action on the world that an AI agent may ask for and policy may permit."""

import asyncio
import hashlib
import inspect
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, JsonValue

from journeyman.agents.arguments import check_mappable, parse_arguments, plain_arguments
from journeyman.agents.passage import Passage
from journeyman.agents.schema import strict_schema
from journeyman.errors import DefinitionError, DeniedError
from journeyman.ledger.canonical import canonical

ToolMode = Literal["read", "idempotent", "at_most_once"]
"""What a second run would do: nothing (`read`), nothing more under the same key (`idempotent`), harm (`at_most_once`)."""

Args = TypeVar("Args", bound=BaseModel)
Result = TypeVar("Result", bound=BaseModel)

LONGEST = 240
"""Seconds that one run of any tool may take: less than an attempt at its activity (`JOURNEYMAN_LIMIT_TOOL`), so that it is the
tool that runs out of time, and its call has an end."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_HANDLE = re.compile(r"\[(?P<kind>[a-z]+):(?P<id>[^\]\s]+)\]")


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a tool knows of the call it serves. The fields are ids, never personal data."""

    idempotency_key: str
    """The same for every attempt of one call: pass it on to the service that the tool calls."""
    journey: str
    customer: str
    step: str
    agent: str
    secrets: tuple[str, ...] = ()
    """The kinds of secret that the tool has declared."""
    resolve: Callable[[str, tuple[str, ...]], Awaitable[str]] | None = field(default=None, repr=False)
    """Resolves a handle id, if its stored kind is among those given: one use, then it is gone."""
    search: Callable[[str], Awaitable[list[Passage]]] | None = field(default=None, repr=False)
    """Searches the knowledge in force, for the call's journey."""

    async def reveal(self, handle: str) -> str:
        """The secret behind a one-use handle, given as `[pin:sec-...]` or as the id alone.

        Raises DeniedError unless the tool declared the kind. What it returns must not be logged, stored or returned.
        """
        match = _HANDLE.fullmatch(handle.strip())
        kind, handle_id = (match["kind"], match["id"]) if match else (None, handle.strip())
        if not self.secrets or (kind is not None and kind not in self.secrets):
            wanted = kind or "secret"
            raise DeniedError(f'this tool may not see a `{wanted}`; declare it: `@tool(secrets=("{wanted}",))`')
        if self.resolve is None:
            raise DeniedError("no secrets can be revealed here; call the tool from a worker")
        return await self.resolve(handle_id, self.secrets)

    async def look_up(self, query: str) -> list[Passage]:
        """The passages of the published knowledge that fit best: what is for this journey's kind, and not for people alone.

        Raises DeniedError outside of a worker.
        """
        if self.search is None:
            raise DeniedError("no knowledge can be looked up here; call the tool from a worker")
        return await self.search(query)


class Tool(BaseModel):
    """A declared tool. Made by `@tool`."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    title: str
    description: str
    mode: ToolMode
    secrets: tuple[str, ...] = ()
    timeout: int = 30
    """Seconds that one run may take."""
    args: type[BaseModel]
    result: type[BaseModel]
    function: Callable[..., Awaitable[BaseModel]]

    def parse(self, arguments: str | dict[str, Any]) -> BaseModel:
        """Validates arguments given as JSON text or as an object; raises InputError that names the field."""
        return parse_arguments(self.args, arguments)

    async def run(self, args: BaseModel, call: ToolCall) -> BaseModel:
        """Runs it once. Raises TimeoutError past `timeout`, and whatever the function raises."""
        async with asyncio.timeout(self.timeout):
            return self.result.model_validate(await self.function(args, call))

    @cached_property
    def offered(self) -> dict[str, Any]:
        """As the model is told of it: a function of the OpenAI protocol, strict."""
        parameters = strict_schema(self.args)
        function = {"name": self.name, "description": self.description, "parameters": parameters, "strict": True}
        return {"type": "function", "function": function}

    def spec(self) -> dict[str, JsonValue]:
        """What is published of it: all that a model, a policy or a person relies on."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "mode": self.mode,
            "secrets": list(self.secrets),
            "timeout": self.timeout,
            "args": self.args.model_json_schema(),
            "result": self.result.model_json_schema(mode="serialization"),
        }


def tool(
    *,
    mode: ToolMode,
    secrets: tuple[str, ...] = (),
    title: str | None = None,
    name: str | None = None,
    timeout: int = 30,
) -> Callable[[Callable[[Args, ToolCall], Awaitable[Result]]], Tool]:
    """Declares a tool over `async def name(args: ArgsModel, call: ToolCall) -> ResultModel`.

    The name is the function's, the description its docstring: the model reads both. `timeout` is in seconds, at most 240. Raises
    DefinitionError at import where the function or its types do not fit.
    """

    def declare(function: Callable[[Args, ToolCall], Awaitable[Result]]) -> Tool:
        chosen = name or str(getattr(function, "__name__", ""))
        owner = f"tool `{chosen}`"
        if not _NAME.fullmatch(chosen):
            raise DefinitionError(f"{owner}: a name is lower case letters, digits and `_`, at most 64; rename it")
        if mode not in ("read", "idempotent", "at_most_once"):
            raise DefinitionError(f"{owner}: mode `{mode}` is unknown; use `read`, `idempotent` or `at_most_once`")
        if not inspect.iscoroutinefunction(function):
            raise DefinitionError(f"{owner}: it is not a coroutine function; write `async def`")
        description = inspect.getdoc(function)
        if not description:
            raise DefinitionError(f"{owner}: it has no docstring; say there what it does, the model reads it")
        if not 1 <= timeout <= LONGEST:
            raise DefinitionError(f"{owner}: timeout `{timeout}` is out of range; give 1 to {LONGEST} seconds")
        args, result = _models(function, owner)
        for model in (args, result):
            check_mappable(model, owner=owner)
        declared = Tool(
            name=chosen,
            title=title or chosen.replace("_", " ").capitalize(),
            description=description,
            mode=mode,
            secrets=tuple(secrets),
            timeout=timeout,
            args=args,
            result=result,
            function=function,
        )
        declared.offered  # noqa: B018 - a schema that cannot be offered is an error at import
        return declared

    return declare


def args_hash(tool: Tool, args: BaseModel | dict[str, Any]) -> str:
    """Hex SHA-256 of tool and arguments in canonical JSON (RFC 8785): what a permit or an approval is bound to.

    Arguments that mean the same have the same hash: order of fields and sets, defaults and nulls do not matter.
    """
    checked = args if isinstance(args, tool.args) else tool.parse(args if isinstance(args, dict) else args.model_dump())
    return hashlib.sha256(canonical({"args": plain_arguments(checked), "tool": tool.name})).hexdigest()


def _models(function: Callable[..., Any], owner: str) -> tuple[type[BaseModel], type[BaseModel]]:
    form = "`async def name(args: ArgsModel, call: ToolCall) -> ResultModel`"
    try:
        hints = get_type_hints(function)
    except NameError as error:
        raise DefinitionError(f"{owner}: {error}; define its models at the top of the module") from error
    parameters = list(inspect.signature(function).parameters)
    if len(parameters) != 2 or hints.get(parameters[1]) is not ToolCall:
        raise DefinitionError(f"{owner}: it must have the form {form}")
    models = []
    for role, hint in (("args", hints.get(parameters[0])), ("result", hints.get("return"))):
        if not (isinstance(hint, type) and issubclass(hint, BaseModel)):
            named = getattr(hint, "__name__", str(hint))
            raise DefinitionError(
                f"{owner}: its {role} is `{named}`, not a pydantic model; it must have the form {form}"
            )
        models.append(hint)
    return models[0], models[1]
