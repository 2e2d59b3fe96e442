"""The roster that ships: it fits, and the shipped journeys find their queues in it."""

from dataclasses import replace
from pathlib import Path

import pytest

from journeyman.cli.policy import problems
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
    assert project.unserved(roster.queues) == []


def test_a_step_whose_queue_the_roster_lacks_is_a_problem_with_its_remedy(tmp_path: Path) -> None:
    file = tmp_path / "roster.yaml"
    file.write_text("queues: {bank-care: {title: Care, teams: [care]}}\nteams: [care]\n")
    project = replace(Project.load(ROOT), roster=file)
    remedy = "which the roster does not have; add it to the roster's `queues`"
    assert f"step `assess-claim` of `insurance-claim` waits in queue `adjusters`, {remedy}" in problems(project)
    assert "queue `bank-care`" not in str(problems(project))
    assert problems(replace(project, roster=None)) == []


def test_a_roster_that_does_not_fit_is_a_problem_beside_the_others(tmp_path: Path) -> None:
    file = tmp_path / "roster.yaml"
    file.write_text("queues: {bank-care: {title: Care, teams: [care]}}\n")
    (line,) = problems(replace(Project.load(ROOT), roster=file))
    assert "declare it there" in line


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
