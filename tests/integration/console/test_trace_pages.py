"""The pages of auditors: a trace reads as a story, opens to what stands behind it, and says where it was tampered with."""

import json
import re
from datetime import timedelta

import httpx2

from journeyman.ledger.canonical import canonical
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import recording
from journeyman.ledger.pack import Pack
from journeyman.ledger.verify import verify
from tests.integration.console.audited import KEY, VKEY, Audited
from tests.integration.tasks.world import AUTHORIZER, NOW

SCRIPT = "<script>alert(1)</script>"
HX = {"HX-Request": "true"}


def escaped(text: str) -> None:
    assert SCRIPT not in text
    assert "<img src=x" not in text


async def test_journeys_are_found_by_a_form(audited: Audited) -> None:
    async with audited.site.signed_in("eve") as eve:
        page = await eve.get("/traces", params={"person": "ana", "kind": "", "since": "2026-06-01"})
        assert page.status_code == 200
        assert f'href="/traces/{audited.task.journey_id}"' in page.text
        none = await eve.get("/traces", params={"person": SCRIPT})
        assert "No journey fits" in none.text
        escaped(none.text)
        wrong = await eve.get("/traces", params={"until": "soon"})
        assert (wrong.status_code, "is no day" in wrong.text) == (422, True)


async def test_a_trace_reads_as_a_story(audited: Audited) -> None:
    await audited.world.says(audited.task.journey_id, f"{SCRIPT} my car")
    path = f"/traces/{audited.task.journey_id}"
    entry = await audited.entry("task.completed")
    async with audited.site.signed_in("eve") as eve:
        page = await eve.get(path)
        assert page.status_code == 200
        escaped(page.text)
        assert "&lt;script&gt;" in page.text
        assert re.search(r'who-customer">Customer</span> <strong>.*\n?.*writes', page.text)
        for told in ("calls for a person", "takes the task from the queue", "lets the draft count as edited"):
            assert told in page.text
        assert "summary A dent in the door" in page.text
        assert "[]" not in page.text
        assert f"Why: <bdi>{AUTHORIZER.bundle.intent('assignee-approves')}</bdi>" in page.text
        begun = re.search(r"reading=(rdg-\w+)", page.text)
        assert begun
        part = await eve.get(f"{path}/entries/{entry}", params={"reading": begun[1]}, headers=HX)
        alone = await eve.get(f"{path}/entries/{entry}", params={"reading": begun[1]})
        link = await eve.get(path, params={"entry": entry, "reading": begun[1]})
        assert (link.status_code, link.headers["location"]) == (303, f"{path}?reading={begun[1]}&after=0#e{entry}")
        assert (await eve.get(path, params={"entry": 999_999})).status_code == 404
    assert "<html" not in part.text
    assert "<html" in alone.text
    for shown in (part.text, alone.text):
        escaped(shown)
        assert AUTHORIZER.bundle.intent("assignee-approves") in shown
        assert "EU AI Act Art. 14, human oversight" in shown
        assert "2 fields were changed" in shown
        assert "What they were shown" in shown
        assert "How long they looked is not recorded" in shown
        assert "canonical body" in shown
    assert await audited.world.value("select count(*) from entry where type = 'trace.read'") == 1


async def test_an_ai_agent_s_decision_opens_to_its_policies_and_its_model(audited: Audited) -> None:
    path, bundle = f"/traces/{audited.task.journey_id}", AUTHORIZER.bundle.hash
    said = {"bundle": bundle, "model": "gpt-x", "prompt_hash": "p" * 64, "agent_version": "v" * 64}
    async with recording(audited.world.database, audited.world.desk.keyring) as tx:
        for facts in ({"verdict": "allow"}, {"verdict": "deny", "reason": "asked_for_person"}):
            tx.record(
                Entry(
                    type="decision.perform",
                    at=NOW,
                    actor=Actor(kind="ai", id="assessor"),
                    journey=audited.task.journey_id,
                    facts=said | facts,
                    policies=["person-on-request"],
                )
            )
        stage = Actor(kind="system", id="journeyman")
        tx.record(
            Entry(type="stage.entered", at=NOW, actor=stage, journey=audited.task.journey_id, refs={"stage": "pay_out"})
        )
    entry = await audited.entry("decision.perform")
    async with audited.site.signed_in("eve") as eve:
        assert "goes on to the stage pay out" in (await eve.get(path)).text
        for number, told in ((entry, "denied</strong>, because: asked for person"), (entry - 1, "allowed</strong>.")):
            shown = await eve.get(f"{path}/entries/{number}", headers=HX)
            assert shown.status_code == 200
            assert told in shown.text
            assert AUTHORIZER.bundle.intent("person-on-request") in shown.text.replace("&#39;", "'")
            assert "p" * 64 in shown.text


async def test_it_verifies_in_place_against_what_was_kept(audited: Audited) -> None:
    first, newest = await audited.notes()
    path = f"/traces/{audited.task.journey_id}"
    pasted = {"checkpoint": first.replace("\n", "\r\n").strip(), "key": VKEY}
    async with audited.site.signed_in("eve") as eve:
        files = [("file", ("newest.checkpoint", newest.encode())), ("file", ("", b""))]
        whole = await eve.post(f"{path}/verify", data=pasted, files=files, headers=HX)
        assert (whole.status_code, "No fault" in whole.text) == (200, True), whole.text
        assert "2 checkpoints from outside" in whole.text
        forged = await eve.post(f"{path}/verify", data=pasted | {"checkpoint": SCRIPT})
        assert "of no use" in forged.text
        escaped(forged.text)
        wrong = await eve.post(f"{path}/verify", data={"key": "x"}, headers=HX)
        assert wrong.status_code == 422
        binary = await eve.post(f"{path}/verify", files=[("file", ("x", b"\xff\xfe"))], headers=HX)
        assert binary.status_code == 422


async def test_tampering_shows_on_the_page(audited: Audited) -> None:
    entry = await audited.entry("task.completed")
    await audited.tamper(
        "update entry set body = convert_to(replace(convert_from(body, 'UTF8'), '\"ana\"', $2), 'UTF8') where id = $1",
        entry,
        f'"{SCRIPT}"',
    )
    path = f"/traces/{audited.task.journey_id}"
    async with audited.site.signed_in("eve") as eve:
        page = (await eve.get(path)).text
        marked = page[page.index(f'id="e{entry}"') :]
        assert "entry-altered" in page
        assert "not as it was recorded" in marked
        opened = (await eve.get(f"{path}/entries/{entry}", headers=HX)).text
        assert "This entry is not as it was recorded" in opened
        verdict = (await eve.post(f"{path}/verify", data={"key": VKEY}, headers=HX)).text
        assert re.search(rf"altered</span> <code>entry.body</code>\s+of <a[^>]*>entry {entry}</a>", verdict)
        proof = (await eve.get(f"{path}/entries/{entry}/proof", headers=HX)).text
        assert "It is not in the tree as it stands here" in proof
    for shown in (page, opened, verdict, proof):
        escaped(shown)


async def test_a_body_that_was_made_up_is_shown_as_it_is(audited: Audited) -> None:
    entry = await audited.entry("task.completed")
    body = await audited.world.value("select convert_from(body, 'UTF8') from entry where id = $1", entry)
    made_up = json.loads(body)
    made_up["actor"] = {"kind": "ai", "id": "\0", "auth": SCRIPT}
    made_up["facts"] = {"bundle": "\0", "agent_version": "\0", "verdict": "deny", "reason": [SCRIPT], "action": {}}
    made_up["policies"] = [1, SCRIPT, "\0"]
    made_up["refs"] = {"task": 7, "to": [], "step": SCRIPT}
    made_up["at"] = "never"
    await audited.tamper("update entry set body = $2 where id = $1", entry, canonical(made_up))
    path = f"/traces/{audited.task.journey_id}"
    async with audited.site.signed_in("eve") as eve:
        for shown in (path, f"{path}/entries/{entry}", f"{path}/entries/{entry}/proof"):
            answer = await eve.get(shown)
            assert answer.status_code == 200, answer.text
            escaped(answer.text)


async def test_a_pack_is_a_file_and_may_be_refused(audited: Audited) -> None:
    first, newest = await audited.notes()
    path = f"/traces/{audited.task.journey_id}"
    async with audited.site.signed_in("eve") as eve:
        files = [("file", ("first.checkpoint", first.encode())), ("file", ("", b""))]
        taken = await eve.post(f"{path}/export", data={"once": "1", "values": "true"}, files=files)
        assert taken.headers["content-disposition"].startswith("attachment")
        plain = await eve.post(f"{path}/export", data={"once": "2"})
    pack = Pack.read(taken.text.splitlines())
    assert (pack.header.with_values, Pack.read(plain.text.splitlines()).header.with_values) == (True, False)
    assert verify(pack, kept=[first, newest], trusted=[KEY.verifier]).ok
    unproven = verify(Pack.read(plain.text.splitlines()), kept=[first], trusted=[KEY.verifier])
    assert [fault.kind for fault in unproven.faults] == ["unproven"]
    async with audited.site.signed_in("sue") as sue:
        refused = await sue.post(f"{path}/export", data={"once": "1"})
        assert (refused.status_code, refused.headers["content-type"]) == (403, "text/html; charset=utf-8")


async def test_a_long_trace_is_shown_in_parts(audited: Audited) -> None:
    journey, customer = audited.task.journey_id, audited.task.customer_id
    async with recording(audited.world.database, audited.world.desk.keyring) as tx:
        for number in range(5_000):
            tx.record(
                Entry(
                    type="message.noted",
                    at=NOW + timedelta(seconds=number),
                    actor=Actor(kind="ai", id="assessor"),
                    journey=journey,
                    subject=customer,
                    values={"text": f"note {number}"},
                )
            )
    await audited.integrate()
    async with audited.site.signed_in("eve") as eve:
        first = (await eve.get(f"/traces/{journey}")).text
        begun = re.search(r"reading=(rdg-\w+)", first)
        assert begun
        last = (await eve.get(f"/traces/{journey}", params={"after": 5_000, "reading": begun[1]})).text
    assert (first.count("data-entry "), "Entries 1 to 100 of 500" in first) == (100, True)
    assert "note 4999" in last
    assert "Entries 5001 to" in last


async def test_everyone_reads_their_own_record(audited: Audited, ana: httpx2.AsyncClient) -> None:
    page = (await ana.get("/me/record")).text
    assert "What is recorded about you" in page
    assert "lets the draft count as edited" in page
    assert not re.search(r"\b50000\b", page)
