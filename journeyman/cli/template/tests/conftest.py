"""Rehearsals of this project, on a Temporal and a Postgres of the test session's own."""

pytest_plugins = ["journeyman.testing.fixtures"]
