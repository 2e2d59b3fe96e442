"""A look at a journey: what its page shows a person as it opens, and what it reads again while it is open. See `tasks.looks`."""

from datetime import datetime

from journeyman.identifiers import new_id
from journeyman.tasks import looks
from journeyman.tasks.desk import Desk
from journeyman.views.journeys import JourneyPage, open_page


async def begin(desk: Desk, journey_id: str, person_id: str, *, auth: str, now: datetime) -> tuple[str, JourneyPage]:
    """Open a journey's page, recorded; the first is the look's id. Raises NotFoundError, DeniedError."""
    look_id = new_id("look")
    async with desk.recording(at_once=True) as tx:
        opened = await open_page(desk, tx.conn, journey_id, person_id, auth=auth, now=now)
        position = opened.page.position
        tx.look(look_id, person_id, journey=journey_id, auth=auth, position=position, at=now)
        facts = opened.entry.facts | {"position": position}
        tx.record(opened.entry.model_copy(update={"facts": facts, "refs": {"look": look_id}}))
    return look_id, opened.page


async def go_on(desk: Desk, look_id: str, journey_id: str, person_id: str, *, auth: str, now: datetime) -> JourneyPage:
    """The journey as it stands now, on a page that is open.

    Raises NotFoundError if this is not the person's look at this journey, DeniedError if policy shows them it no longer.
    """
    async with desk.database.transaction() as conn:
        look = await looks.held(conn, look_id, journey_id, person_id)
        opened = await open_page(desk, conn, journey_id, person_id, auth=auth, now=now)
        await looks.go_on(conn, look, opened.page.position, now=now)
    await looks.begin_again(desk, look, opened.page.position, opened.decision, auth=auth, now=now)
    return opened.page
