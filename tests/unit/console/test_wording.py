"""Stored words and ids stay out of what pages say."""

import re
from itertools import product
from typing import get_args

import pytest

from journeyman.console.pages.deeds import DEEDS
from journeyman.console.pages.explaining import plain
from journeyman.console.pages.telling import Teller
from journeyman.console.pages.wording import DOING, ENDINGS, JOURNEYS, STATES
from journeyman.customers.journeys import Status
from journeyman.errors import ConflictError, DeniedError
from journeyman.tasks.lifecycle import CLOSED, TABLE, Action, State, apply

TOLD = Teller({"ana": "Ana Ruiz"}, "bea", {"claims": "Claims"}, {"x": "The Teller"})
SHOWN = {word for deed in DEEDS.values() for word in f"{deed.title} {deed.submit}".lower().split()} | {"complete"}
"""What pages say themselves, on their buttons."""
STORED = {str(each) for each in (*State, *Action)} - SHOWN


def stored(text: str) -> set[str]:
    """The stored words in a text."""
    return STORED & set(re.findall(r"\w+", text.lower()))


def test_pages_have_a_word_for_all_that_is_stored() -> None:
    assert set(STATES) == set(State)
    assert set(DOING) == set(Action)
    ends = {action for action, rule in TABLE.items() if set(rule.moves.values()) & CLOSED}
    assert set(ENDINGS) == ends
    assert set(JOURNEYS) == set(get_args(Status))
    assert not stored(" ".join([*STATES.values(), *DOING.values(), *ENDINGS.values()]))


@pytest.mark.parametrize(
    ("state", "action"), [each for each in product(State, Action) if each[0] not in TABLE[each[1]].moves]
)
def test_what_cannot_be_done_is_told_in_the_words_of_the_page(state: State, action: Action) -> None:
    with pytest.raises(ConflictError) as refused:
        apply(state, action)
    assert f"cannot `{action}` a task that is `{state}`; " in str(refused.value)
    told = plain(refused.value, TOLD)
    assert f"cannot {DOING[action]} a task" in told
    assert not stored(told)
    assert "`" not in told


def test_people_are_told_by_name_and_what_somebody_wrote_stays_as_it_is() -> None:
    error = DeniedError(
        "`{person}` may not `{deed}` task `{task}`: {why}", person="ana", deed="claim", task="t", why="{x}"
    )
    assert str(error) == "`ana` may not `claim` task `t`: {x}"
    assert plain(error, TOLD) == "Ana Ruiz may not take this task: {x}"
    away = ConflictError("`{person}` is {presence}; go", person="ana", presence="away")
    stopped = ConflictError("`{scope}` is stopped; `{button}` takes it away", scope="agent:x", button="resume")
    assert plain(stopped, TOLD) == "The Teller is stopped; Resume takes it away"
    taken = ConflictError("`{slot}` is taken in `{queue}`", slot="2026-06-01T09:00:00+00:00", queue="claims")
    assert plain(taken, TOLD) == "01 Jun 09:00 UTC is taken in Claims"
    assert plain(away, TOLD) == "Ana Ruiz is on a break; go"
