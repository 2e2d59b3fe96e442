"""The shipped journeys, for traitors."""

from tests.acceptance.durable.shipped import providers, shipped

__all__ = ["providers", "shipped"]
