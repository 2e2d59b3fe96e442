"""docs/api.md, made from the OpenAPI document. `python -m journeyman.console.reference > docs/api.md`."""

from collections.abc import Iterator, Mapping
from typing import Any

from journeyman.console.app import document

_HEAD = """\
# The REST API

Made from the OpenAPI document by `python -m journeyman.console.reference > docs/api.md`; a test tells when the two differ. The
document itself is at `/api/v1/openapi.json` of every console, with all fields of the types that answers are named by; a page
of some is `items` and `next`. How to sign in, and how programs get tokens:
[signin.md](signin.md).

{about}

```sh
curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/api/v1/tasks/waiting
curl -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: $(uuidgen)" -X POST http://127.0.0.1:8080/api/v1/tasks/$TASK/claim
```
"""


def reference() -> str:
    """The page, as Markdown."""
    told = document()
    parts = [_HEAD.format(about=told["info"]["description"])]
    noun = None
    for path, method, operation in _operations(told):
        (tag,) = operation["tags"]
        if tag != noun:
            noun = tag
            parts.append(f"\n## {noun.capitalize()}\n")
        parts.append(_operation(path, method, operation, told))
    return "\n".join(parts)


def _operations(told: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    found = [
        (operation["tags"], path, method, operation)
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    ]
    for _, path, method, operation in sorted(found, key=lambda each: each[0]):
        yield path, method.upper(), operation


def _operation(path: str, method: str, operation: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    asks = operation["x-asks"]
    what = f"Asks `{asks['action']}` on {asks['resource']}" + (
        ", and leaves out what policy does not show." if asks["narrows"] else "."
    )
    what += f" Answers {_answers(operation)}."
    lines = [f"### `{method} {path.removeprefix('/api/v1')}`\n", operation["description"], "", what]
    rows = [*_parameters(operation), *_body(operation, told)]
    if rows:
        lines += ["", "| | | |", "|---|---|---|", *rows]
    return "\n".join(lines) + "\n"


def _answers(operation: Mapping[str, Any]) -> str:
    """What comes back where it is done."""
    done = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    return ", or ".join(f"{status}{_content(answer)}" for status, answer in done.items())


def _content(answer: Mapping[str, Any]) -> str:
    tagged = ", with its `ETag`" if "ETag" in answer.get("headers", {}) else ""
    for media, content in answer.get("content", {}).items():
        return f" {_type(content['schema']) if media == 'application/json' else f'`{media}`'}{tagged}"
    return ""


def _parameters(operation: Mapping[str, Any]) -> Iterator[str]:
    for each in operation.get("parameters", ()):
        if each["in"] in ("path", "cookie") or each["name"] in ("idempotency-key", "if-match"):
            continue
        yield _row(each["name"], each["schema"], each["required"], each.get("description", ""), each["in"])


def _body(operation: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    schema = content["schema"]
    if "$ref" in schema:
        schema = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    needed = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        yield _row(name, field, name in needed, field.get("description", ""), "body")


def _row(name: str, schema: Mapping[str, Any], needed: bool, about: str, place: str) -> str:
    words = [_type(schema), "needed" if needed else "", about]
    return f"| `{name}` | {place} | {'; '.join(word for word in words if word)} |"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = str(schema["$ref"].rpartition("/")[2])
        if name == "JsonValue":
            return "any JSON"
        return f"page of `{name[7:-1]}`" if name.startswith("Listed_") else f"`{name}`"
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"] if each.get("type") != "null")
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "any JSON")


if __name__ == "__main__":
    print(reference(), end="")
