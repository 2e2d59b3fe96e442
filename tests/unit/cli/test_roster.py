"""The roster that ships: it fits, and the shipped journeys find their queues in it."""

from pathlib import Path

import pytest

from journeyman.project import Project
from journeyman.tasks.calendar import Calendar
from journeyman.tasks.roster import Roster, read

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def roster() -> Roster:
    return Roster.model_validate(read(ROOT / "roster.yaml"))


def test_every_queue_of_the_shipped_journeys_is_in_it(roster: Roster) -> None:
    project = Project.load(ROOT)
    assert project.roster == ROOT / "roster.yaml"
    wanted = {step.queue for journey in project.journeys.values() for step in journey.definition.steps.values()}
    assert wanted <= roster.queues.keys()


def test_every_calendar_is_one_and_is_used(roster: Roster) -> None:
    for name, fields in roster.calendars.items():
        Calendar.model_validate({**fields, "id": name})
    assert {queue.calendar for queue in roster.queues.values()} == roster.calendars.keys()


def test_every_queue_has_people_and_a_supervisor(roster: Roster) -> None:
    for name, queue in roster.queues.items():
        members = [person for person in roster.people.values() if set(person.teams) & set(queue.teams)]
        assert sum(person.capacity > 0 for person in members) >= 2, name
        assert any("supervisor" in person.roles for person in members), name


def test_every_role_has_someone_and_auditors_do_nothing_else(roster: Roster) -> None:
    assert {role for person in roster.people.values() for role in person.roles} == {
        "agent",
        "supervisor",
        "auditor",
        "author",
    }
    assert all(person.roles == ["auditor"] for person in roster.people.values() if "auditor" in person.roles)
