"""Journeys and callbacks over the API."""

import httpx2
import pytest

from journeyman.tasks import working
from tests.integration.console.site import Site
from tests.integration.tasks.world import NOW

JOURNEYS = "/api/v1/journeys"


async def test_one_finds_the_journeys_of_one_s_teams_page_by_page(site: Site, ana: httpx2.AsyncClient) -> None:
    mine = [(await site.world.task()).journey_id for _ in range(3)]
    await site.world.task("billing")
    found: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        page = (await ana.get(JOURNEYS, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        found += [each["id"] for each in page["items"]]
        if (cursor := page.get("next")) is None:
            break
    assert sorted(found) == sorted(mine)
    assert (await ana.get(JOURNEYS, params={"stage": "settle", "kind": "motor"})).json()["items"]
    assert (await ana.get(JOURNEYS, params={"stage": "gather"})).json()["items"] == []
    assert (await ana.get(JOURNEYS, params={"cursor": "x"})).json()["field"] == "cursor"


async def test_one_is_read_with_its_conversation(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.task()
    await site.world.says(task.journey_id, "My car has a dent")
    page = (await ana.get(f"{JOURNEYS}/{task.journey_id}")).json()
    assert ([each["id"] for each in page["tasks"]], page["conversation"][0]["text"]) == ([task.id], "My car has a dent")
    async with site.signed_in("out") as out:
        assert (await out.get(f"{JOURNEYS}/{task.journey_id}")).status_code == 403


async def test_supervisors_speak_into_one_and_others_do_not(
    site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient
) -> None:
    journey = (await site.world.task()).journey_id
    assert (await ana.post(f"{JOURNEYS}/{journey}/messages", json={"text": "Hello"})).status_code == 403
    said = await sue.post(f"{JOURNEYS}/{journey}/messages", json={"text": "I am looking into it"})
    assert (said.status_code, said.json()["author"]) == (200, "sue")


async def test_supervisors_whisper_to_whoever_works_on_one(
    site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient
) -> None:
    nobody, journey = (await site.world.task()).journey_id, (await site.world.claimed()).journey_id
    psst = {"text": "ask for the number"}
    assert (await ana.post(f"{JOURNEYS}/{journey}/whisper", json=psst)).status_code == 403
    assert (await sue.post(f"{JOURNEYS}/{nobody}/whisper", json=psst)).status_code == 409
    headers = {"Idempotency-Key": "1"}
    told = [await sue.post(f"{JOURNEYS}/{journey}/whisper", json=psst, headers=headers) for _ in range(2)]
    assert [each.status_code for each in told] == [200, 200]
    assert (told[0].json()["audience"], told[0].json()["kind"], told[1].json()) == ("internal", "whisper", None)


async def test_one_is_taken_away_from_ai_agents_and_given_back(
    site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient
) -> None:
    journey = (await site.world.task()).journey_id
    assert (await ana.post(f"{JOURNEYS}/{journey}/stop", json={"reason": "it is lost"})).status_code == 204
    again = await ana.post(f"{JOURNEYS}/{journey}/stop", json={"reason": "it is lost"})
    assert (again.status_code, "stopped already" in again.json()["detail"]) == (409, True)
    assert (await ana.post(f"{JOURNEYS}/{journey}/resume")).status_code == 403
    assert (await sue.post(f"{JOURNEYS}/{journey}/resume")).status_code == 204
    assert (await sue.post(f"{JOURNEYS}/{journey}/reassign")).status_code == 204
    told = await site.world.rows("select kind from outbox where journey_id = $1 order by sequence", journey)
    assert [row["kind"] for row in told] == ["stop", "reassign"]


async def test_a_supervisor_cancels_one_with_a_word(
    site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient
) -> None:
    task = await site.world.task()
    path = f"{JOURNEYS}/{task.journey_id}/cancel"
    assert (await ana.post(path, json={"reason": "customer_request"})).status_code == 403
    assert (await sue.post(path, json={"reason": "Not.A.Word"})).status_code == 422
    assert (await sue.post(path, json={"reason": "customer_request", "comment": "they called"})).status_code == 204
    assert (await site.world.read(task.id)).state == "obsolete"


async def test_one_starts_one_for_an_address(site: Site, ana: httpx2.AsyncClient) -> None:
    body = {"kind": "bank-service", "address": "someone-new", "id": "case-1"}
    started = await ana.post(JOURNEYS, json=body)
    assert (started.status_code, started.json()["id"]) == (201, "case-1")
    assert (await ana.post(JOURNEYS, json=body)).status_code == 409
    for wrong in ({"kind": "bank-service"}, {"kind": "bank-service", "customer": "a", "address": "b"}):
        refused = await ana.post(JOURNEYS, json=wrong)
        assert (refused.status_code, refused.json()["field"]) == (422, "customer")


async def test_a_kind_tells_where_its_journeys_stand(site: Site, ana: httpx2.AsyncClient) -> None:
    await site.world.journey()
    (motor,) = (await ana.get(f"{JOURNEYS}/kinds")).json()["items"]
    assert [(each["stage"], each["performer"], each["journeys"]) for each in motor["open"]] == [("settle", "", 1)]


async def test_a_callback_is_agreed_moved_and_called_off(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed(queue="office")
    await working.start(site.world.desk, task.id, "ana", now=NOW, auth="token")
    first, second, *_ = (await ana.get("/api/v1/queues/office/slots")).json()["items"]
    path = f"/api/v1/callbacks/{task.id}"
    agreed = await ana.post(path, json={"slot": first})
    assert (agreed.status_code, agreed.json()["slot"]) == (200, first)
    headers = {"Idempotency-Key": "1"}
    for _ in range(2):
        moved = await ana.put(path, json={"slot": second}, headers=headers)
        assert (moved.status_code, moved.json()["slot"]) == (200, second)
    assert [each["task_id"] for each in (await ana.get("/api/v1/callbacks")).json()["items"]] == [task.id]
    taken = await ana.put(path, json={"slot": "2026-06-01T03:00:00Z"})
    assert (taken.status_code, taken.json()["field"]) == (422, "slot")
    assert (await ana.delete(path)).json()["state"] == "reserved"
    assert (await ana.get("/api/v1/callbacks")).json()["items"] == []


@pytest.mark.parametrize("path", ["/api/v1/callbacks/none", "/api/v1/queues/none/slots", f"{JOURNEYS}/none"])
async def test_what_there_is_not_is_not_found(sue: httpx2.AsyncClient, path: str) -> None:
    answer = await (sue.delete(path) if "callbacks" in path else sue.get(path))
    assert answer.status_code == 404
