"""What the doubles have in common: idempotency keys, faults on demand, and a process that says where it listens."""

import asyncio
import json
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import uvicorn
from pydantic import BaseModel, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from activities.providers.journal import Journal

Effect = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]
Handler = Callable[[Request], Awaitable[Response]]


class Fault(BaseModel):
    """A failure that a test asks for. `before`: refused with 503, nothing is done. `after`: done, then 503. `hang`: done,
    then silent for `seconds`."""

    path: str
    kind: Literal["before", "after", "hang"]
    times: int = Field(default=1, ge=1)
    seconds: float = Field(default=30.0, ge=0, le=120)


@dataclass
class Answered:
    """What an idempotency key led to."""

    content: str
    status: int
    body: dict[str, Any]


@dataclass
class Desk:
    """Answers requests with effects: once for each idempotency key, and with the faults that were asked for."""

    journal: Journal
    answers: dict[tuple[str, str], Answered] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    async def once(self, request: Request, path: str, effect: Effect) -> Response:
        """Do `effect` with the request's JSON body, unless its Idempotency-Key was used: then the first answer again.

        400 without a key or a JSON object; 422 where a key comes back with other content.
        """
        key = request.headers.get("idempotency-key", "")
        body = await _object(request)
        if not key or body is None:
            self.journal.write("malformed", path=path)
            return error(400, "malformed", "send a JSON object and an `Idempotency-Key` header")
        content = self.journal.fingerprints({"content": json.dumps(body, sort_keys=True)})["content"]
        fault = self._fault(path)
        if fault is not None and fault.kind == "before":
            self.journal.write("fault", path=path, key=key, kind=fault.kind)
            return error(503, "unavailable", "try again later")
        known = self.answers.get((path, key))
        if known is not None and known.content != content:
            self.journal.write("key_reused", path=path, key=key, content=content)
            return error(422, "key_reused", "this `Idempotency-Key` was used with other content")
        if known is not None:
            self.journal.write("repeat", path=path, key=key, content=content, status=known.status)
        else:
            # no await between the look-up and the answer kept: two requests with one key cannot both come here
            status, answer = effect({**body, "_key": key, "_content": content})
            known = self.answers[path, key] = Answered(content, status, answer)
        if fault is not None:
            self.journal.write("fault", path=path, key=key, kind=fault.kind)
            if fault.kind == "hang":
                await asyncio.sleep(fault.seconds)
            return error(503, "unavailable", "try again later")
        return JSONResponse(known.body, known.status)

    def recall(self, path: str, line: dict[str, Any], status: int, body: dict[str, Any]) -> None:
        """What a key led to before this process began: `line` is of the log."""
        self.answers[path, line["key"]] = Answered(line["content"], status, body)

    def _fault(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.path == path:
                fault.times -= 1
                if fault.times == 0:
                    self.faults.remove(fault)
                return fault
        return None

    async def ask_fault(self, request: Request) -> Response:
        """`POST /control/faults`: for tests only; the doubles listen on loopback only."""
        try:
            self.faults.append(Fault.model_validate_json(await request.body()))
        except ValidationError as wrong:
            return error(400, "malformed", str(wrong))
        return JSONResponse({"faults": len(self.faults)}, 201)


async def _object(request: Request) -> dict[str, Any] | None:
    try:
        body = json.loads(await request.body())
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def error(status: int, code: str, message: str, **more: Any) -> JSONResponse:
    """An answer that is an error: `code` is a stable word."""
    return JSONResponse({"error": code, "message": message, **more}, status)


def application(desk: Desk, routes: list[Route]) -> Starlette:
    """The provider's application, with its control route and a health check."""

    async def health(_: Request) -> Response:
        return JSONResponse({"provider": desk.journal.provider})

    control = Route("/control/faults", desk.ask_fault, methods=["POST"])
    return Starlette(routes=[*routes, control, Route("/health", health)])


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(64)
    return listening


def address_of(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


def serve(app: Starlette, listening: socket.socket, ready: Mapping[str, object]) -> None:
    """Run until terminated; first print one JSON line with the address, when requests are accepted already."""
    sys.stdout.write(json.dumps({"address": address_of(listening), **ready}) + "\n")
    sys.stdout.flush()
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
    asyncio.run(uvicorn.Server(config).serve(sockets=[listening]))
