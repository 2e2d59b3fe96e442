"""How a customer feels, and whether it gets worse."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.conversation.sentiment import falling, sentiment


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("I am not happy", "I am happy"),
        ("This is terrible", "This is not terrible"),
        ("very bad", "bad"),
        ("bad", "slightly bad"),
        ("I hate this!!!", "I hate this"),
        ("THIS IS UNACCEPTABLE", "this is unacceptable"),
        ("thanks for nothing", "thanks"),
        ("great, but it doesn't work and I am angry", "great"),
        ("\U0001f621", "\U0001f642"),
        ("ok :(", "ok :)"),
        ("Sometimes I just want to die", "I forgot my PIN"),
        ("terribly sorry", "thank you so much"),
    ],
)
def test_the_worse_of_two_scores_lower(worse: str, better: str) -> None:
    assert sentiment(worse) < sentiment(better)


@pytest.mark.parametrize("text", ["", "John Smith", "95381901", "31/06/1996", "7 pm", "At the Cactus Club"])
def test_what_says_nothing_is_zero(text: str) -> None:
    assert sentiment(text) == 0


def test_zero_width_characters_hide_no_anger() -> None:
    assert sentiment("I am fu\u200brious") == sentiment("I am furious") < -30


@given(st.text(max_size=300))
def test_the_score_stays_in_its_range(text: str) -> None:
    assert -100 <= sentiment(text) <= 100


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([], False),
        ([-80, -80], False),
        ([20, 0, -40], True),
        ([30, 20, 10, -20, -40], True),
        ([-60, -60, -60, -60], False),  # bad, and no worse than before
        ([50, 40, 30, 20], False),  # less enthusiastic is not bad
        ([-50, 0, 40], False),
        ([0, 0, 0, 0, 0], False),
    ],
)
def test_falling_means_worse_than_before_and_bad(scores: list[int], expected: bool) -> None:
    assert falling(scores) is expected


@given(st.lists(st.integers(-100, 100), max_size=30))
def test_only_the_last_six_messages_count(scores: list[int]) -> None:
    assert falling(scores) == falling(scores[-6:])
