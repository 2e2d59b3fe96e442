"""The two shipped journeys, rehearsed against their own providers, which are processes of their own and keep their own logs."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from activities.providers.journal import read
from activities.providers.process import running
from journeyman.customers.keys import Keyring
from journeyman.project import Project
from journeyman.store import Database
from journeyman.testing import Rehearsal
from journeyman.testing.fixtures import roster_of

REPOSITORY = Path(__file__).parents[3]

Shipped = Callable[..., AbstractAsyncContextManager[Rehearsal]]


@dataclass(frozen=True)
class Providers:
    """The bank and the payment provider, by their logs."""

    folder: Path

    def events(self, provider: str) -> list[dict[str, Any]]:
        """What a provider says was asked of it."""
        return read(self.folder / f"{provider}.jsonl")

    def count(self, provider: str, event: str) -> int:
        """How often it says that something happened."""
        return sum(line["event"] == event for line in self.events(provider))


@pytest.fixture
def providers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The providers of the shipped journeys."""
    with ExitStack() as stack:
        accounts = REPOSITORY / "activities" / "providers" / "accounts.json"
        bank = running("bank", "--log", str(tmp_path / "bank.jsonl"), "--accounts", str(accounts))
        payments = running("payments", "--log", str(tmp_path / "payments.jsonl"))
        monkeypatch.setenv("BANK_URL", stack.enter_context(bank))
        monkeypatch.setenv("PAYMENTS_URL", stack.enter_context(payments))
        yield Providers(tmp_path)


@pytest.fixture
def shipped(database: Database, keyring: Keyring, temporal: Client, providers: Providers) -> Shipped:
    """Opens a rehearsal of the shipped journeys, whose queues are open at every hour."""

    @asynccontextmanager
    async def opened(**more: Any) -> AsyncIterator[Rehearsal]:
        project = Project.load(REPOSITORY)
        staff = roster_of(project)
        staff["queues"] = {name: {**queue, "calendar": None} for name, queue in staff["queues"].items()}
        async with Rehearsal.of(project, database, keyring, temporal, staff=staff, **more) as rehearsal:
            yield rehearsal

    return opened
