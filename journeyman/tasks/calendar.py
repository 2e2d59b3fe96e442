"""Business hours: when a queue is open, and how long something takes in open time.

Pure. Moments are aware datetimes and are returned in UTC; durations are elapsed time, so that a day on which the clocks
change is as long as it really is. Hours are wall-clock times of the calendar's zone (IANA, through zoneinfo).
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, field_serializer, field_validator, model_validator

from journeyman.errors import InputError
from journeyman.words import zone

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
_DAY: Final = timedelta(days=1)
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")


class Calendar(BaseModel):
    """The hours of one place. `hours` maps a weekday to spans such as `("09:00", "17:00")`; `24:00` is midnight's end."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = "calendar"
    time_zone: str
    hours: dict[Weekday, tuple[tuple[str, str], ...]]
    holidays: frozenset[date] = frozenset()
    emergency: str | None = None

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            return zone(name)
        except InputError as error:
            raise ValueError(str(error)) from error

    @field_validator("hours")
    @classmethod
    def _ordered(cls, hours: dict[Weekday, tuple[tuple[str, str], ...]]) -> dict[Weekday, tuple[tuple[str, str], ...]]:
        for day, spans in hours.items():
            before = ""
            for start, end in spans:
                for clock in (start, end):
                    if not _CLOCK.fullmatch(clock):
                        raise ValueError(f"`{clock}` on `{day}` is no time of day; write `HH:MM`, up to `24:00`")
                if start >= end:
                    raise ValueError(f"`{start}`-`{end}` on `{day}` ends before it begins; split it at midnight")
                if start < before:
                    raise ValueError(f"`{start}`-`{end}` on `{day}` overlaps the span before it; order and join them")
                before = end
        return hours

    @model_validator(mode="after")
    def _opens_at_all(self) -> Self:
        if not any(self.hours.values()):
            raise ValueError(f"calendar `{self.id}` is never open; give at least one day hours")
        return self

    @field_serializer("holidays")
    def _sorted(self, holidays: frozenset[date]) -> list[str]:
        return [day.isoformat() for day in sorted(holidays)]

    def open_at(self, moment: datetime) -> bool:
        """Whether it is open at this moment. The end of a span is closed."""
        start, _ = next(self._spans(moment))
        return start <= moment

    def next_opening(self, moment: datetime) -> datetime:
        """The first open moment from `moment` on: itself while it is open."""
        start, _ = next(self._spans(moment))
        return max(start, moment).astimezone(UTC)

    def add_business_time(self, moment: datetime, duration: timedelta) -> datetime:
        """When `duration` of open time has passed since `moment`. Zero leaves the moment as it is."""
        if duration < timedelta():
            raise InputError(f"a duration of `{duration}` is negative", field="duration")
        left = duration
        if not left:
            return moment.astimezone(UTC)
        for start, end in self._spans(moment):
            begin = max(start, moment)
            if left <= end - begin:
                return (begin + left).astimezone(UTC)
            left -= end - begin
        raise AssertionError("a calendar has openings for ever")

    def elapsed(self, start: datetime, end: datetime, holds: Iterable[tuple[datetime, datetime]] = ()) -> timedelta:
        """The open time between two moments, less the open time on hold. Holds may overlap; zero if `end` is earlier."""
        held = timedelta()
        covered = start
        for hold_start, hold_end in sorted(holds):
            held += self._open_between(max(hold_start, covered), min(hold_end, end))
            covered = max(covered, hold_end)
        return self._open_between(start, end) - held

    def _open_between(self, start: datetime, end: datetime) -> timedelta:
        total = timedelta()
        if end <= start:
            return total
        for opens, closes in self._spans(start):
            if opens >= end:
                break
            total += min(closes, end) - max(opens, start)
        return total

    def _spans(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans that end after `moment`, in UTC, in order, without overlap; endless.

        Where the clocks go forward, two spans around the lost hour can overlap in real time: the second is clipped.
        """
        if moment.tzinfo is None:
            raise InputError(f"`{moment.isoformat()}` has no time zone; give an aware datetime", field="moment")
        moment = moment.astimezone(UTC)
        day = moment.astimezone(ZoneInfo(self.time_zone)).date() - _DAY
        reached = datetime.min.replace(tzinfo=UTC)
        while True:
            for start, end in self._spans_of(day):
                begin = max(start, reached)
                if begin < end:
                    reached = end
                    if end > moment:
                        yield begin, end
            day += _DAY

    def _spans_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day in self.holidays:
            return
        for start, end in self.hours.get(WEEKDAYS[day.weekday()], ()):
            # An hour that happens twice is open from its first beginning to its second end.
            yield self._moment(day, start, fold=0), self._moment(day, end, fold=1)

    def _moment(self, day: date, clock: str, *, fold: int) -> datetime:
        if clock == "24:00":
            day, clock = day + _DAY, "00:00"
        wall = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(self.time_zone)).replace(fold=fold)
        return wall.astimezone(UTC)


ALWAYS: Final = Calendar(id="always", time_zone="UTC", hours=dict.fromkeys(WEEKDAYS, (("00:00", "24:00"),)))
"""Open at every moment: the calendar of a queue that has none."""
