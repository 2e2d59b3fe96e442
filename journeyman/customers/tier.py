"""What a customer's tier is worth while they wait. Pure."""

from datetime import timedelta
from typing import Final

AHEAD: Final = {"vip": timedelta(minutes=200), "premium": timedelta(minutes=100)}
"""The tiers that come sooner, and by how much longer a task of theirs counts as waiting."""


def ahead(tier: str) -> timedelta:
    """By how much longer a task of such a customer counts as waiting. Unknown tiers count nothing."""
    return AHEAD.get(tier, timedelta())
