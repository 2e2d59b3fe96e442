"""Searching the base in force: Postgres full-text search, the best passages first, each with its citation."""

import re

from journeyman.knowledge.article import Audience
from journeyman.knowledge.citation import Citation
from journeyman.knowledge.passage import Found
from journeyman.store.database import Connection
from journeyman.store.sql import load

sql = load("knowledge")

LONGEST = 400  # characters of a query that are read; Postgres refuses words of 2 KiB
MOST = 50

_BEGIN, _END = "\x02", "\x03"  # no base holds them
_MOST_DASHES = 20  # Postgres refuses more than 32 in a row, such as a line that people draw with them
_EXCERPT = f'StartSel={_BEGIN}, StopSel={_END}, MaxFragments=2, MaxWords=30, MinWords=12, FragmentDelimiter=" … "'


async def search(
    conn: Connection,
    query: str,
    *,
    audience: Audience,
    kind: str | None = None,
    language: str = "en",
    limit: int = 5,
) -> list[Found]:
    """The passages of the base in force that fit a query best, best first; none where nothing is published.

    `query` is what people type into a search box: words, `"a phrase"`, `-without`, `or`; none raises. Found is what has all of
    its words; where nothing has, what has any of them. `audience` is who asks: `all` is given nothing that is for people alone.
    `kind` leaves out what is for other journey kinds. What is written in `language` (BCP 47) is searched, and where nothing of
    it fits, the other languages of the base.
    """
    asked, spoken = _plain(query), _plain(language).partition("-")[0].lower()
    if not asked:
        return []
    given = (audience, None if kind is None else _plain(kind), max(1, min(limit, MOST)))
    if found := await _in_language(conn, asked, spoken, *given):
        return found
    for other in await conn.fetch(sql["languages"], spoken):
        if found := await _in_language(conn, asked, other["language"], *given):
            return found
    return []


async def _in_language(
    conn: Connection, asked: str, language: str, audience: Audience, kind: str | None, limit: int
) -> list[Found]:
    for any_word in (False, True):
        if rows := await conn.fetch(sql["search"], asked, any_word, language, kind, audience, limit, _EXCERPT):
            return [_found(row) for row in rows]
    return []


def _found(row: dict[str, object]) -> Found:
    excerpt, marks = _marked(str(row["excerpt"]))
    citation = Citation.of(str(row["path"]), str(row["anchor"]), str(row["base"]))
    return Found.model_validate({**row, "citation": str(citation), "excerpt": excerpt, "marks": marks})


def _marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A headline of Postgres as plain text in one line, and the ranges that it marks."""
    told, marks = "", []
    line = " ".join(text.split())
    for number, part in enumerate(re.split(f"[{_BEGIN}{_END}]", line)):
        if number % 2:
            marks.append((len(told), len(told) + len(part)))
        told += part
    return told, marks


def _plain(text: str) -> str:
    """What Postgres can read of a text that anyone may have typed."""
    clean = text[: LONGEST * 4].encode("utf-8", "replace").decode()
    plain = re.sub(r"[\x00-\x1f\x7f]+", " ", clean)[:LONGEST].strip()
    return plain.replace("-", " ") if plain.count("-") > _MOST_DASHES else plain
