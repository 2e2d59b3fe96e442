"""How far the ledger has been read without missing an entry, though ids have gaps and commit out of order. No I/O.

An id that is missing below one that was seen is of a transaction that was rolled back, or of one that is still open. Whoever
takes an id holds a lock on the table, from before until others can see the row. So once all who held that lock after a higher id
was seen have ended, a read that begins after that shows the missing one, or it never comes.
"""

from typing import Final

MOST_AHEAD: Final = 20_000
"""So many seen ids are kept while an older transaction is open. Past it, the feed goes on without what that one writes, and
says so once it has ended."""

Writers = frozenset[str]
"""The virtual ids of the transactions that hold the lock."""


class Horizon:
    """Use it in this order, whenever it `waits`: ask who writes, `still_open`, read, `see` each row, `settle`."""

    def __init__(self, floor: int, *, late: Writers = frozenset(), most_ahead: int = MOST_AHEAD) -> None:
        self.floor = floor
        self.ahead: set[int] = set()
        self._most_ahead = most_ahead
        self._late = late
        self._top = floor
        self._mark: tuple[int, Writers] | None = None

    @property
    def waits(self) -> bool:
        """Whether something older than what was seen may still come."""
        return bool(self.ahead or self._late)

    def see(self, id: int) -> int:
        """An entry was read; returns `floor`: up to there every entry was seen, or never comes."""
        if id > self.floor:
            self.ahead.add(id)
            self._top = max(self._top, id)
            while self.floor + 1 in self.ahead:
                self.floor += 1
                self.ahead.remove(self.floor)
        return self.floor

    def still_open(self, writers: Writers) -> bool:
        """Before a read: who writes now. True if one whose entries are no longer waited for has ended: they were missed."""
        ended = self._late - writers
        self._late -= ended
        if len(self.ahead) > self._most_ahead:
            self._late |= writers
            self._mark = (self._top, frozenset())
        elif self._mark is not None:
            top, before = self._mark
            self._mark = (top, before & writers)
        elif self.ahead:
            self._mark = (self._top, writers)
        return bool(ended)

    def settle(self) -> None:
        """After the read that followed `still_open`: what is still missing, and nobody is left to write, never comes."""
        if self._mark is None:
            return
        top, writers = self._mark
        if top <= self.floor:
            self._mark = None
        elif not writers:
            self._mark = None
            self.floor = top
            self.ahead = {id for id in self.ahead if id > top}
            self.see(top)

    def rewind(self, floor: int) -> None:
        """Read again from there: Postgres was away, and may have taken back what it had committed last."""
        self.floor = self._top = min(floor, self.floor)
        self.ahead.clear()
        self._mark = None
