"""An AI agent looks something up, as policy permits it; what it was shown is on the record with its citations."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from temporalio.client import Client

from journeyman.agents import Passage
from journeyman.agents.standin.reply import StandinReply
from journeyman.agents.standin.request import StandinRequest
from journeyman.customers.keys import Keyring
from journeyman.project import Project
from journeyman.store import Database
from journeyman.tasks import roster
from journeyman.testing import Rehearsal, call, say

PROJECT = Project.load(Path(__file__).parents[3])


def staff() -> dict[str, Any]:
    """The shipped roster, always open."""
    assert PROJECT.roster is not None
    document = roster.read(PROJECT.roster)
    return {**document, "queues": {name: {**queue, "calendar": None} for name, queue in document["queues"].items()}}


async def test_the_receptionist_answers_from_what_was_published(
    database: Database, keyring: Keyring, temporal: Client
) -> None:
    shown: list[Passage] = []

    def answer(request: StandinRequest) -> StandinReply:
        shown.extend(Passage.model_validate(each) for each in request.result_of("search_knowledge")["passages"])
        return say("The fraud desk is there round the clock. What can I do for you?")

    async with Rehearsal.of(PROJECT, database, keyring, temporal, staff=staff()) as rehearsal:
        rehearsal.ai["receptionist"].then(call("search_knowledge", query="fraud desk hours"), answer)
        journey = await rehearsal.customer().says("When is the fraud desk there?", kind="bank-service")
        await journey.told("round the clock")
        await journey.decided("search_knowledge", "allow", "bank-receptionist")
        assert "tool.outcome" in await journey.entries()
        assert shown[0].citation in await journey.trace()
    assert shown[0].heading == "Opening hours > Fraud desk"
    assert not any("insurance-claim/" in passage.citation for passage in shown)


async def test_an_agent_is_shown_nothing_that_is_for_people_alone(
    database: Database, keyring: Keyring, temporal: Client
) -> None:
    found: list[Any] = []

    def answer(request: StandinRequest) -> StandinReply:
        found.append(request.result_of("search_knowledge"))
        return say("I do not know.")

    async with Rehearsal.of(PROJECT, database, keyring, temporal, staff=staff()) as rehearsal:
        rehearsal.ai["receptionist"].then(call("search_knowledge", query="destroyed pseudonym"), answer)
        journey = await rehearsal.customer().says("What is with my data?", kind="bank-service")
        await journey.told("I do not know")
    assert found == [{"passages": []}]


async def test_a_project_without_knowledge_has_none_to_find(
    database: Database, keyring: Keyring, temporal: Client
) -> None:
    found: list[Any] = []

    def answer(request: StandinRequest) -> StandinReply:
        found.append(request.result_of("search_knowledge"))
        return say("I do not know.")

    bare = replace(PROJECT, knowledge=None)
    async with Rehearsal.of(bare, database, keyring, temporal, staff=staff()) as rehearsal:
        rehearsal.ai["receptionist"].then(call("search_knowledge", query="hours"), answer)
        journey = await rehearsal.customer().says("When are you there?", kind="bank-service")
        await journey.told("I do not know")
    assert found == [{"passages": []}]
