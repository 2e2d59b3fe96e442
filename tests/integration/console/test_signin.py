"""Signing in, and what a browser is shown that may not come in."""

import hashlib
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

import journeyman.console
from journeyman.console.app import build
from tests.integration.console.site import HERE, Site

VENDORED = Path(journeyman.console.__file__).parent / "static" / "vendor"


@pytest.fixture
def picking(site: Site) -> Site:
    """The console of a developer's machine."""
    site.console = replace(site.console, picker=True)
    site.app = build(site.console)
    return site


async def test_a_browser_without_a_session_is_taken_to_where_it_can_sign_in(site: Site) -> None:
    async with site.client() as client:
        page = await client.get("/?next=x")
        assert (page.status_code, page.headers["location"]) == (303, "/signin?next=/")
        headers = {"HX-Request": "true", "HX-Current-URL": "http://console.test/desk?queue=x"}
        part = await client.get("/desk/board.part", headers=headers)
        assert (part.status_code, part.headers["hx-redirect"]) == (401, "/signin?next=/desk")


async def test_on_a_developer_s_machine_one_chooses_who_to_be(picking: Site) -> None:
    async with picking.client(headers=HERE) as client:
        page = await client.get("/signin")
        assert "whoever comes may choose who they are" in page.text
        assert "Ana" in page.text
        answer = await client.post("/signin", data={"person": "sue", "next": "/wall"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/wall")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert (await client.get("/api/v1/tasks")).status_code == 200
        assert (await client.post("/signout")).status_code == 303
        client.cookies.set(picking.console.cookie, answer.headers["set-cookie"].split("=")[1].split(";")[0])
        assert (await client.get("/api/v1/tasks")).status_code == 401


async def test_elsewhere_nobody_chooses(site: Site) -> None:
    async with site.client(headers=HERE) as client:
        assert "Ana" not in (await client.get("/signin")).text
        refused = await client.post("/signin", data={"person": "sue"})
        assert refused.status_code == 404
        assert "set-cookie" not in refused.headers


async def test_a_session_that_was_there_before_is_not_kept(picking: Site) -> None:
    async with picking.client(headers=HERE) as client:
        planted = (await client.post("/signin", data={"person": "ana"})).cookies[picking.console.cookie]
        fresh = (await client.post("/signin", data={"person": "sue"})).cookies[picking.console.cookie]
        assert fresh != planted
    async with picking.client(cookies={picking.console.cookie: planted}) as other:
        assert (await other.get("/api/v1/tasks")).status_code == 401


@pytest.mark.parametrize(
    "next", ["https://evil.test", "//evil.test", "/\\evil.test", "javascript:alert(1)", "/a\r\nX: 1", ""]
)
async def test_one_goes_on_to_a_page_of_ours_alone(picking: Site, next: str) -> None:
    async with picking.client(headers=HERE) as client:
        answer = await client.post("/signin", data={"person": "ana", "next": next})
        assert answer.headers["location"] == "/"


async def test_over_https_the_cookie_is_for_that_host_alone(site: Site) -> None:
    settings = site.console.settings.model_copy(update={"console_url": "https://desk.test"})
    site.console = replace(site.console, picker=True, settings=settings)
    site.app = build(site.console)
    async with site.client(headers=HERE) as client:
        cookie = (await client.post("/signin", data={"person": "ana"})).headers["set-cookie"]
        assert cookie.startswith("__Host-journeyman=")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


async def test_what_is_not_there_is_told_on_a_page(ana: httpx2.AsyncClient) -> None:
    page = await ana.get("/nothing")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "There is no such page" in page.text


async def test_vendored_scripts_are_as_they_were_taken(ana: httpx2.AsyncClient) -> None:
    told = (VENDORED / "README.md").read_text()
    files = sorted(VENDORED.glob("*.js"))
    assert files
    for file in files:
        assert f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}" in told
        served = await ana.get(f"/static/vendor/{file.name}")
        assert "immutable" in served.headers["cache-control"]
