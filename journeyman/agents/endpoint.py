"""A model endpoint that speaks the OpenAI chat-completions protocol: OpenAI, vLLM, Ollama, the stand-in."""

import asyncio
import json
import re
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2
import openai
from pydantic import ValidationError

from journeyman.agents.agent import AIAgent
from journeyman.agents.breaker import Breaker
from journeyman.agents.capabilities import Capabilities
from journeyman.agents.chunk import Chunk
from journeyman.agents.completion import CallText, Completion, Token, Usage
from journeyman.agents.failures import failure_of
from journeyman.errors import (
    ModelError,
    ModelRefusedError,
    ModelServerError,
    ModelStreamCutError,
    ModelTimeoutError,
    ModelTruncatedError,
    ModelUnavailableError,
)

STANDIN = "stand-in"

_COMBINES = re.compile(r"(^|\.)(openai\.com|openai\.azure\.com)$")
"""Hosts known to let a model call tools under a response format."""

_released: ContextVar[asyncio.Event | None] = ContextVar("released", default=None)


async def _until_released(_: object) -> None:
    """What every request waits for once it is ready, before its first byte leaves."""
    if (released := _released.get()) is not None:
        await released.wait()


@cache
def _trusted(environment: bool) -> ssl.SSLContext:
    """The authorities that vouch for endpoints, read once; those that the environment names, too."""
    return httpx2.create_ssl_context(trust_env=environment)


class Endpoint:
    """One endpoint with one client, to be kept for the life of the process. Times are in seconds.

    `retries` are the attempts after the first, made for rate limits, 5xx, lost connections and cut streams, but never
    past the deadline; a Retry-After longer than `retry_after_cap` is left to the caller. `format_with_tools` says
    whether tools can be called under a response format; none: only OpenAI and the stand-in are trusted to.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        *,
        timeout: float = 60.0,
        first_byte: float = 30.0,
        retries: int = 2,
        backoff: float = 0.25,
        retry_after_cap: float = 5.0,
        format_with_tools: bool | None = None,
        breaker: Breaker | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.base_url = base_url
        self.model = model
        self.timeout = timeout
        self.breaker = breaker or Breaker()
        self._retries, self._backoff, self._retry_after_cap = retries, backoff, retry_after_cap
        self._sleep, self._clock, self._now = sleep, clock, now
        self._capabilities: dict[str, Capabilities] = {}
        host = urlsplit(base_url).hostname or ""
        trusted = self.is_standin or bool(_COMBINES.search(host))
        self._format_with_tools = trusted if format_with_tools is None else format_with_tools
        loopback = host in ("127.0.0.1", "::1", "localhost")
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=api_key,
            max_retries=0,
            timeout=openai.Timeout(first_byte, connect=5.0),
            http_client=openai.DefaultAsyncHttpxClient(
                verify=_trusted(not loopback),
                trust_env=not loopback,  # a proxy of the environment is never the way to this machine itself
                event_hooks={"request": [_until_released]},
            ),
        )

    @classmethod
    def nowhere(cls) -> Self:
        """For what calls no model: whatever called it would be refused at once."""
        return cls("http://127.0.0.1:9/v1", "none", STANDIN)

    @property
    def is_standin(self) -> bool:
        """Whether the stand-in model answers."""
        return self.model.partition("/")[0] == STANDIN

    @property
    def spared(self) -> bool:
        """Whether the breaker is open now, so that no call would go through."""
        breaker = self.breaker.snapshot()
        return breaker.state == "open" and self._clock() < breaker.retry_at

    def model_for(self, agent: AIAgent) -> str:
        """The model that an agent gets here: its own, or its script where the stand-in answers."""
        if self.is_standin:
            return f"{STANDIN}/{agent.standin}" if agent.standin else self.model
        return agent.model or self.model

    def capabilities(self, model: str) -> Capabilities:
        """What is known of a model here."""
        return self._capabilities.setdefault(model, Capabilities(format_with_tools=self._format_with_tools))

    async def complete(
        self,
        messages: Sequence[dict[str, Any]],
        *,
        tools: Sequence[dict[str, Any]] = (),
        schema: dict[str, Any] | None = None,
        max_tokens: int = 2048,
        timeout: float | None = None,  # noqa: ASYNC109 - kept here: its end is a typed error, not a cancellation
        model: str | None = None,
        released: asyncio.Event | None = None,
        told: Callable[[str], None] | None = None,
    ) -> Completion:
        """One answer, within `timeout` in all. `schema` is a `response_format` of type `json_schema`. With `released`, the
        request is made ready and leaves once that is set. `told` is called with the text so far whenever there is more of it,
        and anew from its beginning where a retry begins again.

        Raises a ModelError: timeout, rate limit, server error, cut stream, context overflow, open breaker. An answer
        that came but cannot be used (truncated, refused) is returned with its `failure`: its tokens were spent.
        """
        if not self.breaker.available(self._clock()):
            wait = self.breaker.snapshot().retry_at - self._clock()
            raise ModelUnavailableError(
                "the model endpoint failed too often and is being spared", retry_after=max(wait, 0)
            )
        limit = self.timeout if timeout is None else timeout
        _released.set(released)
        try:
            async with asyncio.timeout(limit):
                return await self._attempts(model or self.model, messages, tools, schema, max_tokens, told)
        except TimeoutError as error:
            self.breaker.record(False, self._clock())
            raise ModelTimeoutError(f"the model endpoint did not finish within {limit:g} s") from error

    async def close(self) -> None:
        """Closes the client's connections."""
        await self._client.close()

    async def _attempts(
        self,
        model: str,
        messages: Sequence[dict[str, Any]],
        tools: Sequence[dict[str, Any]],
        schema: dict[str, Any] | None,
        max_tokens: int,
        told: Callable[[str], None] | None,
    ) -> Completion:
        attempt = 0
        while True:
            try:
                completion = await self._once(model, messages, tools, schema, max_tokens, told)
            except ModelError as error:
                if error.retryable:
                    self.breaker.record(False, self._clock())
                wait = self._wait(error, attempt)
                if wait is None:
                    raise
                await self._sleep(wait)
                attempt += 1
            else:
                self.breaker.record(True, self._clock())
                return completion

    async def _once(
        self,
        model: str,
        messages: Sequence[dict[str, Any]],
        tools: Sequence[dict[str, Any]],
        schema: dict[str, Any] | None,
        max_tokens: int,
        told: Callable[[str], None] | None,
    ) -> Completion:
        capabilities = self.capabilities(model)
        while True:
            body = capabilities.options(messages, tools, schema, max_tokens)
            answer = _Answer(model)
            try:
                # Not through its typed method, which walks each message and builds each event: half of a call's cost.
                async with await self._client.post(
                    "/chat/completions",
                    cast_to=object,
                    body={"model": model, "stream": True, **body},
                    stream=True,
                    stream_cls=openai.AsyncStream[object],
                ) as stream:
                    async for event in stream:
                        answer.add(event)
                        if told is not None:
                            told(answer.text)
                return answer.completion()
            except openai.APIStatusError as error:
                # Each refusal gives up one option for good, so that this ends.
                if not capabilities.learn(error.status_code, f"{error.message} {error.param}", body):
                    raise failure_of(error, now=self._now()) from error
            except openai.APITimeoutError as error:
                raise failure_of(error, now=self._now()) from error
            except openai.APIConnectionError as error:
                if answer.begun:
                    raise ModelStreamCutError("the connection broke in the middle of the answer") from error
                raise failure_of(error, now=self._now()) from error
            except openai.APIError as error:
                raise failure_of(error, now=self._now()) from error
            except json.JSONDecodeError as error:
                raise ModelStreamCutError("an event of the answer's stream is not JSON") from error

    def _wait(self, error: ModelError, attempt: int) -> float | None:
        """Seconds until the next attempt; none: there is none."""
        if not error.retryable or isinstance(error, ModelTimeoutError) or attempt >= self._retries:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self._retry_after_cap else None
        return self._backoff * 2.0**attempt


class _Answer:
    """An answer as its chunks come in."""

    def __init__(self, model: str) -> None:
        self.begun = False
        self._model = model
        self._text: list[str] = []
        self._refusal: list[str] = []
        self._calls: dict[int, list[str]] = {}
        self._tokens: list[Token] = []
        self._usage = Usage()
        self._finish_reason: str | None = None

    @property
    def text(self) -> str:
        """Its text so far."""
        return "".join(self._text)

    def add(self, event: object) -> None:
        """Take in an event. Raises ModelServerError for one that is none of the protocol."""
        self.begun = True
        try:
            chunk = Chunk.model_validate(event)
        except ValidationError as error:
            raise ModelServerError("the model endpoint sent an event that is none of the protocol") from error
        self._model = chunk.model or self._model
        if chunk.usage is not None:
            self._usage = Usage(chunk.usage.prompt_tokens or 0, chunk.usage.completion_tokens or 0)
        for choice in chunk.choices or ():
            self._finish_reason = choice.finish_reason or self._finish_reason
            if choice.logprobs is not None:
                for token in choice.logprobs.content or ():
                    raw = None if token.bytes is None else bytes(token.bytes)
                    self._tokens.append(Token(token.token, token.logprob, raw))
            delta = choice.delta
            if delta.content:
                self._text.append(delta.content)
            if delta.refusal:
                self._refusal.append(delta.refusal)
            for call in delta.tool_calls or ():
                parts = self._calls.setdefault(call.index, ["", "", ""])
                parts[0] = call.id or parts[0]
                if call.function is not None:
                    parts[1] += call.function.name or ""
                    parts[2] += call.function.arguments or ""

    def completion(self) -> Completion:
        """The whole of it. Raises ModelStreamCutError where the stream ended before the model had finished."""
        if self._finish_reason is None:
            if self.begun:
                raise ModelStreamCutError("the answer's stream ended in the middle")
            raise ModelServerError("the model endpoint sent no event of the chat-completions protocol")
        calls = tuple(CallText(*parts) for _, parts in sorted(self._calls.items()))
        return Completion(
            text=self.text,
            tool_calls=calls,
            usage=self._usage,
            finish_reason=self._finish_reason,
            model=self._model,
            tokens=tuple(self._tokens) or None,
            failure=self._failure(),
        )

    def _failure(self) -> ModelError | None:
        if self._finish_reason == "length":
            return ModelTruncatedError("the answer reached its token budget; raise the agent's `max_tokens`")
        if self._refusal or self._finish_reason == "content_filter":
            return ModelRefusedError("the model refused to answer")
        return None
