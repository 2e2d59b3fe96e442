"""One event of a streamed answer, as far as it is used. Held to its types: an endpoint is not trusted to keep them.

Source: https://platform.openai.com/docs/api-reference/chat-streaming. The client's own types would be built unchecked, and
cost a worker more than all else that it does with an answer.
"""

from typing import Annotated

from pydantic import BaseModel, Field


class FunctionPart(BaseModel):
    """A piece of a tool call's text."""

    name: str | None = None
    arguments: str | None = None


class CallPart(BaseModel):
    """A piece of a tool call."""

    index: int = 0
    id: str | None = None
    function: FunctionPart | None = None


class Delta(BaseModel):
    """What an event adds."""

    content: str | None = None
    refusal: str | None = None
    tool_calls: list[CallPart] | None = None


class TokenPart(BaseModel):
    """A token and its log-probability."""

    token: str
    logprob: float
    bytes: list[Annotated[int, Field(ge=0, le=255)]] | None = None


class Logprobs(BaseModel):
    """The tokens of a delta."""

    content: list[TokenPart] | None = None


class Choice(BaseModel):
    """One answer of those asked for: there is one."""

    delta: Delta = Field(default_factory=Delta)
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class TokenCount(BaseModel):
    """The tokens of the whole call, in its last event."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Chunk(BaseModel):
    """One event."""

    model: str | None = None
    choices: list[Choice] | None = None
    usage: TokenCount | None = None
