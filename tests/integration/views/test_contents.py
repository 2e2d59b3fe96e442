"""What a person is shown of one task, and what they can do with it."""

from typing import Any

from pydantic import JsonValue

from journeyman.tasks import closing, working
from journeyman.tasks.lifecycle import Action
from journeyman.views import contents
from tests.integration.tasks.world import NOW, World

HOW: dict[str, Any] = {"now": NOW, "auth": "token"}
RESULT: JsonValue = {"amount_minor": 1, "outcome": "pay"}


async def test_a_task_is_shown_with_its_content_and_what_can_be_done(world: World) -> None:
    task = await world.claimed("ana")
    await working.comment(world.desk, task.id, "bea", "they are abroad", **HOW)
    page = await contents.show(world.desk, task.id, "ana", **HOW)
    assert page.content["input"] == {"loss": "a dent"}
    packet = page.content["packet"]
    assert isinstance(packet, dict)
    assert packet["summary"] == "A dent in the door"
    assert [(comment.author, comment.text) for comment in page.comments] == [("bea", "they are abroad")]
    assert set(page.actions) >= {Action.START, Action.COMPLETE, Action.RETURN, Action.RELEASE}
    assert Action.APPROVE not in page.actions
    assert page.withheld == ()


async def test_who_saw_what_is_on_the_record(world: World) -> None:
    task = await world.task()
    await contents.show(world.desk, task.id, "bea", **HOW)
    entry = await world.value("select convert_from(body, 'UTF8')::jsonb from entry where type = 'task.viewed'")
    assert (entry["actor"]["id"], entry["refs"]["task"]) == ("bea", task.id)
    assert entry["facts"]["fields"] == "input packet"


async def test_an_approval_shows_the_hash_of_what_is_approved(world: World) -> None:
    journey = await world.journey()
    call = await world.tool_call(journey)
    task = await world.claimed(kind="approval", journey_id=journey, draft={"tool": "pay"}, tool_call=call)
    page = await contents.show(world.desk, task.id, "ana", **HOW)
    assert page.tool_call_hash == "a1"
    await closing.approve(world.desk, task.id, "ana", args_hash=page.tool_call_hash, **HOW)


async def test_special_data_is_shown_to_whoever_holds_the_task_and_secrets_to_nobody(world: World) -> None:
    loss: JsonValue = {"loss": "a dent", "injuries": ["whiplash"], "password": "x"}
    task = await world.task(input=loss)
    before = await contents.show(world.desk, task.id, "ana", **HOW)
    assert before.content["input"] == {"loss": "a dent"}
    assert before.withheld == ("input.injuries", "input.password")
    await working.claim(world.desk, task.id, "ana", **HOW)
    held = await contents.show(world.desk, task.id, "ana", **HOW)
    assert held.content["input"] == {"loss": "a dent", "injuries": ["whiplash"]}
    assert (await contents.show(world.desk, task.id, "bea", **HOW)).withheld == ("input.injuries", "input.password")
    assert (await contents.show(world.desk, task.id, "sue", **HOW)).withheld == ("input.password",)


async def test_the_content_of_an_erased_customer_is_withheld(world: World) -> None:
    task = await world.claimed("ana")
    async with world.database.transaction() as conn:
        await world.desk.keyring.destroy(conn, task.customer_id, NOW)
    page = await contents.show(world.desk, task.id, "ana", **HOW)
    assert page.content == {}
    assert set(page.withheld) == {"input", "packet"}


async def test_what_can_be_done_depends_on_who_asks(world: World) -> None:
    task = await world.claimed("ana")
    assert set((await contents.show(world.desk, task.id, "bea", **HOW)).actions) == set()
    of_supervisor = set((await contents.show(world.desk, task.id, "sue", **HOW)).actions)
    assert of_supervisor == {Action.RELEASE, Action.TRANSFER, Action.ESCALATE, Action.TAKE_OVER}
