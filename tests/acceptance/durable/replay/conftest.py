"""The journeys whose histories are recorded."""

from pathlib import Path

import pytest
from temporalio.client import Client

from journeyman.customers.keys import Keyring
from journeyman.project import Project
from journeyman.store import Database
from tests.acceptance.durable.shipped import providers, shipped
from tests.integration.journey import conftest as parcels

__all__ = ["parcel_policies", "providers", "shipped"]

parcel_policies = parcels.parcel_policies


@pytest.fixture
def rehearse_parcels(parcel_policies: Path, database: Database, keyring: Keyring, temporal: Client) -> parcels.Rehearse:
    """Opens a rehearsal of the parcel journey."""
    project: Project = parcels.project.__wrapped__(parcel_policies)  # type: ignore[attr-defined]
    opened: parcels.Rehearse = parcels.rehearse.__wrapped__(project, database, keyring, temporal)  # type: ignore[attr-defined]
    return opened
