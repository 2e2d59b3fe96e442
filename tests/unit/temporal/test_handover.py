"""When a customer has to be told that AI goes on."""

from datetime import UTC, datetime
from typing import Any

import pytest

from journeyman.conversation.transcript import Message, Signals
from journeyman.temporal.handover import with_person_last

ASKED = ("customer", "customer", "text")
AI = ("ai", "customer", "text")
PERSON = ("person", "customer", "text")
TAKES_OVER = ("system", "customer", "announcement")
NOTICE = ("system", "customer", "notice")
NOTE = ("person", "internal", "answer")


@pytest.mark.parametrize(
    ("lines", "taken", "told"),
    [
        ((ASKED, TAKES_OVER, PERSON, ASKED), 4, True),
        ((ASKED, TAKES_OVER, ASKED), 3, True),  # who took over said nothing
        ((NOTICE, AI, ASKED, TAKES_OVER, PERSON, NOTICE), 6, True),
        ((), 0, False),
        ((NOTICE, AI, ASKED), 0, False),
        ((ASKED, PERSON), 0, False),  # the person's work is not closed: the AI keeps the step
        ((ASKED, AI, ASKED), 3, False),  # a person closed a step of which the customer knew nothing
        ((ASKED, TAKES_OVER, PERSON, NOTE, TAKES_OVER), 3, False),  # it was handed back, and that is told
        ((ASKED, TAKES_OVER, PERSON, NOTICE), 3, False),  # the first words of any AI: they say that it is one
        ((ASKED, TAKES_OVER, PERSON, TAKES_OVER, AI), 3, False),
    ],
)
def test_who_was_with_a_person_is_told_once(lines: tuple[tuple[Any, Any, Any], ...], taken: int, told: bool) -> None:
    messages = [
        Message(
            id=f"msg-{position}",
            position=position,
            author_kind=author,
            author=author,
            audience=audience,
            kind=kind,
            text="words",
            signals=Signals(),
            at=datetime(2030, 1, 1, tzinfo=UTC),
        )
        for position, (author, audience, kind) in enumerate(lines, start=1)
    ]
    assert with_person_last(messages, taken) is told
