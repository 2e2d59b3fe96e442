"""Every way in which an endpoint fails, as one of the model errors."""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

import openai

from journeyman.errors import (
    ModelContextOverflowError,
    ModelError,
    ModelRateLimitedError,
    ModelServerError,
    ModelTimeoutError,
)

_OVERFLOW = re.compile(
    # OpenAI and vLLM; llama.cpp; Ollama; Anthropic's and Google's OpenAI-compatible endpoints
    r"context[ _]?(length|window|size)|maximum (model|context) length|max_model_len|prompt is too long"
    r"|input (length|token count|is too long)|too many (input )?tokens|string_above_max_length|exceed_context_size",
    re.IGNORECASE,
)
_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing", re.IGNORECASE)
_QUOTA_PAUSE = 3600.0
"""Seconds. An exhausted quota is refilled by a person, not by waiting a moment."""


def failure_of(error: openai.APIError, *, now: datetime) -> ModelError:
    """The typed cause of an error of the client. `now` is an aware time: what a Retry-After date is counted from."""
    if isinstance(error, openai.APITimeoutError):
        return ModelTimeoutError("the model endpoint sent nothing in time")
    if isinstance(error, openai.APIConnectionError):
        cause = type(error.__cause__ or error).__name__
        return ModelServerError(f"no connection to the model endpoint at `{_host(error)}` ({cause})")
    named = f"{error.code} {error.type}"
    if isinstance(error, openai.APIStatusError):
        return refusal(error.status_code, error.message, named=named, headers=error.response.headers, now=now)
    return refusal(_status_in_stream(named.lower()), error.message, named=named, headers={}, now=now)


def refusal(status: int, message: str, *, named: str, headers: Mapping[str, str], now: datetime) -> ModelError:
    """The typed cause of a response that is no answer. `named` are the error's code and type."""
    told = " ".join(message.split())[:200]
    wait = retry_after(headers, now)
    if status == 429:
        if _QUOTA.search(f"{named} {message}"):
            return ModelRateLimitedError(f"the model endpoint's quota is used up: {told}", retry_after=_QUOTA_PAUSE)
        return ModelRateLimitedError("the model endpoint is rate limited (429)", retry_after=wait)
    if status == 413 or (status < 500 and _OVERFLOW.search(f"{named} {message}")):
        return ModelContextOverflowError(f"the prompt is longer than the model reads: {told}")
    if status in (408, 504):
        return ModelTimeoutError(f"the model endpoint gave up waiting ({status})")
    if status >= 500 or status == 409:
        return ModelServerError(f"the model endpoint failed ({status}): {told}", retry_after=wait)
    if status in (401, 403):
        # Its words are left out: some endpoints repeat the key in them.
        return ModelError(f"the model endpoint refused the key ({status}); check `OPENAI_API_KEY`")
    if status == 404:
        return ModelError(f"the model endpoint does not know the model or the path (404): {told}")
    return ModelError(f"the model endpoint refused the request ({status}): {told}")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `Retry-After` (seconds or an HTTP date, RFC 9110 10.2.3)."""
    for name, divisor in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) / divisor
        except ValueError:
            continue
        if math.isfinite(seconds):
            return max(seconds, 0.0)
    try:
        date = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    return max((date.replace(tzinfo=date.tzinfo or now.tzinfo) - now).total_seconds(), 0.0)


def _host(error: openai.APIError) -> str:
    return f"{error.request.url.host}:{error.request.url.port or ''}".rstrip(":")


def _status_in_stream(named: str) -> int:
    """An error that came as an event of a started stream has no status, but often says it in its code or type."""
    if "rate_limit" in named or "429" in named:
        return 429
    if number := re.search(r"\b[45]\d\d\b", named):
        return int(number[0])
    return 400 if re.search(r"invalid_request|context_length|bad_request", named) else 500
