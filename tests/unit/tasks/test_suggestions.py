"""What a person changed of a suggestion."""

from journeyman.tasks.suggestions import difference


def test_it_is_told_word_by_word() -> None:
    assert difference("It was a blue car.", "It is a blue van.") == [
        {"was": "was", "now": "is"},
        {"was": "car.", "now": "van."},
    ]


def test_what_repeats_itself_without_end_is_told_as_a_whole() -> None:
    """Word by word it takes minutes, in which nobody is served."""
    was, now = "a " * 2_000, "a b " * 2_500
    assert difference(was, now) == [{"was": was.strip(), "now": now.strip()}]
