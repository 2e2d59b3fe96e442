"""Erasing a customer: what ends, what goes, what stays, and who may."""

import pytest

from journeyman.conversation.inbound import Inbound, receive
from journeyman.customers import erasing, record
from journeyman.customers.journeys import NewJourney, open_journey
from journeyman.customers.record import NewCustomer
from journeyman.errors import ConflictError, DeniedError, ErasedError, InputError, NotFoundError
from journeyman.ledger.entry import Entry
from journeyman.ledger.log import recording
from journeyman.tasks import moving, stops
from tests.integration.journey.parcel import Parcel
from tests.integration.tasks.world import CLI, NOW, World

NEEDS = NewCustomer(
    language="de",
    time_zone="Europe/Berlin",
    tier="gold",
    support_needs=["hearing_loss"],
    consents={"no-ai": {"given": True}},
)


async def told(world: World, address: str = "+49 30 1234") -> tuple[str, str]:
    """A customer who wrote from this address, and their journey."""
    inbound = Inbound(
        "sms", address, "I lost my wife, my PIN is 4711, and I want to cancel my policy", f"sms-{address}"
    )
    got = await receive(world.database, world.desk.keyring, inbound, opens=Parcel.definition, newcomer=NEEDS, now=NOW)
    return await world.value("select customer_id from journey where id = $1", got.journey), got.journey


async def erase(world: World, customer: str, person: str = "sue") -> erasing.Erasure:
    return await erasing.erase(world.desk, customer, person=person, auth="token", now=NOW)


async def test_an_erased_customer_s_journeys_end_and_their_tasks_are_withdrawn(world: World) -> None:
    customer, journey = await told(world)
    task = await world.claimed("ana", journey_id=journey)
    erased = await erase(world, customer)
    assert (erased.journeys, erased.tasks) == ([journey], [task.id])
    assert (await world.read(task.id)).state == "obsolete"
    [row] = await world.rows("select status, outcome from journey where id = $1", journey)
    assert tuple(row) == ("cancelled", "customer_erased")
    waiting = await world.rows("select kind from outbox where journey_id = $1 and settled_at is null", journey)
    assert [row["kind"] for row in waiting] == ["end"]
    [entry] = await world.rows(
        "select convert_from(body, 'UTF8')::jsonb as body from entry where type = 'customer.erased'"
    )
    body = entry["body"]
    assert (body["subject"], body["actor"]["id"], body["policies"]) == (customer, "sue", ["supervisors-erase"])
    assert (body["facts"]["reason"], body["facts"]["journeys_ended"], body["values"]) == ("customer_request", 1, {})


async def test_nothing_of_an_erased_customer_can_be_read_or_found(world: World) -> None:
    customer, journey = await told(world)
    task = await world.claimed("ana", journey_id=journey)
    await moving.escalate(world.desk, task.id, "ana", reason="the widow from Elm Street", now=NOW, auth="token")
    await stops.stop(world.desk, f"journey:{journey}", reason="she cries", person="sue", now=NOW)
    await erase(world, customer)
    async with world.database.connection() as conn:
        sealed = await conn.fetchval("select body from message where journey_id = $1", journey)
        with pytest.raises(ErasedError):
            await world.desk.keyring.open(conn, customer, sealed)
        assert await record.find(conn, world.desk.keyring, "sms", "+49 30 1234") is None
        left = await record.read(conn, customer)
        tables = await conn.fetch("select tablename from pg_tables where schemaname = 'public'")
        readable = ["mentioned" if row[0] == "mention" else row[0] for row in tables if row[0] != "schema_migration"]
        clear = str([await conn.fetch(f"select t::text from {table} t") for table in readable])
        clear += str(await conn.fetch("select convert_from(body, 'UTF8') from entry"))
    assert left.model_dump(exclude={"id", "erased_at"}) == {
        "language": "en",
        "time_zone": "UTC",
        "tier": "standard",
        "verification": "none",
        "verified_until": None,
        "support_needs": [],
        "consents": {},
        "simulated": False,
    }
    assert left.erased_at == NOW
    for word in ("Elm Street", "cries", "hearing_loss", "bereavement", "cancellation", "sms-+49"):
        assert word not in clear


async def test_who_is_erased_and_writes_again_is_somebody_else(world: World) -> None:
    customer, journey = await told(world)
    await erase(world, customer)
    again, other = await told(world)
    assert again != customer
    assert other != journey


async def test_what_the_engine_still_commits_for_an_erased_customer_is_kept_without_its_content(world: World) -> None:
    customer, journey = await told(world)
    await erase(world, customer)
    async with recording(world.database, world.desk.keyring) as tx:
        tx.keep("run:1", "outcome", journey=journey, subject=customer, result={"said": "secret"}, at=NOW)
        tx.record(Entry(type="message.said", at=NOW, actor=CLI, subject=customer, values={"text": "secret"}))
    [row] = await world.rows("select result from effect where key = 'run:1'")
    assert row["result"] == b""
    with pytest.raises(ErasedError):
        async with recording(world.database, world.desk.keyring) as tx:
            await open_journey(tx, Parcel.definition, NewJourney(customer=customer), by=CLI, now=NOW)


async def test_others_are_untouched(world: World) -> None:
    customer, _ = await told(world)
    other, journey = await told(world, "+49 30 9999")
    task = await world.claimed("ana", journey_id=journey)
    await erase(world, customer)
    assert (await world.read(task.id)).assignee == "ana"
    async with world.database.connection() as conn:
        assert (await record.read(conn, other)).tier == "gold"


async def test_who_may_not_erase_and_what_cannot_be_erased_is_told(world: World) -> None:
    customer, journey = await told(world)
    with pytest.raises(DeniedError):
        await erase(world, customer, "ana")
    with pytest.raises(NotFoundError, match="customers list"):
        await erase(world, "nobody")
    with pytest.raises(InputError, match="stays readable"):
        await erasing.erase(world.desk, customer, reason="Ada asked", person="sue", now=NOW)
    assert await world.value("select status from journey where id = $1", journey) == "open"
    await erase(world, customer)
    with pytest.raises(ConflictError, match="already"):
        await erase(world, customer)
