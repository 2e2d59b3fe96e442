"""What people and AI agents may look up: one published base of Markdown articles, searched in Postgres, cited by version.

`Base` is a folder as it was read and hashed. It takes effect by `journeyman.publishing.publish_knowledge`; every base that ever
did stays readable, so that a citation opens what was cited.
"""

from journeyman.knowledge.article import LONGEST, Article, Audience, Section
from journeyman.knowledge.base import Base
from journeyman.knowledge.citation import Citation
from journeyman.knowledge.passage import Found, Opened, Passage
from journeyman.knowledge.reading import read
from journeyman.knowledge.search import search

__all__ = [
    "LONGEST",
    "Article",
    "Audience",
    "Base",
    "Citation",
    "Found",
    "Opened",
    "Passage",
    "Section",
    "read",
    "search",
]
