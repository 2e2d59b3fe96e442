"""Which results are drawn for review."""

from pathlib import Path

from journeyman.project import Project
from journeyman.temporal.context import is_drawn

SHARE = Project.load(Path(__file__).parents[3]).review_share


def test_of_a_thousand_journeys_some_fifty_are_drawn_and_always_the_same() -> None:
    drawn = [number for number in range(1000) if is_drawn(f"jrn-{number}", "assess-claim#1", SHARE)]
    assert SHARE == 50
    assert 35 <= len(drawn) <= 65
    assert drawn[:5] == [5, 8, 12, 16, 28]


def test_another_performance_is_another_draw() -> None:
    first, second = (
        {n for n in range(1000) if is_drawn(f"jrn-{n}", count, SHARE)} for count in ("assess-claim#1", "assess-claim#2")
    )
    assert first != second


def test_none_is_drawn_of_a_share_of_none_and_all_of_a_share_of_all() -> None:
    assert not any(is_drawn(f"jrn-{number}", "assess-claim#1", 0) for number in range(1000))
    assert all(is_drawn(f"jrn-{number}", "assess-claim#1", 1000) for number in range(1000))
