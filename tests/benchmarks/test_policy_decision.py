"""The benchmark of a decision runs: what it asks is what the shipped policies allow."""

from pathlib import Path

import pytest

from benchmarks import policy_decision
from journeyman.governance import Bundle


@pytest.mark.parametrize("make", [policy_decision.repeated, policy_decision.new])
def test_both_sides_of_a_decision_allow_what_is_measured(make: object) -> None:
    bundle = Bundle.load(Path(policy_decision.POLICIES))
    result = policy_decision.measure(make, 60, bundle)  # type: ignore[arg-type]
    assert result["ratio_p50"] > 0
