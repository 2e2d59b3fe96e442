"""The schema fragment of tools: an action each, with its arguments typed from the tool's pydantic model."""

from collections.abc import Iterable, Iterator
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Protocol, Union, get_args, get_origin

from pydantic import BaseModel

from journeyman.errors import DefinitionError

TOOLS_HEADER = """\
// Generated from the tools by journeyman.governance.schema; do not edit. Each tool is an action in the group `call_tool`,
// and as `propose:TOOL` in the group `propose`.
"""

_TAKEN = frozenset(
    {
        "act",
        "serve",
        "call_tool",
        "propose",
        "work",
        "perform",
        "ask",
        "assist",
        "complete",
        "say",
        "canary",
        "claim",
        "approve",
        "comment",
        "consult",
        "hand_back",
        "transfer",
        "override",
        "stop",
        "resume",
        "view",
        "find",
        "open_case",
        "schedule",
        "attend",
        "manage",
        "keep_macros",
        "export",
        "erase",
        "publish_policy",
        "converse",
    }
)
"""Names of the schema's own actions and groups: a tool of that name would be asked about as that action."""

_RESERVED = frozenset({"true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar"})
_REMEDIES = {
    "float": "use `int`, money in minor units",
    "Decimal": "use `int`, money in minor units",
    "datetime": "use `str`, as RFC 3339 text",
    "date": "use `str`, as `YYYY-MM-DD`",
    "dict": "write a pydantic model with named fields",
}
_REMEDY = "use `str`, `bool`, `int`, an enum or Literal of text, a list or set of these, or a pydantic model of these"


class ToolLike(Protocol):
    """What the schema needs of a tool (`journeyman.agents.Tool` has it)."""

    @property
    def name(self) -> str: ...
    @property
    def args(self) -> type[BaseModel]: ...
    @property
    def mode(self) -> str: ...


def generate(tools: Iterable[ToolLike]) -> str:
    """The text of tools.cedarschema: the same for the same tools in any order.

    Raises DefinitionError for a type that Cedar does not have, a name that is taken, or two tools of one name.
    """
    by_name: dict[str, ToolLike] = {}
    for tool in tools:
        if tool.name in _TAKEN:
            raise DefinitionError(f"tool `{tool.name}` has the name of an action of the schema; rename the tool")
        if by_name.setdefault(tool.name, tool).args is not tool.args:
            raise DefinitionError(f"two tools are called `{tool.name}`, with different arguments; rename one")
    return TOOLS_HEADER + "".join(_fragment(by_name[name]) for name in sorted(by_name))


def drift(checked_in: str, tools: Iterable[ToolLike]) -> str | None:
    """None when `checked_in` is what the tools generate; else what to tell whoever changed one and not the other."""
    expected = generate(tools).splitlines()
    found = checked_in.splitlines()
    for number, (want, have) in enumerate(
        zip(_padded(expected, len(found)), _padded(found, len(expected)), strict=True), 1
    ):
        if want != have:
            return (
                f"tools.cedarschema:{number}: it says `{have or 'nothing'}` where the tools say `{want or 'nothing'}`;"
                " generate it again and read what changed in the policies' ground"
            )
    return None


def mistyped(checked_in: str, tools: Iterable[ToolLike]) -> list[str]:
    """Names of those of these tools that `checked_in` does not type as they are, or not at all."""
    text = checked_in.replace("\r\n", "\n")
    return sorted(tool.name for tool in tools if _fragment(tool) not in text)


def record_of(model: type[BaseModel], *, owner: str) -> str:
    """The Cedar record type of a pydantic model, e.g. `{ amount_minor: Long, note?: String }`, a line a field.

    A field that may be None is optional: null is absent in Cedar. Raises DefinitionError that begins with `owner`.
    """
    return _record(model, owner, "", ())


def _fragment(tool: ToolLike) -> str:
    args = record_of(tool.args, owner=f"tool `{tool.name}`")
    asked = f"""appliesTo {{
  principal: [AIAgent],
  resource: [Step],
  context: {{ facts: Facts, args: {tool.name}_args }},
}};
"""
    return (
        f"\n// {tool.name}: {tool.mode}\ntype {tool.name}_args = {args};\n"
        f'action {tool.name} in [call_tool] {asked}action "propose:{tool.name}" in [propose] {asked}'
    )


def _record(model: type[BaseModel], owner: str, prefix: str, within: tuple[type[BaseModel], ...]) -> str:
    if model in within:
        raise DefinitionError(
            f"{owner}: field `{prefix.rstrip('.')}` contains its own model, which Cedar cannot type; use an id"
        )
    fields: list[str] = []
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        if field.alias or field.validation_alias or field.serialization_alias:
            raise DefinitionError(f"{owner}: field `{path}` has an alias; give it the name that the policies shall see")
        type_, optional = _optional(field.annotation)
        typed = _type(type_, owner, path, (*within, model))
        fields.append(f"{_quoted(name)}{'?' if optional else ''}: {typed}")
    if not fields:
        return "{}"
    indent = "  " * (len(within) + 1)
    return "{\n" + "".join(f"{indent}{field},\n" for field in fields) + "  " * len(within) + "}"


def _type(annotation: Any, owner: str, path: str, within: tuple[type[BaseModel], ...]) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(arguments[0], owner, path, within)
    if origin in (list, set, frozenset):
        return f"Set<{_type(arguments[0], owner, f'{path}[]', within)}>"
    if origin is Literal and all(isinstance(value, str) for value in arguments):
        return "String"
    if isinstance(annotation, type):
        if issubclass(annotation, BaseModel):
            return _record(annotation, owner, f"{path}.", within)
        if issubclass(annotation, Enum) and all(isinstance(member.value, str) for member in annotation):
            return "String"
        for python, cedar in ((bool, "Bool"), (int, "Long"), (str, "String")):
            if annotation is python:
                return cedar
    union = origin in (Union, UnionType)
    name = str(annotation) if union else getattr(origin or annotation, "__name__", str(annotation))
    raise DefinitionError(
        f"{owner}: field `{path}` is of type `{name}`, which Cedar does not have; {_REMEDIES.get(name, _REMEDY)}"
    )


def _optional(annotation: Any) -> tuple[Any, bool]:
    """The type without None, and whether None was in it."""
    if get_origin(annotation) is Annotated:
        return _optional(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        members = [member for member in get_args(annotation) if member is not NoneType]
        if len(members) == 1:
            return members[0], len(members) < len(get_args(annotation))
    return annotation, False


def _quoted(name: str) -> str:
    return f'"{name}"' if name in _RESERVED else name


def _padded(lines: list[str], length: int) -> Iterator[str]:
    yield from lines
    yield from [""] * max(0, length - len(lines))
