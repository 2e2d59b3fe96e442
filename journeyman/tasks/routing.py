"""Which waiting task comes first for a person, and why. Pure; the why is in words that the person reads.

Points add up, so that each reason can be told alone. Age counts without limit: whatever waits long enough comes first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from journeyman.tasks.models import Person, Task

_OVERDUE: Final = 60
_NEAR: Final = 50  # at the very end of the time that was promised; half of it when half is gone
_ESCALATED: Final = 15
_SKILL: Final = 5
_OFFERED: Final = 10_000
_AGE: Final = timedelta(minutes=10)  # a point for each
_TIERS: Final = {"vip": 20, "premium": 10}


@dataclass(frozen=True)
class Ranked:
    """A task, its points for one person, and the reasons, strongest first."""

    task: Task
    points: int
    why: tuple[str, ...]


def suits(task: Task, person: Person) -> bool:
    """Whether the task could be this person's: their team's, within their skills, and not their own draft."""
    return (
        bool(task.candidate_groups & person.teams) and task.skills <= person.skills and person.id not in task.excluded
    )


def rank(tasks: Iterable[Task], person: Person, now: datetime) -> list[Ranked]:
    """Those that suit the person, the next best first. Ties go to the older, then to the smaller id."""
    ranked = [_points(task, person, now) for task in tasks if suits(task, person)]
    return sorted(ranked, key=lambda each: (-each.points, each.task.created_at, each.task.id))


def _points(task: Task, person: Person, now: datetime) -> Ranked:
    reasons: list[tuple[int, str]] = [(task.priority, f"priority {task.priority}")]
    if task.offered_to == person.id:
        reasons.append((_OFFERED, "offered to you"))
    if task.deadline:
        reasons.append(_nearness(task, task.deadline, now))
    age = max(now - task.created_at, timedelta())
    reasons.append((age // _AGE, f"waits for {in_words(age)}"))
    if task.escalations:
        times = "once" if task.escalations == 1 else f"{task.escalations} times"
        reasons.append((_ESCALATED * task.escalations, f"escalated {times}"))
    if points := _TIERS.get(task.customer_tier):
        reasons.append((points, f"{task.customer_tier} customer"))
    if task.skills:
        words = ", ".join(f"`{skill}`" for skill in sorted(task.skills))
        reasons.append((_SKILL * len(task.skills), f"needs {words}, which you have"))
    reasons.sort(key=lambda each: -each[0])
    return Ranked(task, sum(points for points, _ in reasons), tuple(words for points, words in reasons if points))


def _nearness(task: Task, deadline: datetime, now: datetime) -> tuple[int, str]:
    verb = "finished" if task.started_at else "started"
    left = deadline - now
    if left <= timedelta():
        return _OVERDUE, f"should have been {verb} {in_words(-left)} ago"
    promised = max(deadline - task.created_at, timedelta(seconds=1))
    gone = min(max(1 - left / promised, 0.0), 1.0)
    return int(_NEAR * gone), f"to be {verb} within {in_words(left)}"


def in_words(duration: timedelta) -> str:
    """`under a minute`, `25 min`, `3 h 5 min`, `2 d 4 h`: two units at most, rounded down."""
    minutes = int(duration.total_seconds()) // 60
    if minutes < 1:
        return "under a minute"
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number]
    return " ".join(parts[:2])
