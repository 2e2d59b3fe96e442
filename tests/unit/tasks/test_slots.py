from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from journeyman.tasks.models import Queue
from journeyman.tasks.slots import SLOT, free_slot

moments = st.timedeltas(timedelta(), timedelta(days=365)).map(lambda since: datetime(2026, 1, 1, tzinfo=UTC) + since)


@given(moments)
def test_a_slot_never_begins_before_the_moment_from_which_it_is_sought(moment: datetime) -> None:
    slot = free_slot(Queue(id="any", title="Any"), moment, {}, 1)
    assert timedelta() <= slot - moment < SLOT
    assert (slot.minute % 15, slot.second, slot.microsecond) == (0, 0, 0)
