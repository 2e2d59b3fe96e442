"""A circuit breaker: spares an endpoint that fails, and comes back to it by degrees. Pure: time is a parameter."""

from collections import deque
from dataclasses import dataclass
from typing import Literal

BreakerState = Literal["closed", "open", "half_open"]


@dataclass(frozen=True, slots=True)
class BreakerSnapshot:
    """A breaker at one moment."""

    state: BreakerState
    share: int
    """Per mille of the calls that are let through."""
    failures: int
    """Failures in a row."""
    retry_at: float
    """When it lets calls through again, in the clock's seconds; past or present unless it is open."""


class Breaker:
    """closed → open → half-open → closed. Times are seconds of one monotonic clock, passed in by the caller.

    It opens after `threshold` failures in a row, or when half of the last `window` calls failed. Open, it lets nothing
    through for `pause` seconds, twice as long after each failed recovery, up to `longest_pause`. Half-open, it lets
    through a share of the calls, first one in ten, that doubles with each success and closes it when it is whole.
    """

    def __init__(
        self, *, threshold: int = 5, window: int = 20, pause: float = 10.0, longest_pause: float = 300.0
    ) -> None:
        self._threshold = threshold
        self._first_pause, self._longest_pause = pause, longest_pause
        self._pause = pause
        self._state: BreakerState = "closed"
        self._recent: deque[bool] = deque(maxlen=window)
        self._in_a_row = 0
        self._retry_at = 0.0
        self._share = 1.0
        self._credit = 0.0

    def available(self, now: float) -> bool:
        """Whether this call may go to the endpoint. Half-open, asking spends the call's place."""
        if self._state == "open":
            if now < self._retry_at:
                return False
            self._state, self._share, self._credit = "half_open", 0.1, 0.9
        if self._state == "closed":
            return True
        # Shares without chance: each call adds its share, and a whole one is spent.
        self._credit += self._share
        if self._credit < 1.0 - 1e-9:
            return False
        self._credit -= 1.0
        return True

    def record(self, success: bool, now: float) -> None:
        """What became of a call. One that began before the breaker opened changes nothing any more."""
        if self._state == "open":
            return
        self._in_a_row = 0 if success else self._in_a_row + 1
        if self._state == "half_open":
            if success:
                self._recover()
            else:
                self._pause = min(self._pause * 2, self._longest_pause)
                self._open(now)
            return
        self._recent.append(success)
        failed = self._recent.count(False)
        full = len(self._recent) == self._recent.maxlen
        if self._in_a_row >= self._threshold or (full and failed * 2 >= len(self._recent)):
            self._open(now)

    def snapshot(self) -> BreakerSnapshot:
        """How it stands."""
        share = {"closed": 1.0, "open": 0.0, "half_open": self._share}[self._state]
        return BreakerSnapshot(self._state, round(share * 1000), self._in_a_row, self._retry_at)

    def _recover(self) -> None:
        self._share = min(self._share * 2, 1.0)
        if self._share >= 1.0:
            self._state, self._pause = "closed", self._first_pause

    def _open(self, now: float) -> None:
        self._state, self._retry_at = "open", now + self._pause
        self._recent.clear()
