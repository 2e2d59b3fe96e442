"""An article: a Markdown file, split into sections at its headings. Pure.

Above the title may stand what it is for, between two lines of `---`:

    ---
    language: en
    kinds: bank-service, insurance-claim
    audience: people
    ---
    # Its title
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

Audience = Literal["all", "people"]
"""Who may read it: AI agents and people, or people alone."""

LONGEST = 6_000
"""Characters of a section, beyond which it is no passage that one cites."""

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_NAMES = ("language", "kinds", "audience")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands between one heading and the next."""

    anchor: str
    """Its name within the article, made from its heading: lower-case words joined by hyphens."""
    headings: tuple[str, ...]
    """The trail that leads to it, from the article's title to its own heading."""
    text: str
    """Markdown, as it stands in the file."""


@dataclass(frozen=True, slots=True)
class Article:
    """One file. `problems` says what is to be mended in it, each with its place and the remedy."""

    path: str
    title: str
    language: str
    """Its primary language, as BCP 47 has it: `en`, `de`."""
    kinds: tuple[str, ...]
    """The journey kinds that it is for; empty: all."""
    audience: Audience
    sections: tuple[Section, ...]
    problems: tuple[str, ...]

    @classmethod
    def parse(cls, path: str, text: str) -> "Article":
        """The article of a file's text, line ends as `\\n`. It never raises: what is wrong is among its `problems`."""
        given, body, problems = _front(path, text)
        language = given.get("language", "en")
        if not _LANGUAGE.fullmatch(language):
            problems.append(f"{path}: language `{language}` is none; write two or three letters, such as `en`")
            language = "en"
        audience = given.get("audience", "all")
        if audience not in ("all", "people"):
            problems.append(f"{path}: audience `{audience}` is unknown; write `all` or `people`")
            audience = "people"  # the narrower one
        kinds = tuple(sorted({kind.strip() for kind in given.get("kinds", "").split(",")} - {""}))
        sections = tuple(_sections(body, path))
        title = next((match[2] for match, _ in _parts(body) if match is not None), "")
        if not title:
            problems.append(f"{path}: it has no title; begin it with a line `# Its title`")
        if not sections:
            problems.append(f"{path}: it says nothing; write under its title, or delete it")
        problems += [
            f"{path}#{section.anchor}: {len(section.text)} characters are no passage; split it by headings"
            for section in sections
            if len(section.text) > LONGEST
        ]
        return cls(path, title or path, language, kinds, cast(Audience, audience), sections, tuple(problems))


def _front(path: str, text: str) -> tuple[dict[str, str], str, list[str]]:
    """What stands above the title, the rest of the file, and what is wrong."""
    if not text.startswith("---\n"):
        return {}, text, []
    head, closed, body = text[4:].partition("\n---\n")
    if not closed:
        return {}, text, [f"{path}:1: the lines above the title do not end; close them with `---`"]
    given, problems = {}, []
    for number, line in enumerate(head.splitlines(), start=2):
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or name.strip() not in _NAMES:
            problems.append(f"{path}:{number}: `{line.strip()}` is not understood; write {', '.join(_NAMES)}")
        else:
            given[name.strip()] = value.strip()
    return given, body, problems


def _sections(body: str, path: str) -> Iterator[Section]:
    trail: list[tuple[int, str]] = []
    anchors: dict[str, int] = {}
    for heading, text in _parts(body):
        anchor = "start"
        if heading is not None:
            level = len(heading[1])
            trail = [above for above in trail if above[0] < level] + [(level, heading[2] or path)]
            anchor = _anchor(heading[2])
        again = anchors[anchor] = anchors.get(anchor, -1) + 1
        if text:
            headings = tuple(title for _, title in trail) or (path,)
            yield Section(f"{anchor}-{again}" if again else anchor, headings, text)


def _parts(body: str) -> Iterator[tuple[re.Match[str] | None, str]]:
    """(heading, text under it), in order; what stands above the first heading has none. A `#` in a block of code is none."""
    heading: re.Match[str] | None = None
    lines: list[str] = []
    fence = ""
    for line in body.split("\n"):
        if opened := _FENCE.match(line):
            mark = opened[1]
            if not fence:
                fence = mark
            elif mark.startswith(fence) and not line.strip(" \t").strip(fence[0]):
                fence = ""
        found = None if fence else _HEADING.fullmatch(line)
        if found is None:
            lines.append(line)
            continue
        yield heading, "\n".join(lines).strip()
        heading, lines = found, []
    yield heading, "\n".join(lines).strip()


def _anchor(heading: str) -> str:
    """As GitHub makes it: so a link to it works there too."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") or "section"
