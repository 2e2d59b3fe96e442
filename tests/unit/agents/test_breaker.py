from hypothesis import given
from hypothesis import strategies as st

from journeyman.agents.breaker import Breaker


def _opened(now: float = 0.0) -> Breaker:
    breaker = Breaker(threshold=3, pause=10.0, longest_pause=25.0)
    for _ in range(3):
        breaker.record(False, now)
    return breaker


def test_a_closed_breaker_lets_everything_through() -> None:
    breaker = Breaker(threshold=3)
    for _ in range(20):
        assert breaker.available(0.0)
        breaker.record(True, 0.0)
    assert breaker.snapshot().state == "closed"


def test_failures_in_a_row_open_it() -> None:
    breaker = _opened()
    assert breaker.snapshot().state == "open"
    assert not breaker.available(9.9)


def test_a_success_between_failures_keeps_it_closed() -> None:
    breaker = Breaker(threshold=3)
    for success in (False, False, True, False, False):
        breaker.record(success, 0.0)
    assert breaker.snapshot().state == "closed"


def test_half_of_the_latest_calls_failing_opens_it() -> None:
    breaker = Breaker(threshold=5, window=10)
    for number in range(10):
        breaker.record(number % 2 == 0, 0.0)
    assert breaker.snapshot().state == "open"


def test_it_recovers_by_degrees() -> None:
    breaker = _opened()
    let_through = []
    for _ in range(100):
        passed = breaker.available(10.0)
        let_through.append(passed)
        if passed:
            breaker.record(True, 10.0)
    assert let_through[0]
    first = let_through.index(True, 1)
    second = let_through.index(True, first + 1)
    assert first > second - first > 1
    assert breaker.snapshot().state == "closed"
    assert all(let_through[-50:])


def test_one_lost_probe_does_not_block_the_recovery() -> None:
    breaker = _opened()
    assert breaker.available(10.0)
    assert sum(breaker.available(10.0) for _ in range(20)) == 2


def test_a_failed_recovery_pauses_for_twice_as_long_up_to_a_limit() -> None:
    breaker = _opened()
    now, pauses = 0.0, []
    for _ in range(3):
        pauses.append(breaker.snapshot().retry_at - now)
        now = breaker.snapshot().retry_at
        assert breaker.available(now)
        breaker.record(False, now)
    assert [*pauses, breaker.snapshot().retry_at - now] == [10.0, 20.0, 25.0, 25.0]


def test_a_late_result_of_an_earlier_call_changes_nothing() -> None:
    breaker = _opened()
    before = breaker.snapshot()
    breaker.record(True, 1.0)
    breaker.record(False, 1.0)
    assert breaker.snapshot() == before


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 30)), max_size=200))
def test_it_never_opens_for_ever_and_never_lets_through_while_open(calls: list[tuple[bool, float]]) -> None:
    breaker, now = Breaker(threshold=3, window=6), 0.0
    for success, pause in calls:
        now += pause
        snapshot = breaker.snapshot()
        passed = breaker.available(now)
        assert passed or snapshot.state != "closed"
        assert not (passed and snapshot.state == "open" and now < snapshot.retry_at)
        if passed:
            breaker.record(success, now)
    later = now + 1000.0
    while breaker.snapshot().state != "closed":
        if breaker.available(later):
            breaker.record(True, later)
    assert breaker.snapshot().share == 1000
