"""The page of a task: every kind of task shown and closed through it, errors by field, hostile texts, and who may not."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx2
import pytest

from journeyman.conversation import transcript
from journeyman.conversation.transcript import NewMessage
from journeyman.customers import journeys
from journeyman.governance import Authorizer, Bundle, Facts, Resource, may_complete
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import recording
from journeyman.tasks import looks
from journeyman.tasks.models import Packet
from journeyman.tasks.offering import make_offers
from tests.integration.console.site import Site
from tests.integration.tasks.world import AUTHORIZER, NOW

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"


class Forms(HTMLParser):
    """The forms of a page: what each would post as it stands, by its address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] = {}
        self._typing: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = self.forms.setdefault(given.get("action", ""), {})
        elif tag == "input" and given.get("type") not in ("checkbox", "radio") and "name" in given:
            self._fields[given["name"]] = given.get("value", "")
        elif tag == "textarea":
            self._typing = given["name"]
            self._fields[self._typing] = ""

    def handle_data(self, data: str) -> None:
        if self._typing is not None:
            self._fields[self._typing] += data.lstrip("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._typing = None


def url(task: Any, deed: str = "") -> str:
    return f"/desk/tasks/{task.id}" + (f"/{deed}" if deed else "")


async def opened(client: httpx2.AsyncClient, task: Any) -> tuple[str, dict[str, dict[str, str]]]:
    """The page, and its forms."""
    page = await client.get(url(task))
    assert page.status_code == 200, page.text
    return page.text, Forms(page.text).forms


async def sent(client: httpx2.AsyncClient, task: Any, deed: str, **typed: str) -> httpx2.Response:
    """The page is opened, a form of it filled in and sent."""
    _, forms = await opened(client, task)
    return await client.post(url(task, deed), data=forms[url(task, deed)] | typed)


async def said(site: Site, journey: str, text: str, kind: Any = "customer", **more: Any) -> None:
    """Somebody says something."""
    async with recording(site.world.database, site.world.desk.keyring) as tx:
        row = await journeys.read(tx.conn, journey)
        new = NewMessage(author=Actor(kind=kind, id=more.pop("id", "cus-1")), text=text, **more)
        await transcript.write(tx, row, new, now=NOW)


async def facts(site: Site, type: str) -> list[dict[str, Any]]:
    rows = await site.world.rows(
        "select convert_from(body, 'UTF8')::jsonb -> 'facts' as facts from entry where type = $1 order by id", type
    )
    return [row["facts"] for row in rows]


async def test_work_is_shown_with_all_one_needs_and_completed(site: Site, ana: httpx2.AsyncClient) -> None:
    packet = Packet(
        reason="asked_for_person", summary="A dent", tried=("a photo",), open=("the amount",), promises=("a call",)
    )
    task = await site.world.claimed(packet=packet)
    await said(site, task.journey_id, "My car has a dent")
    await said(site, task.journey_id, "I am an AI. I look into it.", "ai", id="assessor")
    page, _ = await opened(ana, task)
    for told in ("My car has a dent", "I am an AI. I look into it.", "A dent", "a photo", "the amount", "a call"):
        assert told in page
    assert 'badge ai">AI' in page
    assert "Yours" in page
    assert "reserved" not in re.sub(r"<[^>]*>", " ", page)
    left, _, rest = page.partition('class="card task-work"')
    assert [name in left for name in ('id="form-suspend"', 'id="form-transfer"')] == [True, False]
    assert [name in rest for name in ('id="form-suspend"', 'id="form-transfer"')] == [False, True]
    done = await sent(ana, task, "complete", **{"output.amount_minor": "120.50", "output.outcome": "paid"})
    assert (done.status_code, done.headers["location"]) == (303, "/desk")
    assert (await site.world.read(task.id)).state == "completed"
    shown, _ = await opened(ana, task)
    assert "How it ended" in shown
    assert "120.50" in shown


async def test_what_does_not_fit_is_told_at_its_field_and_nothing_typed_is_lost(
    site: Site, ana: httpx2.AsyncClient
) -> None:
    task = await site.world.claimed()
    wrong = await sent(
        ana,
        task,
        "complete",
        **{"output.amount_minor": "lots", "output.outcome": "paid by <b>us</b>", "comment": "as agreed"},
    )
    assert wrong.status_code == 422
    assert 'aria-invalid="true"' in wrong.text
    assert 'href="#field-output-amount_minor"' in wrong.text
    forms = Forms(wrong.text).forms[url(task, "complete")]
    assert forms["output.amount_minor"] == "lots"
    assert forms["output.outcome"] == "paid by <b>us</b>"
    assert forms["comment"] == "as agreed"
    assert (await site.world.read(task.id)).state == "reserved"
    done = await ana.post(url(task, "complete"), data=forms | {"output.amount_minor": "1"})
    assert done.status_code == 303


async def test_what_cannot_be_done_is_told_by_names_and_words_and_never_as_it_is_stored(
    site: Site, ana: httpx2.AsyncClient
) -> None:
    task, hers = await site.world.claimed(), await site.world.claimed("bea")
    await site.world.execute("update person set name = 'Bea Berg' where id = 'bea'")
    _, forms = await opened(ana, task)

    async def told(client: httpx2.AsyncClient, path: str, **typed: str) -> str:
        answer = await client.post(path, data=forms.get(path, {}) | typed, headers={"HX-Request": "true"})
        assert answer.status_code in (409, 412), answer.text
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text.partition('role="alert"')[2])).split())

    assert "This task is with Bea Berg. Take another." in await told(ana, f"/desk/waiting/{hers.id}/claim")
    start = url(task, "deeds/start")
    forms[start] = forms[start] | {"revision": "x"}
    await site.world.execute("update task set state = 'suspended' where id = $1", task.id)
    assert "Cannot begin a task that is paused. Possible now: give back, go on with," in await told(ana, start)
    await site.world.execute(
        "update task set state = 'obsolete', action = 'withdraw', closed_at = now() where id = $1", task.id
    )
    assert "This task is withdrawn. Nothing can be said for it any more." in await told(
        ana, url(task, "say"), text="Hi"
    )
    page, _ = await opened(ana, task)
    assert "Withdrawn, nobody needs it any more" in page
    await site.world.presence("ana", "away")
    waits = await site.world.task()
    away = await told(ana, f"/desk/waiting/{waits.id}/claim")
    assert "is on a break. Go online to take work." in away
    assert "`" not in away


async def test_with_scripts_only_the_form_comes_back(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    _, forms = await opened(ana, task)
    scripted = {"HX-Request": "true"}
    wrong = await ana.post(url(task, "complete"), data=forms[url(task, "complete")], headers=scripted)
    assert (wrong.status_code, wrong.headers["hx-retarget"]) == (422, "#form-work")
    assert "<html" not in wrong.text
    assert "Fill this in" in wrong.text
    given = Forms(wrong.text).forms[url(task, "complete")] | {"output.amount_minor": "1", "output.outcome": "paid"}
    done = await ana.post(url(task, "complete"), data=given, headers=scripted)
    assert (done.status_code, done.headers["hx-redirect"]) == (200, "/desk")


async def test_a_completion_that_is_sent_twice_is_one(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    _, forms = await opened(ana, task)
    form = forms[url(task, "complete")] | {"output.amount_minor": "1", "output.outcome": "paid"}
    first = await ana.post(url(task, "complete"), data=form)
    again = await ana.post(url(task, "complete"), data=form)
    assert (first.status_code, again.status_code) == (303, 303)
    assert len(await facts(site, "task.completed")) == 1


async def test_a_draft_counts_as_edited_and_the_differences_are_told(site: Site, ana: httpx2.AsyncClient) -> None:
    draft = {"amount_minor": 70000, "outcome": "paid"}
    task = await site.world.claimed(kind="review", draft=draft)
    page, forms = await opened(ana, task)
    form = forms[url(task, "edit")]
    assert form["output.amount_minor"] == "700.00"
    assert "As the AI drafted it" in page
    same = await ana.post(url(task, "edit"), data=form)
    assert (same.status_code, "not changed the draft" in same.text) == (409, True)
    form |= {"output.amount_minor": "650.00"}
    differs = await ana.post(url(task, "changes"), data=form)
    assert "<del" in differs.text
    assert "650.00" in differs.text
    accepted = await ana.post(url(task, "accept"), data=form)
    assert (accepted.status_code, "have changed the draft" in accepted.text) == (409, True)
    assert (await ana.post(url(task, "edit"), data=form)).status_code == 303
    assert [each["action"] for each in await facts(site, "task.completed")] == ["edit"]


async def test_a_draft_is_accepted_rejected_or_given_back(site: Site, ana: httpx2.AsyncClient) -> None:
    draft = {"amount_minor": 70000, "outcome": "paid"}
    for deed, typed in (
        ("accept", {}),
        ("deeds/reject", {"comment": "too much"}),
        ("deeds/hand-back", {"reason": "ask for a photo", "tried": "asking\nwaiting"}),
    ):
        task = await site.world.claimed(kind="review", draft=draft)
        _, forms = await opened(ana, task)
        form = forms[url(task, "edit" if deed == "accept" else deed)]
        done = await ana.post(url(task, deed), data=form | typed)
        assert (done.status_code, (await site.world.read(task.id)).state) == (303, "completed")
    assert [each["action"] for each in await facts(site, "task.completed")] == ["accept", "reject", "return"]


async def test_words_under_review_are_edited(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed(kind="review", draft="We look into it <now>.", draft_kind="message")
    _, forms = await opened(ana, task)
    form = forms[url(task, "edit")]
    assert form["output"] == "We look into it <now>."
    done = await ana.post(url(task, "edit"), data=form | {"output": "We look into it today."})
    assert done.status_code == 303, done.text
    assert [each["action"] for each in await facts(site, "task.completed")] == ["edit"]


async def test_exactly_the_call_that_was_seen_is_approved(site: Site, ana: httpx2.AsyncClient) -> None:
    journey = await site.world.journey()
    call = await site.world.tool_call(journey, args_hash="a" * 64)
    draft = {"tool": "pay", "args": {"iban": HOSTILE, "amount_minor": 5}}
    task = await site.world.claimed(journey_id=journey, kind="approval", draft=draft, tool_call=call)
    page, forms = await opened(ana, task)
    assert "<script>alert" not in page
    assert unescape(page).count("<script>alert(1)") >= 1
    form = forms[url(task, "deeds/approve")]
    assert form["args_hash"] == "a" * 64
    other = await ana.post(url(task, "deeds/approve"), data=form | {"args_hash": "b" * 64})
    assert (other.status_code, "other arguments" in other.text) == (409, True)
    assert (await ana.post(url(task, "deeds/approve"), data=form)).status_code == 303
    assert await site.world.value("select status from tool_call where id = $1", call) == "permitted"


async def test_a_call_is_declined_with_a_reason(site: Site, ana: httpx2.AsyncClient) -> None:
    journey = await site.world.journey()
    call = await site.world.tool_call(journey, args_hash="a" * 64)
    draft = {"tool": "pay", "args": {}}
    task = await site.world.claimed(journey_id=journey, kind="approval", draft=draft, tool_call=call)
    without = await sent(ana, task, "deeds/deny")
    assert (without.status_code, "is empty" in without.text) == (422, True)
    assert (await sent(ana, task, "deeds/deny", comment="not due")).status_code == 303
    assert await site.world.value("select status from tool_call where id = $1", call) == "refused"


async def test_the_ai_s_question_is_answered(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed(kind="question", draft={"question": "Is it covered?"})
    page, _ = await opened(ana, task)
    assert "Is it covered?" in page
    assert (await sent(ana, task, "deeds/answer", text="Yes, it is.")).status_code == 303
    assert [each["action"] for each in await facts(site, "task.completed")] == ["answer"]


async def test_a_callback_is_closed_as_unreachable(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed(kind="callback")
    page, _ = await opened(ana, task)
    assert "Call back" in page
    done = await sent(ana, task, "deeds/dispose", disposition="unreachable", comment="three times")
    assert done.status_code == 303
    assert (await site.world.read(task.id)).disposition == "unreachable"


async def test_every_other_deed_is_done_from_the_page(site: Site, ana: httpx2.AsyncClient) -> None:
    for deed, typed, state in (
        ("start", {}, "in_progress"),
        ("suspend", {"until": "30", "reason": "a photo comes"}, "suspended"),
        ("release", {"comment": "lunch"}, "ready"),
        ("escalate", {"reason": "too large"}, "ready"),
        ("transfer", {"to": "queue:experts", "reason": "an expert's"}, "ready"),
        ("transfer", {"to": "person:bea", "warm": "yes", "reason": "she knows him"}, "reserved"),
        ("fail", {"comment": "no such car"}, "failed"),
        ("hand-back", {"reason": "ask for a photo", "promises": "a call\nby Friday"}, "completed"),
    ):
        task = await site.world.claimed()
        done = await sent(ana, task, f"deeds/{deed}", **typed)
        assert (done.status_code, (await site.world.read(task.id)).state) == (303, state), done.text
        await site.world.execute("update task set state = 'obsolete', closed_at = now() where id = $1", task.id)


async def test_a_task_that_waits_is_taken_from_its_page(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.task()
    page, forms = await opened(ana, task)
    assert url(task, "complete") not in forms
    assert "Waiting" in page
    taken = await sent(ana, task, "deeds/claim")
    assert (taken.status_code, taken.headers["location"]) == (303, url(task))
    assert url(task, "complete") in (await opened(ana, task))[1]


async def test_what_is_offered_while_one_looks_at_it_can_still_be_taken(site: Site, ana: httpx2.AsyncClient) -> None:
    for person in ("bea", "sue"):
        await site.world.presence(person, "away")
    task = await site.world.task("pushed")
    _, forms = await opened(ana, task)
    assert await make_offers(site.world.desk, now=NOW) == 1
    assert url(task, "deeds/claim") not in (await opened(ana, task))[1]  # now it is accepted or declined
    taken = await ana.post(url(task, "deeds/claim"), data=forms[url(task, "deeds/claim")])
    assert (taken.status_code, (await site.world.read(task.id)).assignee) == (303, "ana")


async def test_what_policy_refuses_to_say_is_told_where_it_was_typed(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    refused = await sent(ana, task, "say", text="What is your card number, please?")
    assert refused.status_code == 403
    assert Forms(refused.text).forms[url(task, "say")]["text"] == "What is your card number, please?"
    assert 'class="problem"' in refused.text
    assert (await sent(ana, task, "say", text="I look into it.")).status_code == 303
    assert "I look into it." in (await opened(ana, task))[0]
    _, forms = await opened(ana, task)
    fresh = await ana.post(
        url(task, "say"), data=forms[url(task, "say")] | {"text": "Soon."}, headers={"HX-Request": "true"}
    )
    assert (fresh.status_code, fresh.headers["hx-trigger"]) == (200, "said")
    assert Forms(fresh.text).forms[url(task, "say")]["text"] == ""


async def test_notes_stand_beside_the_task(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    assert (await sent(ana, task, "note", text="he is deaf")).status_code == 303
    assert "he is deaf" in (await opened(ana, task))[0]


async def test_what_is_not_theirs_is_shown_to_nobody(site: Site) -> None:
    task = await site.world.claimed()
    async with site.signed_in("ana") as ana, site.signed_in("out") as out:
        _, forms = await opened(ana, task)
        look = forms[url(task, "complete")]["look"]
        for refused in (
            await out.get(url(task)),
            await out.post(url(task, "complete"), data=forms[url(task, "complete")]),
            await out.post(url(task, "deeds/release")),
            await out.post(url(task, "say"), data={"text": "x"}),
            await out.post(url(task, "note"), data={"text": "x"}),
            await out.post(f"{url(task, 'draft')}?form=say", data={"text": "x"}),
        ):
            assert refused.status_code == 403, refused.url
            assert "A dent in the door" not in refused.text
        for foreign in (
            await out.get(f"{url(task, 'messages')}?look={look}"),
            await out.get(f"{url(task, 'head')}?look={look}&revision=1"),
            await out.post(f"{url(task, 'left')}?look={look}"),
        ):
            assert foreign.status_code == 404
    assert (await site.world.read(task.id)).state == "reserved"


async def test_a_colleague_s_task_is_seen_and_not_worked(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed("bea")
    page, forms = await opened(ana, task)
    assert "Bea" in page
    assert url(task, "complete") not in forms
    stolen = {"output.amount_minor": "1", "output.outcome": "paid"}
    refused = await ana.post(url(task, "complete"), data=stolen)
    assert refused.status_code in (403, 409)
    assert (await site.world.read(task.id)).state == "reserved"


async def test_hostile_texts_are_shown_as_they_are(site: Site, ana: httpx2.AsyncClient) -> None:
    packet = Packet(
        reason=HOSTILE, summary=HOSTILE, tried=(HOSTILE,), open=(HOSTILE,), promises=(HOSTILE,), transcript=HOSTILE
    )
    for kind, draft in (
        ("work", None),
        ("review", {"amount_minor": 1, "outcome": HOSTILE}),
        ("question", {"question": HOSTILE}),
        ("callback", None),
    ):
        task = await site.world.claimed(
            kind=kind,
            draft=draft,
            packet=packet,
            title=HOSTILE,
            instructions=HOSTILE,
            input={"loss": HOSTILE, HOSTILE: HOSTILE},
            dispositions={"odd": HOSTILE},
        )
        for author in ("customer", "ai", "person", "system"):
            await said(site, task.journey_id, HOSTILE, author, id=HOSTILE)
        await sent(ana, task, "note", text=HOSTILE)
        for page in (
            (await opened(ana, task))[0],
            (await sent(ana, task, "deeds/transfer", summary=HOSTILE, still_open=HOSTILE)).text,
            (await sent(ana, task, "note", text="")).text,
        ):
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert "49" not in re.findall(r"onerror=alert\(2\)&gt;([^<]{0,6})", page)
        await site.world.execute("update task set state = 'obsolete', closed_at = now() where id = $1", task.id)


async def test_a_look_is_on_the_record_with_what_was_shown_and_for_how_long(
    site: Site, ana: httpx2.AsyncClient
) -> None:
    task = await site.world.claimed()
    await said(site, task.journey_id, "one")
    _, forms = await opened(ana, task)
    look = forms[url(task, "complete")]["look"]
    [viewed] = await facts(site, "task.viewed")
    assert {"input", "packet", "comments", "conversation", "causes", "handoffs"} <= set(viewed["fields"].split())
    assert viewed["position"] == 1
    entries = await site.world.value("select count(*) from entry")
    parts = f"{url(task, 'messages')}?look={look}&position="
    assert (await ana.get(f"{parts}1")).status_code == 204
    await said(site, task.journey_id, "two")
    site.now = site.world.later(seconds=30)
    more = await ana.get(f"{parts}1")
    assert "two" in more.text
    assert "one" not in re.sub(r"<[^>]*>", "", more.text)
    assert (await ana.get(f"{url(task, 'head')}?look={look}&revision={task.revision}")).status_code == 200
    assert await site.world.value("select count(*) from entry") == entries + 1  # of what was said
    site.now = site.world.later(seconds=42)
    for _ in range(2):
        assert (await ana.post(f"{url(task, 'left')}?look={look}")).status_code == 204
    assert await facts(site, "task.left") == [{"seconds": 42, "position": 2, "lapsed": False}]


async def test_two_who_have_it_open_see_each_other_and_what_the_other_did(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    _, forms = await opened(ana, task)
    form = forms[url(task, "complete")]
    async with site.signed_in("sue") as sue:
        assert "Ana" in (await opened(sue, task))[0].split("open too")[0][-200:]
        head = f"{url(task, 'head')}?look={form['look']}&revision={form['revision']}"
        assert "<strong>Sue</strong>" in (await ana.get(head)).text
        assert (await sent(sue, task, "deeds/take-over", reason="I know him")).status_code == 303
    told = (await ana.get(head)).text
    assert "This changed since you opened it" in told
    assert "Sue: takes it from its holder" in unescape(told)
    stale = await ana.post(url(task, "complete"), data=form | {"output.amount_minor": "1", "output.outcome": "paid"})
    assert stale.status_code in (409, 412)
    assert "takes it from its holder" in stale.text
    assert (await site.world.read(task.id)).assignee == "sue"


async def test_what_was_typed_is_there_again_until_the_task_is_closed(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    typed = {"output.amount_minor": "12", "output.outcome": "a hundred and one", "once": "x", "look": "y"}
    kept = await ana.post(f"{url(task, 'draft')}?form=work", data=typed)
    assert (kept.status_code, "Saved" in kept.text) == (200, True)
    await ana.post(f"{url(task, 'draft')}?form=say", data={"text": "I look in"})
    _, forms = await opened(ana, task)
    assert forms[url(task, "complete")]["output.amount_minor"] == "12"
    assert forms[url(task, "say")]["text"] == "I look in"
    async with site.signed_in("sue") as sue:
        assert (await opened(sue, task))[1][url(task, "say")]["text"] == ""
    assert (await sent(ana, task, "say", text="I look into it.")).status_code == 303
    assert (await opened(ana, task))[1][url(task, "say")]["text"] == ""
    rows = await site.world.rows("select form, sealed from draft")
    assert [row["form"] for row in rows] == ["work"]
    sealed = bytes(rows[0]["sealed"])
    assert [plain for plain in (b"output.amount_minor", b"a hundred and one") if plain in sealed] == []
    done = await sent(ana, task, "complete", **{"output.outcome": "paid"})
    assert done.status_code == 303
    assert await site.world.rows("select from draft") == []
    assert (await ana.post(f"{url(task, 'draft')}?form=say", data={"text": "x"})).status_code == 409


@pytest.mark.parametrize("form", ["nothing", "../say"])
async def test_a_draft_is_of_a_form_of_the_page(site: Site, ana: httpx2.AsyncClient, form: str) -> None:
    task = await site.world.claimed()
    refused = await ana.post(url(task, "draft"), params={"form": form}, data={"text": "x"})
    assert refused.status_code in (404, 422)


async def test_a_callback_is_agreed_from_the_page(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    slots = re.compile(r'<option value="(2026-[^"]+)"')
    assert not slots.findall((await opened(ana, task))[0])  # they are found when the form is unfolded
    unfolded = (await ana.get(url(task), params={"open": "call-back"})).text
    slot = unescape(slots.findall((await ana.get(url(task, "choices/call-back"))).text)[0])
    assert unescape(slots.findall(unfolded)[0]) == slot
    wrong = await sent(ana, task, "deeds/call-back", slot="tomorrow")
    assert (wrong.status_code, "none of the choices" in wrong.text) == (422, True)
    assert (await sent(ana, task, "deeds/call-back", slot=slot)).status_code == 303
    assert (await site.world.read(task.id)).state == "suspended"
    assert (await site.world.value("select slot from callback where task_id = $1", task.id)).isoformat() == slot


async def test_to_whom_a_task_can_go_is_told_to_whoever_could_give_it(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    async with site.signed_in("bea") as bea, site.signed_in("out") as out:
        for form, holds in (("transfer", 'value="person:bea"'), ("note", 'value="bea"')):
            path = url(task, f"choices/{form}")
            assert holds in (await ana.get(path)).text
            assert holds in (await ana.get(url(task), params={"open": form})).text
            assert "bea" not in (await bea.get(path)).text  # it is not hers to give
            assert (await out.get(path)).status_code == 403
    assert (await ana.get(url(task, "choices/suspend"))).status_code == 404


async def test_why_it_came_is_told_by_the_policies_as_they_were(site: Site, ana: httpx2.AsyncClient) -> None:
    journey = await site.world.journey()
    files = {**AUTHORIZER.bundle.files}
    old = {
        name: text.replace(
            "A settlement of more than 5,000.00, of nothing, or of an unknown amount, is reviewed.",
            "Large ones were reviewed.",
        )
        for name, text in files.items()
    }
    bundle = Bundle.from_files(old)
    await site.world.execute(
        "insert into bundle (hash, files, created_at) values ($1, $2, $3)", bundle.hash, bundle.files, NOW
    )
    for authorizer, effect in ((Authorizer(bundle), "run:77"), (AUTHORIZER, "run:78")):
        step = Resource.step("insurance-claim", "assess-claim", queue="claims")
        decided = may_complete(
            authorizer, "assessor", step, told := Facts(amount=700000, result_outcome="pay", sampled=True)
        )
        assert "claim-large-settlement-reviewed" in decided.policies
        async with recording(site.world.database, site.world.desk.keyring) as tx:
            entry = Entry(
                type="decision.complete",
                at=NOW,
                actor=Actor(kind="ai", id="assessor"),
                journey=journey,
                subject=await site.world.value("select customer_id from journey where id = $1", journey),
                refs={"step": "assess", "effect": effect},
                facts={"verdict": "deny", "bundle": decided.bundle, "reason": decided.reason or ""},
                policies=list(decided.policies),
                values={"facts": told.said},
            )
            tx.record(entry)
        draft = {"amount_minor": 700000, "outcome": "pay"}
        task = await site.world.claimed(journey_id=journey, effect=effect, kind="review", draft=draft)
        page = unescape((await opened(ana, task))[0])
        words = "Large ones were reviewed." if effect == "run:77" else "A settlement of more than 5,000.00"
        other = "A settlement of more than 5,000.00" if effect == "run:77" else "Large ones were reviewed."
        assert words in page
        assert other not in page
        assert "Assessor may not let its result count" in page
        assert "7,000.00" in page
        assert "claim-large-settlement-reviewed" in page
        await site.world.execute("update task set state = 'obsolete', closed_at = now() where id = $1", task.id)


async def test_what_a_page_asked_before_it_was_left_is_no_new_look(site: Site, ana: httpx2.AsyncClient) -> None:
    task = await site.world.claimed()
    _, forms = await opened(ana, task)
    look = forms[url(task, "complete")]["look"]
    assert (await ana.post(f"{url(task, 'left')}?look={look}")).status_code == 204
    assert (await ana.get(f"{url(task, 'head')}?look={look}&revision=2&position=0")).status_code == 200
    assert (len(await facts(site, "task.viewed")), len(await facts(site, "task.left"))) == (1, 1)
    assert await site.world.value("select ended_at is not null from look")


async def test_a_page_that_is_not_heard_of_counts_as_left_and_begins_again_when_it_comes_back(
    site: Site, ana: httpx2.AsyncClient
) -> None:
    task = await site.world.claimed()
    _, forms = await opened(ana, task)
    head = f"{url(task, 'head')}?look={forms[url(task, 'complete')]['look']}&revision=2&position="
    site.now = site.world.later(seconds=20)
    assert (await ana.get(f"{head}9999")).status_code == 200
    assert await looks.end_looks(site.world.desk, now=site.world.later(seconds=70)) == 0
    assert await looks.end_looks(site.world.desk, now=site.world.later(seconds=90)) == 1
    assert await facts(site, "task.left") == [{"seconds": 20, "position": 0, "lapsed": True}]
    site.now = site.world.later(minutes=10)
    assert (await ana.get(f"{head}0")).status_code == 200
    assert [each.get("again") for each in await facts(site, "task.viewed")] == [None, True]
    assert await looks.end_looks(site.world.desk, now=site.world.later(minutes=20)) == 1
    assert await looks.end_looks(site.world.desk, now=site.world.later(days=3)) == 0
    assert await site.world.rows("select from look") == []
