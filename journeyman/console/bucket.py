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
    _left: OrderedDict[Hashable, tuple[float, datetime]] = field(default_factory=OrderedDict)

    def take(self, who: Hashable, now: datetime) -> int:
        """Take one: 0, or the seconds until there is another."""
        left, at = self._left.pop(who, (float(self.burst), now))
        left = min(float(self.burst), left + max(timedelta(), now - at) / self.every)
        wait = 0 if left >= 1 else max(1, math.ceil((1 - left) * self.every.total_seconds()))
        self._left[who] = (left - 1 if wait == 0 else left, now)
        if len(self._left) > _MOST:
            self._left.popitem(last=False)
        return wait
