"""Tasks from the command line: see, take, work, move and close them."""

import json
import re
from typing import Any

import pytest

from tests.integration.cli.conftest import Cli
from tests.integration.cli.waiting import until

pytestmark = pytest.mark.slow

REPORT = {"policy_number": "MC-204816", "what_happened": "a dent in the door", "anyone_hurt": False, "drivable": True}


@pytest.fixture(autouse=True)
async def _people_are_there(cli: Cli) -> None:
    for person in ("clara", "carlo", "samir"):
        await cli.data("people", "set-presence", person, "online")


async def open_task(cli: Cli, journey: str) -> Any:
    """The open task of a journey, once it has one."""
    found: list[Any] = []

    async def is_there() -> bool:
        tasks = (await cli.data("show", journey))["tasks"]
        found[:] = [task for task in tasks if task["state"] not in ("completed", "obsolete", "exited", "failed")]
        return bool(found)

    await until(is_there)
    return found[0]


async def a_claim(cli: Cli, name: str) -> str:
    """A claim whose first step, a person's, waits; returns the task's id."""
    started = await cli.data("start", "insurance-claim", "--address", name, "--id", f"claim-{name}")
    return str((await open_task(cli, started["id"]))["id"])


async def test_a_task_is_seen_taken_worked_and_submitted(cli: Cli) -> None:
    task = await a_claim(cli, "work")
    listed = await cli.data("tasks", "list", "--as", "clara")
    assert task in [waiting["id"] for waiting in listed["waiting"]]
    assert (await cli.data("tasks", "claim", task, "--as", "clara"))["state"] == "reserved"
    assert f"task `{task}` is with `clara`; take another" in await cli.refused("tasks", "claim", task, "--as", "carlo")
    assert (await cli.data("tasks", "start", task, "--as", "clara"))["state"] == "in_progress"
    page = await cli.data("tasks", "show", task, "--as", "clara")
    assert "complete" in page["actions"]
    assert page["dispositions"].keys() == {"unreachable", "withdrawn"}
    assert set(page["output_schema"]["required"]) <= REPORT.keys() <= page["output_schema"]["properties"].keys()
    told = (await cli("tasks", "show", task, "--as", "clara")).out
    assert re.search(r"^output\.policy_number +text: as on the policy, such as MC-204816 *$", told, re.MULTILINE)
    assert re.search(r"^output\.drivable +true \| false, may be left out *$", told, re.MULTILINE)
    assert (await cli.data("tasks", "comment", task, "she is safe", "--as", "clara"))["author"] == "clara"
    closed = await cli.data("tasks", "complete", task, "--as", "clara", "--output", json.dumps(REPORT))
    assert (closed["state"], closed["delivered"]) == ("completed", True)

    async def goes_on() -> bool:
        return bool((await cli.data("show", "claim-work"))["stage"] == "gather")

    await until(goes_on)
    story = (await cli("trace", "claim-work")).out
    assert "task: completed" in story
    assert "person:clara (signed in by cli)" in story


async def test_a_result_that_does_not_fit_names_the_field_and_loses_nothing(cli: Cli) -> None:
    task = await a_claim(cli, "fit")
    await cli.data("tasks", "claim", task, "--as", "clara")
    wrong = ("tasks", "complete", task, "--as", "clara", "--output")
    assert "`what_happened`: field required" in await cli.refused(*wrong, '{"policy_number": "MC-204816"}')
    assert "`output` is no JSON" in await cli.refused(*wrong, "{policy")
    misspelt = json.dumps(REPORT | {"anyone_hrt": True})
    assert "`anyone_hrt`: extra inputs are not permitted" in await cli.refused(*wrong, misspelt)
    assert (await cli.data("tasks", "show", task, "--as", "clara"))["state"] == "reserved"


async def test_a_task_that_does_not_stand_so_says_how_it_stands(cli: Cli) -> None:
    task = await a_claim(cli, "state")
    assert "cannot `start` a task that is `ready`" in await cli.refused("tasks", "start", task, "--as", "clara")
    assert "there is no task `task-0`" in await cli.refused("tasks", "claim", "task-0", "--as", "clara")
    assert "there is no person `zoe`" in await cli.refused("tasks", "claim", task, "--as", "zoe")
    assert "may not `claim` task" in await cli.refused("tasks", "claim", task, "--as", "bea")
    assert "is no state of a task" in await cli.refused("tasks", "list", "--as", "clara", "--state", "done")
    await cli.data("tasks", "claim", task, "--as", "clara")
    assert "is no disposition of this task" in await cli.refused("tasks", "dispose", task, "gone", "--as", "clara")
    assert (await cli("tasks", "claim", task)).code == 2


async def test_a_task_moves_between_people_and_waits_when_it_must(cli: Cli) -> None:
    task = await a_claim(cli, "move")
    await cli.data("tasks", "claim", task, "--as", "clara")
    assert (await cli.data("tasks", "release", task, "--as", "clara", "--comment", "not mine"))["state"] == "ready"
    await cli.data("tasks", "claim", task, "--as", "carlo")
    await cli.data("tasks", "start", task, "--as", "carlo")
    held = await cli.data("tasks", "suspend", task, "--as", "carlo", "--until", "2h", "--reason", "the garage calls")
    assert held["state"] == "suspended"
    assert (await cli.data("tasks", "resume", task, "--as", "carlo"))["state"] == "in_progress"
    moved = ("tasks", "transfer", task, "--as", "carlo", "--reason", "she speaks German")
    assert "name one of them" in await cli.refused(*moved)
    promised = ("--promise", "a call", "--promise", "a letter")
    assert (await cli.data(*moved, "--to-person", "clara", *promised))["offered_to"] == "clara"
    packet = (await cli.data("tasks", "show", task, "--as", "clara"))["content"]["packet"]
    assert packet["promises"] == ["a call", "a letter"]
    assert (await cli.data("tasks", "accept-offer", task, "--as", "clara"))["assignee"] == "clara"
    escalated = await cli.data("tasks", "escalate", task, "--as", "clara", "--reason", "too big for me")
    assert (escalated["state"], escalated["priority"]) == ("ready", 90)
    await cli.data("tasks", "claim", task, "--as", "carlo")
    taken = await cli.data("tasks", "take-over", task, "--as", "samir", "--reason", "I do it")
    assert taken["assignee"] == "samir"


async def test_work_is_closed_by_a_disposition(cli: Cli) -> None:
    task = await a_claim(cli, "dispose")
    await cli.data("tasks", "claim", task, "--as", "clara")
    closed = await cli.data("tasks", "dispose", task, "unreachable", "--as", "clara", "--comment", "rang three times")
    assert closed["disposition"] == "unreachable"

    async def is_over() -> bool:
        shown = await cli.data("show", "claim-dispose")
        return (shown["status"], shown["outcome"]) == ("completed", "unreachable")

    await until(is_over)


async def test_a_task_is_given_to_the_ai_agent(cli: Cli) -> None:
    journey = (await cli.data("say", "hand", "I want to talk to a person", "--kind", "bank-service"))["journey"]
    task = (await open_task(cli, journey))["id"]
    await cli.data("people", "set-presence", "bea", "online")
    page = await cli.data("tasks", "show", task, "--as", "bea")
    assert "0 AI turns in this step so far" in page["content"]["packet"]["summary"]
    await cli.data("tasks", "claim", task, "--as", "bea")
    returned = ("tasks", "return", task, "--as", "bea", "--reason", "they want a balance after all")
    assert (await cli.data(*returned, "--promise", "a call"))["action"] == "return"
    assert "a call" in str(await cli.data("trace", journey))

    async def the_agent_has_it() -> bool:
        return str((await cli.data("show", journey))["performer"]).startswith("ai:")

    await until(the_agent_has_it)


async def test_the_next_best_task_is_taken(cli: Cli) -> None:
    await a_claim(cli, "next")
    taken = await cli.data("tasks", "next", "--as", "carlo")
    assert (taken["assignee"], taken["queue"]) == ("carlo", "claims-care")
    mine = await cli.data("tasks", "list", "--as", "carlo")
    assert taken["id"] in [task["id"] for task in mine["mine"]]
    printed = await cli("tasks", "list", "--as", "carlo")
    assert "with carlo" in printed.out
    await cli.data("tasks", "release", taken["id"], "--as", "carlo")


async def test_what_a_person_submits_while_temporal_is_away_counts(cli: Cli, away: dict[str, str]) -> None:
    task = await a_claim(cli, "away")
    await cli.data("tasks", "claim", task, "--as", "clara")
    submit = ("tasks", "complete", task, "--as", "clara", "--output", json.dumps(REPORT), "--json")
    printed = await cli(*submit, environment=away)
    assert (printed.code, printed.json["state"], printed.json["delivered"]) == (0, "completed", False)
    assert "continues when it is back" in printed.err

    async def goes_on() -> bool:
        return bool((await cli.data("show", "claim-away"))["stage"] == "gather")

    await until(goes_on)


async def test_a_callback_is_agreed_moved_and_called_off(cli: Cli) -> None:
    task = await a_claim(cli, "later")
    await cli.data("tasks", "claim", task, "--as", "clara")
    await cli.data("tasks", "start", task, "--as", "clara")
    first, second, *_ = (await cli.data("callbacks", "slots", "claims-care", "--as", "clara"))["slots"]
    assert (await cli.data("callbacks", "agree", task, first, "--as", "clara"))["task_id"] == task
    assert task in (await cli("callbacks", "list", "--as", "clara", "--queue", "claims-care")).out
    await cli.data("callbacks", "move", task, second, "--as", "clara")
    assert "is no moment" in await cli.refused("callbacks", "move", task, "soon", "--as", "clara")
    assert (await cli.data("callbacks", "cancel", task, "--as", "clara"))["state"] == "reserved"
    assert await cli.data("callbacks", "list", "--as", "clara", "--queue", "claims-care") == []
