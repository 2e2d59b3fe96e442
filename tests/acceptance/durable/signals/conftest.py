"""The shipped journeys, for what ends before the end."""

from tests.acceptance.durable.shipped import providers, shipped

__all__ = ["providers", "shipped"]
