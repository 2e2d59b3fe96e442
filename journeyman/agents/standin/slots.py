"""Slots: the fields of a JSON schema, and how the stand-in model asks for one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_EXAMPLES = re.compile(r"\s*\(examples: (.*?)\)(?= \(|$)")
_DEFAULT = re.compile(r"\s*\(default: (.*)\)$")
_LENGTHS = re.compile(r"\s*\((?:at least )?\d+(?: to \d+)? characters\)")
_UNITS = re.compile(r"_(minor|cents|pence|minor_units)$|\b(minor units|cents|pence)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Slot:
    """One value that a schema has a place for."""

    path: tuple[str, ...]
    schema: dict[str, Any]
    """Its own schema: no reference, no null."""
    required: bool
    """Whether it has to be found; otherwise null or its default will do."""
    description: str
    examples: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its field."""
        return self.path[-1]

    @property
    def words(self) -> str:
        """The field's name as words."""
        words = re.sub(r"_(minor|cents|pence|minor_units)$", "", self.name)
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", words).replace("_", " ").lower()

    @property
    def is_money(self) -> bool:
        """Whether it is an amount in minor units."""
        return self.schema.get("type") == "integer" and bool(
            _UNITS.search(self.name) or _UNITS.search(self.description)
        )

    @property
    def choices(self) -> tuple[str, ...]:
        """The values it may have, where they are listed."""
        if "const" in self.schema:
            return (str(self.schema["const"]),)
        return tuple(value for value in self.schema.get("enum", ()) if isinstance(value, str))

    def question(self) -> str:
        """How the customer is asked for it. The same slot always asks the same."""
        described = self.description.rstrip(".")
        label = described if described and len(described) <= 80 else f"the {self.words}"
        if self.choices:
            return f"Please tell me {label}: {', '.join(choice.replace('_', ' ') for choice in self.choices)}?"
        if self.schema.get("type") == "boolean":
            return f"Please tell me, yes or no: {label}?"
        if self.schema.get("type") == "array":
            return f"Please tell me {label}, separated by commas."
        example = f" For example: {self.examples[0]}." if self.examples else ""
        return f"Please tell me {label}.{example}"


def slots(schema: dict[str, Any]) -> Iterator[Slot]:
    """The slots of an object's schema in order; those of a required object stand in its place."""
    yield from _slots(schema, schema.get("$defs", {}), (), frozenset())


def assemble(schema: dict[str, Any], values: dict[tuple[str, ...], Any]) -> dict[str, Any]:
    """An object that fits the schema, of the values found; null, the default or something empty for the others."""
    return _assemble(schema, schema.get("$defs", {}), (), values, 0)


def _slots(
    schema: dict[str, Any], definitions: dict[str, Any], prefix: tuple[str, ...], within: frozenset[str]
) -> Iterator[Slot]:
    for name, node in schema.get("properties", {}).items():
        plain, null, reference = _plain(node, definitions)
        described = str(node.get("description") or plain.get("description") or "")
        examples = _EXAMPLES.search(described)
        default = _DEFAULT.search(described)
        required = not null and default is None
        if plain.get("type") == "object" and plain.get("properties"):
            if required and reference not in within:
                yield from _slots(plain, definitions, (*prefix, name), within | {reference} if reference else within)
            continue
        yield Slot(
            path=(*prefix, name),
            schema=plain,
            required=required,
            description=_LENGTHS.sub("", _EXAMPLES.sub("", _DEFAULT.sub("", described))).strip(),
            examples=tuple(examples[1].split(", ")) if examples else (),
        )


def _plain(node: dict[str, Any], definitions: dict[str, Any]) -> tuple[dict[str, Any], bool, str]:
    """The schema behind references and null, whether null is allowed, and the name of the reference."""
    null, reference = False, ""
    while "$ref" in node or "anyOf" in node:
        if "$ref" in node:
            reference = node["$ref"].rpartition("/")[2]
            node = definitions.get(reference, {})
            continue
        members = [member for member in node["anyOf"] if member.get("type") != "null"]
        null = null or len(members) < len(node["anyOf"])
        node = members[0] if members else {"type": "null"}
    return node, null, reference


def _assemble(
    schema: dict[str, Any],
    definitions: dict[str, Any],
    prefix: tuple[str, ...],
    values: dict[tuple[str, ...], Any],
    depth: int,
) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for name, node in schema.get("properties", {}).items():
        path = (*prefix, name)
        plain, null, _ = _plain(node, definitions)
        default = _DEFAULT.search(str(node.get("description") or ""))
        if path in values:
            built[name] = values[path]
        elif null:
            built[name] = None
        elif default is not None:
            built[name] = _default(default[1], plain)
        elif plain.get("type") == "object" and depth < 8:
            built[name] = _assemble(plain, definitions, path, values, depth + 1)
        else:
            built[name] = _empty(plain)
    return built


def _default(text: str, schema: dict[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "boolean":
        return text == "true"
    if kind == "integer":
        return int(text)
    if kind == "number":
        return float(text)
    return [] if kind == "array" else text


def _empty(schema: dict[str, Any]) -> Any:
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    kinds: dict[str, Any] = {"boolean": False, "integer": 0, "number": 0, "array": [], "null": None, "object": {}}
    kind = str(schema.get("type", "string"))
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    return kinds.get(kind, "")
