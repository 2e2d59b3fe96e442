"""The copilot over the API and on its page: streamed, marked as AI, in nobody's way, and its texts only ever text."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from journeyman.console.app import build
from journeyman.console.bucket import Buckets
from journeyman.knowledge import Base
from journeyman.publishing import publish_knowledge
from journeyman.tasks import stops
from tests.integration.console.serving import serving
from tests.integration.console.site import HERE, PROJECT, Site
from tests.integration.console.test_task_page import HOSTILE
from tests.integration.copilot.assisted import ASSESSOR, Assisted, assisted_in
from tests.integration.tasks.world import CLI, NOW


@pytest.fixture
async def assisted(site: Site) -> AsyncIterator[Assisted]:
    async with assisted_in(site.world) as found:
        project = replace(PROJECT, agents={**PROJECT.agents, "assessor": ASSESSOR})
        site.console = replace(site.console, project=project, endpoint=lambda: found.endpoint)
        site.app = build(site.console)
        yield found


@pytest.fixture
async def ana(site: Site, assisted: Assisted) -> AsyncIterator[httpx2.AsyncClient]:
    async with site.signed_in("ana") as client:
        yield client


async def talked(site: Site, text: str = "My car has a dent in the left door.") -> Any:
    task = await site.world.claimed()
    await site.world.says(task.journey_id, text)
    return task


def events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.strip().split("\n\n"):
        event, data = block.split("\n")
        found.append((event.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


async def test_who_asks_too_often_hears_when_to_ask_again(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await talked(site)
    site.app.state.limits.suggestions = Buckets(1, timedelta(minutes=1))
    assert (await ana.post(api(task), json={"kind": "summary"})).status_code == 200
    again = await ana.post(api(task), json={"kind": "summary"})
    assert (again.status_code, again.headers["retry-after"], again.json()["remedy"]) == (429, "60", "try again in 60 s")
    assert (await ana.post(page(task, "/ask"), data={"kind": "summary"})).status_code == 429
    site.now = site.world.later(minutes=2)
    assert (await ana.post(page(task, "/ask"), data={"kind": "summary"})).status_code == 200


def api(task: Any, rest: str = "") -> str:
    return f"/api/v1/tasks/{task.id}/suggestions{rest}"


def page(task: Any, rest: str = "") -> str:
    return f"/desk/tasks/{task.id}/copilot{rest}"


async def reply_to(ana: httpx2.AsyncClient, task: Any, kind: str = "reply") -> dict[str, Any]:
    answer = await ana.post(api(task), json={"kind": kind})
    assert answer.headers["content-type"].startswith("text/event-stream")
    name, told = events(answer.text)[-1]
    assert name == "suggestion", told
    found: dict[str, Any] = told
    return found


async def test_a_suggestion_is_streamed_while_it_is_written(
    site: Site, assisted: Assisted, ana: httpx2.AsyncClient
) -> None:
    task = await talked(site)
    assisted.arm("drip", seconds=0.03)
    async with serving(site.app) as address, httpx2.AsyncClient(cookies=dict(ana.cookies), headers=HERE) as browser:
        arrived = []
        async with browser.stream("POST", address + api(task), json={"kind": "reply"}) as answer:
            async for chunk in answer.aiter_bytes():
                arrived.append(chunk)
        names = [name for name, _ in events(b"".join(arrived).decode())]
    assert len(arrived) > 1
    assert names == ["written"] * (len(names) - 1) + ["suggestion"]
    assert len(names) > 1


async def test_who_closes_the_stream_cancels_the_asking(
    site: Site, assisted: Assisted, ana: httpx2.AsyncClient
) -> None:
    task = await talked(site)
    assisted.arm("drip", seconds=0.05)
    async with (
        serving(site.app) as address,
        httpx2.AsyncClient(cookies=dict(ana.cookies), headers=HERE) as browser,
        browser.stream("POST", address + api(task), json={"kind": "reply"}) as answer,
    ):
        async for _ in answer.aiter_bytes():
            break
    assert await assisted.types() == ["copilot.asked"]


async def test_it_is_used_with_changes_or_dismissed(site: Site, assisted: Assisted, ana: httpx2.AsyncClient) -> None:
    task = await talked(site)
    reply = await reply_to(ana, task)
    assert [each["id"] for each in (await ana.get(api(task))).json()["items"]] == [reply["id"]]
    said = await ana.post(
        f"/api/v1/tasks/{task.id}/messages", json={"text": reply["text"] + " Bye.", "suggestion": reply["id"]}
    )
    assert said.status_code == 200
    notes = await reply_to(ana, task, "wrap_up")
    for _ in range(2):  # deleted, and inserted again
        assert (await ana.post(api(task, f"/{notes['id']}/insert"), json={"into": "note"})).status_code == 204
    assert (await ana.post(api(task, f"/{notes['id']}/insert"), json={"into": "air"})).status_code == 422
    assert (await ana.post(api(task, f"/{notes['id']}/dismiss"))).status_code == 204
    assert (await ana.post(api(task, f"/{notes['id']}/insert"), json={"into": "note"})).status_code == 409
    assert (await ana.post(api(task, f"/{notes['id']}/dismiss"))).status_code == 409
    assert (await ana.get(api(task))).json()["items"] == []
    types = await assisted.types()
    assert [each for each in types if each not in ("copilot.asked", "copilot.suggested")] == [
        "copilot.used",
        "copilot.inserted",
        "copilot.inserted",
        "copilot.dismissed",
    ]
    inserted = (await assisted.entries("copilot.inserted"))[0]
    assert (inserted["facts"]["into"], inserted["refs"]["suggestion"]) == ("note", notes["id"])


async def test_the_panel_helps_without_scripts(site: Site, assisted: Assisted, ana: httpx2.AsyncClient) -> None:
    task = await talked(site)
    asked = await ana.post(page(task, "/ask"), data={"kind": "reply"})
    assert "Suggested reply" in asked.text
    assert '<span class="badge ai">AI</span>' in asked.text
    [suggestion] = (await ana.get(api(task))).json()["items"]
    gone = await ana.post(page(task, f"/{suggestion['id']}/insert"))
    assert (gone.status_code, gone.headers["location"]) == (303, f"/desk/tasks/{task.id}")
    assert (await assisted.entries())[-1]["facts"]["into"] == "say"
    shown = await ana.get(f"/desk/tasks/{task.id}")
    assert f'name="suggestion" value="{suggestion["id"]}"' in shown.text
    assert "Thank you for your message." in shown.text
    assert await site.world.value("select count(*) from message where author_kind = 'person'") == 0
    sent = await ana.post(
        f"/desk/tasks/{task.id}/say", data={"text": "Something else.", "suggestion": suggestion["id"]}
    )
    assert sent.status_code == 303
    assert (await assisted.types())[-1] == "copilot.used"


async def test_a_colleague_does_nothing_with_a_suggestion_that_is_not_theirs(
    site: Site, assisted: Assisted, ana: httpx2.AsyncClient
) -> None:
    """Neither by the task that it is of, nor by one that they hold themselves."""
    task = await talked(site)
    theirs = (await reply_to(ana, task))["id"]
    own = await site.world.claimed("bea")
    async with site.signed_in("bea") as bea:
        for held, statuses in ((task, {403, 404, 409}), (own, {404})):
            assert (await bea.post(api(held, f"/{theirs}/dismiss"))).status_code in statuses
            for deed in ("insert", "dismiss"):
                assert (await bea.post(page(held, f"/{theirs}/{deed}"))).status_code in statuses, deed
            said = {"text": "Thank you.", "suggestion": theirs}
            for deed in ("messages", "comments"):
                assert (await bea.post(f"/api/v1/tasks/{held.id}/{deed}", json=said)).status_code in statuses, deed
        assert (await bea.get(api(task))).json()["items"] == []
    assert [each["id"] for each in (await ana.get(api(task))).json()["items"]] == [theirs]
    assert await assisted.types() == ["copilot.asked", "copilot.suggested"]


async def test_the_task_page_has_the_panel_for_whoever_works_on_it(
    site: Site, assisted: Assisted, ana: httpx2.AsyncClient
) -> None:
    task = await talked(site)
    assert f'hx-get="{page(task)}"' in (await ana.get(f"/desk/tasks/{task.id}")).text
    async with site.signed_in("sue") as sue:
        assert f'hx-get="{page(task)}"' not in (await sue.get(f"/desk/tasks/{task.id}")).text
        assert (await sue.post(api(task), json={"kind": "summary"})).status_code in (403, 409)
    part = await ana.get(page(task), headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "Reply: the customer waits for an answer" in part.text


async def test_notices_that_were_not_given_are_told_by_rules(
    site: Site, assisted: Assisted, ana: httpx2.AsyncClient
) -> None:
    task = await talked(site)
    claim = next(each for each in PROJECT.journeys.values() if "ai-disclosure" in each.definition.notices)
    project = replace(site.console.project, journeys={**PROJECT.journeys, "motor.v1": claim})
    site.app.state.console = replace(site.console, project=project)
    told = await ana.get(page(task))
    assert "Notices not given yet" in told.text
    assert "Next:</strong> Give the customer the notices" in told.text
    api_path = f"/api/v1/tasks/{task.id}/notices"
    async with site.signed_in("bea") as bea:
        assert (await bea.post(page(task, "/notices/recording"))).status_code == 403
    given = await ana.post(page(task, "/notices/recording"), headers={"HX-Request": "true"}, data={"once": "1"})
    assert "Sie sprechen" not in given.text
    assert "recorded, so that we can show" not in given.text
    assert "Reply: the customer waits for an answer" in given.text
    assert (await ana.post(page(task, "/notices/recording"), data={"once": "1"})).status_code == 200
    assert (await ana.post(f"{api_path}/recording")).json() is None
    assert (await ana.post(f"{api_path}/waiting")).status_code == 404
    assert (await ana.post(f"{api_path}/ai-disclosure")).json()["kind"] == "notice"
    [said] = await site.world.rows("select author, kind, audience from message where kind = 'notice' and position = 2")
    assert dict(said) == {"author": "ana", "kind": "notice", "audience": "customer"}
    notices = await site.world.value("select notices from journey where id = $1", task.journey_id)
    assert notices == ["recording@1", "ai-disclosure@1"]
    facts = (await assisted.entries("message.said"))[-1]["facts"]
    assert (facts["notice"], facts["verdict"]) == ("ai-disclosure@1", "allow")
    assert "Notices not given yet" not in (await ana.get(page(task))).text
    assert not assisted.standin.requests


async def test_the_page_says_why_there_is_no_help(site: Site, assisted: Assisted, ana: httpx2.AsyncClient) -> None:
    task = await talked(site)
    assisted.arm("malformed")
    assert (
        "No AI help now: the model&#39;s answer could not be used"
        in (await ana.post(page(task, "/ask"), data={"kind": "summary"})).text
    )
    assert events((await ana.post(api(task), json={"kind": "summary"})).text)[-1][1]["cause"] == "malformed"
    await stops.stop(site.world.desk, "all", reason="odd", now=NOW)
    told = await ana.get(page(task))
    assert "No AI help here" in told.text
    assert "data-copilot-ask" not in told.text


async def test_what_others_write_stays_text(site: Site, assisted: Assisted, ana: httpx2.AsyncClient) -> None:
    task = await talked(site, HOSTILE)
    await reply_to(ana, task)
    told = (await ana.get(page(task))).text
    assert "<script>alert(1)" not in told
    assert "<img" not in told
    assert "&lt;script&gt;alert(1)" in told


async def test_what_is_known_is_found_with_its_source(site: Site, assisted: Assisted, ana: httpx2.AsyncClient) -> None:
    task = await talked(site, "I want to report fraud")
    base = PROJECT.base()
    assert isinstance(base, Base)
    async with site.world.desk.recording() as tx:
        await publish_knowledge(tx, base, CLI, site.now)
    assert 'value="I want to report fraud"' in (await ana.get(page(task))).text
    reply = await reply_to(ana, task)
    for part in ("", "?q=fraud+report"):
        assert (await ana.get(page(task, "/knowledge" + part))).status_code == 200
    found = await ana.get(page(task, "/knowledge?q=fraud"), headers={"HX-Request": "true"})
    assert "<code>" in found.text
    for citation in reply["sources"]:
        opened = await ana.get(page(task, "/source"), params={"citation": citation})
        assert citation in opened.text


async def test_what_is_known_is_found_in_the_customer_s_language(site: Site, ana: httpx2.AsyncClient) -> None:
    base = Base(
        {
            "a.md": "# Limits\n\nThe limit is 500 euro.\n",
            "b.md": "---\nlanguage: de\n---\n# Limit\n\nDas Limit ist 500 Euro.\n",
        }
    )
    async with site.world.desk.recording() as tx:
        await publish_knowledge(tx, base, CLI, site.now)
    task = await site.world.claimed()
    await site.world.execute("update journey set language = 'de' where id = $1", task.journey_id)
    found = await ana.get(page(task, "/knowledge?q=limit"), headers={"HX-Request": "true"})
    assert ("Das Limit" in found.text, "The limit" in found.text) == (True, False)


async def test_closing_notes_go_into_the_form_that_closes_and_what_became_of_them_is_recorded(
    site: Site, assisted: Assisted, ana: httpx2.AsyncClient
) -> None:
    task = await talked(site, "I could not be reached, sorry.")
    notes = await reply_to(ana, task, "wrap_up")
    assert notes["disposition"] == "unreachable"
    panel = (await ana.get(page(task))).text
    assert 'data-copilot-insert="dispose"' in panel
    assert 'data-disposition="unreachable"' in panel
    insert = page(task, f"/{notes['id']}/insert")
    assert (await ana.post(insert, data={"into": "say"})).status_code == 404
    for form in ("work", "dispose"):
        assert (await ana.post(insert, data={"into": form})).status_code == 303
    shown = (await ana.get(f"/desk/tasks/{task.id}")).text
    assert shown.count(f'name="suggestion" value="{notes["id"]}"') == 2
    assert '<option value="unreachable" selected>' in shown
    assert (
        shown.count("suggested this. It is yours once you send it") == 4
    )  # reply, note, result and closing: two of them hidden
    assert (await site.world.read(task.id)).open
    closed = await ana.post(
        f"/desk/tasks/{task.id}/deeds/dispose",
        data={"disposition": "unreachable", "comment": "Called twice.", "suggestion": notes["id"]},
    )
    assert closed.status_code == 303
    assert (await site.world.read(task.id)).disposition == "unreachable"
    used = (await assisted.entries())[-1]
    assert used["type"] == "copilot.used"
    facts = {name: used["facts"][name] for name in ("edited", "suggested_disposition", "disposition")}
    assert facts == {"edited": True, "suggested_disposition": "unreachable", "disposition": "unreachable"}


async def test_a_result_is_completed_with_closing_notes(
    site: Site, assisted: Assisted, ana: httpx2.AsyncClient
) -> None:
    task = await talked(site)
    notes = await reply_to(ana, task, "wrap_up")
    done = {"output": {"amount_minor": 1, "outcome": "pay"}, "comment": notes["text"], "suggestion": notes["id"]}
    assert (await ana.post(f"/api/v1/tasks/{task.id}/complete", json=done)).status_code == 200
    used = (await assisted.entries())[-1]
    assert (used["type"], used["facts"]["edited"]) == ("copilot.used", False)
