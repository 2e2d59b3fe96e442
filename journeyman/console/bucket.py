"""How often someone may: a token bucket for each, kept by this process alone."""

import math
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

_MOST: Final = 20_000
"""Buckets kept; the one that was asked for longest ago goes first. A full one is like none."""


@dataclass
class Buckets:
    """`burst` at once, and then one `every` so long. Several processes allow each their own."""

    burst: int
    every: timedelta
    _full_at: OrderedDict[Hashable, datetime] = field(default_factory=OrderedDict)
    """When each bucket is full again: moments add up exactly, fractions of one do not."""

    def take(self, who: Hashable, now: datetime) -> int:
        """Take one: 0, or the seconds until there is another."""
        full_at = max(self._full_at.pop(who, now), now)
        lacking = full_at - now - (self.burst - 1) * self.every
        wait = max(0, math.ceil(lacking / timedelta(seconds=1)))
        self._full_at[who] = full_at if wait else full_at + self.every
        if len(self._full_at) > _MOST:
            self._full_at.popitem(last=False)
        return wait
