"""What people look up: the knowledge in force, and citations of whatever was in force. Policy is asked first (`view`)."""

from journeyman import knowledge
from journeyman.errors import DeniedError
from journeyman.governance import Question, Resource
from journeyman.knowledge import Citation, Found, Opened
from journeyman.publishing import KNOWLEDGE, in_force
from journeyman.store.database import Connection
from journeyman.tasks.desk import Desk, principal_of
from journeyman.tasks.people import person_of


async def consult(
    desk: Desk, person: str, query: str, *, kind: str | None = None, language: str = "en", limit: int = 5
) -> list[Found]:
    """The passages that fit a query best, as `journeyman.knowledge.search` finds them for a person.

    Raises NotFoundError for an unknown person, DeniedError.
    """
    async with desk.database.connection() as conn:
        await _permit(desk, conn, person, await in_force(conn, KNOWLEDGE) or "none")
        return await knowledge.search(conn, query, audience="people", kind=kind, language=language, limit=limit)


async def open_citation(desk: Desk, person: str, citation: str) -> Opened:
    """The section as it was when it was cited. Raises InputError, NotFoundError, DeniedError."""
    async with desk.database.connection() as conn:
        await _permit(desk, conn, person, Citation.parse(citation).base)
        return await knowledge.read(conn, citation)


async def _permit(desk: Desk, conn: Connection, person: str, base: str) -> None:
    decision = (await desk.policies(conn)).decide(
        Question(
            principal=principal_of(await person_of(conn, person)),
            action="view",
            resource=Resource.bundle(base, kind="knowledge"),
            args={"field": "knowledge", "data_class": "ordinary"},
        )
    )
    if not decision.allowed:
        why = "; ".join(decision.intents or decision.errors) or "no policy permits it"
        raise DeniedError(f"`{person}` may not `view` the knowledge: {why}", policies=decision.policies)
