"""The desk, the search over tasks and the macros, as a browser gets them."""

import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import JsonValue

from journeyman.customers import identifiers
from journeyman.ledger.log import recording
from journeyman.tasks import closing, macros, working
from journeyman.tasks.offering import make_offers
from tests.integration.console.site import Site
from tests.integration.tasks.world import CLI, NOW

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
HX = {"HX-Request": "true"}
RESULT: dict[str, JsonValue] = {"amount_minor": 100, "outcome": "paid"}


async def board(client: httpx2.AsyncClient) -> str:
    answer = await client.get("/desk/board.part", headers=HX)
    assert answer.status_code == 200, answer.text
    return answer.text


def section(page: str, id: str) -> str:
    """The text of a section of the board, without its tags."""
    found = re.search(rf'<section[^>]*aria-labelledby="{id}".*?</section>', page, re.DOTALL)
    return "" if found is None else " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


async def test_it_shows_offers_first_then_what_one_holds_and_what_waits_with_the_why(
    site: Site, ana: httpx2.AsyncClient
) -> None:
    for person in ("bea", "sue"):
        await site.world.presence(person, "away")
    await site.world.task("pushed", title="An offer")
    await site.world.claimed(title="In hand")
    paused = await site.world.claimed(title="On hold")
    await working.suspend(
        site.world.desk, paused.id, "ana", until=NOW + timedelta(hours=2), reason="waits", now=NOW, auth="token"
    )
    await site.world.task(title="Later")
    await site.world.task(title="Sooner", priority=90)
    assert await make_offers(site.world.desk, now=NOW) == 1
    page = (await ana.get("/desk")).text
    assert "An offer" in section(page, "offered")
    assert "Accept" in section(page, "offered")
    assert "In hand" in section(page, "held")
    assert "On hold" in section(page, "paused")
    assert "in 2 h" in section(page, "paused")
    assert "Sooner" in section(page, "best")
    assert "priority 90" in section(page, "best")
    assert "Later" in section(page, "waiting")
    assert page.index("An offer") < page.index("In hand") < page.index("On hold") < page.index("Sooner")
    assert "2 of 3" in page


async def test_a_row_says_whose_task_it_is_and_why_it_came_as_far_as_policy_shows(
    site: Site, ana: httpx2.AsyncClient
) -> None:
    task = await site.world.task(reason="distress")
    async with recording(site.world.database, site.world.desk.keyring) as tx:
        await identifiers.identify(tx, task.customer_id, identifiers.NAME, "Ada <b>", by=CLI, now=NOW)
    await site.world.execute(
        "insert into person (id, name, teams, roles) values ('nel', 'Nel', '{claims}', '{author}')"
    )
    rows = ("/desk", f"/desk/search?q={task.id}")
    async with site.signed_in("nel") as nel:
        for path in rows:
            assert "Ada &lt;b&gt;" in (shown := (await ana.get(path)).text)
            assert "the customer is in distress · Claims" in shown
            assert "in distress" in (hidden := (await nel.get(path)).text)
            assert "Ada" not in hidden  # members see the task; those who serve customers see who they are
    await working.claim(site.world.desk, task.id, "bea", now=NOW, auth="token")
    await closing.complete(site.world.desk, task.id, "bea", RESULT, now=NOW, auth="token")
    assert "Ada" not in (await ana.get(rows[1])).text
    for text, status, there in (("ada b", 200, True), ("Grace", 200, False), ("4111 1111 1111 1111", 422, False)):
        answer = await ana.post("/desk/search", data={"text": text})
        assert (answer.status_code, f"/desk/tasks/{task.id}" in answer.text) == (status, there), text
    answer = await ana.post("/desk/search", data={"text": f" {task.id} "})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/desk/search?q={task.id}")


async def test_what_is_not_theirs_is_thereto_nobody(site: Site) -> None:
    task = await site.world.task(title="Of claims")
    async with site.signed_in("out") as out:
        for path in ("/desk", "/desk/search", f"/desk/search?q={task.id}", f"/desk/search?q={task.journey_id}"):
            page = (await out.get(path)).text
            assert "Of claims" not in page
            assert "Pushed" not in page
        assert "Of claims" not in (await out.get("/desk/search?queue=claims")).text
        refused = await out.post(f"/desk/waiting/{task.id}/claim", headers=HX)
        assert refused.status_code == 403
        assert 'role="alert"' in refused.text


async def test_a_task_is_claimed_and_the_desk_stays(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.task()
    for _ in ("once", "sent again"):
        claimed = await ana.post(f"/desk/waiting/{task.id}/claim", data={"once": "1"}, headers=HX)
        assert (claimed.status_code, claimed.headers["hx-trigger"]) == (204, "changed")
    assert task.title in section((await ana.get("/desk/board.part")).text, "held")
    async with site.signed_in("bea") as bea:
        late = await bea.post(f"/desk/waiting/{task.id}/claim", headers=HX)
        assert (late.status_code, "with Ana" in late.text) == (409, True)


async def test_without_scripts_forms_lead_back_to_the_desk(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.task()
    claimed = await ana.post(f"/desk/waiting/{task.id}/claim")
    assert (claimed.status_code, claimed.headers["location"]) == (303, "/desk")
    other = await site.world.task()
    taken = await ana.post("/desk/next")
    assert (taken.status_code, taken.headers["location"]) == (303, f"/desk/tasks/{other.id}")
    nothing = await ana.post("/desk/next")
    assert (nothing.status_code, nothing.headers["location"]) == (303, "/desk")


async def test_the_next_best_is_taken_with_one_press(site: Site, ana: httpx2.AsyncClient) -> None:
    await site.world.task()
    best = await site.world.task(priority=90)
    assert (await ana.post("/desk/next", headers=HX)).headers["hx-redirect"] == f"/desk/tasks/{best.id}"
    await ana.post("/desk/next", headers=HX)
    assert "Nothing waits for you." in (await ana.post("/desk/next", headers=HX)).text


async def test_an_offer_is_accepted_or_declined(site: Site, ana: httpx2.AsyncClient) -> None:
    for person in ("bea", "sue"):
        await site.world.presence(person, "away")
    first = await site.world.task("pushed")
    await make_offers(site.world.desk, now=NOW)
    declined = await ana.post(f"/desk/offers/{first.id}/decline", headers=HX)
    assert (declined.status_code, declined.headers["hx-trigger"]) == (204, "changed")
    assert section((await ana.get("/desk/board.part")).text, "offered") == ""
    second = await site.world.task("pushed")
    await make_offers(site.world.desk, now=NOW)
    accepted = await ana.post(f"/desk/offers/{second.id}/accept", headers=HX)
    assert accepted.headers["hx-redirect"] == f"/desk/tasks/{second.id}"
    assert (await site.world.read(second.id)).assignee == "ana"


async def test_one_takes_a_break_and_comes_back(ana: httpx2.AsyncClient) -> None:
    away = await ana.post("/desk/presence", data={"presence": "away"}, headers=HX)
    assert "On a break" in away.text
    assert "data-since" in away.text
    assert "Here" in (await ana.post("/desk/presence", data={"presence": "online"}, headers=HX)).text
    assert (await ana.post("/desk/presence", data={"presence": "gone"}, headers=HX)).status_code == 422


async def test_a_wrap_up_takes_notes_and_ends(site: Site, ana: httpx2.AsyncClient) -> None:
    await site.world.roster(claims={"title": "Claims", "teams": ["claims"], "wrap_up": "2m"})
    task = await site.world.claimed()
    await closing.complete(site.world.desk, task.id, "ana", RESULT, now=NOW, auth="token")
    assert "Wrap up" in (await ana.get("/desk")).text
    form = {"task": task.id, "note": "She will send a photo.", "once": "7"}
    for _ in range(2):
        done = await ana.post("/desk/wrapped-up", data=form, headers=HX)
        assert done.status_code == 200
        assert "Wrap up" not in done.text
    assert (await site.world.entries(task.id)).count("task.commented") == 1
    assert "0 of 3" in done.text


async def test_queues_are_therewith_what_waits_and_who_is_there(site: Site, ana: httpx2.AsyncClient) -> None:
    await site.world.task(now=NOW - timedelta(minutes=5))
    words = " ".join(re.sub(r"<[^>]+>", " ", (await ana.get("/desk/queues.part")).text).split())
    assert "Claims 1 5 min 1 late" in words
    assert "Billing" not in words


async def test_tasks_are_found_by_number_and_by_filter(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.task(title="One of them")
    held = await site.world.claimed(title="Held one")
    done = await site.world.claimed(title="Done one")
    await closing.complete(site.world.desk, done.id, "ana", RESULT, now=NOW, auth="token")

    async def found(**query: Any) -> set[str]:
        answer = await ana.get("/desk/search", params=query)
        assert answer.status_code == 200, answer.text
        return {title for title in ("One of them", "Held one", "Done one") if title in answer.text}

    assert await found() == {"One of them", "Held one"}
    assert await found(q=task.id) == await found(q=f" {task.journey_id} ") == {"One of them"}
    assert await found(q="task-none") == set()
    assert await found(state="Waiting", queue="", kind="work") == {"One of them"}
    assert await found(state="Done") == {"Done one"}
    assert await found(whose="mine") == {"Held one"}
    assert await found(kind="review") == set()
    assert await found(queue="pushed") == set()
    assert f'href="/desk/tasks/{held.id}"' in (await ana.get("/desk/search")).text


@pytest.mark.parametrize(
    ("query", "field"),
    [({"state": "reserved?"}, "state"), ({"kind": "x"}, "kind"), ({"cursor": "x"}, "cursor"), ({"q": "a\0"}, "q")],
)
async def test_a_filter_that_there_is_not_is_told(ana: httpx2.AsyncClient, query: dict[str, str], field: str) -> None:
    wrong = await ana.get("/desk/search", params=query)
    assert wrong.status_code == 422


async def test_a_search_goes_on_where_the_page_before_ended(site: Site, ana: httpx2.AsyncClient) -> None:
    journey = await site.world.journey()
    titles = {f"Number {number:02}" for number in range(53)}
    for number, title in enumerate(sorted(titles)):
        await site.world.task(journey_id=journey, title=title, now=NOW - timedelta(minutes=number))
    first = (await ana.get("/desk/search?queue=claims")).text
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward is not None
    second = (await ana.get(onward[1].replace("&amp;", "&"))).text
    pages = [{title for title in titles if title in page} for page in (first, second)]
    assert [len(page) for page in pages] == [50, 3]
    assert pages[0] | pages[1] == titles


async def test_what_people_and_models_write_comes_out_as_text(site: Site, ana: httpx2.AsyncClient) -> None:
    await site.world.execute("update person set name = $1 where id = 'ana'", HOSTILE)
    await site.world.execute("update queue set title = $1 where id = 'claims'", HOSTILE)
    task = await site.world.task(title=HOSTILE)
    await site.world.claimed(title=HOSTILE)
    await macros.add(site.world.desk, "ana", name="Hi", text=HOSTILE, keys="hi", now=NOW, auth="token")
    for path in ("/desk", "/desk/search", f"/desk/search?q={task.id}", "/desk/macros", "/desk/macros.part"):
        page = (await ana.get(path)).text
        assert "&lt;script&gt;" in page, path
        assert "<script>alert" not in page, path
        assert "<img" not in page, path
    page = (await ana.get("/desk/search", params={"q": HOSTILE})).text
    assert "<script>alert" not in page


async def test_macros_are_kept_changed_found_and_taken_away(site: Site, ana: httpx2.AsyncClient) -> None:
    new = {"name": "Greeting", "keys": "hi", "text": "Hello {customer}, this is {me}."}
    assert (await ana.post("/desk/macros", data=new)).status_code == 303
    found = (await ana.get("/desk/macros.part", params={"q": "hi"})).text
    assert 'data-macro="Hello {customer}, this is Ana."' in found
    id = re.findall(r'id="(macro-\w+)"', found)[0]
    wrong = await ana.post(f"/desk/macros/{id}", data=new | {"text": "Dear {pin}"})
    assert wrong.status_code == 422
    assert "Dear {pin}" in wrong.text
    assert "nothing fills" in wrong.text.lower()
    assert (await ana.post(f"/desk/macros/{id}", data=new | {"text": "Good day."})).status_code == 303
    assert "Good day." in (await ana.get("/desk/macros")).text
    async with site.signed_in("bea") as bea:
        assert "Good day." not in (await bea.get("/desk/macros")).text
        assert (await bea.post(f"/desk/macros/{id}/remove")).status_code == 404
    assert (await ana.post(f"/desk/macros/{id}/remove")).status_code == 303
    assert "Good day." not in (await ana.get("/desk/macros")).text


async def test_a_team_s_macros_are_kept_by_its_supervisor(ana: httpx2.AsyncClient, sue: httpx2.AsyncClient) -> None:
    new = {"name": "Photo", "text": "Please send a photo.", "team": "claims"}
    assert (await ana.post("/desk/macros", data=new)).status_code == 403
    assert (await sue.post("/desk/macros", data=new)).status_code == 303
    page = (await ana.get("/desk/macros")).text
    assert "Please send a photo." in page
    assert "Take it away" not in page
