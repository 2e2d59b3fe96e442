"""A step from its turn to its end, by each of the ways that it may take, on the real servers."""

import re
from dataclasses import replace

import pytest

from journeyman.agents import AIAgent, ToolCall
from journeyman.errors import ConflictError, DeniedError, InputError
from journeyman.journey import names
from journeyman.journey.contract import View
from journeyman.project import Project
from journeyman.tasks import cases, moving, roster, speaking, stops
from journeyman.temporal.activities import turn
from journeyman.testing import ask, call, hand_over, result, say
from journeyman.testing.waiting import eventually
from tests.integration.journey.conftest import STAFF, Rehearse
from tests.integration.journey.parcel import TRACKER, Compensation, Number, Place, Search, reroute, track

FOUND = Search(found=True, place="depot")
LOST = Search(found=False, place="")
PAID = Compensation(outcome="pay", amount_minor=2000)


async def test_an_agent_finishes_alone_and_a_person_does_the_next_step(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        lost = result(LOST, say="I could not find it.", probability=620).but(confidence=990)
        rehearsal.ai["tracker"].then(say("Which number has it?"), lost)
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("Which number")
        await customer.says("It is 4711")
        anna = rehearsal.person("anna")
        await anna.completes(await anna.takes("compensate"), PAID)
        assert await journey.outcome() == "compensated"
        handle = rehearsal.temporal.get_workflow_handle(journey.id)
        await handle.result()
        shown = (await handle.describe()).search_attributes
        assert (shown[names.STAGE_ATTRIBUTE], shown[names.PERFORMER_ATTRIBUTE]) == (
            ["compensate_customer"],
            ["queue:parcels"],
        )
        verdicts = [(action, verdict) for action, verdict, _ in await journey.decisions()]
        assert verdicts[:4] == [("perform", "allow"), ("say", "allow"), ("perform", "allow"), ("complete", "allow")]
        told = [" ".join(each.split()) for each in (await journey.trace()).split("\n\n") if " decision: " in each][:4]
        spent = [sum(map(int, re.findall(r"(?:prompt|completion)_tokens (\d+)", each))) for each in told]
        assert [sum(map(int, re.findall(r" tokens (\d+)", each))) for each in told] == [
            0,
            spent[1],
            spent[1],
            spent[1] + spent[3],
        ]
        assert 0 < spent[1] < spent[3]
        assert "token_probability 620, claimed_confidence 990" in told[3]
        texts = [message.text for message in await journey.messages()]
        assert "You are talking with an AI assistant" in texts[1]
        assert "I could not find it." in texts


async def test_a_customer_who_asks_for_a_person_gets_one(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which number has it?"))
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("Which number")
        await customer.says("I want to speak to a human please")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel")
        assert task.reason == "asked_for_person"
        await anna.completes(task, FOUND)
        assert await journey.outcome() == "found"
        assert await journey.handoffs() == [("to_person", "asked_for_person")]
        assert any(message.kind == "announcement" for message in await journey.messages())
        whole = "select receiver from handoff where told_at >= created_at and accepted_at >= told_at"
        async with rehearsal.engine.database.connection() as conn:
            assert await conn.fetchval(whole) == "person:anna"


async def test_an_agent_that_twice_does_not_understand_gives_way_to_a_person(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        lost = say("What do you mean?").but(understood=False)
        rehearsal.ai["tracker"].then(
            say("Which number has it?"), lost, say("And the depot?"), lost.but(say="I do not follow."), result(FOUND)
        )
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        for told, said in (("number", "blorp"), ("mean", "It is 4711"), ("depot", "blorp blorp"), ("follow", "zorp")):
            await journey.told(told)
            await customer.says(said)
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel")
        packet = (await anna.sees(task)).content["packet"]
        assert isinstance(packet, dict)
        assert (task.reason, packet["reason"]) == ("ai_failed", "ai_failed")
        assert "4 AI turns in this step so far, 2 of which did not help. They last said: zorp" in str(packet["summary"])
        await anna.hands_back(task, "they look for 4711")  # which counts anew
        assert await journey.outcome() == "found"
        assert await journey.handoffs() == [("to_person", "ai_failed"), ("to_ai", "returned")]


async def test_tools_run_where_policy_permits_and_a_person_approves_the_rest(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(
            call("track", number="4711"), call("reroute", number="4711"), result(FOUND, say="It is on its way.")
        )
        journey = await rehearsal.customer().says("Send my parcel 4711 on", kind="parcel")
        anna = rehearsal.person("anna")
        await anna.approves(await anna.takes("look-for-parcel", kind="approval"))
        assert await journey.outcome() == "found"
        assert (await journey.entries()).count("tool.outcome") == 2


async def test_an_agent_asks_a_person_and_keeps_the_step(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(ask("Is depot 3 open?"), result(FOUND))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        await anna.answers(await anna.takes("look-for-parcel", kind="question"), "Yes, until five")
        assert await journey.outcome() == "found"
        assert "Yes, until five" in " ".join(rehearsal.ai["tracker"].requests[1].notes)


async def test_work_passes_to_a_person_and_back_to_the_agent(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(hand_over("I do not know depot 3", "Customer looks for 4711"), result(FOUND))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel")
        now = rehearsal.engine.clock()
        await speaking.whisper(rehearsal.desk, journey.id, "sue", "Between us two.", now=now, auth="token")
        await anna.hands_back(task, "it is at depot 3, tell them")
        assert await journey.outcome() == "found"
        shown = str(rehearsal.ai["tracker"].requests[-1])
        assert ("it is at depot 3" in shown, "Between us two." in shown) == (True, False)
        assert await journey.handoffs() == [
            ("to_person", "agent_handed_over"),
            ("to_ai", "returned"),
        ]


async def test_a_customer_who_hangs_up_is_called_back(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which number has it?"))
        customer = rehearsal.customer()
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("Which number")
        await customer.leaves()
        anna = rehearsal.person("anna")
        await anna.disposes(await anna.takes("look-for-parcel", kind="callback"), "unreachable")
        assert await journey.outcome() == "unreachable"


async def test_a_customer_who_was_called_back_has_time_to_answer(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(say("Which number has it?"), say("Is it 4711?"), result(FOUND))
        customer, anna = rehearsal.customer(), rehearsal.person("anna")
        journey = await customer.says("My parcel is lost", kind="parcel")
        await journey.told("Which number")
        await customer.leaves()
        callback = await anna.takes("look-for-parcel", kind="callback")
        await anna.hands_back(callback, "they write again in a minute, it may be 4711")
        await journey.told("Is it 4711?")

        async def waits() -> bool | None:
            handle = rehearsal.temporal.get_workflow_handle(journey.id)
            return (await handle.query(names.SHOW_QUERY, result_type=View)).waiting_for == "customer" or None

        await eventually(waits, "the journey to wait for the customer", journey.story)
        await customer.says("Yes")
        assert await journey.outcome() == "found"
        assert [reason for way, reason in await journey.handoffs() if way == "to_person"] == ["customer_left"]


async def test_nobody_approves_a_call_that_they_told_the_agent_to_make(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(
            hand_over("I do not know what to do"), call("reroute", number="4711"), result(FOUND)
        )
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        sue, ben = rehearsal.person("sue"), rehearsal.person("ben")
        await sue.hands_back(await sue.takes("look-for-parcel"), "send 4711 on")
        task = await ben.takes("look-for-parcel", kind="approval")
        assert task.excluded == {"sue"}
        with pytest.raises(DeniedError, match="own work"):
            await moving.take_over(
                rehearsal.desk, task.id, "sue", now=rehearsal.engine.clock(), auth="test", reason="it is urgent"
            )
        await ben.approves(task)
        assert await journey.outcome() == "found"


async def test_nobody_accepts_the_result_of_their_own_answer_nor_does_their_delegate(
    rehearse: Rehearse, project: Project
) -> None:
    always = replace(project, review_share=1000)
    async with rehearse(always) as rehearsal:
        people = STAFF["people"] | {"ben": STAFF["people"]["ben"] | {"delegates": ["anna"]}}
        await roster.apply(rehearsal.desk, STAFF | {"people": people}, rehearsal.author, rehearsal.engine.clock())
        rehearsal.ai["tracker"].then(ask("Where is it?"), result(FOUND))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        anna, sue = rehearsal.person("anna"), rehearsal.person("sue")
        await anna.answers(await anna.takes("look-for-parcel", kind="question"), "at the depot")
        task = await sue.takes("look-for-parcel", kind="review")
        assert task.excluded == {"anna", "ben"}
        await sue.accepts(task)
        assert await journey.outcome() == "found"


async def test_a_result_that_cannot_be_recorded_leaves_the_call_to_a_person(
    rehearse: Rehearse, project: Project
) -> None:
    async def huge(args: Number, call: ToolCall) -> Place:
        return Place(place="depot", fee_minor=2**60)

    tools = (track, reroute.model_copy(update={"function": huge}))
    changed = replace(project, agents={"tracker": TRACKER.model_copy(update={"tools": tools})})
    async with rehearse(changed) as rehearsal:
        rehearsal.ai["tracker"].then(call("reroute", number="4711"))
        journey = await rehearsal.customer().says("Send my parcel 4711 on", kind="parcel")
        anna = rehearsal.person("anna")
        await anna.approves(await anna.takes("look-for-parcel", kind="approval"))
        task = await anna.takes("look-for-parcel")
        assert task.reason == "tool_uncertain"
        await anna.completes(task, FOUND)
        assert await journey.outcome() == "found"


async def test_a_tool_that_the_worker_no_longer_has_is_refused(rehearse: Rehearse, project: Project) -> None:
    agents: dict[str, AIAgent] = {"tracker": TRACKER}
    async with rehearse(replace(project, agents=agents)) as rehearsal:
        rehearsal.ai["tracker"].then(call("reroute", number="4711"), result(FOUND))
        journey = await rehearsal.customer().says("Send my parcel 4711 on", kind="parcel")
        anna = rehearsal.person("anna")
        task = await anna.takes("look-for-parcel", kind="approval")
        rehearsal.engine.project.agents["tracker"] = TRACKER.model_copy(update={"tools": (track,)})
        await anna.approves(task)
        await anna.takes("look-for-parcel")
        assert (await journey.entries()).count("tool.stopped") == 1


async def test_a_turn_that_breaks_for_good_goes_to_a_person(
    rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    async with rehearse() as rehearsal:
        monkeypatch.setattr(turn, "reply", broken)
        await rehearsal.customer().says("My parcel is lost", kind="parcel")
        assert (await rehearsal.person("anna").takes("look-for-parcel")).reason == "ai_failed"
        assert rehearsal.ai["tracker"].requests == []


async def test_a_customer_of_no_time_zone_is_refused(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        with pytest.raises(InputError, match="no IANA time zone"):
            rehearsal.customer(time_zone="Middle/Earth")


async def test_whoever_may_stop_a_journey_may_not_let_it_go_on(rehearse: Rehearse) -> None:
    async with rehearse() as rehearsal:
        rehearsal.ai["tracker"].then(hand_over("I do not know depot 3"))
        journey = await rehearsal.customer().says("My parcel is lost", kind="parcel")
        await rehearsal.person("anna").takes("look-for-parcel")
        desk, now, scope = rehearsal.desk, rehearsal.engine.clock(), f"journey:{journey.id}"
        await stops.stop(desk, scope, reason="it looks wrong", person="anna", now=now)
        with pytest.raises(DeniedError, match="resume"):
            await stops.resume(desk, scope, person="anna", now=now)
        await stops.resume(desk, scope, person="sue", now=now)
        await cases.cancel(desk, journey.id, "customer_request", person="sue", now=now)
        with pytest.raises(ConflictError, match="being cancelled"):
            await stops.resume(desk, scope, person="sue", now=now)
