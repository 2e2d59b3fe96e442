"""JSON schemas in the strict form of OpenAI's structured outputs.

Source: https://platform.openai.com/docs/guides/structured-outputs (supported schemas): every object is closed, every
property required, what may be absent is nullable, unions are `anyOf`, a `$ref` stands alone.
"""

from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from journeyman.errors import DefinitionError

_DROPPED = {"title", "default", "examples", "discriminator", "uniqueItems", "minLength", "maxLength", "readOnly"}
"""Keywords that strict mode refuses or that only cost tokens; what they say moves into the description."""

_FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
"""Formats that strict mode knows; any other moves into the description."""


@lru_cache(maxsize=512)
def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The strict schema of a pydantic model, built once a class. Callers must not change it.

    Defaults, examples and lengths are told in the descriptions. Raises DefinitionError where the model has an open
    object (a dict, `Any`) or a tuple, which strict mode cannot express.
    """
    schema = model.model_json_schema()
    strict = _strict(schema, model.__name__, "", schema.get("$defs", {}))
    if "$ref" in strict:
        # A recursive model is a bare reference at its root, where strict mode wants an object.
        strict = {**strict["$defs"][strict["$ref"].removeprefix("#/$defs/")], "$defs": strict["$defs"]}
    return strict


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def _strict(node: dict[str, Any], model: str, path: str, definitions: dict[str, Any]) -> dict[str, Any]:
    where = f"field `{path}` of `{model}`" if path else f"`{model}`"
    if not node.keys() - {"title", "description", "default", "examples"}:
        raise DefinitionError(f"{where} may be anything, which a model cannot be held to; give it a type")
    if "prefixItems" in node:
        raise DefinitionError(f"{where} is a tuple, which a model cannot be held to; write a pydantic model")
    strict: dict[str, Any] = {}
    for key, value in node.items():
        if key in _DROPPED or (key == "format" and value not in _FORMATS):
            continue
        if key == "properties":
            strict[key] = {name: _strict(item, model, _join(path, name), definitions) for name, item in value.items()}
        elif key == "$defs":
            strict[key] = {name: _strict(item, name, "", definitions) for name, item in value.items()}
        elif key in ("anyOf", "oneOf"):
            strict["anyOf"] = [_strict(item, model, path, definitions) for item in value]
        elif key == "items":
            strict[key] = _strict(value, model, f"{path}[]", definitions)
        else:
            strict[key] = value
    if node.get("type") == "object":
        if node.get("additionalProperties", False) is not False and "properties" not in node:
            raise DefinitionError(
                f"{where} is an object with any keys, which a model cannot be held to; write a pydantic model"
            )
        strict.setdefault("properties", {})
        strict["required"] = list(strict["properties"])
        strict["additionalProperties"] = False
    description = _description(node)
    if "$ref" in node and description and "$defs" not in node:
        # A reference may have no siblings: one that says more than its target takes the target's place.
        strict = _strict(definitions[node["$ref"].removeprefix("#/$defs/")], model, path, definitions)
    if description:
        strict["description"] = description
    return strict


def _description(node: dict[str, Any]) -> str:
    told = [str(node["description"])] if node.get("description") else []
    if "minLength" in node or "maxLength" in node:
        least, most = node.get("minLength", 0), node.get("maxLength")
        told.append(f"({least} to {most} characters)" if most is not None else f"(at least {least} characters)")
    if node.get("format", "date") not in _FORMATS:
        told.append(f"(format: {node['format']})")
    if node.get("examples"):
        told.append(f"(examples: {', '.join(_text(example) for example in node['examples'])})")
    if node.get("default") is not None:
        told.append(f"(default: {_text(node['default'])})")
    return " ".join(told)


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
