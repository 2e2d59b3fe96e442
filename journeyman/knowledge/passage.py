"""A section as it is given out: with its citation, and with what found it."""

from pydantic import BaseModel, ConfigDict

from journeyman.knowledge.article import Audience


class Passage(BaseModel):
    """A section of a base that was published."""

    model_config = ConfigDict(frozen=True)

    citation: str
    """`path#heading@version`: `journeyman.knowledge.read` opens it, also when another version is in force."""
    headings: tuple[str, ...]
    """From the article's title to its own heading."""
    text: str
    """Markdown, written by the base's authors."""
    language: str
    kinds: tuple[str, ...]
    audience: Audience

    @property
    def title(self) -> str:
        """The article's."""
        return self.headings[0]


class Found(Passage):
    """A passage that fits a query."""

    excerpt: str
    """Plain text, to be escaped like any other: the part of it that fits best."""
    marks: tuple[tuple[int, int], ...]
    """What fits: [from, to) in characters of the excerpt, in order, apart from each other."""
    rank: float
    """How well it fits, above that of others of the same search."""


class Opened(Passage):
    """A passage that a citation opened."""

    base: str
    """The whole hash of the version that it stands in."""
    current: bool
    """That version is the one in force."""
