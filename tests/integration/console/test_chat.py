"""A customer's chat by the API: nobody but that customer reads it, and what they write arrives once."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import httpx2
import pytest
from pydantic import ValidationError

from journeyman.console.api.chat import told
from journeyman.console.app import build
from journeyman.console.limits import Limits
from journeyman.console.live.fanout import News
from journeyman.console.texts import TEXTS, direction
from journeyman.conversation import chat, transcript
from journeyman.conversation.inbound import LONGEST_MESSAGE, Inbound, receive
from journeyman.conversation.transcript import NewMessage
from journeyman.conversation.triggers import triggers
from journeyman.customers import journeys
from journeyman.customers.erasing import erase
from journeyman.customers.record import NewCustomer
from journeyman.errors import ConflictError
from journeyman.ledger.entry import Actor
from journeyman.ledger.log import recording
from journeyman.settings import Settings
from journeyman.tasks import working
from tests.integration.console.chatting import begun, chatting
from tests.integration.console.site import HERE, Site
from tests.integration.tasks.world import NOW

CHAT = "/api/v1/chat"
SHOP = "https://shop.test"


async def says(client: httpx2.AsyncClient, text: str, id: str = "m-1") -> str:
    answer = await client.post(f"{CHAT}/messages", json={"id": id, "text": text})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["journey"])


async def reads(client: httpx2.AsyncClient, journey: str, after: int = 0) -> list[str]:
    answer = await client.get(f"{CHAT}/journeys/{journey}/messages", params={"after": after})
    assert answer.status_code == 200, answer.text
    return [line["text"] for line in answer.json()["items"]]


async def notes(site: Site, journey: str, text: str, author: Actor, **more: str) -> None:
    async with recording(site.world.database, site.world.desk.keyring) as tx:
        row = await journeys.read(tx.conn, journey)
        await transcript.write(tx, row, NewMessage(author=author, text=text, **more), now=NOW)


async def test_a_customer_writes_and_reads_since_a_position(site: Site) -> None:
    async with chatting(site, name="Ada Byron", language="de") as ada:
        assert (await ada.get(CHAT)).json()["answers"] == "nobody"
        journey = await says(ada, "Guten Tag")
        await says(ada, "Noch etwas", "m-2")
        assert await reads(ada, journey) == ["Guten Tag", "Noch etwas"]
        assert await reads(ada, journey, after=1) == ["Noch etwas"]
        row = (await ada.get(CHAT)).json()
        assert (row["journey"], row["language"], row["kind"]) == (journey, "de", "bank-service")
    assert await site.world.value("select language from journey where id = $1", journey) == "de"


async def test_what_is_internal_and_who_people_are_is_not_told(site: Site) -> None:
    async with chatting(site) as ada:
        journey = await says(ada, "hello")
        bea = Actor(kind="person", id="bea", auth="picker")
        await notes(site, journey, "do not tell her", bea, audience="internal")
        await notes(site, journey, "I look into it", bea)
        answer = await ada.get(f"{CHAT}/journeys/{journey}/messages")
        assert "do not tell her" not in answer.text
        last = answer.json()["items"][-1]
        assert (last["author"], last["name"], last["text"]) == ("person", "Bea", "I look into it")
        assert "signals" not in answer.text
        assert '"bea"' not in answer.text


async def test_no_customer_reads_or_hears_another_s(site: Site) -> None:
    """Each token with each id, and with those of nobody."""
    tokens = [await begun(site) for _ in range(3)]
    theirs = {}
    for at, token in enumerate(tokens):
        async with site.client(headers={"Authorization": f"Bearer {token}"}) as client:
            theirs[token] = await says(client, f"secret of {at}")
    for token, journey in product([*tokens, "forged", ""], [*theirs.values(), "jrn-none", await site.world.journey()]):
        async with site.client(headers={"Authorization": f"Bearer {token}"} if token else {}) as client:
            read = await client.get(f"{CHAT}/journeys/{journey}/messages")
            heard = await client.get(f"{CHAT}/journeys/{journey}/events")
        if token not in theirs:
            assert (read.status_code, heard.status_code) == (401, 401)
        elif theirs[token] == journey:
            assert (read.status_code, heard.status_code) == (200, 204)
        else:
            assert (read.status_code, heard.status_code) == (404, 404)
            assert "secret" not in read.text
            assert read.json()["detail"] == f"there is no journey `{journey}` of yours"


async def test_a_message_that_is_sent_again_is_the_same(site: Site) -> None:
    async with chatting(site) as ada, chatting(site) as bob:
        journey = await says(ada, "once")
        again = await ada.post(f"{CHAT}/messages", json={"id": "m-1", "text": "once"})
        assert again.json() == {"journey": journey, "position": 1, "repeated": True}
        assert await reads(ada, journey) == ["once"]
        other = await says(bob, "another's of the same id")
        assert other != journey


async def test_a_wish_for_a_person_is_heard_in_every_language(site: Site) -> None:
    for language in TEXTS.languages:
        async with chatting(site, language=language) as client:
            answer = await client.post(f"{CHAT}/person", json={"id": "w"})
            assert answer.status_code == 200, answer.text
            journey = answer.json()["journey"]
            async with site.world.database.connection() as conn:
                row = await journeys.read(conn, journey)
                (line,) = await transcript.read(conn, site.world.desk.keyring, journey, row.customer_id)
            assert "person_request" in line.signals.triggers
            assert line.author_kind == "customer"


async def test_secrets_are_masked_before_they_are_kept(site: Site) -> None:
    async with chatting(site) as ada:
        journey = await says(ada, "my card is 4111 1111 1111 1111")
        (line,) = await reads(ada, journey)
        assert "4111 1111" not in line


@pytest.mark.parametrize("text", ["", "   ", "x" * (LONGEST_MESSAGE + 1), "nul \x00"])
async def test_what_cannot_be_a_message_is_refused_and_nothing_is_opened(site: Site, text: str) -> None:
    async with chatting(site) as ada:
        answer = await ada.post(f"{CHAT}/messages", json={"id": "m", "text": text})
        assert answer.status_code == 422
        assert (await ada.get(CHAT)).json()["journey"] is None


async def test_too_many_messages_are_refused_with_the_time_to_wait(site: Site) -> None:
    async with chatting(site) as ada:
        for number in range(20):
            await says(ada, "hello", f"m-{number}")
        refused = await ada.post(f"{CHAT}/messages", json={"id": "m-20", "text": "hello"})
        assert refused.status_code == 429
        assert refused.json()["type"] == "urn:journeyman:problem:too-many"
        site.app.state.limits = Limits()  # as another process's
        assert (await ada.post(f"{CHAT}/messages", json={"id": "m-20", "text": "hello"})).status_code == 429
        wait = int(refused.headers["Retry-After"])
        site.now += timedelta(seconds=wait)
        await says(ada, "hello", "m-20")
        async with chatting(site) as bob:  # another customer is not concerned
            await says(bob, "hello")


async def test_chats_are_not_begun_without_end(site: Site) -> None:
    async with site.client() as client:
        statuses = [(await client.post(CHAT, json={"kind": "bank-service"})).status_code for _ in range(31)]
    assert statuses == [201] * 30 + [429]


async def test_who_leaves_is_gone_and_whoever_works_hears_it(site: Site) -> None:
    async with chatting(site) as ada:
        journey = await says(ada, "hello")
        assert (await ada.post(f"{CHAT}/leave")).status_code == 204
        for answer in (await ada.get(CHAT), await ada.post(f"{CHAT}/leave")):
            assert answer.status_code == 401
    kinds = await site.world.value(
        "select string_agg(kind, ' ' order by position) from message where journey_id = $1", journey
    )
    assert kinds == "text left"


async def test_a_session_ends_by_itself(site: Site) -> None:
    async with chatting(site) as ada:
        site.now += chat.LIFE
        assert (await ada.get(CHAT)).status_code == 401


async def test_an_erased_customer_has_no_chat_any_more(site: Site) -> None:
    async with chatting(site) as ada:
        journey = await says(ada, "hello")
        customer = await site.world.value("select customer_id from journey where id = $1", journey)
        await erase(site.world.desk, customer, person="sue", auth="picker", now=site.now)
        for answer in (
            await ada.get(CHAT),
            await ada.get(f"{CHAT}/journeys/{journey}/messages"),
            await ada.post(f"{CHAT}/messages", json={"id": "m-2", "text": "again"}),
        ):
            assert answer.status_code == 401
    assert await site.world.value("select count(*) from customer") == 1


async def test_a_message_on_its_way_while_its_customer_is_erased_makes_nobody_new(site: Site) -> None:
    desk, definition = site.world.desk, site.console.project.definition("bank-service")
    _, session = await chat.begin(desk, definition, NewCustomer(), now=site.now)
    await erase(desk, session.customer, person="sue", auth="picker", now=site.now)
    inbound = Inbound(session.channel, session.address, "too late", "m-1")
    with pytest.raises(ConflictError, match="not that customer's any more"):
        await receive(desk.database, desk.keyring, inbound, opens=definition, known=session.customer, now=site.now)
    assert await site.world.value("select count(*) from customer") == 1


async def test_a_site_s_server_begins_a_chat_for_a_customer_whom_it_knows(site: Site) -> None:
    known = {"kind": "bank-service", "address": "member-7", "name": "Ada"}
    async with site.program("ana", "chat:write") as server:
        first, second = [(await server.post(f"{CHAT}/tokens", json=known)).json()["token"] for _ in range(2)]
    async with site.client(headers={"Authorization": f"Bearer {first}"}) as phone:
        journey = await says(phone, "from the phone")
    async with site.client(headers={"Authorization": f"Bearer {second}"}) as laptop:
        assert await reads(laptop, journey) == ["from the phone"]
    async with site.program("ana", "tasks:write") as other:
        assert (await other.post(f"{CHAT}/tokens", json=known)).status_code == 403
    async with site.client() as nobody:
        assert (await nobody.post(f"{CHAT}/tokens", json=known)).status_code == 401
        assert (await nobody.post(CHAT, json=known)).status_code == 422, "nobody names an address for themselves"


@pytest.mark.parametrize("path", [CHAT, f"{CHAT}/tokens"])
async def test_a_chat_that_is_begun_twice_by_one_key_is_begun_once(site: Site, path: str) -> None:
    """Its token is kept nowhere, so that it cannot be told again."""
    given, key = {"kind": "bank-service"}, {"Idempotency-Key": "8c5e2f1a-begun"}
    given |= {"address": "member-7"} if path != CHAT else {}
    sessions = "select count(*) from chat_session"
    async with site.program("ana", "chat:write") as server:
        refused = await server.post(path, json=given | {"time_zone": "nowhere"}, headers=key)
        assert refused.status_code == 422, "what was not carried out has used no key"
        first = await server.post(path, json=given, headers=key)
        again = await server.post(path, json=given, headers=key)
        assert (first.status_code, again.status_code) == (201, 409)
        told = again.json()
        assert told["type"] == "urn:journeyman:problem:repeated"
        assert "begin another with a new `Idempotency-Key`" in told["remedy"]
        assert first.json()["token"] not in again.text
        other = await server.post(path, json=given | {"language": "de"}, headers=key)
        assert (other.status_code, other.json()["field"]) == (409, "Idempotency-Key")
        assert await site.world.value(sessions) == 1
        assert (await server.post(path, json=given, headers={"Idempotency-Key": "another"})).status_code == 201
    assert await site.world.value(sessions) == 2
    kept = await site.world.value("select string_agg(r::text, ' ') from request r")
    assert first.json()["token"] not in kept


async def test_a_customer_s_token_is_no_person_s_and_a_person_s_no_customer_s(
    site: Site, ana: httpx2.AsyncClient
) -> None:
    assert (await ana.get(CHAT)).status_code == 401
    token = await begun(site)
    async with site.client(cookies={site.console.cookie: token}, headers=HERE) as client:
        assert (await client.get("/api/v1/tasks")).status_code == 401
    async with site.client(headers={"Authorization": f"Bearer {token}"}) as client:
        assert (await client.get("/api/v1/tasks")).status_code == 401


async def test_while_waiting_the_place_in_the_queue_is_told_and_then_who_it_is(site: Site) -> None:
    world = site.world
    await world.task()
    ahead = await world.task()
    async with chatting(site) as ada:
        journey = await says(ada, "I would like to talk to a person.")
        site.now += timedelta(minutes=1)
        task = await world.task(journey_id=journey, now=site.now)
        found = (await ada.get(CHAT)).json()
        assert found["answers"] == "waiting"
        assert found["place"]["before"] == 2
        assert found["place"]["minutes"] is None, "nothing was begun: nobody can tell"
        await working.claim(world.desk, ahead.id, "ana", now=site.now, auth="token")
        await working.start(world.desk, ahead.id, "ana", now=site.now, auth="token")
        found = (await ada.get(CHAT)).json()
        assert (found["place"]["before"], found["place"]["begun"], found["place"]["minutes"]) == (1, 1, 60)
        await working.claim(world.desk, task.id, "bea", now=site.now, auth="token")
        found = (await ada.get(CHAT)).json()
        assert (found["answers"], found["person"], found["place"]) == ("person", "Bea", None)


async def test_who_asks_for_a_person_waits_for_one_also_while_an_agent_s_words_are_judged(site: Site) -> None:
    async with chatting(site) as ada:
        journey = await says(ada, "Where is my money?")
        task = await site.world.task(
            journey_id=journey, kind="review", draft="Here.", draft_kind="message", now=site.now
        )
        site.now += timedelta(minutes=1)
        assert (await ada.get(CHAT)).json()["answers"] == "nobody"
        await says(ada, "I would like to talk to a person.", "m-2")
        found = (await ada.get(CHAT)).json()
        assert found["answers"] == "waiting"
        assert found["place"]["before"] == 0
        await working.claim(site.world.desk, task.id, "bea", now=site.now, auth="token")
        assert (await ada.get(CHAT)).json()["answers"] == "waiting", "who judges talks to nobody"


async def test_out_of_hours_the_opening_and_the_emergency_route_are_told(site: Site) -> None:
    site.now = NOW.replace(hour=22)
    async with chatting(site) as ada:
        journey = await says(ada, "I would like to talk to a person.")
        await site.world.task("office", journey_id=journey, now=site.now)
        place = (await ada.get(CHAT)).json()["place"]
    assert place["opens_at"] == "2026-06-02T07:00:00Z"
    assert place["emergency"] == "Call 112"
    assert place["minutes"] is None


async def test_the_stream_tells_no_more_than_that_there_is_news() -> None:
    assert told(News((), True, 7)) == b"id: 7\nevent: reset\ndata: {}\n\n"
    assert told(News((), False, 8)) == b"id: 8\n:\n\n"


async def test_a_page_of_another_site_cannot_act_in_a_customer_s_name(site: Site) -> None:
    token = await begun(site)
    cookies = {site.console.chat_cookie: token}
    body = {"id": "m", "text": "forged"}
    for headers in (
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.test"},
    ):
        async with site.client(cookies=cookies, headers=headers) as client:
            assert (await client.post(f"{CHAT}/messages", json=body)).status_code == 403
    async with site.client(cookies=cookies, headers=HERE) as client:
        assert (await client.post(f"{CHAT}/messages", json=body)).status_code == 200


async def test_scripts_of_listed_sites_may_call_it_and_no_others(site: Site) -> None:
    console = replace(site.console, settings=site.console.settings.model_copy(update={"chat_origins": [SHOP]}))
    transport = httpx2.ASGITransport(build(console))
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    async with httpx2.AsyncClient(transport=transport, base_url="http://console.test") as client:
        allowed = await client.options(f"{CHAT}/messages", headers={"Origin": SHOP} | asked)
        assert (allowed.status_code, allowed.headers["Access-Control-Allow-Origin"]) == (200, SHOP)
        assert "Access-Control-Allow-Credentials" not in allowed.headers
        other = await client.options(f"{CHAT}/messages", headers={"Origin": "https://evil.test"} | asked)
        assert "Access-Control-Allow-Origin" not in other.headers
        desk = await client.options("/api/v1/tasks", headers={"Origin": SHOP} | asked)
        assert "Access-Control-Allow-Origin" not in desk.headers
        for path, framed in (("/chat", True), ("/signin", False), ("/chatter", False)):
            answer = await client.get(path)
            policy = answer.headers["Content-Security-Policy"]
            assert (f"frame-ancestors 'self' {SHOP}" in policy) == framed
            assert ("X-Frame-Options" not in answer.headers) == framed


@pytest.mark.parametrize(
    "origin", ["https://a.test/path", "https://a.test; script-src *", "*", "a.test", "https://a b"]
)
def test_only_origins_are_listed(origin: str) -> None:
    with pytest.raises(ValidationError, match="is no origin of a web site"):
        Settings(chat_origins=[origin])


async def test_where_it_is_not_offered_there_is_none(site: Site) -> None:
    token = await begun(site)
    object.__setattr__(site.console, "chat", False)
    async with site.client(headers={"Authorization": f"Bearer {token}"}) as client:
        assert (await client.get(CHAT)).status_code == 404
        assert (await client.post(CHAT, json={"kind": "bank-service"})).status_code == 404


def test_every_language_has_every_text() -> None:
    for name, text in TEXTS.texts.items():
        assert set(text) == set(TEXTS.languages), name
        assert all(each.strip() for each in text.values()), name
        fields = {frozenset(part.partition("}")[0] for part in each.split("{")[1:]) for each in text.values()}
        assert len(fields) == 1, f"{name}: every language fills in the same"
    for language, wish in TEXTS.texts["ask_for_person"].items():
        assert "person_request" in triggers(wish), language
    assert {"en", "de", "es", "fr"} <= set(TEXTS.languages)
    assert direction("ar") == "rtl"


@pytest.mark.parametrize(
    ("accepted", "wished"),
    [("", "en"), ("de-CH, en;q=0.8", "de"), ("xx, fr;q=0.2, es;q=0.9", "es"), ("de;q=0", "en"), ("*;;;q=a", "en")],
)
def test_a_browser_s_wishes_choose_the_language(accepted: str, wished: str) -> None:
    assert TEXTS.wished(accepted) == wished
