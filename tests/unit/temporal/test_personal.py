"""Personal parts of a payload, taken out and put back."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from journeyman.journey.erased import MARK
from journeyman.temporal.personal import leave_out, put_back, take

PATHS = ["output", "comment", "carried.state", "carried.compensations.*.input"]
LEAVES = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
OUTCOMES = st.fixed_dictionaries(
    {"kind": st.just("completed"), "output": JSON, "comment": st.text(), "steers": st.lists(st.sampled_from(["wish"]))},
    optional={
        "carried": st.none()
        | st.fixed_dictionaries(
            {"state": JSON, "compensations": st.lists(st.fixed_dictionaries({"step": st.text(), "input": JSON}))}
        )
    },
)


def copied(value: Any) -> Any:
    return json.loads(json.dumps(value))


@given(OUTCOMES)
def test_what_is_taken_out_comes_back(outcome: Any) -> None:
    value = copied(outcome)
    slots, taken = take(value, PATHS)
    put_back(value, copied(slots), copied(taken))
    assert value == outcome


def test_only_what_steers_is_left_of_an_output() -> None:
    value: Any = {
        "kind": "completed",
        "output": {"wish": "fraud", "details": "my card"},
        "comment": "she cried",
        "steers": ["wish"],
        "carried": {"state": None, "compensations": [{"step": "refund", "input": {"iban": "DE00"}}]},
    }
    slots, taken = take(value, PATHS)
    assert value == {
        "kind": "completed",
        "output": {"wish": "fraud"},
        "comment": "",
        "steers": ["wish"],
        "carried": {"state": None, "compensations": [{"step": "refund", "input": None}]},
    }
    assert taken == [{"details": "my card"}, "she cried", {"iban": "DE00"}]
    leave_out(value, slots, "cus-1")
    assert value["output"] == {"wish": "fraud", MARK: "cus-1"}
    assert (value["comment"], value["carried"]["state"]) == ("", None)
    assert value["carried"]["compensations"] == [{"step": "refund", "input": {MARK: "cus-1"}}]
