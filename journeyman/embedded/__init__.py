"""The real Temporal and the real Postgres, for one machine and for tests."""

from journeyman.embedded.postgres import Postgres
from journeyman.embedded.stack import Stack
from journeyman.embedded.temporal import TemporalServer

__all__ = ["Postgres", "Stack", "TemporalServer"]
