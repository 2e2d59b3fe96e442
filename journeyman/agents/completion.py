"""What one model call came to."""

from dataclasses import dataclass, field

from journeyman.errors import ModelError


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the endpoint says it has counted; zero where it says nothing."""

    prompt: int = 0
    completion: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.prompt + self.completion

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.prompt + other.prompt, self.completion + other.completion)


@dataclass(frozen=True, slots=True)
class Token:
    """One token of the answer's text with its natural log probability."""

    text: str
    logprob: float
    raw: bytes | None = None
    """Its bytes, where the endpoint gives them: a token may be a part of a character."""

    @property
    def bytes(self) -> bytes:
        """What it adds to the text."""
        return self.text.encode(errors="replace") if self.raw is None else self.raw


@dataclass(frozen=True, slots=True)
class CallText:
    """A tool call as the model wrote it: nothing in it has been checked."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Completion:
    """A finished answer. `failure` says why it cannot be used, if so; its tokens were spent all the same."""

    text: str
    tool_calls: tuple[CallText, ...] = ()
    usage: Usage = field(default_factory=Usage)
    finish_reason: str = "stop"
    model: str = ""
    """As the endpoint names it."""
    tokens: tuple[Token, ...] | None = None
    """Log probabilities of `text`; none where the endpoint gives none."""
    failure: ModelError | None = None
