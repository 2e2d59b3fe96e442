"""Presence, capacity and skills: who sets them, and what is recorded of it."""

import pytest

from journeyman.errors import DeniedError, InputError, NotFoundError
from journeyman.tasks import staffing
from tests.integration.tasks.world import NOW, World


async def entries(world: World, type: str) -> int:
    return int(await world.value("select count(*) from entry where type = $1", type))


async def test_presence_and_capacity_change_with_an_entry_each(world: World) -> None:
    before = await entries(world, "person.presence")
    person = await staffing.set_presence(world.desk, "ana", "away", by="ana", now=NOW, auth="token")
    assert (person.presence, person.presence_at) == ("away", NOW)
    await staffing.set_presence(world.desk, "ana", "away", by="ana", now=NOW, auth="token")
    assert await entries(world, "person.presence") == before + 1
    assert (await staffing.set_capacity(world.desk, "ana", 1, by="sue", now=NOW, auth="token")).capacity == 1
    assert await entries(world, "person.capacity") == 1


async def test_nobody_but_a_supervisor_changes_others(world: World) -> None:
    with pytest.raises(DeniedError, match="`bea` may not `attend` person `ana`: no policy permits it"):
        await staffing.set_presence(world.desk, "ana", "offline", by="bea", now=NOW, auth="token")
    for person in ("ana", "bea"):
        with pytest.raises(DeniedError, match="may not `manage`"):
            await staffing.set_capacity(world.desk, "ana", 9, by=person, now=NOW, auth="token")
        with pytest.raises(DeniedError, match="may not `manage`"):
            await staffing.set_skills(world.desk, "ana", ["law"], by=person, now=NOW, auth="token")
    with pytest.raises(InputError, match="out of range"):
        await staffing.set_capacity(world.desk, "ana", 1000, by="sue", now=NOW, auth="token")
    with pytest.raises(NotFoundError, match="no person `nobody`"):
        await staffing.set_presence(world.desk, "nobody", "offline", by="sue", now=NOW, auth="token")
    await staffing.set_presence(world.desk, "ana", "offline", by="sue", now=NOW, auth="token")
    body = await world.value("select convert_from(body, 'UTF8') from entry order by id desc limit 1")
    assert all(word in body for word in ('"id":"sue"', '"person":"ana"', '"supervisors-manage-people"'))


async def test_skills_change_with_an_entry_that_names_none(world: World) -> None:
    found = await staffing.set_skills(world.desk, "bea", ["law", "law", "français"], by="sue", now=NOW, auth="token")
    assert found.skills == {"law", "français"}
    await staffing.set_skills(world.desk, "bea", ["français", "law"], by=None, now=NOW, auth="cli")
    assert await entries(world, "person.skills") == 1
    body = await world.value("select convert_from(body, 'UTF8') from entry where type = 'person.skills'")
    assert '"added":2' in body
    assert '"removed":1' in body
    assert "law" not in body
    for wrong in (["a\nb"], [""], ["x" * 65], [str(number) for number in range(51)]):
        with pytest.raises(InputError):
            await staffing.set_skills(world.desk, "bea", wrong, by="sue", now=NOW, auth="token")
