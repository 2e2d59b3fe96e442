"""The OpenAPI document tells the truth: schemathesis tries it, with all its checks, and gets where the API does things."""

import asyncio
import re
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.integration.console.audited import Audited
from tests.integration.console.scene import NOTHING, Scene
from tests.integration.console.serving import serving
from tests.integration.copilot.assisted import assisted_in

CONFIG = Path(__file__).with_name("schemathesis.toml")
EXAMPLES = "1"  # of each operation and phase
LEAVES = "POST /chat/leave"  # it ends the session of all the rest: see test_chat
STOPS = "POST /agents/stop"  # it is not put back at once: `resume` takes it back


@dataclass(frozen=True)
class Operation:
    """One of the document: `POST /tasks/next`."""

    name: str
    told: dict[str, Any]

    @property
    def who(self) -> str:
        """Who may do it, of the scene."""
        asks = self.told["x-asks"]
        if asks.get("by") == "customer":
            return "customer"
        if " /traces" in self.name:
            return "eve"
        supervised = asks["action"] in ("attend", "manage", "override", "resume") or asks["resource"] in (
            "AIAgent",
            "Deployment",
        )
        return "sue" if supervised or (asks["action"], asks["resource"]) == ("say", "Journey") else "ana"


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield Operation(f"{method.upper()} {path.removeprefix('/api/v1')}", told)


def narrowed(document: dict[str, Any], scene: Scene) -> dict[str, Any]:
    """The document, of what there is: paths name things of the scene, bodies fit them. It is no less true."""
    told = deepcopy(document)
    for operation in operations(told):
        places = scene.places[""] | scene.places.get(operation.name, {})
        for each in operation.told.get("parameters", ()):
            if each["name"] in places and (each["in"] == "path" or each["required"]):
                value: Any = places[each["name"]]
                each["schema"] = {"const": int(value) if each["schema"]["type"] == "integer" else value}
        if fields := scene.fields.get(operation.name):
            content = operation.told["requestBody"]["content"]["application/json"]
            body = deepcopy(told["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]])
            given = {name for name in fields if fields[name] != NOTHING and "default" not in body["properties"][name]}
            body["properties"] |= fields
            body["required"] = sorted({*body.get("required", ()), *given})
            content["schema"] = body
    return told


class Watched:
    """The application; it is told what came of each operation, and what was written is put back before the answer goes out."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.app = scene, scene.site.app
        self.answers: defaultdict[str, set[int]] = defaultdict(set)
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", name)), name)
            for name in sorted((each.name for each in operations(self.app.openapi())), key=lambda name: name.count("{"))
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = f"{scope['method']} {scope['path'].removeprefix('/api/v1')}"
        name = next((name for path, name in self._paths if path.fullmatch(asked)), "")
        done = False

        async def told(message: Message) -> None:
            nonlocal done
            if message["type"] == "http.response.start":
                self.answers[name].add(message["status"])
                done = message["status"] < 300 and scope["method"] != "GET" and name not in (STOPS, "")
            elif done and not message.get("more_body", False) and " /chat" not in name:
                await self.scene.put_back()
            await send(message)

        await self.app(scope, receive, told)


@pytest.fixture
async def scene(audited: Audited) -> AsyncIterator[Scene]:
    async with assisted_in(audited.world) as assisted:
        made = Scene(audited, assisted)
        await made.begin()
        yield made


@pytest.mark.slow
async def test_schemathesis_finds_nothing(scene: Scene, tmp_path: Path) -> None:
    """Each operation in the name of who may do it: each is carried out at least once."""
    app = scene.site.app
    app.openapi_schema = narrowed(app.openapi(), scene)
    here = [
        f'[[operations]]\ninclude-name = "{name}"\nheaders = {{ Authorization = "Bearer {scene.tokens[each.who]}" }}\n'
        for each in operations(app.openapi())
        if (name := each.name.replace(" ", " /api/v1"))
    ]
    config = tmp_path / "schemathesis.toml"
    config.write_text("\n".join((CONFIG.read_text(), *here)))
    watched = Watched(scene)
    async with serving(watched) as address:
        running = await asyncio.create_subprocess_exec(
            *(str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config)),
            *("run", f"{address}/api/v1/openapi.json", "--checks", "all", "--max-examples", EXAMPLES),
            *("--exclude-path", "/api/v1/chat/leave", "--generation-deterministic", "--no-color"),
            *("--request-timeout", "30"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _ = await asyncio.wait_for(running.communicate(), 300)
    assert running.returncode == 0, told.decode()[-12_000:]
    answers = {each.name: watched.answers[each.name] for each in operations(app.openapi()) if each.name != LEAVES}
    assert max(max(statuses) for statuses in answers.values()) < 500
    assert not {name: statuses for name, statuses in answers.items() if min(statuses) >= 300}
