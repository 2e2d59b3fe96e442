import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeyman.errors import ConflictError
from journeyman.tasks.lifecycle import CLOSED, CLOSING, HELD, OPEN, TABLE, Action, By, State, apply, diagram, possible

DOCS = Path(__file__).parents[3] / "docs" / "tasks.md"


def test_every_action_has_a_rule_and_every_rule_leads_somewhere() -> None:
    assert set(TABLE) == set(Action)
    assert all(rule.moves and rule.by for rule in TABLE.values())


def test_a_closed_task_stays_as_it_is() -> None:
    for state in CLOSED:
        assert possible(state) == ()
        for action in Action:
            with pytest.raises(ConflictError, match="nothing more can be done"):
                apply(state, action)


def test_every_state_is_reached_and_every_open_one_can_end() -> None:
    reached: set[State | None] = {None}
    while more := {target for rule in TABLE.values() for source, target in rule.moves.items() if source in reached}:
        if more <= reached:
            break
        reached |= more
    assert reached - {None} == set(State)
    for state in OPEN:
        assert TABLE[Action.WITHDRAW].moves[state] is State.OBSOLETE


def test_nothing_completes_unless_someone_holds_it() -> None:
    for rule in TABLE.values():
        for source, target in rule.moves.items():
            if target is State.COMPLETED:
                assert source in HELD
                assert rule.by == (By.HOLDER,)


def test_no_clock_completes_or_approves() -> None:
    closings = frozenset[Action]().union(*CLOSING.values())
    assert all(TABLE[action].by == (By.HOLDER,) for action in closings)


def test_every_kind_has_ways_to_be_closed() -> None:
    for kind, actions in CLOSING.items():
        for state in HELD:
            assert actions <= set(possible(state, kind))
    assert Action.APPROVE not in possible(State.IN_PROGRESS, "work")


def test_a_refusal_says_what_is_possible_instead() -> None:
    with pytest.raises(ConflictError, match=r"cannot `start` a task that is `ready`; possible now: .*`claim`"):
        apply(State.READY, Action.START)
    with pytest.raises(ConflictError, match=r"possible now: (?!.*`approve`).*`complete`"):
        apply(State.RESERVED, Action.CLAIM, "work")
    with pytest.raises(ConflictError, match="nobody can act on it yet"):
        apply(State.CREATED, Action.CLAIM)
    with pytest.raises(ConflictError, match="does not exist"):
        apply(None, Action.CLAIM)


@given(st.lists(st.sampled_from(list(Action)), max_size=40))
def test_whatever_is_tried_the_state_is_one_of_the_table(tried: list[Action]) -> None:
    state: State | None = None
    for action in tried:
        try:
            after = apply(state, action)
        except ConflictError:
            assert state not in TABLE[action].moves
            continue
        assert TABLE[action].moves[state] is after
        assert state not in CLOSED
        state = after


def test_the_diagram_in_the_docs_is_that_of_the_table() -> None:
    blocks = re.findall(r"```mermaid\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert blocks == [diagram()], "write docs/tasks.md again with journeyman.tasks.lifecycle.diagram()"


def test_the_diagram_is_the_same_in_every_process() -> None:
    command = "from journeyman.tasks.lifecycle import diagram; print(diagram(), end='')"
    for seed in ("1", "2"):
        made = subprocess.run(
            [sys.executable, "-c", command], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        )
        assert made.stdout.decode() == diagram()


def test_the_docs_explain_every_action_and_state() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [word for word in (*Action, *State) if f"`{word}`" not in text] == []
