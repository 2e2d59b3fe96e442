"""A console that dies while a form is submitted: whoever sends it again has completed the task once."""

import signal
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from journeyman.console import identity
from journeyman.console.serve import opened
from journeyman.conversation.inbound import Inbound, receive
from journeyman.customers.keys import new_master_key
from journeyman.embedded.postgres import Postgres
from journeyman.ledger.log import recording
from journeyman.publishing import publish_policies
from journeyman.settings import Settings
from journeyman.tasks import roster, staffing, working
from journeyman.tasks.change import task_of
from journeyman.tasks.models import NewTask
from journeyman.tasks.opening import open_task
from journeyman.tasks.roster import read
from tests.integration.console.process import ROOT, Process
from tests.integration.console.site import HERE
from tests.integration.console.test_task_page import Forms
from tests.integration.tasks.world import CLI


@pytest.fixture
def settings(postgres: Postgres, database_name: str) -> Settings:
    """A deployment on a database of its own."""
    told = {
        "project": ROOT,
        "database_url": SecretStr(postgres.dsn("journeyman_app", database_name)),
        "master_key": SecretStr(new_master_key()),
    }
    return Settings().model_copy(update=told)


@pytest.mark.parametrize(("point", "done"), [("submit.committing", False), ("submit.committed", True)])
async def test_a_console_killed_in_the_middle_of_a_submit_completes_it_once(
    settings: Settings, point: str, done: bool
) -> None:
    now = datetime.now(UTC)
    async with opened(settings) as console:
        async with console.desk.recording() as tx:
            await publish_policies(tx, console.project.bundle(), CLI, now)
        assert console.project.roster is not None
        await roster.apply(console.desk, read(console.project.roster), CLI, now)
        await staffing.set_presence(console.desk, "femi", "online", by="femi", now=now, auth="picker")
        opens = console.project.definition("bank-service")
        said = await receive(
            console.database, console.desk.keyring, Inbound("chat", "ada", "My card is gone", "1"), opens=opens, now=now
        )
        async with recording(console.database, console.desk.keyring) as tx:
            new = NewTask(
                journey_id=said.journey,
                effect="tests:1",
                step="report-fraud",
                kind="work",
                title="Report the fraud",
                reason="asked_for_person",
                queue="fraud-desk",
            )
            task = await open_task(tx, new, now=now)
        await working.claim(console.desk, task.id, "femi", now=now, auth="picker")
        cookies = {console.cookie: await identity.sign_in(console.desk, "femi", auth="picker", now=now)}

        async def kept() -> tuple[str, int]:
            async with console.database.connection() as conn:
                entries = await conn.fetchval("select count(*) from entry where type = 'task.completed'")
                return (await task_of(conn, task.id)).state, entries

        url = f"/desk/tasks/{task.id}"
        more: dict[str, Any] = {"headers": HERE, "cookies": cookies, "trust_env": False}
        mortal, again = Process(settings), Process(settings)
        base = await mortal.console("--picker", "--port", "0", JOURNEYMAN_KILL_AT=point)
        async with httpx2.AsyncClient(base_url=base, **more) as client:
            form = Forms((await client.get(url)).text).forms[f"{url}/complete"]
            form |= {"output.reference": "FR-1", "output.text": "A card was stolen"}
            with pytest.raises(httpx2.TransportError):
                await client.post(f"{url}/complete", data=form)
        assert (await mortal.ended())[0] == -signal.SIGKILL
        assert await kept() == (("completed", 1) if done else ("reserved", 0))
        base = await again.console("--picker", "--port", "0")
        async with httpx2.AsyncClient(base_url=base, **more) as client:
            for _ in range(2):
                answer = await client.post(f"{url}/complete", data=form)
                assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
        again.signal(signal.SIGTERM)
        await again.ended()
        assert await kept() == ("completed", 1)
