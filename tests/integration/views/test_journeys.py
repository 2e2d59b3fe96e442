"""Whole journeys as people look for them, see them, open them and speak into them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from journeyman.conversation import transcript
from journeyman.conversation.transcript import NewMessage
from journeyman.customers import erasing
from journeyman.customers import journeys as rows
from journeyman.errors import ConflictError, DeniedError, InputError, NotFoundError
from journeyman.ledger.entry import Actor
from journeyman.tasks import cases, roster, speaking
from journeyman.views import journeys
from journeyman.views.journeys import Ending, Search, Standing
from tests.integration.journey.parcel import Parcel
from tests.integration.tasks.world import CLI, NOW, World


async def spoken(world: World, journey: str, text: str = "Where is my money?") -> None:
    async with world.desk.recording() as tx:
        row = await rows.read(tx.conn, journey)
        author = Actor(kind="customer", id=row.customer_id, auth="chat")
        await transcript.write(tx, row, NewMessage(author=author, text=text), now=NOW)


async def found(world: World, who: str = "sue", /, **wanted: object) -> list[str]:
    return [row.id for row in await journeys.search(world.desk, who, Search.model_validate(wanted))]


async def last(world: World, type: str) -> dict[str, object]:
    body: dict[str, object] = await world.value(
        "select convert_from(body, 'UTF8')::jsonb from entry where type = $1 order by id desc limit 1", type
    )
    return body


async def test_a_member_sees_a_journey_of_their_team_with_its_conversation_and_that_is_recorded(world: World) -> None:
    task = await world.task()
    await spoken(world, task.journey_id)
    page = await journeys.show(world.desk, task.journey_id, "ana", auth="token", now=NOW)
    assert (page.journey.id, [each.id for each in page.tasks], page.withheld) == (task.journey_id, [task.id], ())
    assert [message.text for message in page.conversation] == ["Where is my money?"]
    entry = await last(world, "journey.viewed")
    assert entry["journey"] == task.journey_id
    assert entry["actor"] == {"kind": "person", "id": "ana", "auth": "token"}
    assert entry["policies"] == ["members-see-their-journeys"]


async def test_someone_of_another_team_is_refused_and_nothing_is_written(world: World) -> None:
    task = await world.task()
    before = await world.everything()
    with pytest.raises(DeniedError, match="`out` may not `view` journey"):
        await journeys.show(world.desk, task.journey_id, "out", auth="token", now=NOW)
    with pytest.raises(DeniedError, match="may not `say` journey"):
        await speaking.say_in(world.desk, task.journey_id, "ana", "Hello", now=NOW, auth="token")
    with pytest.raises(NotFoundError):
        await journeys.show(world.desk, "jrn-0", "sue", auth="token", now=NOW)
    assert await world.everything() == before


async def test_journeys_are_found_by_what_they_are_and_page_by_page(world: World) -> None:
    tasks = [await world.claimed("ana") for _ in range(3)] + [await world.task("billing")]
    ids = sorted((task.journey_id for task in tasks), reverse=True)
    assert await found(world) == ids
    assert await found(world, "ana") == sorted((task.journey_id for task in tasks[:3]), reverse=True)
    assert await found(world, "out") == [tasks[3].journey_id]
    assert await found(world, limit=2) == ids[:2]
    assert await found(world, before=(NOW, ids[1])) == ids[2:]
    assert await found(world, person="ana") == await found(world, "ana")
    assert await found(world, kind="motor", status="open", stage="settle") == ids
    for nothing in (
        {"kind": "boat"},
        {"status": "failed"},
        {"stage": "x"},
        {"outcome": "x"},
        {"customer": "x"},
        {"person": "bea"},
        {"agent": "teller"},
        {"since": NOW + timedelta(seconds=1)},
        {"until": NOW},
    ):
        assert await found(world, **nothing) == []
    async with world.desk.recording() as tx:
        row = await rows.read(tx.conn, ids[0])
        said = NewMessage(author=Actor(kind="ai", id="teller"), text="Hello")
        await transcript.write(tx, row, said, now=NOW)
    assert await found(world, agent="teller") == [ids[0]]
    assert await found(world, customer=row.customer_id) == [ids[0]]


async def test_a_simulated_person_finds_rehearsals_only(world: World) -> None:
    people = {"sim": {"name": "Sim", "teams": ["claims"], "simulated": True}}
    await roster.apply(world.desk, {"teams": ["claims"], "people": people}, CLI, NOW)
    await world.task()
    rehearsal = await world.task(journey_id=await world.journey(simulated=True))
    assert await found(world, "sim") == [rehearsal.journey_id]


async def test_a_supervisor_speaks_into_a_journey_as_policy_lets_the_words(world: World) -> None:
    journey = await world.journey()
    said = await speaking.say_in(world.desk, journey, "sue", "We are looking into it.", now=NOW, auth="token")
    assert (said.author_kind, said.author, said.audience) == ("person", "sue", "customer")
    entry = await last(world, "message.said")
    assert (entry["journey"], entry["policies"]) == (journey, ["supervisors-step-in"])
    due = replace(world.desk, notices=lambda row: [] if row.notices else [("recording@1", "It is recorded.")])
    for words in ("We have it.", "You get it back."):
        await speaking.say_in(due, journey, "sue", words, now=NOW, auth="token")
    spoken = await world.rows("select kind from message where journey_id = $1 order by position", journey)
    assert [row["kind"] for row in spoken] == ["text", "notice", "text", "text"]
    with pytest.raises(DeniedError, match="secure link"):
        await speaking.say_in(world.desk, journey, "sue", "Please tell me your card number.", now=NOW, auth="token")
    with pytest.raises(InputError, match="`text` is empty"):
        await speaking.say_in(world.desk, journey, "sue", "  ", now=NOW, auth="token")
    async with world.database.transaction() as conn:
        await conn.execute("update journey set status = 'completed', closed_at = $2 where id = $1", journey, NOW)
    with pytest.raises(ConflictError, match="is completed"):
        await speaking.say_in(world.desk, journey, "sue", "Hello", now=NOW, auth="token")


async def test_a_person_opens_a_case_for_a_customer(world: World) -> None:
    people = {"otto": {"name": "Otto", "roles": ["author"]}}
    await roster.apply(world.desk, {"people": people}, CLI, NOW)
    opened = await cases.open_case(
        world.desk, Parcel.definition, address="ana@mail.example", channel="email", person="ana", auth="token", now=NOW
    )
    entry = await last(world, "journey.opened")
    assert entry["actor"] == {"kind": "person", "id": "ana", "auth": "token"}
    assert entry["policies"] == ["agents-open-cases"]
    before = await world.everything()
    for address in ("ana@mail.example", "new@mail.example"):
        with pytest.raises(DeniedError, match="`otto` may not `open_case` customer"):
            await cases.open_case(
                world.desk, Parcel.definition, address=address, channel="email", person="otto", now=NOW
            )
    assert await world.everything() == before
    assert await world.value("select count(*) from customer_address") == 1
    await erasing.erase(world.desk, opened.customer_id, person="sue", now=NOW)
    with pytest.raises(ConflictError, match="is erased"):
        await cases.open_case(world.desk, Parcel.definition, customer=opened.customer_id, person="ana", now=NOW)


async def test_kinds_tell_where_journeys_stand_and_with_whom(world: World) -> None:
    for performer in ("ai:teller", "ai:teller", "queue:claims", "person:ana", None):
        journey = await world.journey()
        async with world.database.transaction() as conn:
            await conn.execute("update journey set performer = $2 where id = $1", journey, performer)
    for ago in (1, 25):
        journey = await world.journey()
        async with world.database.transaction() as conn:
            statement = "update journey set status = 'failed', outcome = 'lost', closed_at = $2 where id = $1"
            await conn.execute(statement, journey, NOW - timedelta(hours=ago))
    [kind] = await journeys.kinds(world.desk, "out", now=NOW)
    assert kind.kind == "motor"
    assert {(each.performer, each.name): each.journeys for each in kind.open} == {
        ("ai", "teller"): 2,
        ("queue", "claims"): 1,
        ("person", ""): 1,
        ("", ""): 1,
    }
    assert kind.open[0] == Standing(version=1, stage="settle", performer="", name="", journeys=1)
    assert kind.ended == (Ending(version=1, status="failed", outcome="lost", journeys=1),)
