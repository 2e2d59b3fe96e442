"""What the published knowledge tells an AI agent."""

from pydantic import BaseModel, Field


class Passage(BaseModel):
    """A section of an article, with where it stands."""

    citation: str = Field(description="where it stands, in which version: `path#heading@version`")
    heading: str = Field(description="the article's title, and the headings below it")
    text: str
    language: str
