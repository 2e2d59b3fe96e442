"""Which waiting task comes first for a person, and why. Pure; the why is in words that the person reads.

Points add up, so that each reason can be told alone. Age counts without limit: whatever waits long enough comes first. What
time does not change stands in the task's row as one moment, `as_if_since`, by which the few are found that are ranked at all.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from journeyman.conversation import churn as leaving
from journeyman.customers import tier as tiers
from journeyman.tasks.models import Candidate, Person, Task

_OVERDUE: Final = 60
_NEAR: Final = 50  # at the very end of the time that was promised; half of it when half is gone
_ESCALATED: Final = 15
_SKILL: Final = 5
_USUAL: Final = 50
_OFFERED: Final = 10_000
_AGE: Final = timedelta(minutes=10)  # a point for each
_SIGNS: Final = {"cancellation": "speaks of cancelling", "complaint": "has complained", "falling": "grows unhappier"}

_Reasons = list[tuple[int, Callable[[], str]]]  # the words are made for what is shown alone: many more are ranked


@dataclass(frozen=True)
class Ranked:
    """A task, its points for one person, and the reasons, strongest first."""

    task: Task
    points: int
    why: tuple[str, ...]


def suits(task: Task | Candidate, person: Person) -> bool:
    """Whether the task could be this person's: their team's, within their skills, and not their own draft."""
    return (
        bool(task.candidate_groups & person.teams) and task.skills <= person.skills and person.id not in task.excluded
    )


def rank(tasks: Iterable[Task], person: Person, now: datetime) -> list[Ranked]:
    """Those that suit the person, the next best first. Ties go to the older, then to the smaller id."""
    ranked = [_ranked(task, person, now) for task in tasks if suits(task, person)]
    return sorted(ranked, key=lambda each: (-each.points, each.task.created_at, each.task.id))


def order(candidates: Iterable[Candidate], person: Person, now: datetime) -> list[str]:
    """The ids of those that suit the person, in the order of `rank`."""
    suiting = (each for each in candidates if suits(each, person))
    return [
        id for _, _, id in sorted((-_sum(_reasons(each, person, now)), each.created_at, each.id) for each in suiting)
    ]


def as_if_since(task: Task) -> datetime:
    """It ranks as if it had waited since then, deadlines aside."""
    lasting = _lasting(task.priority, task.escalations, task.customer_tier, task.churn, task.skills)
    return _earlier(task.created_at, lasting)


def as_if_opened(now: datetime, priority: int, tier: str, churn: Collection[str], skills: Collection[str]) -> datetime:
    """The same of a task that is opened now."""
    return _earlier(now, _lasting(priority, 0, tier, churn, skills))


def _ranked(task: Task, person: Person, now: datetime) -> Ranked:
    reasons = sorted(_reasons(task, person, now), key=lambda each: -each[0])
    return Ranked(task, _sum(reasons), tuple(words() for points, words in reasons if points))


def _sum(reasons: _Reasons) -> int:
    return sum(points for points, _ in reasons)


def _reasons(task: Task | Candidate, person: Person, now: datetime) -> _Reasons:
    reasons = _lasting(task.priority, task.escalations, task.customer_tier, task.churn, task.skills)
    if task.offered_to == person.id:
        reasons.append((_OFFERED, lambda: "offered to you"))
    if task.deadline:
        reasons.append(_nearness(task, task.deadline, now))
    age = max(now - task.created_at, timedelta())
    reasons.append((age // _AGE, lambda: f"waits for {in_words(age)}"))
    return reasons


def _earlier(opened: datetime, lasting: _Reasons) -> datetime:
    return opened - _AGE * _sum(lasting)


def _lasting(priority: int, escalations: int, tier: str, churn: Collection[str], skills: Collection[str]) -> _Reasons:
    """The reasons that hold whenever one looks, and for whomever it suits."""
    reasons: _Reasons = [(priority, lambda: f"priority {priority}" if priority != _USUAL else "usual priority")]
    if escalations:
        times = "once" if escalations == 1 else f"{escalations} times"
        reasons.append((_ESCALATED * escalations, lambda: f"escalated {times}"))
    if points := tiers.ahead(tier) // _AGE:
        reasons.append((points, lambda: f"{tier} customer"))
    if points := leaving.ahead(churn) // _AGE:
        signs = [_SIGNS[sign] for sign in leaving.AHEAD if sign in churn]
        reasons.append((points, lambda: f"the customer may leave: {' and '.join(signs)}"))
    if skills:
        reasons.append((_SKILL * len(skills), lambda: f"needs {', '.join(sorted(skills))}, which you have"))
    return reasons


def _nearness(task: Task | Candidate, deadline: datetime, now: datetime) -> tuple[int, Callable[[], str]]:
    verb = "finished" if task.started_at else "started"
    left = deadline - now
    if left <= timedelta():
        return _OVERDUE, lambda: f"should have been {verb} {in_words(-left)} ago"
    promised = max(deadline - task.created_at, timedelta(seconds=1))
    gone = min(max(1 - left / promised, 0.0), 1.0)
    return int(_NEAR * gone), lambda: f"to be {verb} within {in_words(left).removeprefix('under ')}"


def in_words(duration: timedelta) -> str:
    """`under a minute`, `25 min`, `3 h 5 min`, `2 d 4 h`: two units at most, rounded down."""
    minutes = int(duration.total_seconds()) // 60
    if minutes < 1:
        return "under a minute"
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if number]
    return " ".join(parts[:2])
