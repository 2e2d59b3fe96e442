"""Texts that are said again and again."""

import pytest

from journeyman.errors import ConflictError, DeniedError, InputError, NotFoundError
from journeyman.tasks import macros
from tests.integration.tasks.world import NOW, World


@pytest.fixture
async def kept(world: World) -> tuple[str, str]:
    """One of Ana's own, and one of her team's."""
    await world.roster()
    own = await add(world, "ana", name="Greeting", keys="hi", text="Hello {customer}, this is {me}.")
    team = await add(world, "sue", name="Photo", text="Please send a photo.", team="claims")
    return own, team


async def add(world: World, person: str, name: str, text: str, keys: str = "", team: str | None = None) -> str:
    return await macros.add(world.desk, person, name=name, text=text, keys=keys, team=team, now=NOW, auth="token")


async def names(world: World, person: str, query: str = "") -> list[str]:
    return [each.name for each in await macros.macros(world.desk, person, query)]


async def test_one_uses_one_s_own_and_those_of_one_s_team(world: World, kept: tuple[str, str]) -> None:
    assert await names(world, "ana") == ["Greeting", "Photo"]
    assert await names(world, "bea") == ["Photo"]
    assert await names(world, "out") == []


async def test_they_are_found_by_what_is_typed(world: World, kept: tuple[str, str]) -> None:
    await add(world, "ana", name="A higher amount", text="It is more.")
    assert await names(world, "ana", "hi") == ["Greeting", "A higher amount"]
    assert await names(world, "ana", "PHOTO send") == ["Photo"]
    assert await names(world, "ana", "nothing of it") == []


async def test_a_team_s_are_kept_by_its_supervisors(world: World, kept: tuple[str, str]) -> None:
    assert await macros.kept_teams(world.desk, "sue") == ["claims"]
    assert await macros.kept_teams(world.desk, "ana") == []
    with pytest.raises(DeniedError):
        await add(world, "ana", name="Mine", text="x", team="claims")
    with pytest.raises(DeniedError):
        await macros.change(world.desk, "ana", kept[1], name="Photo", text="Now!", now=NOW, auth="token")
    with pytest.raises(DeniedError):
        await macros.remove(world.desk, "ana", kept[1], now=NOW, auth="token")
    with pytest.raises(DeniedError):
        await add(world, "sue", name="Theirs", text="x", team="billing")


async def test_one_s_own_are_nobody_else_s(world: World, kept: tuple[str, str]) -> None:
    for person in ("bea", "sue"):
        with pytest.raises(NotFoundError):
            await macros.change(world.desk, person, kept[0], name="Greeting", text="Hm.", now=NOW, auth="token")
        with pytest.raises(NotFoundError):
            await macros.remove(world.desk, person, kept[0], now=NOW, auth="token")


async def test_they_are_changed_and_taken_away_on_the_record(world: World, kept: tuple[str, str]) -> None:
    await macros.change(world.desk, "ana", kept[0], name="Hello", text="Hello {customer}.", now=NOW, auth="token")
    (hello, _) = await macros.macros(world.desk, "ana", "")
    assert (hello.name, hello.keys, hello.text) == ("Hello", "", "Hello {customer}.")
    await macros.remove(world.desk, "ana", kept[0], now=NOW, auth="token")
    assert await names(world, "ana") == ["Photo"]
    types = await world.rows("select type from entry where type like 'macro.%' order by id")
    assert [row["type"] for row in types] == ["macro.kept", "macro.kept", "macro.kept", "macro.removed"]


async def test_one_name_is_one_macro_of_its_owner(world: World, kept: tuple[str, str]) -> None:
    with pytest.raises(ConflictError) as taken:
        await add(world, "ana", name="greeting", text="x")
    assert taken.value.field == "name"
    await add(world, "bea", name="Greeting", text="x")
    other = await add(world, "ana", name="Other", text="x")
    with pytest.raises(ConflictError):
        await macros.change(world.desk, "ana", other, name="GREETING", text="x", now=NOW, auth="token")


@pytest.mark.parametrize(
    ("name", "text", "keys", "field"),
    [
        (" ", "x", "", "name"),
        ("x" * 81, "x", "", "name"),
        ("x", "", "", "text"),
        ("x", "x" * 4001, "", "text"),
        ("x", "Dear {pin}", "", "text"),
        ("x", "x", "ab c", "keys"),
        ("x", "x", "a" * 13, "keys"),
    ],
)
async def test_what_does_not_fit_names_its_field(world: World, name: str, text: str, keys: str, field: str) -> None:
    await world.roster()
    with pytest.raises(InputError) as wrong:
        await add(world, "ana", name=name, text=text, keys=keys)
    assert wrong.value.field == field


async def test_secrets_are_cut_out_and_texts_stand_sealed(world: World) -> None:
    await world.roster()
    await add(world, "ana", name="Card", text="Use 4111 1111 1111 1111 for tests.")
    [card] = await macros.macros(world.desk, "ana")
    assert "4111" not in card.text
    assert "for tests" not in str(await world.rows("select m::text from macro m"))


async def test_an_auditor_keeps_none(world: World) -> None:
    await world.roster()
    await world.execute("update person set roles = '{auditor}' where id = 'ana'")
    with pytest.raises(DeniedError):
        await add(world, "ana", name="x", text="x")
