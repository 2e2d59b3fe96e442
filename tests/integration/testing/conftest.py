"""Rehearsals of the parcel journey whose time is skipped."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from journeyman.customers.keys import Keyring
from journeyman.project import Project
from journeyman.store import Database
from journeyman.testing import Rehearsal, SkippedTime
from tests.integration.journey.conftest import STAFF, parcel_policies, project, rehearse

__all__ = ["parcel_policies", "project", "rehearse"]

OFFICE: dict[str, Any] = {
    "time_zone": "Europe/Berlin",
    "hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "emergency": "Call 112",
}

Skip = Callable[..., AbstractAsyncContextManager[Rehearsal]]


def staffed(**queue: Any) -> dict[str, Any]:
    """The roster with office hours, and these fields of its queue."""
    fields = STAFF["queues"]["parcels"] | {"calendar": "office"} | queue
    desk = {"title": "Supervisors", "teams": ["supervisors"]}
    people = STAFF["people"] | {"sue": {"name": "Sue", "teams": ["supervisors"], "roles": ["agent", "supervisor"]}}
    return {
        "calendars": {"office": OFFICE},
        "teams": ["parcels", "supervisors"],
        "people": people,
        "queues": {"parcels": fields, "supervisors": desk},
    }


@pytest.fixture
def skip(project: Project, database: Database, keyring: Keyring) -> Skip:
    """Opens a rehearsal on a server of its own."""

    @asynccontextmanager
    async def opened(staff: dict[str, Any] = STAFF, **more: Any) -> AsyncIterator[Rehearsal]:
        async with (
            SkippedTime.open() as time,
            Rehearsal.of(project, database, keyring, time, staff=staff, **more) as rehearsal,
        ):
            yield rehearsal

    return opened
