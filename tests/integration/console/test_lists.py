"""Lists over the API: page after page they tell each thing once, in an order that stays."""

import httpx2
import pytest

from journeyman.tasks import consulting
from tests.integration.console.site import Site
from tests.integration.tasks.world import NOW

WHOLE = {
    "/tasks/waiting",  # its order moves with every minute
    "/tasks/next",  # one task
    "/tasks/{task}/advisers",  # to choose from
    "/events",  # a stream
}
"""What is no list that goes on."""


def test_every_list_goes_on_at_a_cursor(site: Site) -> None:
    found = set()
    for path, methods in site.app.openapi()["paths"].items():
        for operation in methods.values():
            if operation["x-asks"]["narrows"]:
                taken = {each["name"] for each in operation.get("parameters", ())}
                found |= set() if {"cursor", "limit"} <= taken else {path.removeprefix("/api/v1")}
    assert found == WHOLE


@pytest.mark.parametrize(
    ("path", "name"),
    [("people", "id"), ("queues", "id"), ("agents", "name"), ("journeys/kinds", "kind")],
)
async def test_a_list_by_id_is_told_page_by_page(site: Site, sue: httpx2.AsyncClient, path: str, name: str) -> None:
    await site.world.journey()
    await site.world.execute("update journey set kind = 'another' where id = $1", await site.world.journey())
    whole = [each[name] for each in (await sue.get(f"/api/v1/{path}")).json()["items"]]
    assert whole == sorted(set(whole))
    assert len(whole) > 1
    told: list[str] = []
    params = {"limit": "1"}
    while len(told) < len(whole):
        page = (await sue.get(f"/api/v1/{path}", params=params)).json()
        told += [each[name] for each in page["items"]]
        assert (page["next"] is None) == (len(told) == len(whole))
        params["cursor"] = page["next"]
    assert told == whole
    for cursor in ("x", "WyIxIl0", "IiI"):
        wrong = await sue.get(f"/api/v1/{path}", params={"cursor": cursor})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "cursor")


async def test_what_one_is_asked_goes_on_at_the_cursor(site: Site) -> None:
    asked = [await site.world.claimed() for _ in range(3)]
    for task in asked:
        await consulting.consult(site.world.desk, task.id, "ana", to="bea", text="Which form?", now=NOW, auth="token")
    async with site.signed_in("bea") as bea:
        first = (await bea.get("/api/v1/tasks/asked", params={"limit": 2})).json()
        then = (await bea.get("/api/v1/tasks/asked", params={"limit": 2, "cursor": first["next"]})).json()
    assert [each["task"]["id"] for page in (first, then) for each in page["items"]] == sorted(each.id for each in asked)
    assert (len(first["items"]), then["next"]) == (2, None)
