"""A console that is served on the shipped project, and what stands behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from playwright.async_api import BrowserContext

from journeyman.console import identity
from journeyman.console.asked import Console
from journeyman.console.listening import listen, url_of
from journeyman.console.serve import opened, serving
from journeyman.conversation.inbound import Inbound, Received, receive
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.project import Project
from journeyman.publishing import Published, put_in_force
from journeyman.settings import Settings
from journeyman.store import Database
from journeyman.tasks import roster, staffing
from journeyman.tasks.desk import Desk
from journeyman.tasks.models import NewTask, Packet, Task
from journeyman.tasks.opening import open_task
from journeyman.tasks.roster import read
from journeyman.temporal.connection import keyring_of

TESTS = Actor(kind="system", id="tests", auth="cli")


@dataclass
class Served:
    """A console, where it is, and short words for what others do behind its back. The time is the real one."""

    url: str
    console: Console
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def desk(self) -> Desk:
        """What operations are done through."""
        return self.console.desk

    async def sign_in(self, context: BrowserContext, person: str) -> None:
        """Let a browser be a person's, without the sign-in page."""
        secret = await identity.sign_in(self.desk, person, auth="picker", now=datetime.now(UTC))
        await context.add_cookies([{"name": self.console.cookie, "value": secret, "url": self.url, "httpOnly": True}])

    async def online(self, *people: str) -> None:
        """Let these people be at work."""
        for person in people:
            await staffing.set_presence(self.desk, person, "online", by=person, now=datetime.now(UTC), auth="picker")

    async def says(self, address: str, text: str, *, kind: str = "bank-service", left: bool = False) -> Received:
        """A customer says something in the chat; the first words open a journey, whom workers then take up, if there are any."""
        inbound = Inbound("chat", address, text, f"{address}:{next(self._numbers)}", left)
        opens = self.console.project.definition(kind)
        return await receive(self.desk.database, self.desk.keyring, inbound, opens=opens, now=datetime.now(UTC))

    async def task(
        self, step: str = "inform-balance", queue: str = "bank-care", *, journey: str | None = None, **fields: Any
    ) -> Task:
        """A task of a shipped step waits in a queue, as if an AI agent had handed it over; for a new customer's journey, unless
        one is given."""
        number = next(self._numbers)
        journey = journey or (await self.says(f"customer-{number}", "I would like to talk to a person.")).journey
        plain: dict[str, Any] = {
            "journey_id": journey,
            "effect": f"tests:{number}",
            "step": step,
            "kind": "work",
            "title": "Tell the balance",
            "reason": "asked_for_person",
            "queue": queue,
            "giver": "ai:teller",
            "packet": Packet(reason="asked_for_person", summary="They want to know their balance"),
        }
        async with recording(self.desk.database, self.desk.keyring) as tx:
            return await open_task(tx, NewTask.model_validate(plain | fields), now=datetime.now(UTC))


@asynccontextmanager
async def served_on(settings: Settings) -> AsyncIterator[Served]:
    """Serve a console with the picker on a free port. The project's policies, AI agents and roster are put in force."""
    await _put_in_force(settings)
    with listen("127.0.0.1", 0) as listening:
        url = url_of(listening)
        settings = settings.model_copy(update={"console_url": url})
        async with opened(settings, picker=True) as console, serving(console, listening):
            yield Served(url, console)


async def _put_in_force(settings: Settings) -> None:
    """Before the console hears of it: whoever listens when policies or people change has to connect again."""
    project, keyring, now = Project.load(settings.project), keyring_of(settings), datetime.now(UTC)
    assert project.roster is not None
    database = await Database.connect(settings.need("database_url"), max_size=1)
    try:
        async with recording(database, keyring) as tx:
            await put_in_force(tx, project.bundle(), project.agents.values(), TESTS, now)
        desk = Desk(database, keyring, Published().authorizer, project.step)
        await roster.apply(desk, read(project.roster), TESTS, now)
    finally:
        await database.close()
