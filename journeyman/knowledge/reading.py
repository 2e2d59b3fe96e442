"""Keeping a base, and opening a section of one by its citation, as it was when it was cited."""

from datetime import datetime

from journeyman.errors import LedgerError, NotFoundError
from journeyman.governance.bundle import digest
from journeyman.knowledge.base import Base
from journeyman.knowledge.citation import Citation
from journeyman.knowledge.passage import Opened
from journeyman.store.database import Connection
from journeyman.store.sql import load

sql = load("knowledge")


async def keep(conn: Connection, base: Base, now: datetime) -> None:
    """Store a base for ever, as part of its publication; one that is stored already stays as it is."""
    if await conn.fetchval(sql["keep_base"], base.hash, base.files, now) is None:
        return
    sections = [(article, section) for article in base.articles for section in article.sections]
    await conn.executemany(
        sql["keep_section"],
        [
            (
                base.hash,
                position,
                article.path,
                section.anchor,
                list(section.headings),
                section.text,
                article.language,
                list(article.kinds),
                article.audience,
            )
            for position, (article, section) in enumerate(sections)
        ],
    )


async def read(conn: Connection, citation: str) -> Opened:
    """The section that a citation names, whichever version is in force now.

    Raises InputError for what is no citation, NotFoundError where nothing of that name was published, LedgerError where what is
    stored is not what was published: the ledger has the hash of what was.
    """
    cited = Citation.parse(citation)
    row = await conn.fetchrow(sql["section"], cited.path, cited.anchor, cited.base)
    if row is None:
        raise NotFoundError(f"nothing was published as `{cited}`; search for it anew", field="citation")
    if digest(row["files"]) != row["base"] or row["text"] not in row["files"].get(cited.path, ""):
        raise LedgerError(f"the stored version of `{cited}` is not the one that was published: it was altered")
    return Opened(
        citation=str(cited),
        headings=row["headings"],
        text=row["text"],
        language=row["language"],
        kinds=row["kinds"],
        audience=row["audience"],
        base=row["base"],
        current=row["current"],
    )
