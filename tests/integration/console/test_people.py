"""People and queues over the API."""

import httpx2
import pytest
from pydantic import JsonValue

from journeyman.tasks import closing
from tests.integration.console.site import Site
from tests.integration.tasks.world import NOW

PEOPLE = "/api/v1/people"


async def test_one_sees_oneself_whole_and_colleagues_by_presence(ana: httpx2.AsyncClient) -> None:
    me = (await ana.get(f"{PEOPLE}/me")).json()
    assert (me["id"], me["presence"], me["load"], me["capacity"]) == ("ana", "online", 0, 3)
    bea = (await ana.get(f"{PEOPLE}/bea")).json()
    assert (bea["presence"], bea["capacity"], bea["skills"], bea["holding"]) == ("online", None, None, None)
    assert [each["id"] for each in (await ana.get(PEOPLE)).json()["items"]] == ["ana", "bea", "sue"]
    refused = await ana.get(f"{PEOPLE}/out")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:journeyman:problem:denied")


async def test_one_says_oneself_whether_one_is_there(ana: httpx2.AsyncClient) -> None:
    away = await ana.put(f"{PEOPLE}/me/presence", json={"presence": "away"})
    assert (away.status_code, away.json()["presence"]) == (200, "away")
    for person, body, status in (("bea", {"presence": "away"}, 403), ("me", {"presence": "asleep"}, 422)):
        assert (await ana.put(f"{PEOPLE}/{person}/presence", json=body)).status_code == status


async def test_a_request_that_is_sent_twice_changes_once(site: Site, ana: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "1"}
    first = await ana.put(f"{PEOPLE}/me/presence", json={"presence": "away"}, headers=headers)
    await ana.put(f"{PEOPLE}/me/presence", json={"presence": "online"})
    again = await ana.put(f"{PEOPLE}/me/presence", json={"presence": "away"}, headers=headers)
    assert (first.json()["presence"], again.status_code, again.json()["presence"]) == ("away", 200, "online")


@pytest.mark.parametrize(
    ("what", "body"), [("capacity", {"capacity": 5}), ("skills", {"skills": ["german", "motor damage"]})]
)
async def test_a_supervisor_says_how_much_and_what(
    ana: httpx2.AsyncClient, sue: httpx2.AsyncClient, what: str, body: dict[str, object]
) -> None:
    assert (await ana.put(f"{PEOPLE}/me/{what}", json=body)).status_code == 403
    changed = await sue.put(f"{PEOPLE}/ana/{what}", json=body)
    assert (changed.status_code, changed.json()[what]) == (200, body[what])


async def test_what_does_not_fit_names_its_field(sue: httpx2.AsyncClient) -> None:
    for body in ({"capacity": 101}, {"capacity": -1}, {"capacity": "many"}, {}, {"capacity": 1, "roles": ["author"]}):
        refused = await sue.put(f"{PEOPLE}/ana/capacity", json=body)
        assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    wrong = await sue.put(f"{PEOPLE}/ana/skills", json={"skills": ["<b>"]})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "skills")


async def test_a_wrap_up_is_seen_and_ended(site: Site, ana: httpx2.AsyncClient) -> None:
    await site.world.roster(claims={"title": "Claims", "teams": ["claims"], "wrap_up": "1m"})
    task = await site.world.claimed()
    result: dict[str, JsonValue] = {"amount_minor": 100, "outcome": "paid"}
    await closing.complete(site.world.desk, task.id, "ana", result, now=NOW, auth="token")
    me = (await ana.get(f"{PEOPLE}/me")).json()
    assert (me["load"], me["wrap_up_task"], me["wrap_up_until"]) == (1, task.id, "2026-06-01T10:01:00Z")
    for _ in range(2):
        done = await ana.post(f"{PEOPLE}/me/wrapped-up")
        assert (done.status_code, done.json()["load"], done.json()["wrap_up_task"]) == (200, 0, None)
    async with site.signed_in("bea") as bea:
        assert (await bea.post(f"{PEOPLE}/ana/wrapped-up")).status_code == 403


async def test_a_supervisor_signs_somebody_out_everywhere(
    site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient
) -> None:
    assert (await ana.post(f"{PEOPLE}/bea/signed-out")).status_code == 403
    async with site.signed_in("ana") as elsewhere:
        assert (await sue.post(f"{PEOPLE}/ana/signed-out")).json()["id"] == "ana"
        assert [(await each.get(f"{PEOPLE}/me")).status_code for each in (ana, elsewhere, sue)] == [401, 401, 200]
    told = "select convert_from(body, 'UTF8')::jsonb from entry where type = 'person.sessions_ended'"
    body = await site.world.value(told)
    assert (body["actor"]["id"], body["refs"]["person"], body["facts"]["sessions"]) == ("sue", "ana", 2)


async def test_one_sees_the_queues_of_one_s_teams(site: Site, ana: httpx2.AsyncClient) -> None:
    await site.world.task()
    shown = {each["id"]: each for each in (await ana.get("/api/v1/queues")).json()["items"]}
    assert set(shown) == {"claims", "pushed", "office"}
    assert (shown["claims"]["waiting"], shown["claims"]["online"]) == (1, 3)
    assert (await ana.get("/api/v1/queues/claims")).json() == shown["claims"]
    assert (await ana.get("/api/v1/queues/billing")).status_code == 403
    assert (await ana.get("/api/v1/queues/none")).status_code == 404


async def test_a_token_for_something_else_is_not_for_people(site: Site) -> None:
    async with site.program("ana", "tasks:read", "people:read") as program:
        assert (await program.get(f"{PEOPLE}/me")).status_code == 200
        assert (await program.get("/api/v1/queues")).status_code == 403
        assert (await program.put(f"{PEOPLE}/me/presence", json={"presence": "away"})).status_code == 403
