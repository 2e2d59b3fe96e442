"""Messages that come in twice, or at once."""

from asyncio import gather
from datetime import UTC, datetime
from typing import Any

import pytest

from journeyman.conversation.inbound import Inbound, Received, receive
from journeyman.customers import record
from journeyman.customers.keys import Keyring
from journeyman.errors import ConflictError, InputError, NotFoundError
from journeyman.journey.definition import Definition
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.store import Database
from tests.integration.journey.parcel import Parcel

NOW = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
BY = Actor(kind="person", id="operator", auth="cli")
OPENS: Definition = Parcel.definition


@pytest.fixture
def says(database: Database, keyring: Keyring) -> Any:
    """Have a message come in."""

    async def say(address: str, text: str = "hello", *, id: str = "1", channel: str = "chat") -> Received:
        inbound = Inbound(channel=channel, address=address, text=text, provider_id=id)
        return await receive(database, keyring, inbound, opens=OPENS, now=NOW)

    return say


async def _count(database: Database, table: str) -> int:
    async with database.connection() as conn:
        return int(await conn.fetchval(f"select count(*) from {table}"))


async def test_first_messages_of_a_stranger_at_once_open_one_journey(database: Database, says: Any) -> None:
    received: list[Received] = await gather(*(says("ada", id=str(number)) for number in range(8)))
    assert len({one.journey for one in received}) == 1
    assert sorted(one.opened for one in received) == [False] * 7 + [True]
    assert sorted(one.position for one in received) == list(range(1, 9))
    assert (await _count(database, "customer"), await _count(database, "journey")) == (1, 1)


async def test_messages_of_one_customer_from_two_addresses_at_once_open_one_journey(
    database: Database, keyring: Keyring, says: Any
) -> None:
    customer = await _customer(database, keyring)
    async with recording(database, keyring) as tx:
        await record.add_address(tx, customer, channel="email", address="ada@mail.example", by=BY, now=NOW)
    received: list[Received] = await gather(
        *(says("ada", id=f"c{number}") for number in range(4)),
        *(says("Ada@Mail.example", id=f"e{number}", channel="email") for number in range(4)),
    )
    assert len({one.journey for one in received}) == 1
    assert await _count(database, "journey") == 1
    async with database.connection() as conn:
        rows = await conn.fetch("select channel, count(*) from message group by channel order by channel")
    assert [tuple(row) for row in rows] == [("chat", 4), ("email", 4)]


async def test_a_message_delivered_twice_at_once_is_written_once(database: Database, says: Any) -> None:
    received: list[Received] = await gather(*(says("ada") for _ in range(6)))
    assert len({one.message for one in received}) == 1
    assert sorted(one.repeated for one in received) == [False] + [True] * 5
    assert await _count(database, "message") == 1


async def test_a_second_delivery_is_recognised_whichever_channel_the_journey_came_by(
    database: Database, keyring: Keyring, says: Any
) -> None:
    await says("ada", id="1")
    customer = await _only_customer(database)
    async with recording(database, keyring) as tx:
        await record.add_address(tx, customer, channel="email", address="ada@mail.example", by=BY, now=NOW)
    first = await says("ada@mail.example", id="1", channel="email")
    again = await says("ada@mail.example", id="1", channel="email")
    assert (first.repeated, again.repeated, again.message) == (False, True, first.message)


async def test_two_customers_may_have_messages_of_the_same_id(database: Database, says: Any) -> None:
    ada, bob = await says("ada", "I am Ada"), await says("bob", "I am Bob")
    assert not bob.repeated
    assert ada.journey != bob.journey
    assert await _count(database, "message") == 2


async def test_an_address_leads_to_one_customer(database: Database, keyring: Keyring, says: Any) -> None:
    await says("ada")
    customer = await _only_customer(database)
    with pytest.raises(ConflictError, match="known already"):
        async with recording(database, keyring) as tx:
            await record.add_address(tx, customer, channel="chat", address="ada", by=BY, now=NOW)
    with pytest.raises(NotFoundError, match="customers list"):
        async with recording(database, keyring) as tx:
            await record.add_address(tx, "cus-none", channel="chat", address="eve", by=BY, now=NOW)
    with pytest.raises(InputError, match="give both"):
        async with recording(database, keyring) as tx:
            await record.add_address(tx, customer, channel="chat", address=" ", by=BY, now=NOW)


async def _customer(database: Database, keyring: Keyring) -> str:
    async with recording(database, keyring) as tx:
        made = await record.add(tx, record.NewCustomer(), channel="chat", address="ada", by=BY, now=NOW)
    return made.id


async def _only_customer(database: Database) -> str:
    async with database.connection() as conn:
        return str(await conn.fetchval("select id from customer"))


async def test_hanging_up_outside_of_a_journey_starts_none(database: Database, keyring: Keyring, says: Any) -> None:
    left = Inbound(channel="chat", address="ada", text="", provider_id="2", left=True)
    with pytest.raises(ConflictError, match="nothing was written"):
        await receive(database, keyring, left, opens=OPENS, now=NOW)
    assert (await _count(database, "customer"), await _count(database, "journey")) == (0, 0)
