"""The benchmark of a step runs: both sides do what is measured, and what it counts is within its bounds."""

import pytest

from benchmarks import step_overhead


async def test_a_governed_step_is_measured_beside_raw_temporal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in {"STEPS": 3, "PASSES": 1, "CONCURRENCY": 2}.items():
        monkeypatch.setattr(step_overhead, name, number)
    found = await step_overhead.measure(1)
    assert {name for name in found if name.endswith("_ratio")} == {"latency_ratio", "throughput_ratio", "submit_ratio"}
    assert found["endpoint_ms"] > 0
    assert found["autonomous_step_events"] <= 7
    assert found["human_step_events"] <= 12
