"""Tasks over the API."""

from typing import Any

import httpx2

from tests.integration.console.site import Site

RESULT = {"output": {"amount_minor": 100, "outcome": "paid"}}


def url(task: Any, deed: str = "") -> str:
    return f"/api/v1/tasks/{task.id}" + (f"/{deed}" if deed else "")


async def test_a_task_is_claimed_worked_and_closed(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.task()
    waiting = (await ana.get("/api/v1/tasks/waiting")).json()["items"]
    assert [each["task"]["id"] for each in waiting] == [task.id]
    assert waiting[0]["why"]
    claimed = await ana.post(url(task, "claim"))
    assert (claimed.status_code, claimed.json()["state"], claimed.headers["etag"]) == (200, "reserved", '"2"')
    assert (await ana.post(url(task, "start"))).json()["state"] == "in_progress"
    shown = (await ana.get(url(task))).json()
    assert set(shown["output_schema"]["properties"]) == {"amount_minor", "outcome"}
    assert "complete" in shown["actions"]
    wrong = await ana.post(url(task, "complete"), json={"output": {"amount_minor": "lots", "outcome": "paid"}})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "amount_minor")
    done = await ana.post(url(task, "complete"), json=RESULT)
    assert (done.status_code, done.json()["state"]) == (200, "completed")
    assert (await ana.get("/api/v1/tasks/mine")).json()["items"] == []


async def test_one_s_own_tasks_go_on_at_the_cursor(site: Site, ana: httpx2.AsyncClient) -> None:
    held = [(await site.world.claimed()).id for _ in range(2)]
    first = (await ana.get("/api/v1/tasks/mine?limit=1")).json()
    then = (await ana.get("/api/v1/tasks/mine", params={"limit": 2, "cursor": first["next"]})).json()
    assert ([each["id"] for each in first["items"] + then["items"]], then["next"]) == (held, None)


async def test_a_change_of_what_was_changed_since_is_refused(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    tag = (await ana.get(url(task))).headers["etag"]
    assert (await ana.post(url(task, "start"), headers={"If-Match": tag})).status_code == 200
    late = await ana.post(url(task, "complete"), json=RESULT, headers={"If-Match": tag})
    assert late.status_code == 412
    assert late.headers["content-type"] == "application/problem+json"
    assert late.json()["type"] == "urn:journeyman:problem:changed"
    assert late.json()["remedy"] == "read it again"


async def test_a_completion_that_is_sent_twice_is_one(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    headers = {"Idempotency-Key": "3f2a"}
    first = await ana.post(url(task, "complete"), json=RESULT, headers=headers)
    again = await ana.post(url(task, "complete"), json=RESULT, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert len(await site.world.rows("select from entry where type = 'task.completed'")) == 1
    other = await ana.post(url(task, "complete"), json={"output": None}, headers=headers)
    assert (other.status_code, other.json()["field"]) == (409, "Idempotency-Key")


async def test_the_next_that_is_taken_twice_with_one_key_is_one_task(site: Site, ana: httpx2.AsyncClient) -> None:
    for _ in range(2):
        await site.world.task()
    headers = {"Idempotency-Key": "3f2b"}
    first, again = [await ana.post("/api/v1/tasks/next", headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.json(), again.headers["etag"]) == (first.json(), first.headers["etag"])
    assert (await ana.post("/api/v1/tasks/next", headers={"Idempotency-Key": "3f2c"})).json() != first.json()
    note: dict[str, Any] = {"json": {"text": "called"}, "headers": {"Idempotency-Key": "3f2d"}}
    assert (await ana.post(f"/api/v1/tasks/{first.json()['task']['id']}/comments", **note)).status_code == 204
    other = await ana.post("/api/v1/tasks/next", headers={"Idempotency-Key": "3f2d"})
    assert (other.status_code, other.json()["field"]) == (409, "Idempotency-Key")


async def test_without_a_key_the_second_completion_hears_that_it_is_closed(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    await ana.post(url(task, "complete"), json=RESULT)
    assert (await ana.post(url(task, "complete"), json=RESULT)).status_code == 409


async def test_of_two_who_claim_the_second_hears_who_was_first(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.task()
    async with site.signed_in("bea") as bea:
        assert (await bea.post(url(task, "claim"))).status_code == 200
    refused = (await ana.post(url(task, "claim"))).json()
    assert (refused["status"], refused["detail"]) == (409, f"task `{task.id}` is with `bea`")
    assert refused["remedy"] == "take another"


async def test_what_is_not_theirs_is_shown_to_nobody(site: Site) -> None:
    task = await site.world.task()
    async with site.signed_in("out") as out:
        for refused in (
            await out.get(url(task)),
            await out.post(url(task, "claim")),
            await out.post(url(task, "comments"), json={"text": "x"}),
        ):
            assert (refused.status_code, refused.json()["type"]) == (403, "urn:journeyman:problem:denied")
        assert (await out.get("/api/v1/tasks")).json() == {"items": [], "next": None}


async def test_lists_go_on_where_the_page_before_ended(site: Site, ana: httpx2.AsyncClient) -> None:
    tasks = {(await site.world.task()).id for _ in range(5)}
    seen: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = (await ana.get("/api/v1/tasks", params=params)).json()
        seen += [task["id"] for task in page["items"]]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert len(seen) == 5
    assert set(seen) == tasks
    wrong = await ana.get("/api/v1/tasks", params={"cursor": "x"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "cursor")


async def test_a_field_that_is_not_named_is_not_taken(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    more = await ana.post(url(task, "complete"), json=RESULT | {"assignee": "bea", "state": "ready"})
    assert more.status_code == 422
    assert {each["field"] for each in more.json()["errors"]} == {"assignee", "state"}


async def test_a_note_and_a_sentence_to_the_customer(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    assert (await ana.post(url(task, "comments"), json={"text": "called"})).status_code == 204
    said = await ana.post(url(task, "messages"), json={"text": "I look into it."})
    assert (said.status_code, said.json()["text"]) == (200, "I look into it.")
    assert [each["text"] for each in (await ana.get(url(task))).json()["comments"]] == ["called"]


async def test_a_draft_a_question_and_a_call_are_settled_by_who_holds_them(site: Site, ana: httpx2.AsyncClient) -> None:
    """Accept, edit, reject, return to the AI; answer it; let it call a tool, or not."""
    await site.world.execute("update person set capacity = 20")
    draft = {"amount_minor": 1, "outcome": "paid"}
    for kind, deed, body, state in (
        ("review", "accept", {}, "completed"),
        ("review", "edit", RESULT, "completed"),
        ("review", "reject", {"comment": "too much"}, "completed"),
        ("review", "hand-back", {"reason": "ask for a photo", "summary": "x", "tried": ["calling"]}, "completed"),
        ("question", "answer", {"text": "Until five."}, "completed"),
        ("work", "dispose", {"disposition": "unreachable"}, "completed"),
        ("work", "fail", {"comment": "nobody can"}, "failed"),
    ):
        task = await site.world.claimed(kind=kind, draft=draft)
        done = await ana.post(url(task, deed), json=body)
        assert (done.status_code, done.json()["state"]) == (200, state), (deed, done.text)
        assert done.headers["etag"] == f'"{done.json()["revision"]}"'
    for deed, comment in (("approve", ""), ("deny", "not this one")):
        journey = await site.world.journey()
        call = await site.world.tool_call(journey, id=f"tc-{deed}", args_hash="a" * 64)
        task = await site.world.claimed(kind="approval", journey_id=journey, draft=draft, tool_call=call)
        bound = (await ana.get(url(task))).json()["args_hash"]
        other = await ana.post(url(task, deed), json={"args_hash": "b" * 64, "comment": "x"})
        assert (other.status_code, other.json()["field"]) == (409, "args_hash"), other.text
        done = await ana.post(url(task, deed), json={"args_hash": bound, "comment": comment})
        assert (done.status_code, done.json()["action"]) == (200, deed), done.text


async def test_a_transfer_is_cold_or_warm(site: Site, ana: httpx2.AsyncClient) -> None:
    cold, warm = await site.world.claimed(), await site.world.claimed()
    given = {"reason": "knows more", "summary": "A dent", "still_open": ["the photos"], "promises": ["a call"]}
    moved = await ana.post(url(cold, "transfer"), json=given | {"to_queue": "billing"})
    assert (moved.json()["queue"], moved.json()["assignee"], moved.json()["state"]) == ("billing", None, "ready")
    asked = await ana.post(url(warm, "transfer"), json=given | {"to_person": "bea", "warm": True})
    assert (asked.json()["assignee"], asked.json()["offered_to"]) == ("ana", "bea")
    async with site.signed_in("bea") as bea:
        taken = await bea.post(url(warm, "accept-offer"))
        assert (taken.json()["assignee"], taken.json()["state"]) == ("bea", "reserved")
        packet = (await bea.get(url(warm))).json()["content"]["packet"]
        assert (packet["open"], packet["promises"]) == (["the photos"], ["a call"])
    nowhere = await ana.post(url(warm, "transfer"), json=given)
    assert (nowhere.status_code, nowhere.json()["remedy"] != "") == (422, True), nowhere.text
