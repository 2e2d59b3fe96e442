"""People, queues, customers and AI agents from the command line."""

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Cli

pytestmark = pytest.mark.slow


async def test_people_come_and_go(cli: Cli) -> None:
    assert (await cli.data("people", "set-presence", "fay", "online"))["presence"] == "online"
    assert {p["id"]: p["presence"] for p in await cli.data("people", "list")}["fay"] == "online"
    assert await cli.data("people") == await cli.data("people", "list")
    assert "is no presence" in await cli.refused("people", "set-presence", "fay", "asleep")
    assert "`ben` may not `attend` person `fay`" in await cli.refused(
        "people", "set-presence", "fay", "away", "--as", "ben"
    )
    assert (await cli.data("people", "set-presence", "fay", "offline", "--as", "sofia"))["presence"] == "offline"
    assert "there is no person `zoe`" in await cli.refused("people", "set-presence", "zoe", "online")


async def test_a_supervisor_says_how_much_someone_takes_and_what_they_are_skilled_in(cli: Cli) -> None:
    assert (await cli.data("people", "set-capacity", "fay", "4", "--as", "sofia"))["capacity"] == 4
    assert "may not `manage` person `fay`" in await cli.refused("people", "set-capacity", "fay", "9", "--as", "ben")
    assert "give 0 to 100" in await cli.refused("people", "set-capacity", "fay", "101")
    skills = await cli.data("people", "set-skills", "fay", "english", "cards", "--as", "sofia")
    assert sorted(skills["skills"]) == ["cards", "english"]
    assert (await cli.data("people", "set-skills", "fay"))["skills"] == []
    assert (await cli.data("people", "wrapped-up", "fay"))["wrap_up_task"] is None
    assert "may not `attend` person `fay`" in await cli.refused("people", "wrapped-up", "fay", "--as", "ben")
    assert await cli.data("people", "sign-out", "fay", "--as", "sofia") == {"signed_out": "fay"}
    assert "may not `manage` person `fay`" in await cli.refused("people", "sign-out", "fay", "--as", "ben")


async def test_queues_tell_what_waits(cli: Cli) -> None:
    queues = {queue["id"]: queue for queue in await cli.data("queues")}
    assert {"bank-care", "fraud-desk", "claims-care", "adjusters"} <= queues.keys()
    assert all(queue["open"] and queue["waiting"] >= 0 for queue in queues.values())


async def test_a_roster_is_applied_once(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "more.yaml"
    file.write_text("teams: [bank-care]\npeople:\n  nora: {name: Nora, teams: [bank-care]}\n")
    assert (await cli.data("apply", str(file)))["people"] == ["nora"]
    assert not any((await cli.data("apply", str(file))).values())
    assert "it is in force already" in (await cli("apply", str(file))).out


async def test_a_roster_that_does_not_fit_names_the_place(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("people:\n  nick: {name: Nick, teams: [nowhere]}\n")
    assert "`nowhere`, which is not in `teams`" in await cli.refused("apply", str(file))
    assert "cannot be read" in await cli.refused("apply", str(tmp_path / "missing.yaml"))


async def test_customers_are_shown_without_names_and_consents_recorded(cli: Cli) -> None:
    started = await cli.data("start", "bank-service", "--address", "carol@example.org", "--channel", "email")
    customer = started["customer_id"]
    shown = await cli.data("customers", "show", customer)
    assert [row["id"] for row in shown["journeys"]] == [started["id"]]
    assert "carol" not in json.dumps(shown)
    assert customer in [row["id"] for row in await cli.data("customers", "list")]
    assert (await cli.data("customers", "consent", customer, "no-ai"))["given"]
    assert (await cli.data("customers", "show", customer))["consents"]["no-ai"]["given"]
    await cli.data("customers", "consent", customer, "no-ai", "--withdrawn")
    assert not (await cli.data("customers", "show", customer))["consents"]["no-ai"]["given"]
    added = await cli.data("customers", "add-address", customer, "ada@mail.example", "--channel", "email")
    assert added == {"customer": customer, "channel": "email"}
    changed = ("--tier", "vip", "--language", "de", "--time-zone", "Europe/Berlin", "--support-need", "vulnerable")
    shown = await cli.data("customers", "set", customer, *changed)
    assert (shown["tier"], shown["language"], shown["time_zone"]) == ("vip", "de", "Europe/Berlin")
    assert shown["support_needs"] == ["vulnerable"]
    shown = await cli.data("customers", "set", customer, "--no-support-needs")
    assert (shown["tier"], shown["support_needs"]) == ("vip", [])
    for wrong, said in (("--tier", "no tier"), ("--language", "no language"), ("--time-zone", "no IANA time zone")):
        assert said in await cli.refused("customers", "set", customer, wrong, "So what")
    assert "nothing is given to change" in await cli.refused("customers", "set", customer)
    assert "there is no customer `cus-0`" in await cli.refused("customers", "set", "cus-0", "--tier", "vip")
    assert "there is no customer `cus-0`" in await cli.refused("customers", "show", "cus-0")
    assert "there is no customer `cus-0`" in await cli.refused("customers", "consent", "cus-0", "no-ai")


async def test_an_ai_agent_is_stopped_by_whom_policy_lets(cli: Cli) -> None:
    stop = ("agents", "stop", "teller", "--reason", "it misreads amounts")
    assert "may not `stop` AI agent `teller`" in await cli.refused(*stop, "--as", "bea")
    assert (await cli.data(*stop, "--as", "sofia"))["stopped"]
    assert {a["name"]: a["stopped"] for a in await cli.data("agents", "list")}["teller"] == "it misreads amounts"
    assert "`agent:teller` is stopped already" in await cli.refused(*stop)
    await cli.data("agents", "resume", "teller", "--as", "sofia")
    assert "there is no AI agent `taylor`" in await cli.refused("agents", "stop", "taylor", "--reason", "x")
    assert "name one AI agent, or say `--all`" in await cli.refused("agents", "stop", "--reason", "x")
    await cli.data("agents", "stop", "--all", "--reason", "drill", "--as", "sofia")
    await cli.data("agents", "resume", "--all", "--as", "sofia")
