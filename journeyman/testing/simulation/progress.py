"""How a simulation is going: a live table on a terminal, plain lines elsewhere."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from journeyman.conversation.masking import mask
from journeyman.testing.simulation.customer import SimulatedCustomer
from journeyman.testing.simulation.person import SimulatedPerson
from journeyman.testing.simulation.scene import Act
from journeyman.testing.simulation.watch import Seen, Watch

_NOTES = 6  # of the latest lines stay in view
_LINE_EVERY = 5.0  # seconds between two plain lines that count
_WIDE = 40  # columns: what a person works on, so that nothing jumps when they find something
_TERSE = 40  # customers: from so many on, plain lines do not tell of each


class Progress:
    """Shown on a console: live where it is a terminal."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.live = console.is_terminal
        self._started = time.monotonic()
        self._total = 0
        self._titles: dict[str, str] = {}
        self._watch: Watch | None = None
        self._people: Sequence[SimulatedPerson] = ()
        self._notes: list[str] = []
        self._counted_at = 0.0
        self._customers: list[SimulatedCustomer] = []

    def begin(self, acts: Sequence[Act], watch: Watch, people: Sequence[SimulatedPerson]) -> None:
        """Tell what will be played."""
        self._total = sum(len(act.scenes) for act in acts)
        self._watch, self._people, self._started = watch, people, time.monotonic()

    def act(self, act: Act) -> None:
        """An act begins."""
        self.note(act.title)

    def arrived(self, customer: SimulatedCustomer) -> None:
        """A customer begins to speak."""
        self._customers.append(customer)
        if self._total <= _TERSE:
            self.note(f"{_title(customer)}: {_shortened(customer)}")

    def changed(self, before: Seen | None, now: Seen) -> None:
        """A journey has changed."""
        if self._total <= _TERSE:
            if now.ended:
                self.note(f"{self._who(now.id)}: the journey has ended, {now.outcome or now.status}")
            elif now.performer and (before is None or now.performer != before.performer):
                self.note(f"{self._who(now.id)}: {now.performer} works on it ({now.stage})")
        elif not self.live and time.monotonic() - self._counted_at > _LINE_EVERY:
            self._counted_at = time.monotonic()
            self.note(self._line())

    def note(self, text: str) -> None:
        """One line of what happens."""
        line = f"{time.monotonic() - self._started:6.1f} s  {text}"
        if self.live:
            self._notes = [*self._notes, line][-_NOTES:]
        else:
            self.console.print(Text(line), soft_wrap=True)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Show it while the block runs."""
        if not self.live:
            yield
            return
        with Live(self, console=self.console, refresh_per_second=5, transient=True):
            yield

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        ended = self._ended
        head = Text(f"{ended} of {self._total} customers served, {time.monotonic() - self._started:.0f} s")
        bar = ProgressBar(total=max(self._total, 1), completed=ended, width=60)
        body = Table.grid(padding=(0, 4))
        body.add_row(self._journeys(), self._work())
        yield Group(
            head, bar, Text(), body, Text(), *(Text(line, overflow="ellipsis", no_wrap=True) for line in self._notes)
        )

    def _journeys(self) -> RenderableType:
        states = self._states()
        table = Table("journeys", "", box=None, header_style="bold", pad_edge=False)
        for name, count in states.items():
            table.add_row(name, f"{'▪' * min(count, 30)} {count}")
        return table

    def _work(self) -> RenderableType:
        table = Table("person", "works on", "closed", box=None, header_style="bold", pad_edge=False)
        table.columns[1].min_width = _WIDE
        for person in self._people:
            doing = person.doing
            words = (
                f"{doing.kind}: {doing.step}, {doing.reason}"
                if doing
                else ("" if person.present.is_set() else "(away)")
            )
            table.add_row(f"{person.id} (simulated)", words, str(person.closed))
        return table

    def _states(self) -> dict[str, int]:
        """Who has the journeys in hand."""
        seen = self._watch.seen.values() if self._watch else ()
        counts = Counter("ended" if each.ended else _hand(each) for each in seen)
        order = ("AI agents", "people", "beginning", "ended")
        return {name: counts.get(name, 0) for name in order}

    def _line(self) -> str:
        states = ", ".join(f"{count} {name}" for name, count in self._states().items())
        return f"journeys with: {states}; {self._ended} of {self._total} customers served"

    @property
    def _ended(self) -> int:
        return sum(seen.ended for seen in self._watch.seen.values()) if self._watch else 0

    def _who(self, journey: str) -> str:
        if journey not in self._titles:
            self._titles |= {each.journey: _title(each) for each in self._customers if each.journey is not None}
        return self._titles.get(journey, journey)


def _hand(seen: Seen) -> str:
    if seen.performer is None:
        return "beginning"
    return "AI agents" if seen.performer.startswith("ai:") else "people"


def _title(customer: SimulatedCustomer) -> str:
    return customer.scene.title or customer.scene.id


def _shortened(customer: SimulatedCustomer) -> str:
    """The first words that are said, as they will be kept."""
    first = customer.scene.says[0] if customer.scene.says else ""
    text = mask(first if isinstance(first, str) else first.says, asked=None).text
    return f"“{text if len(text) <= 70 else text[:69] + '…'}”"
