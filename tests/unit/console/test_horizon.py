"""Whatever order transactions commit in, every entry is seen once, and the floor never passes one that may still come."""

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from journeyman.console.live.horizon import Horizon


@dataclass
class Log:
    """A table whose writers take ids, and commit or roll back later."""

    newest: int = 0
    open: dict[str, list[int]] = field(default_factory=dict)
    rows: set[int] = field(default_factory=set)

    def take(self, writer: str) -> None:
        self.newest += 1
        self.open.setdefault(writer, []).append(self.newest)

    def end(self, writer: str, *, commit: bool) -> None:
        ids = self.open.pop(writer, [])
        if commit:
            self.rows.update(ids)

    @property
    def writers(self) -> frozenset[str]:
        return frozenset(self.open)


def begun(horizon: Horizon | None = None) -> tuple[Log, Horizon, list[int]]:
    return Log(), horizon or Horizon(0), []


def poll(log: Log, horizon: Horizon, told: list[int], batch: int = 100) -> bool:
    missed = horizon.waits and horizon.still_open(log.writers)
    rows = sorted(id for id in log.rows if id > horizon.floor and id not in horizon.ahead)[:batch]
    for id in rows:
        told.append(id)
        horizon.see(id)
    if len(rows) < batch:
        horizon.settle()
    return missed


steps = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(0, 4)),
        st.tuples(st.sampled_from(["commit", "roll back"]), st.integers(0, 4)),
        st.tuples(st.just("poll"), st.integers(1, 4)),
    ),
    max_size=80,
)


@given(steps)
def test_every_entry_is_told_once_and_the_floor_stays_below_what_is_open(steps: list[tuple[str, int]]) -> None:
    log, horizon, told = begun()
    ended: dict[int, int] = {}  # a writer's number takes a new name with each transaction
    for what, number in steps:
        writer = f"{number}/{ended.get(number, 0)}"
        if what == "take":
            log.take(writer)
        elif what == "poll":
            poll(log, horizon, told, batch=number)
        else:
            log.end(writer, commit=what == "commit")
            ended[number] = ended.get(number, 0) + 1
        assert all(id > horizon.floor for ids in log.open.values() for id in ids)
        assert all(id > horizon.floor or id in told for id in log.rows)
    for writer in list(log.open):
        log.end(writer, commit=True)
    for _ in range(len(log.rows) + 4):
        poll(log, horizon, told)
    assert sorted(told) == sorted(log.rows)
    assert horizon.floor >= max(log.rows, default=0)
    assert not horizon.waits


def test_a_gap_that_rolled_back_is_passed_once_its_writer_has_ended() -> None:
    log, horizon, told = begun()
    log.take("slow")
    log.take("fast")
    log.end("fast", commit=True)
    for _ in range(3):
        poll(log, horizon, told)
    assert (told, horizon.floor) == ([2], 0)
    log.end("slow", commit=False)
    poll(log, horizon, told)
    assert (horizon.floor, horizon.waits) == (2, False)


def test_one_writer_after_another_does_not_hold_a_gap_open() -> None:
    log, horizon, told = begun()
    log.take("rolled back")
    log.take("0")
    log.end("rolled back", commit=False)
    for number in range(6):
        log.take(f"{number + 1}")
        log.end(f"{number}", commit=True)
        poll(log, horizon, told)
    assert horizon.floor >= 2


def test_past_the_bound_it_goes_on_and_says_once_that_something_was_missed() -> None:
    log, horizon, told = begun(Horizon(0, most_ahead=10))
    log.take("stuck")
    for number in range(20):
        log.take(f"{number}")
        log.end(f"{number}", commit=True)
    assert not poll(log, horizon, told)
    assert not poll(log, horizon, told)
    assert (horizon.floor, horizon.ahead) == (21, set())
    assert not poll(log, horizon, told)
    log.end("stuck", commit=True)
    assert poll(log, horizon, told)
    assert not poll(log, horizon, told)
    assert not horizon.waits


def test_what_was_open_at_the_start_is_missed_when_it_ends() -> None:
    horizon = Horizon(100, late=frozenset({"a", "b"}))
    assert horizon.waits
    assert horizon.still_open(frozenset({"b"}))
    assert not horizon.still_open(frozenset({"b"}))
    assert horizon.still_open(frozenset())
    assert not horizon.waits


def test_after_a_rewind_ids_are_seen_again() -> None:
    log, horizon, told = begun()
    log.rows |= {1, 2, 4}
    poll(log, horizon, told)
    horizon.rewind(1)
    poll(log, horizon, told)
    poll(log, horizon, told)
    assert told == [1, 2, 4, 2, 4]
    assert horizon.floor == 4
