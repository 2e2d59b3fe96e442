"""How often someone may."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from journeyman.console.bucket import Buckets

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_a_burst_is_taken_at_once_and_then_one_at_a_time() -> None:
    buckets = Buckets(2, timedelta(seconds=3))
    assert [buckets.take("a", NOW) for _ in range(3)] == [0, 0, 3]
    assert buckets.take("b", NOW) == 0, "everyone has their own"
    assert buckets.take("a", NOW + timedelta(seconds=2)) == 1
    assert buckets.take("a", NOW + timedelta(seconds=3)) == 0
    assert buckets.take("a", NOW + timedelta(seconds=3)) == 3


def test_a_wait_in_parts_is_as_good_as_one() -> None:
    """Parts of a second add up to it only nearly."""
    for every in range(1, 11):
        buckets = Buckets(1, timedelta(seconds=every))
        assert buckets.take("a", NOW) == 0
        for tenth in range(1, 10 * every):
            assert buckets.take("a", NOW + timedelta(seconds=tenth / 10)) > 0
        assert buckets.take("a", NOW + timedelta(seconds=every)) == 0


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(1, 5), st.integers(1, 10))
def test_no_more_than_the_burst_and_the_pace_and_the_told_wait_is_enough(
    gaps: list[float], burst: int, every: int
) -> None:
    buckets, now, taken = Buckets(burst, timedelta(seconds=every)), NOW, 0
    for gap in gaps:
        now += timedelta(seconds=gap)
        wait = buckets.take("a", now)
        taken += wait == 0
        assert taken <= burst + (now - NOW) / timedelta(seconds=every) + 1e-6
        if wait:
            now += timedelta(seconds=wait)
            assert buckets.take("a", now) == 0
            taken += 1
