"""A rehearsal of the parcel journey."""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from journeyman.conversation.notices import Notices
from journeyman.customers.keys import Keyring
from journeyman.governance.schema import generate
from journeyman.project import Project
from journeyman.store import Database
from journeyman.testing import Rehearsal
from tests.integration.journey.parcel import TRACKER, Parcel

HERE = Path(__file__).parent
POLICIES = HERE.parents[2] / "policies"

STAFF: dict[str, Any] = {
    "teams": ["parcels"],
    "people": {
        "anna": {"name": "Anna", "teams": ["parcels"], "capacity": 50},
        "ben": {"name": "Ben", "teams": ["parcels"]},
        "sue": {"name": "Sue", "teams": ["parcels"], "roles": ["agent", "supervisor"]},
    },
    "queues": {"parcels": {"title": "Parcels", "teams": ["parcels"], "respond": "5m", "complete": "1h"}},
}


@pytest.fixture(scope="session")
def parcel_policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default rules with the tracker's own."""
    folder = tmp_path_factory.mktemp("policies")
    for source in (
        POLICIES / "schema.cedarschema",
        POLICIES / "base.cedar",
        POLICIES / "notices.toml",
        HERE / "parcel.cedar",
    ):
        shutil.copy(source, folder)
    (folder / "tools.cedarschema").write_text(generate(TRACKER.tools))
    return folder


@pytest.fixture
def project(parcel_policies: Path) -> Project:
    """The parcel journey as a project."""
    notices = Notices.load(parcel_policies / "notices.toml")
    return Project.of([Parcel], [TRACKER], folder=HERE, policies=parcel_policies, notices=notices)


Rehearse = Callable[..., AbstractAsyncContextManager[Rehearsal]]


@pytest.fixture
def rehearse(project: Project, database: Database, keyring: Keyring, temporal: Client) -> Rehearse:
    """Opens a rehearsal; a test may change the project."""

    @asynccontextmanager
    async def opened(changed: Project = project, **more: Any) -> AsyncIterator[Rehearsal]:
        async with Rehearsal.of(changed, database, keyring, temporal, staff=STAFF, **more) as rehearsal:
            yield rehearsal

    return opened
