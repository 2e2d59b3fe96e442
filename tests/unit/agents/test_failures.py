from datetime import UTC, datetime

import pytest

from journeyman.agents.failures import refusal, retry_after
from journeyman.errors import (
    ModelContextOverflowError,
    ModelError,
    ModelRateLimitedError,
    ModelServerError,
    ModelTimeoutError,
)

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def _refusal(status: int, message: str, named: str = "") -> ModelError:
    return refusal(status, message, named=named, headers={"retry-after": "2"}, now=NOW)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "3"}, 0.25),
        ({"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Sun, 01 Mar 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
    ],
)
def test_retry_after_is_read_in_each_of_its_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
        "the request exceeds the available context size (4096 tokens), try increasing it",
        "input length exceeds maximum context length",
        "the input length exceeds the context length",
        "prompt is too long: 210000 tokens > 200000 maximum",
    ],
)
def test_a_context_overflow_is_known_by_the_words_of_each_server(message: str) -> None:
    assert isinstance(_refusal(400, message), ModelContextOverflowError)


@pytest.mark.parametrize(
    ("status", "kind", "wait"),
    [
        (429, ModelRateLimitedError, 2.0),
        (500, ModelServerError, 2.0),
        (529, ModelServerError, 2.0),
        (504, ModelTimeoutError, None),
    ],
)
def test_what_passes_is_worth_another_try(status: int, kind: type[ModelError], wait: float | None) -> None:
    failure = _refusal(status, "something about the maximum context length")
    assert type(failure) is kind
    assert failure.retryable
    assert failure.retry_after == wait


@pytest.mark.parametrize("status", [400, 404, 422])
def test_what_stays_wrong_is_not(status: int) -> None:
    assert not _refusal(status, "no such thing").retryable


def test_a_used_up_quota_is_not_worth_another_try_soon() -> None:
    failure = _refusal(429, "You exceeded your current quota", "insufficient_quota")
    assert isinstance(failure, ModelRateLimitedError)
    assert (failure.retry_after or 0) >= 3600


def test_a_refused_key_is_named_with_its_remedy_and_not_repeated() -> None:
    failure = _refusal(401, "incorrect API key provided: sk-very-secret")
    assert type(failure) is ModelError
    assert "OPENAI_API_KEY" in str(failure)
    assert "sk-very-secret" not in str(failure)
