import pytest

from journeyman.conversation import transcript
from journeyman.errors import ConflictError, DeniedError, InputError
from journeyman.tasks import closing, speaking
from tests.integration.tasks.world import NOW, World


async def test_who_holds_a_task_speaks_to_its_customer_on_the_record(world: World) -> None:
    task = await world.claimed("ana")
    told = await speaking.say(world.desk, task.id, "ana", "I look into it now.", now=NOW, auth="token")
    assert (told.author_kind, told.author, told.audience) == ("person", "ana", "customer")
    async with world.database.connection() as conn:
        [line] = await transcript.read(conn, world.desk.keyring, task.journey_id, task.customer_id)
    assert line.text == "I look into it now."
    [entry] = await world.rows("select body from entry where type = 'message.said'")
    assert b'"verdict":"allow"' in entry["body"]
    assert b"assignee-works" in entry["body"]


async def test_who_does_not_hold_the_task_says_nothing(world: World) -> None:
    task = await world.claimed("ana")
    with pytest.raises(DeniedError):
        await speaking.say(world.desk, task.id, "bea", "Hello.", now=NOW, auth="token")


async def test_nobody_asks_a_customer_for_card_data(world: World) -> None:
    task = await world.claimed("ana")
    with pytest.raises(DeniedError, match="secure link"):
        await speaking.say(world.desk, task.id, "ana", "What is your card number, please?", now=NOW, auth="token")


async def test_nothing_is_said_for_a_task_that_is_closed(world: World) -> None:
    task = await world.claimed("ana")
    await closing.fail(world.desk, task.id, "ana", comment="cannot be done", now=NOW, auth="token")
    with pytest.raises(ConflictError, match="nothing can be said"):
        await speaking.say(world.desk, task.id, "ana", "Hello.", now=NOW, auth="token")


async def test_an_empty_sentence_is_refused(world: World) -> None:
    task = await world.claimed("ana")
    with pytest.raises(InputError, match="empty"):
        await speaking.say(world.desk, task.id, "ana", "  ", now=NOW, auth="token")


@pytest.mark.parametrize("text", ["Your PIN is 1596.", "The card 4111 1111 1111 1111 was used."])
async def test_policy_hears_what_a_person_types_as_it_is(world: World, text: str) -> None:
    task = await world.claimed("ana")
    with pytest.raises(DeniedError, match="not theirs to know"):
        await speaking.say(world.desk, task.id, "ana", text, now=NOW, auth="token")


async def test_a_person_answers_for_what_they_promise(world: World) -> None:
    task = await world.claimed("ana")
    told = await speaking.say(
        world.desk, task.id, "ana", "You will get $500.00 back, call +44 20 7946 0018.", now=NOW, auth="token"
    )
    assert told.text == "You will get $500.00 back, call +44 20 7946 0018."
