"""What a customer says while work waits or is about to end: it is heard, and by whom."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from journeyman.agents.endpoint import Endpoint
from journeyman.agents.prompt import Turn
from journeyman.agents.reply import Reply, reply
from journeyman.agents.standin.reply import StandinReply
from journeyman.conversation import transcript
from journeyman.conversation.transcript import NewMessage
from journeyman.customers import journeys
from journeyman.customers.journeys import JourneyRow
from journeyman.journey.contract import Situation
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.project import Project
from journeyman.tasks.models import Task
from journeyman.temporal import context as contexts
from journeyman.temporal.activities import turn
from journeyman.temporal.engine import sql
from journeyman.testing import ask, call, result, say
from journeyman.testing.players import RehearsedPerson
from journeyman.testing.waiting import eventually
from tests.integration.journey.conftest import Rehearse
from tests.integration.journey.parcel import LOOK, Search

FOUND = Search(found=True, place="depot")
CRY = "I want to speak to a human please"
RASH = say("We will pay you back all of it.")

Judges = Callable[[RehearsedPerson, Task], Awaitable[None]]


@pytest.mark.parametrize(
    ("kind", "does", "judges"),
    [
        ("question", ask("Is depot 3 open?"), lambda anna, task: anna.answers(task, "Yes, until five")),
        ("approval", call("reroute", number="4711"), lambda anna, task: anna.denies(task, "not today")),
        ("review", RASH, lambda anna, task: anna.rejects(task, "too rash")),
        ("review", RASH, lambda anna, task: anna.hands_back(task, "ask for the number first")),
        ("review", RASH, lambda anna, task: anna.edits(task, "We are looking for it.")),
    ],
    ids=["question", "denial", "rejection", "return", "edit"],
)
async def test_who_judges_an_agent_s_work_takes_no_wish_for_a_person_away(
    rehearse: Rehearse, kind: str, does: StandinReply, judges: Judges
) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(does, result(FOUND))
        customer, anna = rehearsal.customer(), rehearsal.person("anna")
        await customer.says("My parcel is lost", kind="parcel")
        task = await anna.takes("look-for-parcel", kind=kind)
        await customer.says(CRY)
        await judges(anna, task)
        assert (await anna.takes("look-for-parcel")).reason == "asked_for_person"


@pytest.mark.parametrize(
    ("kind", "does"),
    [
        ("review", RASH),
        ("review", result(FOUND)),
        ("approval", call("reroute", number="4711")),
        ("question", ask("Is depot 3 open?")),
    ],
    ids=["words", "result", "call", "question"],
)
async def test_whoever_asks_for_a_person_waits_for_nobody_to_judge_an_agent_s_work(
    rehearse: Rehearse, project: Project, kind: str, does: StandinReply
) -> None:
    async with rehearse(replace(project, review_share=1000)) as rehearsal:
        rehearsal.ai["tracker"].then(does, result(FOUND))
        customer, anna = rehearsal.customer(), rehearsal.person("anna")
        journey = await customer.says("My parcel is lost", kind="parcel")

        async def opened() -> bool | None:
            return "task.opened" in await journey.entries() or None

        await eventually(opened, "a review", journey.story)
        await customer.says("Are you there?")
        await customer.says(CRY)
        task = await anna.takes("look-for-parcel")
        assert task.reason == "asked_for_person"
        entries = await journey.entries()
        told = [each for each in entries if each.startswith("task.")]
        assert told[:4] == ["task.opened", "task.withdrawn", "task.settled", "task.opened"]
        assert ("tool.stopped" in entries) == (kind == "approval")
        async with rehearsal.engine.database.connection() as conn:
            assert await conn.fetchval("select state from task where kind = $1", kind) == "obsolete"
            assert await conn.fetchval("select status from tool_call") == ("refused" if kind == "approval" else None)
        await anna.completes(task, FOUND)
        assert await journey.outcome() == "found"
        assert "tool.intent" not in await journey.entries()


async def test_a_person_who_takes_the_work_has_answered_the_wish_for_one(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which number has it?"), result(FOUND))
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("Which number")
        await customer.says(CRY)
        anna = rehearsal.person("anna")
        await anna.hands_back(await anna.takes("look-for-parcel"), "they are calm now, tell them where it is")
        assert await journey.outcome() == "found"


async def test_a_decision_sees_what_was_committed_while_it_waited_for_the_journey(rehearse: Rehearse) -> None:
    async with rehearse(roles=()) as rehearsal:
        journey = await rehearsal.customer("bob").says("My parcel is lost", kind="parcel")
        engine, row = rehearsal.engine, await journey.row()
        pid: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def decides() -> contexts.Context:
            async with engine.database.transaction() as conn:
                pid.set_result(await conn.fetchval("select pg_backend_pid()"))
                await journeys.hold(conn, row.id)
                return await contexts.read(conn, engine, _situation(row), LOOK)

        async with recording(engine.database, engine.keyring) as tx:
            await journeys.hold(tx.conn, row.id)
            cry = NewMessage(author=Actor(kind="customer", id=row.customer_id), text=CRY)
            await transcript.write(tx, row, cry, now=engine.clock())
            await tx.conn.fetchval(sql["set_stop"], f"journey:{row.id}", "sue", "doubt", engine.clock())
            deciding = asyncio.create_task(decides())
            waiter = await pid

            async def waits() -> bool | None:
                return True if await tx.conn.fetchval("select pg_blocking_pids($1)", waiter) else None

            await eventually(waits, "the decision to wait for the journey")
        decided = await deciding
        assert decided.stopped
        assert decided.messages[-1].text == CRY


async def test_a_result_that_has_not_heard_the_customer_does_not_count(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(result(FOUND, say="It is there."), say("Which card was it?"), result(FOUND))
        customer = rehearsal.customer()

        async def thought(endpoint: Endpoint, shown: Turn) -> Reply:
            answer = await reply(endpoint, shown)
            if len(rehearsal.ai["tracker"].requests) == 1:
                await customer.says("Wait, my card was stolen, too")
            return answer

        monkeypatch.setattr(turn, "reply", thought)
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("Which card was it?")
        assert "It is there." not in [message.text for message in await journey.messages()]
        assert "agent.overtaken" in await journey.entries()
        await customer.says("The blue one")
        assert await journey.outcome() == "found"


def _situation(row: JourneyRow) -> Situation:
    now = datetime.now(UTC)
    return Situation(
        journey=row.id,
        kind=row.kind,
        version=row.version,
        customer=row.customer_id,
        effect="run:1",
        settled=0,
        stage=row.stage,
        moves=[],
        at=now,
    )
