from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from journeyman.errors import InputError
from journeyman.tasks.calendar import ALWAYS, WEEKDAYS, Calendar

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"]
HOUR = timedelta(hours=1)


def office(zone: str = "Europe/Berlin", **fields: Any) -> Calendar:
    hours = dict.fromkeys(WEEKDAYS[:5], (("09:00", "12:00"), ("13:00", "17:00")))
    return Calendar.model_validate({"id": "office", "time_zone": zone, "hours": hours, **fields})


def berlin(*fields: int) -> datetime:
    return datetime(*fields, tzinfo=ZoneInfo("Europe/Berlin"))  # type: ignore[arg-type,misc]  # year to minute


clocks = st.integers(0, 24 * 4).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")


@st.composite
def day_hours(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    marks = sorted(draw(st.sets(clocks, min_size=0, max_size=6)))
    return tuple((marks[at], marks[at + 1]) for at in range(0, len(marks) - 1, 2))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    hours = {day: draw(day_hours()) for day in WEEKDAYS}
    if not any(hours.values()):
        hours["wed"] = (("09:00", "17:00"),)
    days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    return Calendar(time_zone=draw(st.sampled_from(ZONES)), hours=hours, holidays=draw(st.frozensets(days, max_size=9)))


moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as it wants them
durations = st.timedeltas(timedelta(0), timedelta(days=4))


@given(calendars(), moments, durations)
@settings(max_examples=150, deadline=None)
def test_adding_time_and_measuring_it_agree(calendar: Calendar, moment: datetime, duration: timedelta) -> None:
    end = calendar.add_business_time(moment, duration)
    assert end >= moment + duration
    assert calendar.elapsed(moment, end) == duration
    if duration:  # it ends at the first moment that is late enough
        assert calendar.elapsed(moment, end - timedelta(microseconds=1)) < duration


@given(calendars(), moments)
@settings(max_examples=150, deadline=None)
def test_the_next_opening_is_open_and_nothing_before_it_is(calendar: Calendar, moment: datetime) -> None:
    opening = calendar.next_opening(moment)
    assert opening >= moment
    assert calendar.open_at(opening)
    assert calendar.elapsed(moment, opening) == timedelta()
    assert calendar.open_at(moment) == (opening == moment)


@given(calendars(), moments, durations, durations)
@settings(max_examples=100, deadline=None)
def test_time_adds_up_over_a_moment_between(
    calendar: Calendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    middle, end = start + first, start + first + second
    whole = calendar.elapsed(start, end)
    assert whole == calendar.elapsed(start, middle) + calendar.elapsed(middle, end)
    assert timedelta() <= whole <= end - start


@given(calendars(), moments, durations, st.lists(st.tuples(durations, durations), max_size=4))
@settings(max_examples=100, deadline=None)
def test_holds_are_subtracted_once_however_they_overlap(
    calendar: Calendar, start: datetime, length: timedelta, holds: list[tuple[timedelta, timedelta]]
) -> None:
    end = start + length
    spans = [(start + offset, start + offset + held) for offset, held in holds]
    worked = calendar.elapsed(start, end, spans)
    assert timedelta() <= worked <= calendar.elapsed(start, end)
    assert calendar.elapsed(start, end, [*spans, *spans]) == worked
    assert calendar.elapsed(start, end, [*spans, (start, end)]) == timedelta()


@given(moments, durations)
def test_an_open_end_calendar_is_plain_time(moment: datetime, duration: timedelta) -> None:
    assert ALWAYS.add_business_time(moment, duration) == moment + duration
    assert ALWAYS.elapsed(moment, moment + duration) == duration


@given(calendars(), moments)
@settings(max_examples=150, deadline=None)
def test_open_hours_are_those_on_the_wall(calendar: Calendar, moment: datetime) -> None:
    zone = ZoneInfo(calendar.time_zone)
    offsets = {(moment + timedelta(hours=step)).astimezone(zone).utcoffset() for step in range(-26, 27)}
    if len(offsets) > 1:
        return  # around a change of the clocks the wall says things twice, or never
    wall = moment.astimezone(zone)
    spans = calendar.hours[WEEKDAYS[wall.weekday()]] if wall.date() not in calendar.holidays else ()
    clock = wall.strftime("%H:%M")
    assert calendar.open_at(moment) == any(start <= clock < end for start, end in spans)


def test_a_friday_evening_runs_on_into_monday() -> None:
    assert office().add_business_time(berlin(2026, 6, 5, 16, 0), 2 * HOUR) == berlin(2026, 6, 8, 10, 0)


def test_the_lunch_break_does_not_count() -> None:
    assert office().elapsed(berlin(2026, 6, 5, 11, 0), berlin(2026, 6, 5, 14, 0)) == 2 * HOUR


def test_a_holiday_is_skipped() -> None:
    closed = office(holidays=["2026-12-25"])
    assert closed.next_opening(berlin(2026, 12, 24, 18, 0)) == berlin(2026, 12, 28, 9, 0)
    assert not closed.open_at(berlin(2026, 12, 25, 10, 0))


@pytest.mark.parametrize(
    ("day", "real_hours"),
    [(29, 23), (28, 24)],  # the clocks go forward on 29 March 2026
)
def test_a_day_is_as_long_as_it_really_is(day: int, real_hours: int) -> None:
    whole = Calendar(time_zone="Europe/Berlin", hours=dict.fromkeys(WEEKDAYS, (("00:00", "24:00"),)))
    assert whole.elapsed(berlin(2026, 3, day, 0, 0), berlin(2026, 3, day + 1, 0, 0)) == real_hours * HOUR


def test_the_hour_that_happens_twice_is_open_twice() -> None:
    night = Calendar(time_zone="Europe/Berlin", hours={"sun": (("02:00", "03:00"),)})
    assert night.elapsed(berlin(2026, 10, 25, 0, 0), berlin(2026, 10, 25, 12, 0)) == 2 * HOUR


def test_the_hour_that_never_happens_is_not_open() -> None:
    night = Calendar(time_zone="Europe/Berlin", hours={"sun": (("02:00", "03:00"), ("03:00", "04:00"))})
    assert night.elapsed(berlin(2026, 3, 29, 0, 0), berlin(2026, 3, 29, 12, 0)) == HOUR


def test_a_service_level_over_the_change_of_clocks_keeps_its_length() -> None:
    round_the_clock = Calendar(time_zone="Europe/Berlin", hours=dict.fromkeys(WEEKDAYS, (("00:00", "24:00"),)))
    opened = berlin(2026, 10, 24, 22, 0)
    assert round_the_clock.add_business_time(opened, 8 * HOUR) == opened.astimezone(UTC) + 8 * HOUR


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"time_zone": "Mars/Base"}, "no IANA time zone"),
        ({"hours": {}}, "never open"),
        ({"hours": {"mon": [["9", "17"]]}}, "write `HH:MM`"),
        ({"hours": {"mon": [["17:00", "09:00"]]}}, "split it at midnight"),
        ({"hours": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "overlaps"),
    ],
)
def test_a_wrong_calendar_says_what_is_wrong(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        office(**fields)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(InputError, match="aware"):
        office().open_at(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_a_negative_duration_is_refused() -> None:
    with pytest.raises(InputError, match="negative"):
        office().add_business_time(berlin(2026, 1, 1), timedelta(seconds=-1))


def test_a_calendar_survives_the_way_through_json() -> None:
    calendar = office(holidays=["2026-12-26", "2026-12-25"])
    assert Calendar.model_validate(calendar.model_dump(mode="json")) == calendar
