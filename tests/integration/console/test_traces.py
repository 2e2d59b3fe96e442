"""Traces over the API: found, read on the record, explained as things were, verified in place, taken along."""

import json
import re
from datetime import timedelta

import httpx2
import pytest

from journeyman.customers.keys import Keyring
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import recording
from journeyman.ledger.pack import Pack
from journeyman.ledger.verify import verify
from journeyman.tasks import looks, speaking, working
from journeyman.views import contents, following, looking
from tests.integration.console.audited import KEY, TRACES, VKEY, Audited
from tests.integration.tasks.world import AUTHORIZER, NOW


async def test_an_auditor_finds_journeys_by_what_happened_in_them(audited: Audited) -> None:
    other = await audited.world.task("billing")
    async with audited.site.signed_in("eve") as eve:

        async def found(**params: str) -> list[str]:
            answer = await eve.get(TRACES, params=params)
            assert answer.status_code == 200, answer.text
            return [row["id"] for row in answer.json()["items"]]

        mine = audited.task.journey_id
        assert set(await found()) == {mine, other.journey_id}
        assert await found(person="ana", policy="assignee-approves", kind="motor") == [mine]
        assert await found(customer=audited.task.customer_id) == [mine]
        assert await found(agent="nobody") == []
        await contents.show(
            audited.world.desk, audited.task.id, "ana", now=NOW, auth="token"
        )  # in the tree, and not yet
        await working.claim(audited.world.desk, other.id, "out", now=NOW, auth="token")
        for wanted in ({"person": "ana"}, {"person": "ana", "policy": "members-take", "kind": "motor"}):
            assert await found(**wanted) == [mine]
        assert await found(person="out") == [other.journey_id]
        both = sorted([mine, other.journey_id], reverse=True)
        assert await found(policy="members-take") == both
        first = (await eve.get(TRACES, params={"policy": "members-take", "limit": "1"})).json()
        assert [row["id"] for row in first["items"]] == both[:1]
        assert await found(policy="members-take", cursor=first["next"]) == both[1:]


async def test_reading_a_trace_is_recorded_once_an_opening(audited: Audited) -> None:
    async def reads() -> int:
        count: int = await audited.world.value("select count(*) from entry where type = 'trace.read'")
        return count

    entry = await audited.entry("task.completed")
    async with audited.site.signed_in("eve") as eve:
        first = (await eve.get(audited.path, params={"limit": 2})).json()
        begun = {"reading": first["reading"]}
        assert (len(first["lines"]), first["next"], first["total"], first["values"]) == (2, 2, 4, True)
        rest = (await eve.get(audited.path, params={"after": 2, **begun})).json()
        assert (rest["reading"], rest["next"]) == (first["reading"], None)
        assert [line["type"] for line in rest["lines"]] == ["task.viewed", "task.completed", "trace.read"]
        assert (await eve.get(f"{audited.path}/entries/{entry}", params=begun)).status_code == 200
        assert (await eve.post(f"{audited.path}/verify", json=begun)).status_code == 200
        assert await reads() == 1
        await eve.get(audited.path)
        assert await reads() == 2
    async with audited.site.signed_in("sue") as sue:  # another's reading is not hers
        await sue.get(audited.path, params=begun)
        assert await reads() == 3


async def test_an_entry_shows_its_decision_by_the_policies_as_they_were(audited: Audited) -> None:
    entry = await audited.entry("task.completed")
    async with audited.site.signed_in("eve") as eve:
        shown = (await eve.get(f"{audited.path}/entries/{entry}")).json()
    assert (shown["bundle"], shown["intact"], shown["missing"]) == (AUTHORIZER.bundle.hash, True, [])
    [policy] = shown["policies"]
    assert (policy["id"], policy["effect"]) == ("assignee-approves", "permit")
    assert policy["intent"] == AUTHORIZER.bundle.intent("assignee-approves")
    assert policy["serves"] == "EU AI Act Art. 14, human oversight"
    assert '@id("assignee-approves")' in policy["text"]
    values = {value["name"]: value["value"] for value in shown["values"]}
    assert (values["draft"]["amount_minor"], values["output"]["amount_minor"]) == (70_000, 50_000)
    assert json.loads(shown["body"])["type"] == "task.completed"
    assert shown["hashes"]
    assert shown["computed"] == shown["leaf_hash"] == shown["integrated"]
    [look] = shown["looks"]
    assert (look["person"], "draft" in look["fields"]) == ("ana", True)


async def test_it_says_how_long_someone_looked(audited: Audited) -> None:
    desk = audited.world.desk
    look = await looking.begin(desk, audited.task.id, "sue", now=NOW, auth="token")
    left = NOW + timedelta(seconds=42)
    await looks.end(desk, look.id, audited.task.id, "sue", now=left, auth="token")
    entry = await audited.entry("task.viewed")
    async with audited.site.signed_in("eve") as eve:
        [shown] = (await eve.get(f"{audited.path}/entries/{entry}")).json()["looks"]
        page = (await eve.get(f"/traces/{audited.task.journey_id}/entries/{entry}")).text
    assert (shown["person"], shown["seconds"], shown["lapsed"]) == ("sue", 42, False)
    assert "They looked for 42 s." in page


async def test_it_says_what_someone_was_shown_before_they_spoke(audited: Audited) -> None:
    world, journey = audited.world, audited.task.journey_id
    look, _ = await following.begin(world.desk, journey, "sue", auth="token", now=NOW)
    await speaking.say_in(world.desk, journey, "sue", "We look into it.", auth="token", now=NOW)
    await looks.end(world.desk, look, journey, "sue", now=NOW + timedelta(seconds=7), auth="token")
    entry = await audited.entry("message.said")
    async with audited.site.signed_in("eve") as eve:
        [shown] = (await eve.get(f"{audited.path}/entries/{entry}")).json()["looks"]
        read = (await eve.get(f"{audited.path}/entries/{await audited.entry('trace.read')}")).json()["looks"]
    assert (shown["fields"], shown["seconds"], read) == (["0 messages", "1 task"], 7, [])


async def test_a_member_reads_who_did_what_without_what_was_said(audited: Audited, ana: httpx2.AsyncClient) -> None:
    entry = await audited.entry("task.completed")
    shown = (await ana.get(f"{audited.path}/entries/{entry}")).json()
    assert {value["state"] for value in shown["values"]} == {"withheld"}
    assert not re.search(r"\b70000\b", json.dumps(shown["line"]))
    async with audited.site.signed_in("out") as out:
        for path in ("", f"/entries/{entry}", f"/entries/{entry}/proof"):
            assert (await out.get(audited.path + path)).status_code == 403
        for path in ("/verify", "/export"):
            assert (await out.post(audited.path + path, json={})).status_code == 403
    async with audited.site.signed_in("eve") as eve:
        assert (await eve.get(f"{TRACES}/jrn-0")).status_code == 404
        other = (await audited.world.task()).journey_id
        for elsewhere in (f"{TRACES}/{other}/entries/{entry}", f"{TRACES}/{other}/entries/{entry}/proof"):
            assert (await eve.get(elsewhere)).status_code == 404


async def test_a_whole_trace_verifies_against_a_checkpoint_that_was_kept(audited: Audited) -> None:
    first, newest = await audited.notes()
    async with audited.site.signed_in("eve") as eve:
        for kept in ([], [first], [first, newest]):
            verdict = (await eve.post(f"{audited.path}/verify", json={"checkpoints": kept, "keys": [VKEY]})).json()
            assert (verdict["ok"], verdict["faults"]) == (True, []), verdict
            assert len(verdict["kept"]) == len(kept)
        entry = await audited.entry("task.completed")
        proof = (await eve.get(f"{audited.path}/entries/{entry}/proof")).json()
        assert (proof["holds"], proof["note"]) == (True, newest)
        wrong = await eve.post(f"{audited.path}/verify", json={"keys": ["no key"]})
        assert (wrong.status_code, wrong.json()["field"]) == (422, "keys")


async def test_tampering_is_shown_where_it_is(audited: Audited) -> None:
    first, _ = await audited.notes()
    entry = await audited.entry("task.completed")
    await audited.tamper(
        "update entry set body = convert_to(replace(convert_from(body, 'UTF8'), '\"ana\"', '\"bea\"'), 'UTF8') where id = $1",
        entry,
    )
    async with audited.site.signed_in("eve") as eve:
        verdict = (await eve.post(f"{audited.path}/verify", json={"checkpoints": [first], "keys": [VKEY]})).json()
        assert not verdict["ok"]
        [fault] = [fault for fault in verdict["faults"] if fault["entry"] == entry]
        assert (fault["kind"], fault["column"]) == ("altered", "entry.body")
        shown = (await eve.get(f"{audited.path}/entries/{entry}")).json()
        assert not shown["hashes"]
        assert not (await eve.get(f"{audited.path}/entries/{entry}/proof")).json()["holds"]


@pytest.mark.parametrize(
    "body", [b"\xff\x00", b"[]", b'{"v":1}', b'{"actor":{},"policies":[[1]],"facts":{"verdict":[]},"v":1}']
)
async def test_what_cannot_be_read_says_so(audited: Audited, body: bytes) -> None:
    entry = await audited.entry("task.completed")
    await audited.tamper("update entry set body = $2 where id = $1", entry, body)
    async with audited.site.signed_in("eve") as eve:
        lines = (await eve.get(audited.path)).json()["lines"]
        assert "its body cannot be read" in next(line["what"] for line in lines if line["entry"] == entry)
        for path in (f"/entries/{entry}", f"/entries/{entry}/proof"):
            assert (await eve.get(audited.path + path)).status_code == 200
        assert not (await eve.post(f"{audited.path}/verify", json={"keys": [VKEY]})).json()["ok"]


async def test_a_pack_is_taken_along_and_verifies_anywhere(audited: Audited) -> None:
    async with audited.site.signed_in("eve") as eve:
        answer = await eve.post(f"{audited.path}/export", json={"values": True})
        assert answer.headers["content-disposition"] == f'attachment; filename="{audited.task.journey_id}.pack"'
        again = await eve.post(f"{audited.path}/export", json={}, headers={"Idempotency-Key": "1"})
        twice = await eve.post(f"{audited.path}/export", json={}, headers={"Idempotency-Key": "1"})
        assert (again.status_code, twice.status_code) == (200, 200)
    pack = Pack.read(answer.text.splitlines())
    assert pack.header.with_values
    assert verify(pack, trusted=[KEY.verifier]).ok
    assert await audited.world.value("select count(*) from entry where type = 'ledger.exported'") == 3
    async with audited.site.signed_in("sue") as sue:
        assert (await sue.post(f"{audited.path}/export", json={})).status_code == 403


async def test_everyone_reads_what_is_recorded_about_themselves(audited: Audited, ana: httpx2.AsyncClient) -> None:
    kept = (await ana.get(f"{TRACES}/mine")).json()
    assert {each["line"]["type"] for each in kept["items"]} >= {"task.claimed", "task.viewed", "task.completed"}
    assert all(each["line"]["said"] == {} for each in kept["items"])
    page = (await ana.get(f"{TRACES}/mine", params={"limit": 1})).json()
    after = (await ana.get(f"{TRACES}/mine", params={"limit": 1, "cursor": page["next"]})).json()
    assert after["items"][0]["line"]["entry"] < page["items"][0]["line"]["entry"]


async def test_what_was_erased_says_so(audited: Audited, keyring: Keyring) -> None:
    world = audited.world
    async with recording(world.database, keyring) as tx:
        await world.desk.keyring.destroy(tx.conn, audited.task.customer_id, NOW)
        by = Actor(kind="person", id="sue")
        tx.record(Entry(type="customer.erased", at=NOW, actor=by, subject=audited.task.customer_id))
    await audited.integrate()
    entry = await audited.entry("task.completed")
    async with audited.site.signed_in("eve") as eve:
        shown = (await eve.get(f"{audited.path}/entries/{entry}")).json()
        assert {value["state"] for value in shown["values"]} == {"erased"}
        verdict = (await eve.post(f"{audited.path}/verify", json={"keys": [VKEY]})).json()
    assert (verdict["ok"], verdict["erased"] > 0) == (True, True)
