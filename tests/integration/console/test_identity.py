"""Who may come in, by what, and for how long."""

from datetime import timedelta

import httpx2
import pytest

from journeyman.console import identity
from journeyman.console.identity import SCOPES
from journeyman.errors import InputError, NotFoundError
from tests.integration.console.site import HERE, Site
from tests.integration.tasks.world import CLI

TASKS = "/api/v1/tasks"


async def test_nobody_comes_in_without_a_session_or_a_token(site: Site) -> None:
    async with site.client() as client:
        for headers in ({}, {"Authorization": "Bearer x"}, {"Cookie": "journeyman=x"}, {"Authorization": "Basic eDp5"}):
            refused = await client.get(TASKS, headers=headers)
            assert refused.status_code == 401
            assert refused.json()["type"] == "urn:journeyman:problem:signed-out"


async def test_a_session_ends_with_a_role(site: Site, sue: httpx2.AsyncClient) -> None:
    assert (await sue.get(TASKS)).status_code == 200
    await site.world.execute("update person set roles = '{agent}' where id = 'sue'")
    assert (await sue.get(TASKS)).status_code == 401


async def test_a_role_more_does_not_end_it(site: Site, ana: httpx2.AsyncClient) -> None:
    await site.world.execute("update person set roles = roles || '{supervisor}' where id = 'ana'")
    assert (await ana.get(TASKS)).status_code == 200


async def test_a_session_ends_when_idle_and_in_the_end(site: Site, ana: httpx2.AsyncClient) -> None:
    begun = site.now
    while site.now - begun < identity.LIFE - identity.IDLE / 2:
        assert (await ana.get(TASKS)).status_code == 200
        site.now += identity.IDLE / 2
    site.now = begun + identity.LIFE
    assert (await ana.get(TASKS)).status_code == 401
    async with site.signed_in("ana") as idle:
        site.now += identity.IDLE + timedelta(seconds=1)
        assert (await idle.get(TASKS)).status_code == 401


async def test_who_signs_out_is_out_everywhere(site: Site) -> None:
    secret = await identity.sign_in(site.world.desk, "ana", auth="picker", now=site.now)
    async with site.world.database.connection() as conn:
        caller = await identity.by_cookie(conn, secret, site.now)
    assert caller is not None
    await identity.sign_out(site.world.desk, secret, caller, now=site.now)
    async with site.client(cookies={site.console.cookie: secret}) as client:
        assert (await client.get(TASKS)).status_code == 401
    entries = await site.world.rows("select type from entry where type like 'person.signed%' order by id")
    assert [row["type"] for row in entries] == ["person.signed_in", "person.signed_out"]


async def test_a_token_is_for_what_its_scopes_say(site: Site) -> None:
    task = await site.world.task()
    async with site.program("ana", "tasks:read") as reader:
        assert (await reader.get(TASKS)).status_code == 200
        refused = await reader.post(f"{TASKS}/{task.id}/claim")
        assert (refused.status_code, refused.json()["remedy"]) == (403, "make one with that scope")
    async with site.program("ana", "tasks:write") as writer:
        assert (await writer.get(TASKS)).status_code == 403
        assert (await writer.post(f"{TASKS}/{task.id}/claim")).status_code == 200
    rows = await site.world.rows("select convert_from(body, 'UTF8') as body from entry where type = 'task.claimed'")
    assert '"auth":"token"' in rows[0]["body"]


async def test_a_token_never_may_more_than_its_person(site: Site) -> None:
    task = await site.world.task()
    async with site.program("out", *SCOPES) as program:
        assert (await program.post(f"{TASKS}/{task.id}/claim")).status_code == 403


async def test_a_token_counts_no_more_once_its_person_has_no_role(site: Site) -> None:
    async with site.program("ana", *SCOPES) as program:
        assert (await program.get("/api/v1/people/me")).status_code == 200
        await site.world.execute("update person set roles = '{}' where id = 'ana'")
        for path in ("/api/v1/people/me", TASKS, "/api/v1/queues", "/api/v1/events"):
            assert (await program.get(path)).status_code == 401
        with pytest.raises(NotFoundError, match="with a role"):
            await identity.sign_in(site.world.desk, "ana", auth="picker", now=site.now)


async def test_a_token_loses_what_its_person_loses(site: Site) -> None:
    url = "/api/v1/people/ana/capacity"
    async with site.program("sue", *SCOPES) as program:
        assert (await program.put(url, json={"capacity": 4})).status_code == 200
        await site.world.execute("update person set roles = '{agent}' where id = 'sue'")
        assert (await program.put(url, json={"capacity": 5})).status_code == 403


async def test_who_is_signed_out_by_a_supervisor_loses_their_tokens_if_that_is_asked_for(
    site: Site, sue: httpx2.AsyncClient
) -> None:
    out = "/api/v1/people/ana/signed-out"
    async with site.program("ana", "tasks:read") as program:
        assert (await sue.post(out)).status_code == 200
        assert (await program.get(TASKS)).status_code == 200
        assert (await sue.post(out, params={"tokens": "true"})).status_code == 200
        assert (await program.get(TASKS)).status_code == 401
    rows = await site.world.rows("select convert_from(body, 'UTF8') as body from entry where type = 'token.revoked'")
    assert len(rows) == 1
    assert '"id":"sue"' in rows[0]["body"]


async def test_a_token_counts_until_it_lapses_or_is_revoked(site: Site) -> None:
    async with site.program("ana", "tasks:read") as program:
        site.now += timedelta(days=89)
        assert (await program.get(TASKS)).status_code == 200
        site.now += timedelta(days=1)
        assert (await program.get(TASKS)).status_code == 401
    async with site.program("ana", "tasks:read") as program:
        async with site.world.database.connection() as conn:
            token = (await identity.tokens_of(conn, "ana"))[0]
        await identity.revoke_token(site.world.desk, token.id, by=CLI, now=site.now)
        assert (await program.get(TASKS)).status_code == 401
        with pytest.raises(NotFoundError):
            await identity.revoke_token(site.world.desk, token.id, by=CLI, now=site.now)


async def test_no_secret_is_kept(site: Site) -> None:
    _, secret = await identity.make_token(
        site.world.desk, "ana", "a test", frozenset({"tasks:read"}), by=CLI, now=site.now
    )
    cookie = await identity.sign_in(site.world.desk, "ana", auth="picker", now=site.now)
    kept = str(await site.world.rows("select t::text from api_token t union all select s::text from session s"))
    kept += str(await site.world.rows("select convert_from(body, 'UTF8') from entry"))
    assert secret not in kept
    assert cookie not in kept


async def test_a_scope_that_there_is_not_is_told(site: Site) -> None:
    for scopes in (frozenset({"tasks:all"}), frozenset[str]()):
        with pytest.raises(InputError) as refused:
            await identity.make_token(site.world.desk, "ana", "a test", scopes, by=CLI, now=site.now)
        assert refused.value.field == "scopes"


async def test_a_session_is_no_good_from_another_site(site: Site) -> None:
    task = await site.world.task()
    secret = await identity.sign_in(site.world.desk, "ana", auth="picker", now=site.now)
    async with site.client(cookies={site.console.cookie: secret}) as browser:
        claim = f"{TASKS}/{task.id}/claim"
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.test"},
            {"Origin": "null"},
            {},
        ):
            refused = await browser.post(claim, headers=headers)
            assert (refused.status_code, refused.json()["detail"]) == (403, "the request comes from another site")
        assert (await browser.post(claim, headers={"Origin": "http://console.test"})).status_code == 200
        assert (await browser.post(f"{TASKS}/{task.id}/start", headers=HERE)).status_code == 200
