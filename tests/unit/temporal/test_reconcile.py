"""Ledger and Temporal compared: each kind of discrepancy, made."""

import json

import pytest
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.history.v1 import (
    ActivityTaskCompletedEventAttributes,
    HistoryEvent,
    MarkerRecordedEventAttributes,
    TimerFiredEventAttributes,
)

from journeyman.temporal.reconcile import Comparison, Kept, Witnessed, leaves_in, results_of

LEAF = "ab" * 32


def compared(kept: Kept, witnessed: Witnessed, **more: object) -> list[tuple[str, str, str]]:
    comparison = Comparison(witnessed, kept, **more)  # type: ignore[arg-type]  # by name, in each test
    return [(found.kind, found.journey, found.what) for found in comparison.discrepancies()]


def test_what_agrees_is_no_discrepancy() -> None:
    kept = Kept(journeys={"a": "open", "b": "completed"}, settled_before=frozenset({"b"}))
    assert compared(kept, Witnessed({"a": "running", "b": "completed"}, {LEAF: "a"})) == []


def test_a_leaf_that_no_entry_has_is_found() -> None:
    kept, witnessed = Kept(journeys={"a": "open"}), Witnessed({"a": "running"}, {LEAF: "a"})
    assert compared(kept, witnessed, missing=frozenset({LEAF})) == [("entry_missing", "a", LEAF)]


def test_a_tool_call_without_an_outcome_is_found() -> None:
    kept = Kept(intents=[{"journey_id": "a", "call": "call-1"}])
    assert compared(kept, Witnessed()) == [("outcome_missing", "a", "call-1")]


@pytest.mark.parametrize(("sent", "words"), [(True, "was sent 3 time(s)"), (False, "was never sent")])
def test_an_event_that_the_journey_has_not_taken_up_is_found(sent: bool, words: str) -> None:
    event = {"journey_id": "a", "sequence": 4, "kind": "message", "attempts": 3, "sent": sent}
    (found,) = Comparison(Witnessed(), Kept(events=[event])).discrepancies()
    assert (found.kind, found.journey, found.what) == ("event_unsettled", "a", "4")
    assert words in str(found)


def test_a_closing_that_the_journey_has_not_taken_up_is_found() -> None:
    kept = Kept(closings=[{"journey_id": "a", "id": "task-1", "action": "complete"}])
    assert compared(kept, Witnessed()) == [("closing_unsettled", "a", "task-1")]


def test_a_journey_that_temporal_does_not_know_is_found() -> None:
    assert compared(Kept(journeys={"a": "open"}), Witnessed()) == [("not_started", "a", "a")]


@pytest.mark.parametrize("status", ["completed", "failed", "terminated", "timed_out", "canceled"])
def test_a_journey_open_in_postgres_and_ended_in_temporal_is_found(status: str) -> None:
    assert compared(Kept(journeys={"a": "open"}), Witnessed({"a": status})) == [("lost", "a", "a")]


def test_a_journey_closed_in_postgres_and_running_in_temporal_is_found_once_it_should_have_ended() -> None:
    witnessed = Witnessed({"a": "running"})
    assert compared(Kept(journeys={"a": "completed"}), witnessed) == []
    late = Kept(journeys={"a": "completed"}, settled_before=frozenset({"a"}))
    assert compared(late, witnessed) == [("still_running", "a", "a")]


def test_a_journey_that_postgres_does_not_know_is_found_where_all_were_compared() -> None:
    assert compared(Kept(), Witnessed({"a": "running"})) == [("unknown", "a", "a")]
    assert compared(Kept(), Witnessed({"a": "running"}), whole=False) == []


def test_a_closed_journey_whose_history_has_lapsed_is_no_discrepancy() -> None:
    assert compared(Kept(journeys={"a": "completed"}, settled_before=frozenset({"a"})), Witnessed()) == []


def test_results_of_regular_and_of_local_activities_are_read() -> None:
    payload = Payload(data=json.dumps({"leaves": [LEAF]}).encode())
    regular = HistoryEvent(
        activity_task_completed_event_attributes=ActivityTaskCompletedEventAttributes(
            result=Payloads(payloads=[payload])
        )
    )
    details = {"data": Payloads(payloads=[Payload(data=b"{}")]), "result": Payloads(payloads=[payload])}
    local = HistoryEvent(marker_recorded_event_attributes=MarkerRecordedEventAttributes(details=details))
    timer = HistoryEvent(timer_fired_event_attributes=TimerFiredEventAttributes(timer_id="1"))
    assert [leaf for event in (regular, local, timer) for p in results_of(event) for leaf in leaves_in(p)] == [LEAF] * 2


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"leaves": 1}', b'{"other": []}', b"null"])
def test_a_result_that_carries_no_leaves_has_none(data: bytes) -> None:
    assert leaves_in(Payload(data=data)) == []
