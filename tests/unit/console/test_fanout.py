"""Who is told what, in this process."""

import pytest

from journeyman.console.live.change import ALL
from journeyman.console.live.fanout import BACKLOG, MOST_OF_PERSON, Fanout, News, Subscription
from journeyman.errors import ConflictError
from tests.unit.console.changes import ANA, CLAIMS, made


@pytest.fixture
def fanout() -> Fanout:
    made = Fanout()
    made.open()
    return made


async def ids(subscription: Subscription) -> list[int]:
    """Those of the changes that wait."""
    news = await subscription.news(0)
    assert news is not None
    assert not news.reset
    return [change.id for change in news.changes]


async def is_reset(subscription: Subscription) -> bool:
    news = await subscription.news(0)
    return news is not None and news.reset


async def test_a_listener_hears_what_concerns_it_once_and_in_order(fanout: Fanout) -> None:
    desk = fanout.subscribe([ANA, CLAIMS], person="ana")
    wall = fanout.subscribe([ALL], person="sue")
    for change in (made(1, ANA, CLAIMS), made(2), made(3, CLAIMS)):
        fanout.publish(change)
    assert await ids(desk) == [1, 3]
    assert await ids(wall) == [1, 2, 3]
    assert await ids(desk) == []


async def test_who_comes_back_hears_what_they_missed_and_then_what_is_new(fanout: Fanout) -> None:
    for id in (1, 2, 3):
        fanout.publish(made(id, *([ANA] if id != 2 else [])))
    back = fanout.subscribe([ANA], person="ana", after=1)
    fanout.publish(made(4, ANA))
    assert await ids(back) == [3, 4]
    assert await ids(fanout.subscribe([ANA], person="ana")) == []


async def test_what_committed_late_is_replayed_to_who_resumes_from_before_it(fanout: Fanout) -> None:
    late, early = made(2, ANA, position=0), made(1, ANA, position=2)
    fanout.publish(late)
    assert await fanout.subscribe([ANA], person="ana", after=0).news(0) == News((late,), False, 0)
    fanout.publish(early)
    assert await ids(fanout.subscribe([ANA], person="ana", after=0)) == [2, 1]


async def test_who_comes_back_from_before_what_is_kept_reads_everything_again() -> None:
    fanout = Fanout(kept=3)
    fanout.open()
    for id in range(1, 6):
        fanout.publish(made(id, ANA))
    assert await is_reset(fanout.subscribe([ANA], person="ana", after=1))
    assert await ids(fanout.subscribe([ANA], person="ana", after=2)) == [3, 4, 5]


async def test_a_slow_listener_is_told_to_read_everything_and_then_hears_on(fanout: Fanout) -> None:
    slow, quick = (fanout.subscribe([ANA], person="ana") for _ in range(2))
    newest = BACKLOG + 3  # the last two come when it is lost already
    for id in range(1, newest + 1):
        fanout.publish(made(id, ANA))
        await ids(quick)
    fanout.position = newest
    assert await slow.news(0) == News((), True, newest)
    fanout.publish(made(newest + 1, ANA))
    assert await ids(slow) == [newest + 1]


async def test_who_missed_more_than_waits_for_one_listener_reads_everything_again(fanout: Fanout) -> None:
    for id in range(1, BACKLOG + 2):
        fanout.publish(made(id, ANA))
    assert await is_reset(fanout.subscribe([ANA], person="ana", after=0))


async def test_until_the_past_is_known_nobody_is_told_and_then_everybody_reads_everything() -> None:
    fanout = Fanout()
    early = fanout.subscribe([ANA], person="ana", after=7)
    fanout.begin(5)
    fanout.publish(made(6, ANA))
    assert await ids(early) == []
    fanout.open()
    assert await is_reset(early)
    assert await ids(fanout.subscribe([ANA], person="ana", after=5)) == [6]
    assert await is_reset(fanout.subscribe([ANA], person="ana", after=4))


async def test_after_something_was_missed_everybody_reads_everything_also_who_comes_back(fanout: Fanout) -> None:
    there = fanout.subscribe([ANA], person="ana")
    fanout.position = 8
    fanout.reset()
    assert await is_reset(there)
    assert await is_reset(fanout.subscribe([ANA], person="ana", after=8))


async def test_a_closed_person_hears_no_more_and_others_do(fanout: Fanout) -> None:
    ana, sue = fanout.subscribe([ALL], person="ana"), fanout.subscribe([ALL], person="sue")
    fanout.publish(made(1))
    fanout.close("ana")
    fanout.publish(made(2))
    assert await ids(ana) == [1]
    assert await ana.news(60) is None
    assert await ids(sue) == [1, 2]
    assert len(fanout) == 1


async def test_a_reset_is_told_before_the_end(fanout: Fanout) -> None:
    ana = fanout.subscribe([ANA], person="ana")
    fanout.reset()
    fanout.end()
    assert await is_reset(ana)
    assert await ana.news(60) is None


@pytest.mark.parametrize("type", ["roster.applied", "published"])
async def test_when_rights_may_have_changed_all_streams_end_after_hearing_so(fanout: Fanout, type: str) -> None:
    ana = fanout.subscribe([ALL], person="ana")
    fanout.publish(made(1, type=type))
    assert await ids(ana) == [1]
    assert await ana.news(60) is None
    assert await ids(fanout.subscribe([ALL], person="ana", after=0)) == [1]


async def test_when_somebody_signs_out_their_streams_end_and_others_stay(fanout: Fanout) -> None:
    ana, sue = fanout.subscribe([ANA], person="ana"), fanout.subscribe([ANA], person="sue")
    fanout.publish(made(1, ANA, type="person.signed_out"))
    assert await ids(ana) == [1]
    assert await ana.news(60) is None
    fanout.publish(made(2, ANA))
    assert await ids(sue) == [1, 2]


async def test_after_the_end_a_new_listener_ends_at_once(fanout: Fanout) -> None:
    fanout.end()
    assert await fanout.subscribe([ALL], person="ana").news(60) is None
    assert len(fanout) == 0


async def test_a_person_has_so_many_streams_and_no_more(fanout: Fanout) -> None:
    many = [fanout.subscribe([ANA], person="ana") for _ in range(MOST_OF_PERSON)]
    with pytest.raises(ConflictError, match=r"`ana` has 2 streams open"):
        fanout.subscribe([ANA], person="ana", most=2)
    with pytest.raises(ConflictError, match=r"`ana` has 32 streams open; close a page"):
        fanout.subscribe([ANA], person="ana")
    many[0].end()
    many[0].end()
    fanout.subscribe([ANA], person="ana")


async def test_nothing_is_kept_of_who_has_gone(fanout: Fanout) -> None:
    fanout.subscribe([ANA, CLAIMS], person="ana").end()
    assert fanout._listeners == {}
    assert fanout._of_person == {}


async def test_an_id_that_was_given_again_is_another_entry(fanout: Fanout) -> None:
    fanout.publish(made(1, ANA))
    assert fanout.knows(1, b"1")
    assert not fanout.knows(1, b"other")
    assert not fanout.knows(2, b"1")


async def test_someone_who_arrives_is_noticed_at_once(fanout: Fanout) -> None:
    await fanout.arrival(0)
    fanout.subscribe([ANA], person="ana")
    await fanout.arrival(60)
