"""What the tests in the browser stand on: each kind of console does what it is for."""

from datetime import UTC, datetime

from journeyman.conversation import transcript
from journeyman.customers import journeys
from journeyman.views import contents
from tests.acceptance.browser.served import Served
from tests.integration.cli.waiting import until


async def test_a_task_that_was_put_there_waits_for_the_queue_s_people(served: Served) -> None:
    task = await served.task()
    shown = await contents.show(served.desk, task.id, "bea", now=datetime.now(UTC), auth="picker")
    assert shown.task.title == "Tell the balance"


async def test_where_everything_works_a_customer_is_answered(working: Served) -> None:
    said = await working.says("ada", "hello")

    async def is_answered() -> bool:
        async with working.console.database.connection() as conn:
            row = await journeys.read(conn, said.journey)
            told = await transcript.read(conn, working.desk.keyring, row.id, row.customer_id)
        return any(line.author_kind == "ai" for line in told)

    await until(is_answered)
