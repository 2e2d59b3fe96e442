"""Problem details, and what stands before every request."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx2
import pytest

from journeyman.console.app import build
from journeyman.console.guard import LARGEST_BODY
from tests.integration.console.site import Site


async def test_every_answer_tells_browsers_what_they_may_not(ana: httpx2.AsyncClient) -> None:
    for path in ("/api/v1/tasks", "/api/v1/nothing", "/nothing", "/api/v1/openapi.json"):
        headers = (await ana.get(path)).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


async def test_a_body_that_is_too_long_is_refused(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    comments = f"/api/v1/tasks/{task.id}/comments"
    told = await ana.post(comments, content=b"x" * (LARGEST_BODY + 1))

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 1000 + 1):
            yield b"x" * 1000

    untold = await ana.post(comments, content=parts())
    assert (told.status_code, untold.status_code) == (413, 413)


@pytest.mark.parametrize(
    ("body", "field"),
    [(b"", "body"), (b"{", "body"), (b"[]", "body"), (b'{"text": 1}', "text"), (b'{"text": "\\u0000"}', "text")],
)
async def test_a_body_that_does_not_fit_names_the_field(
    site: Site, ana: httpx2.AsyncClient, body: bytes, field: str
) -> None:
    task = await site.world.claimed()
    headers = {"Content-Type": "application/json"}
    refused = await ana.post(f"/api/v1/tasks/{task.id}/comments", content=body, headers=headers)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["field"] == field
    if body == b"{":
        assert refused.json()["detail"].startswith("`body`: it is no JSON from character 1 on: expecting property name")


async def test_a_fault_says_nothing_of_itself(
    site: Site, ana: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise RuntimeError("the secret is 42")

    site.app.add_api_route("/api/v1/tasks-broken", broken)
    site.app.add_api_route("/broken", broken)
    answer, page = await ana.get("/api/v1/tasks-broken"), await ana.get("/broken")
    assert (answer.status_code, answer.json()["remedy"]) == (500, "try again later")
    for each in (answer, page):
        assert "42" not in each.text
        assert "default-src 'none'" in each.headers["content-security-policy"]
        assert each.headers["cache-control"] == "no-store"
    assert "a request broke: GET /api/v1/tasks-broken" in caplog.text


async def test_an_unknown_task_is_told_with_what_is_wrong(ana: httpx2.AsyncClient) -> None:
    missing = (await ana.get("/api/v1/tasks/task-none")).json()
    assert (missing["status"], missing["type"], missing["field"]) == (404, "urn:journeyman:problem:not-found", "task")


async def test_every_kind_of_error_is_a_problem_with_a_remedy(site: Site, ana: httpx2.AsyncClient) -> None:
    comments = f"/api/v1/tasks/{(await site.world.claimed()).id}/comments"
    told = [
        await site.client().get("/api/v1/tasks"),
        await ana.get("/api/v1/nothing"),
        await ana.patch("/api/v1/tasks"),
        await ana.get("/api/v1/tasks", params={"limit": "many"}),
        await ana.post(comments, content=b'{"text": "x"}', headers={"Content-Type": "text/plain"}),
        await ana.post(comments, content=b'{"text": "x"}'),
        await ana.post(comments, content=b"x" * (LARGEST_BODY + 1)),
        await ana.post(comments, json={"text": "x"}, headers={"If-Match": "none"}),
        await ana.post(comments, json={"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"}),
    ]
    assert [each.status_code for each in told] == [401, 404, 405, 422, 415, 415, 413, 422, 403]
    for each in told:
        assert each.headers["content-type"] == "application/problem+json"
        problem = each.json()
        assert problem["status"] == each.status_code
        assert problem["type"].startswith("urn:journeyman:problem:")
        assert problem["title"]
        assert problem["detail"]
        assert problem["remedy"]


async def test_browsers_that_come_by_https_are_told_to_come_by_nothing_else(site: Site) -> None:
    assert "strict-transport-security" not in (await site.client().get("/signin")).headers
    settings = site.console.settings.model_copy(update={"console_url": "https://desk.example.com"})
    site.app = build(replace(site.console, settings=settings))
    for path in ("/signin", "/chat", "/api/v1/tasks", "/static/icon.svg"):
        assert (await site.client().get(path)).headers["strict-transport-security"] == "max-age=31536000"
