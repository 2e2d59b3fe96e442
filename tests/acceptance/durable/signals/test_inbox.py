"""The inbox: whatever is sent, however often and in whatever order, is applied once and in sequence."""

from hypothesis import given, settings
from hypothesis import strategies as st

from journeyman.journey.contract import Carried
from journeyman.journey.effects import Effects
from journeyman.journey.inbox import Event, Inbox
from tests.acceptance.durable.errand import Errand


def _event(sequence: int) -> Event:
    return Event(event_id=f"evt-{sequence}", sequence=sequence, kind="message", reference=str(sequence))


def _sequences(events: list[Event]) -> list[int]:
    return [event.sequence for event in events]


@settings(deadline=None)
@given(st.lists(st.integers(1, 12), max_size=60))
def test_what_can_be_applied_is_applied_once_and_in_sequence(arrivals: list[int]) -> None:
    inbox, applied = Inbox(), list[int]()
    for number, sequence in enumerate(arrivals, start=1):
        applied += _sequences(inbox.receive(_event(sequence)))
        come = set(arrivals[:number])
        whole = next(n for n in range(1, 14) if n not in come) - 1
        assert applied == list(range(1, whole + 1))
        assert inbox.applied == whole
        assert _sequences(inbox.early) == sorted(n for n in come if n > whole)


@settings(deadline=None)
@given(st.permutations(range(1, 10)), st.integers(0, 9))
def test_what_is_carried_to_another_run_goes_on_as_if_nothing_had_been(order: list[int], cut: int) -> None:
    whole, first = Inbox(), Inbox()
    applied = [n for sequence in order for n in _sequences(whole.receive(_event(sequence)))]
    carried = [n for sequence in order[:cut] for n in _sequences(first.receive(_event(sequence)))]
    second = Inbox.model_validate_json(first.model_dump_json())
    again = order[: max(cut - 2, 0)]  # what was sent to the first run may be sent again to the second
    carried += [n for sequence in [*again, *order[cut:]] for n in _sequences(second.receive(_event(sequence)))]
    assert carried == applied == list(range(1, 10))
    assert second == whole


def test_what_comes_before_a_run_has_begun_waits_until_it_knows_what_it_was_left() -> None:
    effects = Effects()
    for sequence in (6, 1):  # the next one, and one of long ago again
        effects.receive(_event(sequence))
    carried = Carried.model_validate(
        {
            "stage": "next_errand",
            "state": {},
            "ordinal": 9,
            "performances": {},
            "inbox": {"applied": 5},
            "spoken": 5,
            "left": True,
            "heard": 5,
            "performer": None,
            "moves": [],
            "compensations": [],
        }
    )
    effects.begin(Errand.definition, "cus-1", carried)
    assert (effects.inbox.applied, effects.spoken, effects.left) == (6, 6, False)
