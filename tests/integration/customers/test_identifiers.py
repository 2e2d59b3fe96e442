"""Finding customers by name, number and address, and what the record keeps of it."""

import json

import pytest

from journeyman.customers import erasing, identifiers, record
from journeyman.customers.identifiers import normal
from journeyman.customers.record import NewCustomer
from journeyman.errors import ConflictError, DeniedError, InputError, NotFoundError
from journeyman.tasks import roster
from journeyman.tasks.models import Packet
from journeyman.views import customers
from tests.integration.tasks.world import CLI, NOW, World


async def customer(world: World, address: str = "ana@mail.example", **fields: object) -> str:
    async with world.desk.recording() as tx:
        new = NewCustomer.model_validate(fields)
        return (await record.add(tx, new, channel="email", address=address, by=CLI, now=NOW)).id


async def identify(world: World, customer_id: str, kind: str, text: str) -> None:
    async with world.desk.recording() as tx:
        assert await identifiers.identify(tx, customer_id, kind, text, by=CLI, now=NOW)


async def find(
    world: World, text: str, *, kind: str | None = None, person: str = "ana"
) -> list[tuple[str, tuple[str, ...]]]:
    found = await customers.find(world.desk, person, text, kind=kind, auth="token", now=NOW)
    return [(each.id, each.by) for each in found]


async def bodies(world: World, like: str) -> list[dict[str, object]]:
    rows = await world.rows(
        "select convert_from(body, 'UTF8')::jsonb as body from entry where type like $1 order by id", like
    )
    return [row["body"] for row in rows]


def test_names_are_found_in_any_order_and_numbers_however_they_are_written() -> None:
    assert normal("name", "García,  Ana-María ") == normal("name", "ana maria GARCIA") == "ana garcia maria"
    assert normal("name", "Weiß") == normal("name", "WEISS")
    assert normal("policy", "P-12 3/4") == normal("policy", "p1234") == "p1234"
    assert normal("name", "ana garcia") != normal("name", "anagarcia")
    assert normal("name", "...") == ""


async def test_a_customer_is_found_by_name_number_and_address(world: World) -> None:
    one = await customer(world)
    await identify(world, one, "name", "Ana García")
    await identify(world, one, "policy", "P-4711-22")
    assert await find(world, "garcia ana") == [(one, ("name",))]
    assert await find(world, "p 471122", kind="policy") == [(one, ("policy",))]
    assert await find(world, "ANA@mail.example") == [(one, ("email",))]
    assert await find(world, "ana@mail.example", kind="name") == []
    assert await find(world, "garcia") == []
    async with world.database.connection() as conn:
        known = await identifiers.of_customer(conn, world.desk.keyring, one)
    assert known["identifiers"] == [{"kind": "name", "text": "Ana García"}, {"kind": "policy", "text": "P-4711-22"}]


async def test_several_who_share_a_name_are_all_listed(world: World) -> None:
    ids = sorted([await customer(world, f"{number}@mail.example") for number in range(3)])
    for each in ids:
        await identify(world, each, "name", "Ana García")
    assert [each for each, _ in await find(world, "Ana García")] == ids
    async with world.desk.recording() as tx:
        assert not await identifiers.identify(tx, ids[0], "name", "ANA GARCIA", by=CLI, now=NOW)
        tx.unchanged()
    async with world.desk.recording() as tx:
        await identifiers.forget(tx, ids[0], "name", "garcia ana", by=CLI, now=NOW)
    assert [each for each, _ in await find(world, "Ana García")] == ids[1:]


async def test_a_search_is_recorded_and_what_was_typed_is_sealed_for_whom_it_concerns(world: World) -> None:
    one = await customer(world)
    await identify(world, one, "name", "Ana García")
    await find(world, "Ana García")
    await find(world, "Nora Nobody", kind="name")
    searched = await bodies(world, "customer.searched")
    assert [(body["facts"]["kind"], body["facts"]["found"]) for body in searched] == [("any", 1), ("name", 0)]  # type: ignore[index]  # JSON
    assert [body["subject"] for body in searched] == ["system", "ana"]
    [found] = await bodies(world, "customer.found")
    assert (found["subject"], found["actor"], found["policies"]) == (
        one,
        {"kind": "person", "id": "ana", "auth": "token"},
        ["customers-found"],
    )
    assert found["facts"]["bundle"] == searched[0]["facts"]["bundle"]  # type: ignore[index]  # JSON
    told = json.dumps(await bodies(world, "%"), ensure_ascii=False).casefold()
    assert "garc" not in told
    assert "nora" not in told


async def test_who_serves_no_customers_finds_none(world: World) -> None:
    people = {
        "otto": {"name": "Otto", "roles": ["author"]},
        "sim": {"name": "Sim", "teams": ["claims"], "simulated": True},
    }
    await roster.apply(world.desk, {"teams": ["claims"], "people": people}, CLI, NOW)
    real, rehearsed = await customer(world), await customer(world, "sim@mail.example", simulated=True)
    for each in (real, rehearsed):
        await identify(world, each, "name", "Ana García")
    before = await world.everything()
    with pytest.raises(DeniedError, match="`otto` may not `find` customers: no policy permits it"):
        await find(world, "Ana García", person="otto")
    assert await world.everything() == before
    assert [each for each, _ in await find(world, "Ana García", person="sim")] == [rehearsed]
    with pytest.raises(NotFoundError):
        await find(world, "Ana García", person="nobody")


async def test_what_cannot_be_an_identifier_is_refused(world: World) -> None:
    one = await customer(world)
    for kind, text, why in (
        ("Name", "Ana", "no kind"),
        ("name", " ,. ", "no letter and no digit"),
        ("name", "x" * 201, "too many"),
        ("account", "4111 1111 1111 1111", "never kept"),
    ):
        with pytest.raises(InputError, match=why):
            await identify(world, one, kind, text)
    with pytest.raises(InputError, match="give one of `name`, `email`"):
        await find(world, "Ana", kind="garcia")
    with pytest.raises(NotFoundError):
        await identify(world, "cus-0", "name", "Ana")


async def test_an_erased_customer_is_found_by_nothing(world: World) -> None:
    one = await customer(world)
    await identify(world, one, "name", "Ana García")
    await erasing.erase(world.desk, one, person="sue", now=NOW)
    assert await world.value("select count(*) from customer_identifier") == 0
    assert await find(world, "Ana García") == []
    with pytest.raises(ConflictError, match="is erased"):
        await identify(world, one, "name", "Ana García")


async def test_a_customer_s_page_shows_field_by_field_what_policy_lets_each_see(world: World) -> None:
    one = await customer(world, support_needs=["hearing_loss"])
    await identify(world, one, "name", "Ana García")
    journey = await world.journey()
    async with world.database.transaction() as conn:
        await conn.execute("update journey set customer_id = $2, notices = '{recording@1}' where id = $1", journey, one)
    packet = Packet(reason="asked_for_person", promises=("We call on Monday",))
    await world.task(journey_id=journey, packet=packet)
    page = await customers.show(world.desk, one, "ana", auth="token", now=NOW)
    assert page.fields["identifiers"] == [{"kind": "name", "text": "Ana García"}]
    assert page.fields["addresses"] == [{"channel": "email", "text": "ana@mail.example"}]
    told = json.dumps(page.fields)
    assert all(word in told for word in (journey, "recording@1", "We call on Monday"))
    assert page.withheld == ("support_needs",)
    assert "hearing_loss" not in told
    seen = await customers.show(world.desk, one, "sue", auth="token", now=NOW)
    assert seen.fields["support_needs"] == ["hearing_loss"]
    viewed = await bodies(world, "customer.viewed")
    assert [body["actor"]["id"] for body in viewed] == ["ana", "sue"]  # type: ignore[index]  # JSON
    assert viewed[0]["refs"] == {"customer": one}
    with pytest.raises(NotFoundError):
        await customers.show(world.desk, "cus-0", "ana", auth="token", now=NOW)


async def test_an_erased_customer_s_page_is_empty(world: World) -> None:
    one = await customer(world)
    await identify(world, one, "name", "Ana García")
    await erasing.erase(world.desk, one, person="sue", now=NOW)
    page = await customers.show(world.desk, one, "sue", auth="token", now=NOW)
    assert page.erased_at is not None
    assert (page.fields["identifiers"], page.fields["addresses"], page.fields["promises"]) == ([], [], [])
