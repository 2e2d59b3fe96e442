"""Answers in the form of the chat-completions protocol, whole or as a stream of server-sent events.

Source: https://platform.openai.com/docs/api-reference/chat. Each says that it is the stand-in's: in `model`,
`system_fingerprint` and, where log probabilities are made up, `synthetic`.
"""

import hashlib
import json
import math
import re
import zlib
from dataclasses import dataclass, field, replace
from typing import Any

from journeyman.agents.probability import value_spans
from journeyman.agents.standin.reply import StandinReply
from journeyman.agents.standin.request import StandinRequest
from journeyman.agents.standin.scripts import MODEL

_TOKEN = re.compile(r"[^\W\d_]{1,6}|\d{1,3}|\s+|.", re.DOTALL)
_PIECES = 4
"""Events that a stream's text comes in."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer before it is put on the wire."""

    id: str
    model: str
    text: str | None
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    finish_reason: str = "stop"
    refusal: str | None = None
    prompt_tokens: int = 0
    probability: int | None = None

    def truncated(self) -> "Answer":
        """Cut off at half of its text, as by a token budget."""
        text = self.text or json.dumps([call["function"] for call in self.tool_calls])
        return replace(self, text=text[: len(text) // 2], tool_calls=[], finish_reason="length")

    def malformed(self) -> "Answer":
        """Its JSON without its end, though the model says it had finished."""
        if self.tool_calls:
            first = self.tool_calls[0]
            function = {**first["function"], "arguments": first["function"]["arguments"][:-1]}
            return replace(self, tool_calls=[{**first, "function": function}])
        return replace(self, text=f"{(self.text or '')[:-1]}, and so on")

    def refused(self) -> "Answer":
        """A refusal in its place."""
        return replace(self, text=None, tool_calls=[], refusal="I am sorry, I cannot help with that.")


def answer_of(reply: StandinReply, request: StandinRequest, raw: bytes) -> Answer:
    """A script's reply as an answer. `raw` is the request's body: the same request always gets the same ids."""
    digest = hashlib.sha256(raw).hexdigest()
    calls = [
        {
            "id": f"call_{digest[:16]}_{number}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(args, ensure_ascii=False)},
        }
        for number, (name, args) in enumerate(reply.calls)
    ]
    text: str | None = None
    if not calls:
        if request.is_envelope:
            text = json.dumps(reply.envelope(), ensure_ascii=False)
        elif request.schema is not None and reply.result is not None:
            text = json.dumps(reply.result, ensure_ascii=False)
        else:
            text = reply.say or reply.ask_person or ""
    return Answer(
        id=f"standin-{digest[:24]}",
        model=request.model,
        text=text,
        tool_calls=calls,
        finish_reason="tool_calls" if calls else "stop",
        prompt_tokens=len(raw) // 4,
        probability=reply.probability,
    )


def whole(answer: Answer, *, logprobs: bool) -> bytes:
    """A `chat.completion` object."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": answer.refusal}
    if answer.tool_calls:
        message["tool_calls"] = answer.tool_calls
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": answer.finish_reason,
        "logprobs": _logprobs(_tokens(answer)) if logprobs and answer.text else None,
    }
    return _dump(_object(answer, "chat.completion") | {"choices": [choice], "usage": _usage(answer)})


def events(answer: Answer, *, logprobs: bool, usage: bool) -> list[bytes]:
    """The server-sent events of a stream, `[DONE]` last."""
    shared = _object(answer, "chat.completion.chunk")
    sent = [_event(shared, {"role": "assistant", "content": "", "refusal": None})]
    tokens = _tokens(answer)
    size = max(-(-len(tokens) // _PIECES), 1)
    for start in range(0, len(tokens), size):
        piece = tokens[start : start + size]
        text = "".join(token for token, _ in piece)
        sent.append(_event(shared, {"content": text}, logprobs=_logprobs(piece) if logprobs else None))
    for number, call in enumerate(answer.tool_calls):
        sent.append(_event(shared, {"tool_calls": [{"index": number, **call}]}))
    if answer.refusal:
        sent.append(_event(shared, {"refusal": answer.refusal}))
    sent.append(_event(shared, {}, finish_reason=answer.finish_reason))
    if usage:
        sent.append(b"data: " + _dump(shared | {"choices": [], "usage": _usage(answer)}) + b"\n\n")
    return [*sent, b"data: [DONE]\n\n"]


def failure(message: str, *, code: str | None = None, param: str | None = None, kind: str | None = None) -> bytes:
    """An error object."""
    named = kind or "invalid_request_error"
    return _dump({"error": {"message": message, "type": named, "param": param, "code": code}})


def models() -> bytes:
    """The list of models."""
    return _dump({"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "journeyman"}]})


def _tokens(answer: Answer) -> list[tuple[str, float]]:
    """The text in pieces of a tokenizer's size, each with a made-up log probability: syntax near-certain, values less."""
    text = answer.text or ""
    spans = [(start, end) for path, start, end in value_spans(text) if path[:1] == ("result",)]
    tokens: list[tuple[str, float]] = []
    index, told = 0, answer.probability
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        while index < len(spans) and spans[index][1] <= start:
            index += 1
        if index < len(spans) and spans[index][0] < end:
            likely = 930 + zlib.crc32(f"{start}{match[0]}".encode()) % 65
            thousandths = likely if told is None else told + 0.5
            # Where the script names the least probability, one token has it and the others are above.
            told = 999 if told is not None else None
        else:
            thousandths = 999.9
        tokens.append((match[0], round(math.log(min(max(thousandths, 0.01), 999.9) / 1000), 6)))
    return tokens


def _logprobs(tokens: list[tuple[str, float]]) -> dict[str, Any]:
    # Bytes may be null, and for ASCII they say nothing: left out, clients have half as much to read.
    content = [
        {
            "token": token,
            "logprob": logprob,
            "bytes": None if token.isascii() else list(token.encode(errors="replace")),
            "top_logprobs": [],
        }
        for token, logprob in tokens
    ]
    return {"content": content, "refusal": None, "synthetic": True}


def _object(answer: Answer, kind: str) -> dict[str, Any]:
    return {"id": answer.id, "object": kind, "created": 0, "model": answer.model, "system_fingerprint": MODEL}


def _usage(answer: Answer) -> dict[str, int]:
    spoken = (
        (answer.text or "")
        + (answer.refusal or "")
        + "".join(call["function"]["arguments"] for call in answer.tool_calls)
    )
    completion = len(_TOKEN.findall(spoken))
    return {
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": completion,
        "total_tokens": answer.prompt_tokens + completion,
    }


def _event(
    shared: dict[str, Any],
    delta: dict[str, Any],
    *,
    finish_reason: str | None = None,
    logprobs: dict[str, Any] | None = None,
) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": logprobs}
    return b"data: " + _dump(shared | {"choices": [choice]}) + b"\n\n"


def _dump(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
