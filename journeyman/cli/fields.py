"""The fields of a model in words, for people who fill them in."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

_TYPES = {"string": "text", "boolean": "true | false", "object": "an object"}


def fields(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """(name, words) of each field: its type or choices, whether it may be left out, what it is for."""
    schema = model.model_json_schema()
    named = schema.get("$defs", {})
    if "$ref" in schema:  # a model that holds itself
        schema = named[_name(schema["$ref"])]
    for name, field in schema.get("properties", {}).items():
        left_out = "" if name in schema.get("required", ()) else ", may be left out"
        help_text = f": {field['description']}" if field.get("description") else ""
        yield name, f"{_type(field, named, ())}{left_out}{help_text}"


def _type(node: dict[str, Any], named: dict[str, Any], inside: tuple[str, ...]) -> str:
    """`inside` are the models that it stands in: one that holds itself is told by its name there."""
    if "$ref" in node:
        name = _name(node["$ref"])
        return name if name in inside else _type(named[name], named, (*inside, name))
    for union in ("anyOf", "oneOf"):
        if union in node:
            return " | ".join(_type(each, named, inside) for each in node[union])
    if "const" in node:
        return json.dumps(node["const"], ensure_ascii=False)
    if "enum" in node:
        return " | ".join(json.dumps(each, ensure_ascii=False) for each in node["enum"])
    if node.get("properties"):
        return f"{{{', '.join(f'{name}: {_type(each, named, inside)}' for name, each in node['properties'].items())}}}"
    kind = node.get("type", "anything")
    if kind == "array":
        return f"list of {_type(node.get('items', {}), named, inside)}"
    words = _TYPES.get(kind, kind)
    return f"{words} ({node['format']})" if "format" in node else words


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]
