"""The service-level clock of one task: when it escalates next, and how a hold moves its targets. Pure."""

from datetime import datetime, timedelta
from typing import Any, Final

from journeyman.tasks.calendar import Calendar
from journeyman.tasks.models import ServiceLevel, Task

MAX_ESCALATIONS: Final = 5
RESERVATION: Final = timedelta(minutes=30)
"""Open time in which someone who took a task must have begun it, whatever the queue promises."""


def targets(level: ServiceLevel, calendar: Calendar, since: datetime) -> dict[str, datetime | None]:
    """`respond_by` and `due_date` of work that waits since `since`."""
    return {
        "respond_by": calendar.add_business_time(since, level.respond) if level.respond else None,
        "due_date": calendar.add_business_time(since, level.complete) if level.complete else None,
    }


def first(task: Task) -> datetime | None:
    """When a task's clock first escalates it."""
    return min((moment for moment in (task.respond_by, task.due_date) if moment), default=None)


def on_taking(task: Task, calendar: Calendar, now: datetime) -> datetime:
    """Someone took it: it must be begun in time."""
    limit = calendar.add_business_time(now, RESERVATION)
    return min(limit, task.escalate_at) if task.escalate_at else limit


def on_starting(task: Task, now: datetime) -> datetime | None:
    """Someone began: what counts now is when it is done. A missed date goes on escalating as it did."""
    if task.due_date is None or task.due_date > now:
        return task.due_date
    return task.escalate_at or task.due_date


def after_breach(task: Task, calendar: Calendar, now: datetime) -> datetime | None:
    """The next target: one still ahead, else as long again as was promised at first; none after the last escalation."""
    if task.escalations >= MAX_ESCALATIONS:
        return None
    pending = [task.due_date] if task.started_at else [task.respond_by, task.due_date]
    ahead = [moment for moment in pending if moment and moment > now]
    if ahead:
        return min(ahead)
    if not (target := task.deadline):
        return None
    promised = calendar.elapsed(task.created_at, target)
    return calendar.add_business_time(now, max(promised, timedelta(minutes=1)))


def put_off(task: Task, calendar: Calendar, since: datetime, slot: datetime) -> dict[str, datetime | None]:
    """The targets of a task that sleeps until a slot: from then on, as long in open time as they were from `since` on."""

    def moved(target: datetime | None) -> datetime | None:
        return target and calendar.add_business_time(slot, calendar.elapsed(since, target))

    return {"respond_by": moved(task.respond_by), "due_date": moved(task.due_date)}


def after_hold(task: Task, calendar: Calendar, now: datetime) -> dict[str, Any]:
    """The columns of a task whose hold ends: targets that lay ahead move by the open time that it was on hold."""
    since = task.suspended_at or now
    held = calendar.elapsed(since, now)

    def moved(target: datetime | None) -> datetime | None:
        return calendar.add_business_time(target, held) if target and target > since else target

    respond_by, due_date = moved(task.respond_by), moved(task.due_date)
    again = task.model_copy(update={"respond_by": respond_by, "due_date": due_date})
    return {
        "respond_by": respond_by,
        "due_date": due_date,
        "suspended_at": None,
        "follow_up_date": None,
        "escalate_at": after_breach(again, calendar, now),
    }
