"""How probable the model found the values of its answer, measured from its tokens.

Under constrained decoding the syntax is near-certain and says nothing, so only tokens of values count, and of them the
least probable. It is not correctness: until it is calibrated for a step, policy treats it as of unknown worth.
"""

import math
import re
from collections.abc import Collection, Iterator, Sequence

from journeyman.agents.completion import Token
from journeyman.agents.envelope import object_span

_SPACE = re.compile(r"[ \t\n\r]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_LITERAL = re.compile(r"[^\s,\]}]+")

Span = tuple[tuple[str, ...], int, int]
"""The path of a value (member names, list positions), and where it starts and ends in the text."""


def token_probability(
    text: str, tokens: Sequence[Token] | None, *, fields: Collection[str] | None = None
) -> int | None:
    """The minimum over the value tokens of `result` in a reply envelope, in per mille, rounded down.

    `fields` are the declared fields of the output model; none: all. None is returned where nothing was measured: no
    tokens, no result, no values in it, or tokens that do not add up to the text.
    """
    if not tokens:
        return None
    spans = [
        (start, end)
        for path, start, end in value_spans(text)
        if len(path) > 1 and path[0] == "result" and (fields is None or path[1] in fields)
    ]
    if not spans:
        return None
    sizes = [len(token.bytes) for token in tokens]
    offset = _offset(text, b"".join(token.bytes for token in tokens))
    if offset is None:
        return None
    # From characters to bytes, in which a token may be a part of a character.
    wanted = [(len(text[:start].encode()), len(text[:end].encode())) for start, end in spans]
    least, position, index = math.inf, offset, 0
    for token, size in zip(tokens, sizes, strict=True):
        start, end = position, position + size
        position = end
        while index < len(wanted) and wanted[index][1] <= start:
            index += 1
        if index < len(wanted) and wanted[index][0] < end and start < end:
            least = min(least, token.logprob)
    if math.isinf(least) or math.isnan(least):
        return None
    return min(max(math.floor(math.exp(min(least, 0.0)) * 1000 + 1e-9), 0), 1000)


def value_spans(text: str) -> list[Span]:
    """Where the values of a JSON object stand in a text, in order. Keys and syntax are in no span.

    A string's span is what is between its quotes; that of an empty string or container is what ends it, for there the
    choice of nothing was made. A text that is not JSON has none.
    """
    start, end = object_span(text)
    try:
        return list(_values(_Cursor(text, start, end), ()))
    except (_NotJsonError, RecursionError):
        return []


class _NotJsonError(Exception):
    """The text is not JSON."""


class _Cursor:
    """A place in a text."""

    def __init__(self, text: str, position: int, end: int) -> None:
        self.text, self.position, self.end = text, position, end

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.position, self.end)
        if match is None:
            raise _NotJsonError
        self.position = match.end()
        return match[0]

    def peek(self) -> str:
        self.take(_SPACE)
        return self.text[self.position : self.position + 1]

    def accept(self, character: str) -> bool:
        if self.peek() != character:
            return False
        self.position += 1
        return True


def _values(cursor: _Cursor, path: tuple[str, ...]) -> Iterator[Span]:
    opening = cursor.peek()
    if opening == '"':
        start = cursor.position
        cursor.take(_STRING)
        end = cursor.position
        yield (path, start + 1, end - 1) if end - start > 2 else (path, end - 1, end)
    elif opening and opening in "{[":
        yield from _members(cursor, path, opening)
    else:
        start = cursor.position
        cursor.take(_LITERAL)
        yield path, start, cursor.position


def _members(cursor: _Cursor, path: tuple[str, ...], opening: str) -> Iterator[Span]:
    closing = "}" if opening == "{" else "]"
    cursor.position += 1
    if cursor.accept(closing):
        yield path, cursor.position - 1, cursor.position
        return
    number = 0
    while True:
        name = str(number)
        if opening == "{":
            cursor.peek()
            name = cursor.take(_STRING)[1:-1]
            if not cursor.accept(":"):
                raise _NotJsonError
        yield from _values(cursor, (*path, name))
        number += 1
        if cursor.accept(closing):
            return
        if not cursor.accept(","):
            raise _NotJsonError


def _offset(text: str, joined: bytes) -> int | None:
    """Where the tokens begin in the text's bytes. Endpoints strip space and add end-of-text tokens; no guess beyond."""
    raw = text.encode(errors="replace")
    if joined == raw:
        return 0
    if joined.startswith(raw):
        return 0
    lead = joined.find(raw)
    return -lead if lead > 0 and joined.count(raw) == 1 else None
