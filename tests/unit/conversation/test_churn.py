from datetime import timedelta

from journeyman.conversation.churn import AHEAD, WINDOW, ahead, signs
from journeyman.conversation.triggers import NAMES
from journeyman.tasks.routing import _SIGNS


def test_what_was_said_of_leaving_stays_true_of_the_journey() -> None:
    assert signs((), {"cancellation", "fraud"}, [0]) == {"cancellation"}
    assert signs({"cancellation"}, {"complaint"}, [0, 50]) == {"cancellation", "complaint"}
    assert signs({"cancellation"}, (), [0, 50, 80]) == {"cancellation"}


def test_growing_unhappier_is_true_as_long_as_it_lasts() -> None:
    assert signs((), (), [40, 20, -30, -40]) == {"falling"}
    assert signs({"falling"}, (), [40, -30, -40, 20, 50, 60]) == frozenset()


def test_each_sign_counts_as_time_that_was_waited() -> None:
    assert ahead(()) == timedelta()
    assert ahead(["cancellation", "falling"]) == AHEAD["cancellation"] + AHEAD["falling"]
    assert ahead(["unknown"]) == timedelta()


def test_every_sign_has_words_and_a_source() -> None:
    assert set(_SIGNS) == set(AHEAD)
    assert set(AHEAD) - {"falling"} <= NAMES
    assert WINDOW == 6
