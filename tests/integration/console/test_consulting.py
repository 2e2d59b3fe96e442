"""A colleague is asked about a task: they find it on their desk, see it until they have answered, and do nothing else with it."""

import httpx2

from journeyman.tasks import closing
from tests.integration.console.site import Site
from tests.integration.tasks.world import NOW

HOSTILE = "<script>alert(1)</script>"


async def test_a_colleague_of_another_team_is_asked_and_answers(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    await site.world.says(task.journey_id, "The door has a dent.")
    path, api = f"/desk/tasks/{task.id}", f"/api/v1/tasks/{task.id}"
    async with site.signed_in("out") as out:
        assert (await out.get(path)).status_code == 403
        asked = await ana.post(f"{path}/note", data={"text": f"Do we cover dents? {HOSTILE}", "to": "out", "once": "1"})
        assert (asked.status_code, asked.headers["location"]) == (303, path)
        assert "asks Otto" in (await ana.get(path)).text

        desk = (await out.get("/desk")).text
        assert "Asked of you" in desk
        assert "Ana asks you" in desk
        assert f'href="{path}"' in desk
        assert [each["task"]["id"] for each in (await out.get("/api/v1/tasks/asked")).json()["items"]] == [task.id]
        page = (await out.get(path)).text
        assert "A colleague asks you about this." in page
        assert ("Do we cover dents?" in page, "The door has a dent." in page, HOSTILE in page) == (True, True, False)
        assert "/api/v1/events?after=" in page
        assert (await out.post(f"{api}/messages", json={"text": "Hello"})).status_code == 403
        assert (await out.post(f"{api}/claim")).status_code in (403, 409)
        assert (await out.post(f"{api}/consult", json={"to": "bea", "text": "You?"})).status_code == 403

        answered = await out.post(f"{path}/note", data={"text": "Up to 500.", "once": "1"})
        assert (answered.status_code, answered.headers["location"]) == (303, "/desk")
        assert "Asked of you" not in (await out.get("/desk")).text
        assert (await out.get(path)).status_code == 403
    assert "Up to 500." in (await ana.get(path)).text
    comments = (await ana.get(api)).json()["comments"]
    assert [(each["author"], each["to"]) for each in comments] == [("ana", "out"), ("out", None)]
    types = "select string_agg(type, ' ' order by id) from entry where type like 'task.co%'"
    assert await site.world.value(types) == "task.consulted task.commented"


async def test_a_question_is_taken_back(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    path, api = f"/desk/tasks/{task.id}", f"/api/v1/tasks/{task.id}"
    for to in ("out", "bea"):
        assert (await ana.post(f"{api}/consult", json={"to": to, "text": "Which form?"})).status_code == 204
    assert (await ana.get(path)).text.count("Take it back") == 2
    async with site.signed_in("out") as out:
        assert (await out.delete(f"{api}/consult/out")).status_code == 403
        back = await ana.post(f"{path}/consulted/out/take-back", data={"once": "1"})
        assert (back.status_code, back.headers["location"]) == (303, path)
        assert "Asked of you" not in (await out.get("/desk")).text
        assert (await out.get(path)).status_code == 403
    assert (await ana.delete(f"{api}/consult/bea")).status_code == 204
    assert (await ana.delete(f"{api}/consult/bea")).status_code == 409
    page = (await ana.get(path)).text
    assert (page.count("Taken back"), "Take it back" in page, "asked Otto" in page) == (2, False, True)
    assert [each["taken_back"] for each in (await ana.get(api)).json()["comments"]] == [True, True]
    types = "select string_agg(type, ' ' order by id) from entry where type like 'task.q%'"
    assert await site.world.value(types) == "task.question_taken_back task.question_taken_back"


async def test_whom_one_can_ask_are_colleagues_who_could_answer(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    await site.world.presence("bea", "away")
    api = f"/api/v1/tasks/{task.id}"
    found = (await ana.get(f"{api}/advisers")).json()["items"]
    assert [(each["id"], each["presence"]) for each in found] == [("sue", "online"), ("bea", "away")]
    chosen = (await ana.get(f"/desk/tasks/{task.id}/choices/note")).text
    assert '<option value="bea">Bea (on a break)</option>' in chosen
    async with site.signed_in("bea") as bea:
        assert (await bea.get(f"{api}/advisers")).json()["items"] == []
        assert 'name="to"' not in (await bea.get(f"/desk/tasks/{task.id}")).text
    await site.world.execute("insert into person (id, name, roles) values ('aud', 'Audrey', '{auditor}')")
    for to, status in (("ana", 422), ("aud", 409), ("nobody", 404)):
        assert (await ana.post(f"{api}/consult", json={"to": to, "text": "What?"})).status_code == status
    assert (await ana.post(f"{api}/consult", json={"to": "bea", "text": " "})).status_code == 422


async def test_who_is_asked_about_a_task_sees_it_no_more_once_it_is_closed(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    api = f"/api/v1/tasks/{task.id}"
    for text in ("Which form?", "And when?"):
        assert (await ana.post(f"{api}/consult", json={"to": "out", "text": text})).status_code == 204
    async with site.signed_in("out") as out:
        assert len((await out.get("/api/v1/tasks/asked")).json()["items"]) == 1
        assert (await out.get(api)).status_code == 200
        await closing.fail(site.world.desk, task.id, "ana", comment="cannot be done", now=NOW, auth="token")
        assert (await out.get("/api/v1/tasks/asked")).json()["items"] == []
        assert (await out.get(api)).status_code == 403
    assert (await ana.post(f"{api}/consult", json={"to": "out", "text": "Still?"})).status_code == 409
