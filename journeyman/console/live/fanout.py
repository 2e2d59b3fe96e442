"""Who listens in this process, and handing each of them what concerns them. No I/O, and no task of its own."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from journeyman.console.live.change import Change, Topic
from journeyman.errors import ConflictError

KEPT: Final = 5_000
"""The last changes, for those who come back; past them they are told to read everything again."""
BACKLOG: Final = 256
"""Changes that wait for one listener at most."""
MOST_OF_PERSON: Final = 32
"""Streams of one person at once."""

_K = TypeVar("_K")


@dataclass(frozen=True, slots=True)
class News:
    """What a listener is told next. `reset`: changes were lost to it, it must read everything again. Both empty: nothing new.

    `position` is where to resume from after it.
    """

    changes: tuple[Change, ...]
    reset: bool
    position: int


class Subscription:
    """One listener. Whoever has it waits for `news`, and ends it."""

    def __init__(self, fanout: "Fanout", topics: frozenset[Topic], person: str) -> None:
        self.topics = topics
        self.person = person
        self._fanout = fanout
        self._waiting: deque[Change] = deque()
        self._lost = False
        self._ended = False
        self._woken = asyncio.Event()

    async def news(self, patience: float) -> News | None:
        """The next, waiting for it at most `patience` seconds. None: the subscription has ended, and all was told."""
        if not self._woken.is_set():
            try:
                async with asyncio.timeout(patience):
                    await self._woken.wait()
            except TimeoutError:
                return News((), False, self._fanout.position)
        if not self._ended:
            self._woken.clear()
        elif not (self._lost or self._waiting):
            return None
        if self._lost:
            self._lost = False
            return News((), True, self._fanout.position)
        changes = tuple(self._waiting)
        self._waiting.clear()
        return News(changes, False, changes[-1].position)

    def put(self, change: Change) -> None:
        """Let it wait its turn. INVARIANT: what a listener is not told, it is told to read."""
        if self._lost or self._ended:
            return
        if len(self._waiting) >= BACKLOG:
            self.reset()
            return
        self._waiting.append(change)
        self._woken.set()

    def reset(self) -> None:
        """What waits is dropped, and the listener told to read everything again."""
        self._waiting.clear()
        self._lost = True
        self._woken.set()

    def end(self) -> None:
        """No more comes. What waits is still told."""
        self._ended = True
        self._woken.set()
        self._fanout.drop(self)


class Fanout:
    """All listeners of a process, and the last changes."""

    def __init__(self, kept: int = KEPT) -> None:
        self.position = 0
        """Every entry up to here was told, or never comes."""
        self.ready = False
        """Whether the past is known: until then whoever comes back cannot tell what they missed."""
        self._kept = kept
        self._recent: OrderedDict[int, Change] = OrderedDict()
        self._complete_from = 0
        self._listeners: dict[Topic, set[Subscription]] = {}
        self._of_person: dict[str, set[Subscription]] = {}
        self._ended = False
        self._arrived = asyncio.Event()

    def __len__(self) -> int:
        return sum(map(len, self._of_person.values()))

    @property
    def oldest(self) -> int:
        """Whoever comes back from before this position reads everything again."""
        return self._complete_from

    def begin(self, position: int) -> None:
        """What is published from now on is the past, from this position on, until it is `open`."""
        self.position = self._complete_from = position

    def open(self) -> None:
        """From now on what is published is news. Who was here before reads everything again."""
        self.ready = True
        for subscription in self._everyone():
            subscription.reset()

    def subscribe(
        self, topics: Iterable[Topic], *, person: str, after: int | None = None, most: int = MOST_OF_PERSON
    ) -> Subscription:
        """Listen to these, for this person; `after` is the position that they have read up to, None: just now.

        Raises ConflictError if the person has `most` streams open.
        """
        subscription = Subscription(self, frozenset(topics), person)
        if len(self._of_person.get(person, ())) >= most:
            raise ConflictError(f"`{person}` has {most} streams open; close a page", field="person")
        if self._ended:
            subscription.end()
            return subscription
        for topic in subscription.topics:
            self._listeners.setdefault(topic, set()).add(subscription)
        self._of_person.setdefault(person, set()).add(subscription)
        self._arrived.set()
        if after is not None and self.ready:
            if after < self._complete_from:
                subscription.reset()
            else:
                for change in self._recent.values():
                    if change.id > after and not subscription.topics.isdisjoint(change.topics):
                        subscription.put(change)
        return subscription

    def drop(self, subscription: Subscription) -> None:
        """It listens no longer; harmless if it did not."""
        for topic in subscription.topics:
            _discard(self._listeners, topic, subscription)
        _discard(self._of_person, subscription.person, subscription)

    def knows(self, id: int, leaf: bytes) -> bool:
        """Whether this very entry is among the last that were told."""
        known = self._recent.get(id)
        return known is not None and known.leaf == leaf

    def publish(self, change: Change) -> None:
        """Tell everyone whom it concerns, and keep it for those who come back."""
        self._recent.pop(change.id, None)
        self._recent[change.id] = change
        if len(self._recent) > self._kept:
            oldest, _ = self._recent.popitem(last=False)
            self._complete_from = max(self._complete_from, oldest)
        if not self.ready:
            return
        for subscription in set().union(*(self._listeners.get(topic, ()) for topic in change.topics)):
            subscription.put(change)
        if change.ends_all:
            self._end(self._everyone())
        elif change.ends_person and change.person:
            self.close(change.person)

    def reset(self) -> None:
        """Something up to here may have been missed: everyone reads everything again, and so does whoever comes back."""
        self._complete_from = max(self._complete_from, self.position + 1)
        for subscription in self._everyone():
            subscription.reset()

    def close(self, person: str) -> None:
        """End the streams of a person in this process: their session has ended."""
        self._end(list(self._of_person.get(person, ())))

    def end(self) -> None:
        """End all streams, now and from now on."""
        self._ended = True
        self._end(self._everyone())

    async def arrival(self, patience: float) -> None:
        """Returns once someone listens, after `patience` seconds at the latest."""
        if not len(self):
            self._arrived.clear()
            try:
                async with asyncio.timeout(patience):
                    await self._arrived.wait()
            except TimeoutError:
                return

    def _everyone(self) -> list[Subscription]:
        return [subscription for each in self._of_person.values() for subscription in each]

    @staticmethod
    def _end(subscriptions: Iterable[Subscription]) -> None:
        for subscription in subscriptions:
            subscription.end()


def _discard(sets: dict[_K, set[Subscription]], key: _K, subscription: Subscription) -> None:
    if (held := sets.get(key)) is not None:
        held.discard(subscription)
        if not held:
            del sets[key]
