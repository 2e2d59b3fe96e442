"""Journeys from the command line: start, say, show, list, cancel, stop."""

import json

import pytest

from journeyman.cli.session import Session
from tests.integration.cli.conftest import Cli
from tests.integration.cli.waiting import until

pytestmark = pytest.mark.slow


async def test_what_a_customer_says_starts_a_journey_and_is_answered(cli: Cli) -> None:
    told = await cli.data("say", "ann", "hello", "--kind", "bank-service", "--wait", "20")
    assert told["opened"]
    assert told["delivered"]
    authors = [(answer["author_kind"], answer["kind"]) for answer in told["answers"]]
    assert authors == [("system", "notice"), ("system", "notice"), ("ai", "text")]
    again = await cli.data("say", "ann", "are you there?")
    assert (again["journey"], again["opened"]) == (told["journey"], False)
    ann = (await cli.data("show", told["journey"]))["customer_id"]
    assert (await cli.data("say", ann, "it is me again"))["journey"] == told["journey"]
    assert "(chat)" in await cli.refused("say", ann, "hello", "--channel", "email")
    assert "there is no customer" in await cli.refused("say", f"cus-{'0' * 26}", "hello", "--kind", "bank-service")


async def test_a_message_that_is_delivered_twice_is_recognised(cli: Cli) -> None:
    first = await cli.data("say", "twice", "hello", "--kind", "bank-service", "--id", "sms-1")
    second = await cli.data("say", "twice", "hello", "--kind", "bank-service", "--id", "sms-1")
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert first["message"] == second["message"]


async def test_without_a_journey_and_a_kind_a_message_says_what_to_do(cli: Cli) -> None:
    said = await cli.refused("say", "nobody-yet", "hello")
    assert "start one with `journeyman start KIND`" in said


async def test_a_message_that_is_too_long_is_refused_whole(cli: Cli) -> None:
    printed = await cli("say", "ann", "x" * 10_001, "--json")
    assert printed.code == 1
    assert json.loads(printed.err)["field"] == "text"


async def test_a_journey_is_started_with_an_id_and_shown(cli: Cli) -> None:
    started = await cli.data("start", "bank-service", "--address", "bob", "--id", "case-1", "--language", "de")
    assert (started["id"], started["kind"], started["language"], started["delivered"]) == (
        "case-1",
        "bank-service",
        "de",
        True,
    )
    shown = await cli.data("show", "case-1")
    assert (shown["status"], shown["stage"], shown["customer_id"]) == ("open", "listen", started["customer_id"])
    listed = await cli.data("list", "--customer", started["customer_id"])
    assert [row["id"] for row in listed] == ["case-1"]
    second = await cli.data("start", "bank-service", "--customer", started["customer_id"], "--linked-from", "case-1")
    assert second["linked_from"] == "case-1"


async def test_what_is_wrong_with_a_start_is_named(cli: Cli) -> None:
    await cli.data("start", "bank-service", "--address", "eve", "--id", "case-taken")
    assert "there is a journey `case-taken` already" in await cli.refused(
        "start", "bank-service", "--address", "eve", "--id", "case-taken"
    )
    assert "there is no journey kind `banking`; this project has" in await cli.refused(
        "start", "banking", "--address", "eve"
    )
    assert "`input.verified`" in await cli.refused(
        "start", "bank-service", "--address", "eve", "--input", '{"verified": "perhaps"}'
    )
    text = json.dumps({"out_of_scope": ["x" * 200_000]})
    assert "`input.wish`: extra inputs are not permitted" in await cli.refused(
        "start", "bank-service", "--address", "eve", "--input", '{"wish": "balance"}'
    )
    assert "200000 are taken at most" in await cli.refused("start", "bank-service", "--address", "eve", "--input", text)
    assert "`input` is no JSON" in await cli.refused("start", "bank-service", "--address", "eve", "--input", "{")
    assert "give `--customer` or `--address`" in await cli.refused("start", "bank-service")
    assert "there is no customer `cus-0`" in await cli.refused("start", "bank-service", "--customer", "cus-0")
    assert "is no id" in await cli.refused("start", "bank-service", "--address", "eve", "--id", "a b")
    assert "only a closed one can reopen" in await cli.refused(
        "start", "bank-service", "--address", "eve", "--reopens", "case-taken"
    )
    assert "there is no journey kind `banking`" in await cli.refused("list", "--kind", "banking")
    printed = await cli("start", "banking", "--address", "eve", "--json")
    assert json.loads(printed.err)["field"] == "kind"


async def test_a_cancelled_journey_ends_and_its_tasks_with_it(cli: Cli, session: Session) -> None:
    told = await cli.data("say", "cara", "I want to talk to a person", "--kind", "bank-service")
    journey = told["journey"]

    async def has_a_task() -> bool:
        return bool((await cli.data("show", journey))["tasks"])

    await until(has_a_task)
    assert "may not `override` journey" in await cli.refused(
        "cancel", journey, "--reason", "customer_request", "--as", "bea"
    )
    assert "is no reason to keep" in await cli.refused("cancel", journey, "--reason", "Cara called")
    cancelled = ("cancel", journey, "--reason", "customer_request", "--comment", "Cara called", "--as", "sofia")
    assert (await cli.data(*cancelled))["delivered"]

    async def is_over() -> bool:
        return bool((await cli.data("show", journey))["status"] == "cancelled")

    await until(is_over)
    shown = await cli.data("show", journey)
    assert shown["outcome"] == "customer_request"
    assert [task["state"] for task in shown["tasks"]] == ["obsolete"]
    assert f"journey `{journey}` is cancelled as `customer_request`" in await cli.refused(*cancelled)
    story = (await cli("trace", journey)).out
    assert "journey: cancel asked" in story
    assert "person:sofia (signed in by cli)" in story
    assert "Cara called" in story  # sealed beside the entry, opened for the trace
    async with (await session.database()).connection() as conn:
        bodies = await conn.fetch("select convert_from(body, 'UTF8') from entry where journey_id = $1", journey)
    assert not any("Cara" in row[0] for row in bodies)


async def test_a_stopped_journey_goes_to_people_and_may_be_given_back(cli: Cli) -> None:
    journey = (await cli.data("say", "stan", "hello", "--kind", "bank-service", "--wait", "20"))["journey"]
    assert "may not `stop` journey" in await cli.refused("journeys", "stop", journey, "--reason", "x", "--as", "clara")
    await cli.data("journeys", "stop", journey, "--reason", "it does not listen", "--as", "sofia")

    async def with_people() -> bool:
        return [task["reason"] for task in (await cli.data("show", journey))["tasks"]] == ["stopped"]

    await until(with_people)
    assert "is stopped already" in await cli.refused("journeys", "stop", journey, "--reason", "x")
    await cli.data("journeys", "resume", journey)
    assert "is not stopped" in await cli.refused("journeys", "resume", journey)
    assert (await cli.data("journeys", "reassign", journey))["delivered"]


async def test_while_temporal_is_away_a_command_succeeds_and_says_so(cli: Cli, away: dict[str, str]) -> None:
    printed = await cli("start", "bank-service", "--address", "tess", "--id", "case-away", "--json", environment=away)
    assert printed.code == 0
    assert not printed.json["delivered"]
    assert printed.err.strip() == (
        "note: it is committed; Temporal is away, and journey `case-away` continues when it is back"
    )

    async def goes_on() -> bool:  # the engine worker's sweep, whose Temporal is not away
        return bool((await cli.data("show", "case-away"))["waiting_for"] == "customer")

    await until(goes_on)


async def test_while_postgres_is_away_a_command_says_where_it_looked(cli: Cli) -> None:
    away = {
        "JOURNEYMAN_DATABASE_URL": "postgresql://journeyman_app@127.0.0.1:1/journeyman",
        "JOURNEYMAN_MASTER_KEY": "x",
    }
    printed = await cli("list", environment=away)
    assert printed.code == 1
    assert "error: Postgres at `127.0.0.1:1/journeyman` does not answer" in printed.err
