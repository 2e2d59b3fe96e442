"""What runs is what was published, also where an attempt died and another build goes on."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from journeyman.agents import AIAgent
from journeyman.agents.reply import Reply, reply
from journeyman.errors import DefinitionError
from journeyman.journey.contract import Progress, Situation, TurnOutcome, TurnRequest
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.project import Project
from journeyman.publishing import publish_agent
from journeyman.temporal import context as contexts
from journeyman.temporal.activities import turn
from journeyman.temporal.activities.turn import TurnActivity
from journeyman.testing import Rehearsal, result
from tests.integration.journey.conftest import Rehearse
from tests.integration.journey.parcel import LOOK, TRACKER, Parcel, Search

FOUND = Search(found=True, place="depot")


async def publish_another(rehearsal: Rehearsal) -> None:
    """Put a version of the tracker in force that this build does not have."""
    other = TRACKER.model_copy(update={"instructions": "Find it, and be quick."})
    async with recording(rehearsal.engine.database, rehearsal.engine.keyring) as tx:
        await publish_agent(tx, other, Actor(kind="person", id="paula", auth="test"), rehearsal.engine.clock())


async def situated(rehearsal: Rehearsal) -> Situation:
    """A journey at its first turn."""
    journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
    row = await journey.row()
    return Situation(
        journey=row.id,
        kind="parcel",
        version=1,
        customer=row.customer_id,
        effect="run:1",
        settled=0,
        stage="look",
        moves=[],
        at=rehearsal.engine.clock(),
    )


async def begun(rehearsal: Rehearsal) -> TurnRequest:
    """A turn whose first attempt was permitted, and died before the model had answered."""
    situation = await situated(rehearsal)
    request = TurnRequest(
        situation=situation, step=LOOK.name, input=None, progress=Progress(performance="look-for-parcel#1")
    )
    with pytest.MonkeyPatch.context() as patched:

        async def dies(*_: Any) -> Reply:
            raise ConnectionAbortedError

        patched.setattr(turn, "reply", dies)
        with pytest.raises(ConnectionAbortedError):
            await attempt(rehearsal, request, 1)
    return request


async def attempt(rehearsal: Rehearsal, request: TurnRequest, number: int) -> TurnOutcome:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=number)
    outcome: TurnOutcome = await environment.run(TurnActivity(rehearsal.engine).agent_turn, request)
    return outcome


async def test_a_build_that_was_not_published_gives_its_work_to_people(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        await publish_another(rehearsal)
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel")
        assert task.reason == "agent_not_published"
        await journey.decided("perform", "deny", "published-only")
        assert "denied by published-only" in await journey.trace()
        assert rehearsal.ai["tracker"].requests == []
        await anna.completes(task, FOUND)
        assert await journey.outcome() == "found"


async def test_a_resumed_turn_of_another_build_calls_no_model(rehearse: Rehearse) -> None:
    async with rehearse(roles=("journeys", "engine")) as rehearsal:
        request = await begun(rehearsal)
        await publish_another(rehearsal)
        outcome = await attempt(rehearsal, request, 2)
        journey = rehearsal.journey(request.situation.journey)
        assert outcome.kind == "opened"
        assert rehearsal.ai["tracker"].requests == []
        verdicts = [(verdict, policies) for _, verdict, policies in await journey.decisions("perform")]
        assert verdicts == [("allow", ("tracker-looks",)), ("deny", ("published-only",))]
        assert outcome == await attempt(rehearsal, request, 3)


async def test_a_resumed_turn_for_a_customer_who_has_declined_ai_calls_no_model(rehearse: Rehearse) -> None:
    async with rehearse(roles=("journeys", "engine")) as rehearsal:
        request = await begun(rehearsal)
        async with rehearsal.engine.database.transaction() as conn:
            await conn.execute("update customer set consents = $1", {"no-ai": {"given": True}})
        assert (await attempt(rehearsal, request, 2)).kind == "opened"
        assert rehearsal.ai["tracker"].requests == []


async def test_a_resumed_turn_that_is_still_permitted_goes_on_under_its_first_entry(rehearse: Rehearse) -> None:
    async with rehearse(roles=("journeys", "engine")) as rehearsal:
        request = await begun(rehearsal)
        rehearsal.ai["tracker"].then(result(FOUND))
        assert (await attempt(rehearsal, request, 2)).kind == "completed"
        journey = rehearsal.journey(request.situation.journey)
        assert len(await journey.decisions("perform")) == 1


async def test_what_a_build_answers_that_is_no_longer_in_force_does_not_count(rehearse: Rehearse) -> None:
    async with rehearse(roles=("journeys", "engine")) as rehearsal:
        request = await begun(rehearsal)
        rehearsal.ai["tracker"].then(result(FOUND, say="It is at the depot."))
        with pytest.MonkeyPatch.context() as patched:

            async def late(*given: Any) -> Reply:
                await publish_another(rehearsal)
                return await reply(*given)

            patched.setattr(turn, "reply", late)
            assert (await attempt(rehearsal, request, 2)).kind == "opened"
        journey = rehearsal.journey(request.situation.journey)
        await journey.decided("complete", "deny", "published-only")
        assert "It is at the depot." not in [message.text for message in await journey.messages()]
        assert (await rehearsal.person("anna").takes("look-for-parcel", kind="review")).reason == "agent_not_published"


@pytest.mark.parametrize("steps", [(), ("parcel/look-for-parcel",)], ids=["undeclared", "declared"])
async def test_token_probability_is_calibrated_where_the_agent_is_declared_so(
    rehearse: Rehearse, project: Project, steps: tuple[str, ...]
) -> None:
    agent = AIAgent.model_validate(dict(TRACKER) | {"model": "stand-in", "calibrated": steps})
    changed = Project.of(
        [Parcel],
        [agent],
        folder=project.folder,
        policies=project.policies,
        notices=project.notices,
    )
    async with rehearse(changed, roles=()) as rehearsal:
        situation = await situated(rehearsal)
        async with rehearsal.engine.database.connection() as conn:
            context = await contexts.read(conn, rehearsal.engine, situation, LOOK)
        facts = context.facts(Progress(performance="look-for-parcel#1"))
    assert facts.calibrated == bool(steps)
    assert facts.published


def test_an_agent_is_calibrated_for_no_step_but_its_own(project: Project) -> None:
    agent = AIAgent.model_validate(dict(TRACKER) | {"model": "stand-in", "calibrated": ("parcel/lok-for-parcel",)})
    with pytest.raises(DefinitionError, match="no step of its"):
        Project.of([Parcel], [agent], folder=project.folder, policies=project.policies, notices=project.notices)


async def test_facts_are_what_the_rows_of_the_customer_the_journey_and_its_queue_say(rehearse: Rehearse) -> None:
    async with rehearse(roles=()) as rehearsal:
        situation, engine = await situated(rehearsal), rehearsal.engine
        said = Progress(performance="look-for-parcel#1", handoffs=3, hand_backs=2)
        async with engine.database.connection() as conn:
            before = (await contexts.read(conn, engine, situation, LOOK)).facts(said)
        assert (before.people_available, before.in_hours, before.hand_backs) == (True, True, 2)
        another_day = (engine.clock() + timedelta(days=3)).strftime("%a").lower()
        hours = json.dumps({another_day: [["09:00", "10:00"]]})
        async with engine.database.transaction() as conn:
            for change in (
                "update customer set tier = 'premium', support_needs = '{vulnerable}'",
                "update journey set channel = 'voice', language = 'de'",
                "update person set presence = 'away'",
                f"insert into calendar (id, time_zone, hours) values ('other', 'UTC', '{hours}')",
                "update queue set calendar = 'other'",
            ):
                await conn.execute(change)
            after = (await contexts.read(conn, engine, situation, LOOK)).facts(said)
    assert (after.customer_tier, after.support_needs) == ("premium", frozenset({"vulnerable"}))
    assert (after.channel, after.language) == ("voice", "de")
    assert (after.people_available, after.in_hours) == (False, False)
