"""What people look up: the knowledge in force, and citations of whatever was in force. Policy is asked first (`view`)."""

from journeyman import knowledge
from journeyman.governance import Resource
from journeyman.knowledge import Citation, Found, Opened
from journeyman.publishing import KNOWLEDGE, in_force
from journeyman.store.database import Connection
from journeyman.tasks.desk import Desk
from journeyman.tasks.permission import permission


async def consult(
    desk: Desk, person: str, query: str, *, auth: str, kind: str | None = None, language: str = "en", limit: int = 5
) -> list[Found]:
    """The passages that fit a query best, as `journeyman.knowledge.search` finds them for a person.

    Raises NotFoundError for an unknown person, DeniedError.
    """
    async with desk.database.connection() as conn:
        await _permit(desk, conn, person, await in_force(conn, KNOWLEDGE) or "none", auth)
        return await knowledge.search(conn, query, audience="people", kind=kind, language=language, limit=limit)


async def open_citation(desk: Desk, person: str, citation: str, *, auth: str) -> Opened:
    """The section as it was when it was cited. Raises InputError, NotFoundError, DeniedError."""
    async with desk.database.connection() as conn:
        await _permit(desk, conn, person, Citation.parse(citation).base, auth)
        return await knowledge.read(conn, citation)


async def _permit(desk: Desk, conn: Connection, person: str, base: str, auth: str) -> None:
    asked = {"field": "knowledge", "data_class": "ordinary"}
    await permission(desk, conn, person, "view", Resource.bundle(base, kind="knowledge"), auth=auth, args=asked)
