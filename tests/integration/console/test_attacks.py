"""What somebody tries who knows how the console is built: each was tried, and is refused."""

import asyncio
import base64
from dataclasses import replace
from urllib.parse import quote

import httpx2
import pytest

from journeyman.console import identity
from journeyman.console.app import build
from journeyman.console.asked import UNATTENDED
from tests.integration.console.audited import Audited
from tests.integration.console.serving import serving
from tests.integration.console.site import HERE, Site

ELSEWHERE = {"Sec-Fetch-Site": "same-site", "Origin": "http://other.console.test"}


@pytest.mark.parametrize("other", ['seen={"a": "b c"}', "a,b=1", "no value", "a[b]=1"])
async def test_no_cookie_beside_the_session_s_opens_a_door_to_other_sites(
    site: Site, ana: httpx2.AsyncClient, other: str
) -> None:
    cookies = {"Cookie": f"{other}; {site.console.cookie}={ana.cookies[site.console.cookie]}"}
    async with site.client(headers=cookies) as browser:
        form = {"presence": "away"}
        assert (await browser.post("/desk/presence", data=form, headers=ELSEWHERE)).status_code == 403
        assert (await browser.post("/desk/presence", data=form, headers=HERE)).status_code == 303


async def test_no_other_site_signs_anybody_in(site: Site) -> None:
    app = build(replace(site.console, picker=True))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://console.test") as browser:
        refused = await browser.post("/signin", data={"person": "ana"}, headers=ELSEWHERE)
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize("name", ["Origin", "HX-Current-URL", "Host"])
async def test_what_no_browser_sends_is_no_fault(site: Site, name: str) -> None:
    headers = {"HX-Request": "true", "Cookie": f"{site.console.cookie}=x"} | {name: "http://["}
    async with site.client(headers=headers) as client:
        assert (await client.get("/desk")).status_code == 401
        assert (await client.post("/desk/next")).status_code == 403


MOMENTS = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")
PLACES = (*(f'["{moment}", "x"]' for moment in MOMENTS), '["2026-01-01T00:00:00Z", "\\ud800"]', "[" * 5_000)


async def test_moments_and_cursors_that_are_none_are_told(sue: httpx2.AsyncClient) -> None:
    cursors = [base64.urlsafe_b64encode(place.encode()).decode() for place in PLACES]
    paths = [f"{path}cursor={cursor}" for path in ("/api/v1/tasks?", "/desk/search?", "/traces?") for cursor in cursors]
    paths += [f"/api/v1/journeys?since={quote(moment)}" for moment in MOMENTS]
    for path in paths:
        assert (await sue.get(path)).status_code == 422, path
    for moment in MOMENTS:
        assert (await sue.post("/api/v1/callbacks/task-1", json={"slot": moment})).status_code == 422
    assert (await sue.get("/traces?person=%00ana")).status_code == 200


async def test_nobody_is_sent_on_to_the_host_that_a_request_names(ana: httpx2.AsyncClient) -> None:
    for path in ("/desk/", "/static", "/api/v1/tasks/"):
        answer = await ana.get(path, headers={"Host": "evil.test"})
        assert answer.status_code == 404
        assert "location" not in answer.headers


ALLOWED = {
    "/desk": "GET",
    "/desk/macros": "GET, POST",
    "/api/v1/callbacks/x": "DELETE, POST, PUT",
    "/api/v1/tasks/next": "POST",
    "/static/x": "",
}


@pytest.mark.parametrize(("path", "allowed"), ALLOWED.items())
async def test_what_may_be_asked_of_an_address_is_told(ana: httpx2.AsyncClient, path: str, allowed: str) -> None:
    answer = await ana.patch(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


async def test_pages_that_read_by_themselves_keep_nobody_signed_in(site: Site, ana: httpx2.AsyncClient) -> None:
    """A desk that is left open, with its stream and what it reads again."""
    begun, unattended = site.now, {UNATTENDED: "yes", "HX-Request": "true"}
    while site.now < begun + identity.IDLE:
        assert (await ana.get("/desk/board.part", headers=unattended)).status_code == 200
        assert (await ana.get("/api/v1/events", headers={"Accept": "text/event-stream"})).status_code == 204
        site.now += identity.IDLE / 4
    assert (await ana.get("/desk/board.part", headers=unattended)).status_code == 401


async def test_one_signs_out_everywhere(site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient) -> None:
    async with site.signed_in("ana") as lost:
        assert "Sign out everywhere" in (await ana.get("/me/record")).text
        assert (await ana.post("/signout", data={"everywhere": "true"})).status_code == 303
        for client in (ana, lost):
            assert (await client.get("/api/v1/tasks")).status_code == 401
    assert (await sue.get("/api/v1/tasks")).status_code == 200
    facts = "select convert_from(body, 'UTF8')::jsonb -> 'facts' ->> 'everywhere' from entry where type = 'person.signed_out'"
    assert await site.world.value(facts) == "true"


async def test_nobody_becomes_a_customer_by_hand(site: Site, ana: httpx2.AsyncClient) -> None:
    """It would show them what policy does not show them of that customer, and let them write in their name."""
    refused = await ana.post("/api/v1/chat/tokens", json={"kind": "bank-service", "address": "member-7"})
    assert refused.status_code == 403
    assert await site.world.value("select count(*) from chat_session") == 0


async def test_a_pack_that_is_asked_for_again_is_asked_policy_for_again(audited: Audited) -> None:
    site, path, key = audited.site, f"{audited.path}/export", {"Idempotency-Key": "k"}
    taken = "select count(*) from entry where type = 'ledger.exported'"
    async with site.signed_in("eve") as eve:
        for count in (1, 2):
            assert (await eve.post(path, json={"values": True}, headers=key)).status_code == 200
            assert await site.world.value(taken) == count
    await site.world.execute("update person set roles = '{agent}' where id = 'eve'")
    async with site.signed_in("eve") as eve:
        assert (await eve.post(path, json={"values": True}, headers=key)).status_code == 403


async def test_a_body_that_never_comes_whole_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("journeyman.console.guard.PATIENCE", 0.05)

    async with serving(site.app) as address, site.program("ana", "tasks:write") as ana:
        host, port = address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = (
            "POST /api/v1/tasks/x/comments HTTP/1.1",
            f"Host: {host}",
            f"Authorization: {ana.headers['Authorization']}",
        )
        writer.write("\r\n".join((*head, "Content-Type: application/json", "Content-Length: 10", "", "{")).encode())
        answer = (await reader.readuntil(b"}")).decode()
        writer.close()
    assert answer.startswith("HTTP/1.1 408")
    assert "urn:journeyman:problem:slow" in answer


@pytest.mark.parametrize("path", ["form", "changes", "complete", "deeds/dispose", "deeds/suspend"])
async def test_no_form_of_a_task_is_shown_to_whom_the_task_is_not(site: Site, path: str) -> None:
    task = await site.world.claimed(dispositions={"odd": "An odd end"})
    async with site.signed_in("out") as out:
        for headers in ({}, {"HX-Request": "true"}):
            form = {"output.amount_minor": "x", "disposition": "odd", "until": "30", "reason": "x"}
            refused = await out.post(f"/desk/tasks/{task.id}/{path}", data=form, headers=headers)
            assert refused.status_code == 403
            assert "form-" not in refused.text
            assert "An odd end" not in refused.text
