"""The chat's page as a browser without JavaScript has it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2
import pytest

from journeyman.console.texts import TEXTS
from journeyman.conversation.inbound import LONGEST_MESSAGE
from journeyman.ledger.entry import Actor
from tests.integration.console.site import HERE, Site
from tests.integration.console.test_chat import notes

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}"


@asynccontextmanager
async def browser(site: Site, **fields: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A customer's, in which a chat was begun."""
    async with site.client(headers=HERE, follow_redirects=True) as client:
        shown = await client.post("/chat", data={"kind": "bank-service"} | fields)
        assert shown.status_code == 200, shown.text
        yield client


async def sends(
    client: httpx2.AsyncClient, text: str, once: str = "m-1", path: str = "/chat/messages"
) -> httpx2.Response:
    return await client.post(path, data={"once": once, "text": text})


async def test_it_begins_in_the_language_that_the_browser_wishes(site: Site) -> None:
    async with site.client() as client:
        german = await client.get("/chat", headers={"Accept-Language": "de-AT,en;q=0.5"})
        assert TEXTS.of("de")["begin_title"] in german.text
        assert '<html lang="de" dir="ltr">' in german.text
        chosen = await client.get("/chat?language=fr", headers={"Accept-Language": "de"})
        assert '<html lang="fr"' in chosen.text
        assert all(f'value="{kind}"' in chosen.text for kind in site.console.project.kinds)


async def test_one_posts_and_reads_without_a_script(site: Site) -> None:
    async with browser(site, language="es", name="Ana") as client:
        assert TEXTS.of("es")["answers_nobody"] in (await client.get("/chat")).text
        shown = await sends(client, "hola\r\nsegunda")
        assert "hola\nsegunda" in shown.text
        again = await sends(client, "hola\r\nsegunda")
        assert again.text.count("hola") == 1, "the same form sent again is the same message"
        asked = await sends(client, "", "m-2", "/chat/person")
        assert TEXTS.of("es")["ask_for_person"] in asked.text


async def test_the_cookie_is_unreadable_and_of_this_site_alone(site: Site) -> None:
    async with site.client(headers=HERE) as client:
        answer = await client.post("/chat", data={"kind": "bank-service"})
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("journeyman-chat=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


async def test_what_is_hostile_stays_text(site: Site) -> None:
    async with browser(site, name=HOSTILE) as client:
        await sends(client, HOSTILE)
        journey = await site.world.value("select id from journey")
        await site.world.execute("update person set name = '<b>Bea</b>' where id = 'bea'")
        for author in (Actor(kind="person", id="bea"), Actor(kind="ai", id="<i>x</i>"), Actor(kind="system", id="x")):
            await notes(site, journey, HOSTILE, author)
        for path in ("/chat", f"/chat/lines?journey={journey}", "/chat/state"):
            page = (await client.get(path)).text
            assert "<script>alert" not in page
            assert "<img" not in page
            assert "<b>" not in page
            assert "<i>" not in page
            assert "49" not in re.sub(r"[0-9a-z-]{26,}", "", page) or "{{ 7*7 }}" in page
        refused = await client.post("/chat/messages", data={"once": "m-9", "text": HOSTILE + "x" * LONGEST_MESSAGE})
        assert refused.status_code == 422
        assert "<script>alert" not in refused.text


@pytest.mark.parametrize(("text", "word"), [("  ", "empty"), ("x" * (LONGEST_MESSAGE + 1), "too_long")])
async def test_what_is_refused_is_said_in_the_customer_s_language_and_kept(site: Site, text: str, word: str) -> None:
    async with browser(site, language="de") as client:
        refused = await sends(client, text)
        assert refused.status_code == 422
        assert TEXTS.of("de")[word].format(longest=LONGEST_MESSAGE) in refused.text
        assert f">{text}</textarea>" in refused.text
        part = await client.post("/chat/messages", data={"once": "m", "text": text}, headers={"HX-Request": "true"})
        assert part.text.startswith('<p class="problem"')


async def test_too_many_are_refused_with_the_time_to_wait(site: Site) -> None:
    async with browser(site) as client:
        for number in range(20):
            await sends(client, "hello", f"m-{number}")
        refused = await sends(client, "hello", "m-20")
        assert refused.status_code == 429
        assert refused.headers["Retry-After"] == "2"
        assert TEXTS.of("en")["too_many"].format(seconds=2) in refused.text
        assert ">hello</textarea>" in refused.text


async def test_who_waits_sees_the_place_and_what_to_do_out_of_hours(site: Site) -> None:
    async with browser(site, language="de", time_zone="Europe/Berlin") as client:
        site.now = site.now.replace(hour=20)
        await sends(client, "", "m-1", "/chat/person")
        journey = await site.world.value("select id from journey")
        await site.world.task("office", journey_id=journey, now=site.now)
        page = (await client.get("/chat")).text
        assert "2026-06-02 09:00 (CEST)" in page
        assert "Call 112" in page
        async with browser(site, language="fr") as other:
            site.now += timedelta(minutes=1)
            await sends(other, "", "m-1", "/chat/person")
            journey = await site.world.value("select id from journey order by opened_at desc limit 1")
            await site.world.task("claims", journey_id=journey, now=site.now)
            assert TEXTS.of("fr")["place_next"] in (await other.get("/chat/state")).text


async def test_who_leaves_may_begin_again_and_reads_nothing_of_before(site: Site) -> None:
    async with browser(site) as client:
        await sends(client, "my secret")
        left = await client.post("/chat/leave")
        assert TEXTS.of("en")["left"] in left.text
        assert "my secret" not in (await client.get("/chat")).text
        assert (await client.get("/chat/state", headers={"HX-Request": "true"})).status_code == 401


async def test_no_other_site_begins_or_writes(site: Site) -> None:
    async with site.client(headers={"Sec-Fetch-Site": "cross-site"}) as client:
        assert (await client.post("/chat", data={"kind": "bank-service"})).status_code == 403
    assert await site.world.value("select count(*) from customer") == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "no-such"},
        {"kind": "bank-service", "time_zone": "Mars/Base"},
        {"kind": "bank-service", "name": "a\x07b"},
    ],
)
async def test_what_cannot_begin_is_said(site: Site, fields: dict[str, str]) -> None:
    async with site.client(headers=HERE) as client:
        answer = await client.post("/chat", data=fields)
        assert answer.status_code in (404, 422)
        assert TEXTS.of("en")["away"] in answer.text
