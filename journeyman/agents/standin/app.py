"""The stand-in model's web application: the protocol under /v1, and what tests and demos steer it with beside."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Any

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from journeyman.agents.arguments import problem_of
from journeyman.agents.standin.faults import Fault, Faults
from journeyman.agents.standin.protocol import Answer, answer_of, events, failure, models, whole
from journeyman.agents.standin.request import parse_request
from journeyman.agents.standin.scripts import MODEL, Script, script_of
from journeyman.errors import NotFoundError

_KEPT = 200
"""Requests that `GET /requests` shows."""

_REFUSALS: dict[str, tuple[str, str | None]] = {
    "no_json_schema": ("response_format of type `json_schema` is not supported", "response_format"),
    "no_json_object": ("response_format is not supported by this model", "response_format"),
    "no_logprobs": ("logprobs is not supported with this model", "logprobs"),
    "no_stream_options": ("unrecognized request argument supplied: stream_options", "stream_options"),
    "no_max_tokens": ("`max_tokens` is not supported with this model; use `max_completion_tokens`", "max_tokens"),
    "no_strict": ("unknown parameter: tools[0].function.strict", "tools"),
}


class Standin:
    """The state of one stand-in: its faults, the requests it had, and whether it is closing."""

    def __init__(self, scripts: Mapping[str, Script] | None = None) -> None:
        self.scripts = dict(scripts or {})
        """Scripts given by their whole model name; all others are imported."""
        self.faults = Faults()
        self.requests: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self.closing = asyncio.Event()

    def app(self) -> Starlette:
        """Its web application."""
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self.complete, methods=["POST"]),
                Route("/v1/models", self.list_models, methods=["GET"]),
                Route("/faults", self.show_faults, methods=["GET"]),
                Route("/faults", self.add_fault, methods=["POST"]),
                Route("/faults", self.clear_faults, methods=["DELETE"]),
                Route("/requests", self.show_requests, methods=["GET"]),
                Route("/requests", self.clear_requests, methods=["DELETE"]),
            ]
        )

    async def complete(self, http: Request) -> Response:
        """One chat completion."""
        raw = await http.body()
        try:
            body = json.loads(raw)
        except ValueError:
            return _json(400, failure("the request is not JSON"))
        if not isinstance(body, dict) or not isinstance(body.get("messages"), list) or not body["messages"]:
            return _json(400, failure("`messages` is missing; give at least one", param="messages"))
        self.requests.append(body)
        fault = self.faults.take(body)
        if fault is not None:
            early = await self._early(fault, http)
            if early is not None:
                return early
        try:
            request = parse_request(body)
            reply = (self.scripts.get(request.model) or script_of(request.model))(request)
        except NotFoundError as error:
            return _json(404, failure(str(error), code="model_not_found", param="model"))
        except Exception as error:  # a script is the project's code: what it raises is shown, not hidden
            told = f"the script of `{body.get('model')}` raised {type(error).__name__}: {error}"
            return _json(500, failure(told, kind="server_error"))
        answer = _spoiled(answer_of(reply, request, raw), fault)
        logprobs = bool(body.get("logprobs"))
        if not body.get("stream"):
            whole_answer = whole(answer, logprobs=logprobs)
            return _Cut(whole_answer, "application/json") if _is(fault, "cut") else _json(200, whole_answer)
        sent = events(answer, logprobs=logprobs, usage=bool((body.get("stream_options") or {}).get("include_usage")))
        if _is(fault, "cut"):
            return _Cut(b"".join(sent[: len(sent) // 2]), "text/event-stream")
        if fault is not None and fault.kind == "drip":
            return StreamingResponse(_dripped(sent, fault.seconds), media_type="text/event-stream", headers=_MARK)
        return Response(b"".join(sent), media_type="text/event-stream", headers=_MARK)

    async def list_models(self, http: Request) -> Response:
        """The models that there are; scripts are not listed."""
        return _json(200, models())

    async def add_fault(self, http: Request) -> Response:
        """Arms a fault."""
        try:
            self.faults.add(Fault.model_validate_json(await http.body()))
        except ValidationError as error:
            return _json(400, failure(problem_of(error)))
        return await self.show_faults(http)

    async def show_faults(self, http: Request) -> Response:
        """The faults still to come."""
        return _json(200, json.dumps({"faults": [fault.model_dump() for fault in self.faults.waiting]}).encode())

    async def clear_faults(self, http: Request) -> Response:
        """Disarms all faults."""
        self.faults.clear()
        return await self.show_faults(http)

    async def show_requests(self, http: Request) -> Response:
        """The latest requests, oldest first."""
        return _json(200, json.dumps({"requests": list(self.requests)}).encode())

    async def clear_requests(self, http: Request) -> Response:
        """Forgets the requests."""
        self.requests.clear()
        return await self.show_requests(http)

    async def _early(self, fault: Fault, http: Request) -> Response | None:
        """The response of a fault that comes before any answer; none: it spoils the answer, or only delays it."""
        headers = {"retry-after": fault.retry_after} if fault.retry_after is not None else {}
        if fault.kind == "429":
            return _json(429, failure("rate limit reached", code="rate_limit_exceeded", kind="requests"), headers)
        if fault.kind == "500":
            return _json(500, failure("the server had an error", kind="server_error"), headers)
        if fault.kind == "overflow":
            told = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."
            return _json(400, failure(told, code="context_length_exceeded", param="messages"))
        if fault.kind in _REFUSALS:
            told, param = _REFUSALS[fault.kind]
            return _json(400, failure(told, code="unsupported_parameter", param=param))
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "timeout":
            await self._silence(http)
            return _json(504, failure("the stand-in was told to be silent", kind="server_error"))
        return None

    async def _silence(self, http: Request) -> None:
        """Until the client gives up or the server closes."""
        gone = asyncio.ensure_future(http.receive())
        closing = asyncio.ensure_future(self.closing.wait())
        await asyncio.wait({gone, closing}, return_when=asyncio.FIRST_COMPLETED)
        for waiting in (gone, closing):
            waiting.cancel()


_MARK = {"x-journeyman-model": MODEL}


class _Cut(Response):
    """A response whose connection breaks before its end."""

    def __init__(self, part: bytes, media_type: str) -> None:
        super().__init__(part, media_type=media_type, headers=_MARK)
        self.headers["content-length"] = str(len(part) * 2 + 64)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})


async def _dripped(sent: list[bytes], seconds: float) -> AsyncIterator[bytes]:
    for event in sent:
        await asyncio.sleep(seconds)
        yield event


def _spoiled(answer: Answer, fault: Fault | None) -> Answer:
    if _is(fault, "truncated"):
        return answer.truncated()
    if _is(fault, "malformed"):
        return answer.malformed()
    return answer.refused() if _is(fault, "refusal") else answer


def _is(fault: Fault | None, kind: str) -> bool:
    return fault is not None and fault.kind == kind


def _json(status: int, content: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(content, status_code=status, media_type="application/json", headers=_MARK | (headers or {}))
