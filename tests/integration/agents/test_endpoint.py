import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from journeyman.agents.breaker import Breaker
from journeyman.agents.completion import Completion
from journeyman.agents.endpoint import Endpoint
from journeyman.agents.envelope import parse_envelope, response_format
from journeyman.agents.standin.app import Standin
from journeyman.errors import (
    ModelContextOverflowError,
    ModelError,
    ModelRateLimitedError,
    ModelRefusedError,
    ModelServerError,
    ModelStreamCutError,
    ModelTimeoutError,
    ModelTruncatedError,
    ModelUnavailableError,
)
from tests.integration.agents.conftest import Arm, EndpointFactory
from tests.unit.agents.models import Loss

MESSAGES = [{"role": "system", "content": "Help."}, {"role": "user", "content": "hello"}]


async def _complete(endpoint: Endpoint, **members: float) -> Completion:
    return await endpoint.complete(MESSAGES, schema=response_format(Loss), **members)  # type: ignore[arg-type]  # numbers


async def test_an_answer_comes_with_its_usage_model_and_log_probabilities(endpoint: EndpointFactory) -> None:
    completion = await _complete(endpoint())
    assert parse_envelope(completion.text, Loss).kind == "say"
    assert completion.model == "stand-in"
    assert completion.usage.total == completion.usage.prompt + completion.usage.completion > 0
    assert completion.tokens is not None
    assert b"".join(token.bytes for token in completion.tokens).decode() == completion.text


@pytest.mark.parametrize(
    ("kind", "error"),
    [("429", ModelRateLimitedError), ("500", ModelServerError), ("cut", ModelStreamCutError)],
)
async def test_what_passes_is_tried_again_a_bounded_number_of_times(
    kind: str, error: type[ModelError], endpoint: EndpointFactory, arm: Arm, standin: Standin, pauses: list[float]
) -> None:
    arm(kind, count=2)
    assert (await _complete(endpoint(backoff=0.5))).finish_reason == "stop"
    assert pauses == [0.5, 1.0]
    arm(kind, count=None)
    with pytest.raises(error):
        await _complete(endpoint())
    assert len(standin.requests) == 6


async def test_retry_after_is_honoured_up_to_a_cap(endpoint: EndpointFactory, arm: Arm, pauses: list[float]) -> None:
    arm("429", retry_after="3")
    await _complete(endpoint())
    now = datetime(2026, 3, 1, tzinfo=UTC)
    arm("429", retry_after=format_datetime(now + timedelta(seconds=4), usegmt=True))
    await _complete(endpoint(now=lambda: now))
    assert pauses == [3.0, 4.0]
    arm("429", retry_after="60")
    with pytest.raises(ModelRateLimitedError) as raised:
        await _complete(endpoint())
    assert raised.value.retry_after == 60.0
    assert pauses == [3.0, 4.0]


async def test_silence_ends_in_a_timeout_and_is_not_tried_again(
    endpoint: EndpointFactory, arm: Arm, standin: Standin
) -> None:
    arm("timeout", count=2)
    with pytest.raises(ModelTimeoutError):
        await _complete(endpoint(first_byte=0.3))
    with pytest.raises(ModelTimeoutError, match=r"within 0\.3 s"):
        await _complete(endpoint(), timeout=0.3)
    assert len(standin.requests) == 2


async def test_a_slow_answer_within_the_deadline_is_an_answer(endpoint: EndpointFactory, arm: Arm) -> None:
    arm("slow", seconds=0.05)
    assert (await _complete(endpoint())).finish_reason == "stop"


async def test_the_pause_before_another_attempt_counts_towards_the_deadline(
    endpoint: EndpointFactory, arm: Arm
) -> None:
    arm("429", retry_after="5")
    with pytest.raises(ModelTimeoutError):
        await _complete(endpoint(sleep=asyncio.sleep), timeout=0.1)


async def test_a_refused_connection_is_a_server_error(endpoint: EndpointFactory, pauses: list[float]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = endpoint(base_url=f"http://127.0.0.1:{closed.getsockname()[1]}/v1")
        with pytest.raises(ModelServerError, match="no connection"):
            await _complete(nobody)
    assert len(pauses) == 2


async def test_an_overflow_is_told_and_not_tried_again(endpoint: EndpointFactory, arm: Arm, standin: Standin) -> None:
    arm("overflow")
    with pytest.raises(ModelContextOverflowError):
        await _complete(endpoint())
    assert len(standin.requests) == 1


@pytest.mark.parametrize(("kind", "error"), [("truncated", ModelTruncatedError), ("refusal", ModelRefusedError)])
async def test_an_answer_that_cannot_be_used_says_why_and_what_it_cost(
    kind: str, error: type[ModelError], endpoint: EndpointFactory, arm: Arm
) -> None:
    arm(kind)
    completion = await _complete(endpoint())
    assert isinstance(completion.failure, error)
    assert completion.usage.total > 0


async def test_an_unknown_model_is_an_error_that_no_retry_helps(endpoint: EndpointFactory, standin: Standin) -> None:
    with pytest.raises(ModelError, match="does not know the model") as raised:
        await _complete(endpoint("gpt-9"))
    assert not raised.value.retryable
    assert len(standin.requests) == 1


async def test_an_option_that_the_endpoint_does_not_know_is_given_up_once(
    endpoint: EndpointFactory, arm: Arm, standin: Standin
) -> None:
    for kind in ("no_json_schema", "no_json_object", "no_logprobs", "no_stream_options", "no_max_tokens"):
        arm(kind, count=None)
    degraded = endpoint()
    first = await _complete(degraded)
    assert len(standin.requests) == 6
    assert parse_envelope(first.text, Loss).kind == "say"
    assert first.tokens is None
    assert first.usage.total == 0
    again = await _complete(degraded)
    assert len(standin.requests) == 7
    assert again.text == first.text
    body = standin.requests[-1]
    assert not body.keys() & {"response_format", "logprobs", "stream_options", "max_tokens"}
    assert body["max_completion_tokens"] == 2048
    assert "<output_schema>" in body["messages"][0]["content"]


async def test_an_endpoint_with_json_objects_only_is_asked_for_one(
    endpoint: EndpointFactory, arm: Arm, standin: Standin
) -> None:
    arm("no_json_schema", count=None)
    degraded = endpoint()
    assert parse_envelope((await _complete(degraded)).text, Loss).kind == "say"
    assert standin.requests[-1]["response_format"] == {"type": "json_object"}
    assert degraded.capabilities("stand-in").logprobs


async def test_an_endpoint_that_keeps_failing_is_spared_until_it_recovers(
    endpoint: EndpointFactory, arm: Arm, standin: Standin
) -> None:
    times = [100.0]
    spared = endpoint(breaker=Breaker(threshold=3, pause=10.0), clock=lambda: times[0])
    arm("500", count=3)
    with pytest.raises(ModelServerError):
        await _complete(spared)
    with pytest.raises(ModelUnavailableError) as raised:
        await _complete(spared)
    assert raised.value.retry_after == 10.0
    assert len(standin.requests) == 3
    times[0] += 10.0
    assert (await _complete(spared)).finish_reason == "stop"


async def test_the_end_of_a_callers_own_deadline_is_not_taken_for_a_timeout_of_the_model(
    endpoint: EndpointFactory, arm: Arm
) -> None:
    arm("timeout")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await _complete(endpoint())


@asynccontextmanager
async def _raw_server(response: bytes) -> AsyncIterator[str]:
    """A server that answers anything with these bytes and hangs up: endpoints that are not ours say odd things."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


def _stream(*events: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    return head + b"".join(b"data: " + event + b"\n\n" for event in events)


CHUNK = b'{"id":"1","object":"chat.completion.chunk","created":0,"model":"m","choices":[{"index":0,"delta":{"content":"a"}}]}'


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (_stream(CHUNK), ModelStreamCutError),
        (_stream(CHUNK, b'{"id":'), ModelStreamCutError),
        (_stream(CHUNK, b'{"error":{"message":"overloaded","code":503}}'), ModelServerError),
        (_stream(b'{"error":{"message":"slow down","type":"rate_limit_error"}}'), ModelRateLimitedError),
        (_stream(b'{"error":{"message":"prompt is too long","code":400}}'), ModelContextOverflowError),
        (_stream(b"[DONE]"), ModelServerError),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhtml", ModelServerError),
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\nhtml", ModelServerError),
        (b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n", ModelError),
        (b"", ModelServerError),
        (b"not HTTP at all\r\n\r\n", ModelServerError),
    ],
)
async def test_whatever_a_server_says_the_error_is_typed(
    response: bytes, error: type[ModelError], endpoint: EndpointFactory
) -> None:
    async with _raw_server(response) as base_url:
        with pytest.raises(error) as raised:
            await _complete(endpoint("m", base_url=base_url, retries=0))
    assert type(raised.value) is error


async def test_an_answer_without_the_done_event_is_whole_when_the_model_has_finished(endpoint: EndpointFactory) -> None:
    finished = CHUNK.replace(b'"delta":{"content":"a"}', b'"delta":{},"finish_reason":"stop"')
    async with _raw_server(_stream(CHUNK, finished)) as base_url:
        assert (await _complete(endpoint("m", base_url=base_url))).text == "a"
