"""The text of policies: each with its place, its line of intent and its annotations."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from journeyman.governance.cedar import parsed_policies

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|;|[^\s";/]+|/|"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy as it stands in a file."""

    file: str
    line: int
    """The line of its first annotation or word, from 1."""
    text: str
    intent: str
    """The comment right above it, in one line; empty where there is none."""
    annotations: dict[str, str]
    effect: str
    """permit or forbid; empty where it does not parse."""
    form: dict[str, object]
    """Cedar's JSON form of it; empty where it does not parse."""
    error: str = ""
    """Why it does not parse."""

    @property
    def id(self) -> str:
        """Its `@id`; empty where there is none."""
        return self.annotations.get("id", "")

    @property
    def place(self) -> str:
        """`file:line`."""
        return f"{self.file}:{self.line}"


def policies_of(file: str, text: str) -> list[Policy]:
    """The policies of one file, in order; one that does not parse has its `error`."""
    return [_policy(file, line, body, intent) for line, body, intent in _statements(text)]


def _policy(file: str, line: int, text: str, intent: str) -> Policy:
    try:
        parsed = parsed_policies(text)
    except ValueError as error:
        return Policy(file, line, text, intent, {}, "", {}, str(error))
    if parsed["templates"]:
        return Policy(
            file, line, text, intent, {}, "", {}, "a slot such as `?principal` has no value here; name the entity"
        )
    if len(parsed["staticPolicies"]) != 1:
        return Policy(file, line, text, intent, {}, "", {}, "it has no policy; write one, or drop the `;`")
    form = next(iter(parsed["staticPolicies"].values()))
    annotations = {name: value or "" for name, value in form.get("annotations", {}).items()}
    return Policy(file, line, text, intent, annotations, form["effect"], form)


def _statements(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, text, intent) of each statement; what follows the last `;` counts as one too, if it is not only comment."""
    start: int | None = None
    comments: list[tuple[int, str]] = []
    for token in _TOKEN.finditer(text):
        word = token.group()
        if word.startswith("//"):
            if start is None:
                comments.append((_line(text, token.start()), word.removeprefix("//").strip()))
            continue
        if start is None:
            start = token.start()
        if word == ";":
            yield _line(text, start), text[start : token.end()], _intent(comments, _line(text, start))
            start, comments = None, []
    if start is not None:
        yield _line(text, start), text[start:], _intent(comments, _line(text, start))


def _intent(comments: list[tuple[int, str]], line: int) -> str:
    """The run of comment lines that ends on the line above."""
    words: list[str] = []
    for at, comment in reversed(comments):
        if at != line - 1 - len(words):
            break
        words.insert(0, comment)
    return " ".join(words).strip()


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
