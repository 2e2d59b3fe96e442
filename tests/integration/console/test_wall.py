"""The wall and the pages of journeys: who sees what, what supervisors do there, and that nothing typed is ever markup."""

import re

import httpx2
import pytest

from journeyman.agents.breaker import Breaker
from journeyman.store import Database
from journeyman.tasks import looks
from journeyman.views import endpoints
from tests.integration.console.site import Site
from tests.integration.tasks.world import NOW

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


async def test_the_wall_is_for_those_who_lead(ana: httpx2.AsyncClient, sue: httpx2.AsyncClient) -> None:
    for path in ("/wall", "/wall/board.part", "/wall/stop", "/wall/agents/teller/stop"):
        assert (await ana.get(path)).status_code == 403
        assert (await sue.get(path)).status_code == 200
    for path in ("/wall/stop", "/wall/agents/teller/stop", "/wall/resume"):
        assert (await ana.post(path, data={"reason": "no"})).status_code == 403


async def test_it_shows_who_works_on_what_and_where_it_goes_wrong(site: Site, sue: httpx2.AsyncClient) -> None:
    held = await site.world.claimed(title="The dented door")
    journey = await site.world.journey()
    await site.world.execute("update journey set performer = 'ai:teller' where id = $1", journey)
    for text in ("Hello", "This is terrible, I am furious and angry"):
        await site.world.says(journey, text)
    breaker = Breaker(threshold=1)
    breaker.record(False, 0.0)
    async with site.world.database.connection() as conn:
        await endpoints.report(conn, "one", "stand-in", breaker.snapshot(), NOW)
    page = (await sue.get("/wall")).text
    assert held.title in page
    assert page.count(f'href="/journeys/{journey}"') == 2  # the teller's, and among the unhappy
    assert "Spared" in page
    assert "In progress" in page
    assert (">Here</span>" in page, ">online<" in page) == (True, False)
    assert "calm → very upset" in page


async def test_a_supervisor_stops_an_agent_with_a_reason(site: Site, sue: httpx2.AsyncClient) -> None:
    assert (await sue.post("/wall/agents/teller/stop", data={"reason": HOSTILE, "once": "1"})).status_code == 303
    page = (await sue.get("/wall")).text
    assert ("&lt;script&gt;" in page, "<script>alert" in page, "<img src=x" in page) == (True, False, False)
    assert (await sue.post("/wall/agents/teller/resume", data={"once": "2"})).status_code == 303
    assert (await sue.post("/wall/stop", data={"reason": "all of it", "once": "3"})).status_code == 303
    assert "All AI agents are stopped" in (await sue.get("/wall")).text
    assert await site.world.value("select count(*) from stop_flag") == 1


async def test_a_supervisor_says_who_is_there(site: Site, sue: httpx2.AsyncClient) -> None:
    assert (await sue.post("/wall/people/ana/presence", data={"presence": "away"})).status_code == 303
    assert await site.world.value("select presence from person where id = 'ana'") == "away"


async def test_a_journey_s_page_shows_it_and_lets_supervisors_step_in(
    site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient
) -> None:
    task = await site.world.claimed(title=HOSTILE)
    await site.world.says(task.journey_id, HOSTILE)
    path = f"/journeys/{task.journey_id}"
    for client, leads in ((ana, False), (sue, True)):
        page = (await client.get(path)).text
        assert ("&lt;script&gt;alert" in page, "<script>alert" in page) == (True, False)
        assert ("Step in" in page) is leads
        assert ("Yours</span> You" in page, "In progress</span> Ana" in page) == (not leads, leads)
        assert "Claims" in page  # its queue, by its title
    async with site.signed_in("out") as out:
        assert (await out.get(path)).status_code == 403
    assert (await ana.post(f"{path}/whisper", data={"text": "psst"})).status_code == 403
    assert (await sue.post(f"{path}/whisper", data={"text": "Ask for the policy number"})).status_code == 303
    assert "Ask for the policy number" in (await ana.get(f"/desk/tasks/{task.id}")).text
    assert "Ask for the policy number" in (await sue.get(path)).text
    for deed, typed in (("say", {"text": "We look into it"}), ("cancel", {"reason": "duplicate", "comment": "of 12"})):
        assert (await ana.post(f"{path}/{deed}", data=typed)).status_code == 403, deed
    assert (await sue.post(f"{path}/say", data={"text": "We look into it"})).status_code == 303
    assert "We look into it" in (await ana.get(f"/desk/tasks/{task.id}")).text
    async with site.signed_in("bea") as bea:  # of the team, and not who works on it
        page = (await bea.get(f"/desk/tasks/{task.id}")).text
        assert "Ask for the policy number" not in page
        look = re.search(r"look=(look-\w+)", page)
        assert look
        assert "policy number" not in (await bea.get(f"/desk/tasks/{task.id}/messages?look={look[1]}")).text
        assert "Ask for the policy number" not in (await bea.get(path)).text
    told = await site.world.value("select audience from message where author = 'sue' and kind = 'whisper'")
    assert told == "internal"
    take = f"{path}/tasks/{task.id}/take-over"
    assert (await ana.post(take, data={"reason": "mine"})).status_code == 409
    assert (await sue.post(take, data={"reason": "let me"})).headers["location"] == f"/desk/tasks/{task.id}"
    assert (await site.world.read(task.id)).assignee == "sue"
    wrong = await sue.post(f"{path}/cancel", data={"reason": ""}, headers={"HX-Request": "true"})
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (422, True)
    assert (await sue.post(f"{path}/cancel", data={"reason": "duplicate", "comment": "of 12"})).status_code == 303
    assert "Withdrawn</span>" in (await sue.get(path)).text


async def test_a_journey_s_page_that_is_open_is_one_look_however_often_it_reads_again(
    site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient
) -> None:
    journey = (await site.world.task()).journey_id
    path, world = f"/journeys/{journey}", site.world
    page = (await ana.get(path)).text
    look = page.partition("look=")[2].partition('"')[0]
    await world.says(journey, "It rains in")
    site.now = world.later(seconds=30)
    assert "It rains in" in (await ana.get(f"{path}/now.part?look={look}")).text
    assert (await sue.get(f"{path}/now.part?look={look}")).status_code == 404  # it is another's
    assert (await ana.get(f"/journeys/{(await world.task()).journey_id}/seen?look={look}")).status_code == 404
    site.now = world.later(seconds=60)
    assert (await ana.get(f"{path}/seen?look={look}")).status_code == 204
    assert await looks.end_looks(world.desk, now=world.later(seconds=110)) == 0
    assert await looks.end_looks(world.desk, now=world.later(seconds=130)) == 1
    site.now = world.later(seconds=200)
    assert (await ana.get(f"{path}/seen?look={look}")).status_code == 204
    site.now = world.later(seconds=205)
    for _ in range(2):
        assert (await ana.post(f"{path}/left?look={look}")).status_code == 204
    rows = await world.rows(
        "select type, convert_from(body, 'UTF8')::jsonb -> 'facts' as facts from entry where type like 'journey.%' order by id"
    )
    told = [(row["type"], {name: row["facts"].get(name) for name in ("again", "position", "seconds")}) for row in rows]
    assert told == [
        ("journey.viewed", {"again": None, "position": 0, "seconds": None}),
        ("journey.left", {"again": None, "position": 1, "seconds": 60}),
        ("journey.viewed", {"again": True, "position": 1, "seconds": None}),
        ("journey.left", {"again": None, "position": 1, "seconds": 5}),
    ]


async def test_nobody_is_whispered_to_where_nobody_works(site: Site, sue: httpx2.AsyncClient) -> None:
    task = await site.world.task()
    refused = await sue.post(f"/journeys/{task.journey_id}/whisper", data={"text": "psst"})
    assert refused.status_code == 409


async def test_a_supervisor_takes_a_journey_over_from_ai(site: Site, sue: httpx2.AsyncClient) -> None:
    task = await site.world.task()
    taken = await sue.post(f"/journeys/{task.journey_id}/stop", data={"reason": "let me", "mine": "yes", "once": "1"})
    assert taken.headers.get("location", taken.text) == f"/desk/tasks/{task.id}"
    assert (await site.world.read(task.id)).assignee == "sue"
    assert "AI stopped" in (await sue.get(f"/journeys/{task.journey_id}")).text


async def test_who_takes_over_beyond_their_team_works_it_to_its_end(site: Site, sue: httpx2.AsyncClient) -> None:
    task = await site.world.task("experts")
    path = f"/desk/tasks/{task.id}"
    assert (await sue.post(f"{path}/deeds/claim")).status_code == 403
    taken = await sue.post(f"/journeys/{task.journey_id}/stop", data={"reason": "let me", "mine": "yes", "once": "1"})
    assert taken.headers.get("location", taken.text) == path
    page = (await sue.get(path)).text
    assert "let me" in page
    assert (await sue.post(f"{path}/say", data={"text": "I look into it myself"})).status_code == 303
    assert (await sue.post(f"/api/v1/tasks/{task.id}/start", json={})).status_code == 200
    result = {"output": {"amount_minor": 100, "outcome": "pay"}}
    assert (await sue.post(f"/api/v1/tasks/{task.id}/complete", json=result)).json()["state"] == "completed"
    handoff = "select receiver from handoff where task_id = $1"
    assert await site.world.value(handoff, task.id) == "person:sue"


async def test_what_waits_for_others_is_taken_over_by_who_leads_alone(
    site: Site, ana: httpx2.AsyncClient, sue: httpx2.AsyncClient
) -> None:
    task = await site.world.task("billing")
    own = await site.world.task(journey_id=await site.world.journey(), excluded=["sue"])
    path = f"/api/v1/tasks/{task.id}"
    assert (await ana.post(f"{path}/take-over", json={"reason": "mine"})).status_code == 403
    assert set((await sue.get(path)).json()["actions"]) >= {"take_over"}
    assert "claim" not in (await sue.get(path)).json()["actions"]
    assert (await sue.post(f"{path}/take-over", json={"reason": "let me"})).json()["assignee"] == "sue"
    refused = await sue.post(f"/api/v1/tasks/{own.id}/take-over", json={"reason": "let me"})
    assert (refused.status_code, refused.json()["policies"]) == (403, ["never-own-work"])


async def test_kinds_are_drawn_with_how_many_stand_where(site: Site, ana: httpx2.AsyncClient) -> None:
    await site.world.task()
    page = (await ana.get("/journeys")).text
    assert page.count("<svg") == 2
    assert "/journeys/list?kind=motor&amp;stage=settle" in page
    assert " style=" not in page


@pytest.mark.parametrize("query", ["", "?stage=settle&status=open&kind=motor", "?person=ana", "?agent=%00"])
async def test_lists_show_what_fits(site: Site, ana: httpx2.AsyncClient, query: str) -> None:
    task = await site.world.claimed()
    other = await site.world.task("billing")
    page = (await ana.get(f"/journeys/list{query}")).text
    assert (f"/journeys/{task.journey_id}" in page, f"/journeys/{other.journey_id}" in page) == (True, False)
    assert ("<td>Open</td>" in page, ">open<" in page, ">completed<" in page) == (True, False, False)


async def test_what_was_said_of_the_endpoint_long_ago_counts_no_more(database: Database) -> None:
    async with database.connection() as conn:
        await endpoints.report(conn, "one", "m", Breaker().snapshot(), NOW)
        assert [each.state for each in await endpoints.endpoints(conn, NOW)] == ["closed"]
        assert await endpoints.endpoints(conn, NOW + 2 * endpoints.COUNTS) == []
        await endpoints.forget(conn, "one", NOW)
        assert await endpoints.endpoints(conn, NOW) == []
