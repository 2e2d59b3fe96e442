"""Knowledge: what is in force, searched; and what a citation stands for, as it was."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from journeyman.console.asked import Reads, asks
from journeyman.console.cursor import Listed
from journeyman.console.words import Name
from journeyman.knowledge import Found, Opened
from journeyman.views import knowledge

router = APIRouter(prefix="/knowledge", tags=["knowledge"])

Words = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]


@router.get("", **asks("view", "Bundle"))
async def search(
    asked: Reads,
    q: Words,
    kind: Name | None = None,
    language: Annotated[str, Query(pattern=r"^[a-z]{2,3}$")] = "en",
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> Listed[Found]:
    """The passages that fit best, each with its citation."""
    found = await knowledge.consult(
        asked.desk, asked.person, q, auth=asked.caller.auth, kind=kind, language=language, limit=limit
    )
    return Listed(items=found)


@router.get("/opened", **asks("view", "Bundle"))
async def opened(asked: Reads, citation: Words) -> Opened:
    """The passage that a citation stands for, as it was when it was cited."""
    return await knowledge.open_citation(asked.desk, asked.person, citation, auth=asked.caller.auth)
