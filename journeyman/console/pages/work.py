"""The work of a task as a form: made of the step's output model, checked by field, compared with the AI's draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from journeyman.console.form import (
    BLANK,
    Change,
    Filled,
    Form,
    blame,
    checked,
    difference,
    filled,
    form_of,
    posted,
)
from journeyman.errors import InputError
from journeyman.tasks.desk import Desk
from journeyman.tasks.models import Task

PREFIX = "output"
"""Stands before each name of the form's fields in the page."""

Items = Sequence[tuple[str, object]]
"""A posted form, as the browser sent it."""


@dataclass(frozen=True)
class Work:
    """The form of a task's result, with what stands in it; `was` is the draft that it began with, if there is one."""

    form: Form
    page: Filled
    was: Any = BLANK

    @property
    def changes(self) -> list[Change]:
        """What is not as the draft says; empty where there is no draft."""
        return [] if self.was is BLANK else difference(filled(self.form, self.was), self.page)

    def result(self) -> JsonValue:
        """The value that was filled in. Raises InputError; the form then tells it at each field."""
        return checked(self.form, self.page, self.was)

    def blamed(self, error: InputError) -> None:
        """Tell an error from behind the form at the field that it names."""
        if error.field is not None and not self.page.problems():
            words, _, remedy = str(error).partition("; ")
            blame(self.page, error.field, remedy or words)


def work_of(desk: Desk, task: Task, zone: str, *, draft: Any = BLANK, typed: Items | None = None) -> Work:
    """The form of a task: as it was typed, else with the draft in it, else with its defaults. Raises InputError."""
    form = form_of(desk.steps(task.journey_kind, task.journey_version, task.step).output, prefix=PREFIX, zone=zone)
    page = posted(form, typed) if typed is not None else filled(form, draft)
    return Work(form, page, draft)


def is_form(task: Task) -> bool:
    """Whether the task is closed with a result of its step, or with a draft of one."""
    if task.kind == "review":
        return task.draft_kind != "message"
    return task.kind in ("work", "callback")
