"""Policies over the API: what was in force when, one bundle as it was, what differs, what the cases say."""

from datetime import timedelta

import httpx2
import pytest

from journeyman.console.cursor import cursor_of
from journeyman.governance import Bundle
from journeyman.ledger.log import recording
from journeyman.publishing import put_in_force
from journeyman.store import Database
from tests.integration.console.site import Site
from tests.integration.tasks.world import AUTHORIZER, CLI, NOW

POLICIES = "/api/v1/policies"
MORE = """
// Nobody works at night <b>ever</b>.
@id("never-at-night")
@serves("our own rule")
forbid (principal is Person, action == Action::"claim", resource is Task)
when { context.facts.simulated };
"""


@pytest.fixture
async def later(site: Site) -> str:
    """Two bundles, one after the other; the hash of the later one."""
    first = AUTHORIZER.bundle
    second = Bundle.from_files({**first.files, "night.cedar": MORE})
    for bundle, at in ((first, NOW), (second, NOW + timedelta(hours=1))):
        async with recording(site.world.database, site.world.desk.keyring) as tx:
            await put_in_force(tx, bundle, (), CLI, at)
    return second.hash


async def test_everyone_sees_what_was_in_force_when(later: str, ana: httpx2.AsyncClient) -> None:
    newest, before = (await ana.get(POLICIES)).json()["items"]
    assert (newest["bundle"], newest["until"]) == (later, None)
    assert (before["bundle"], before["until"]) == (AUTHORIZER.bundle.hash, newest["at"])
    assert (newest["before"], before["before"]) == (before["bundle"], None)
    page = (await ana.get(POLICIES, params={"limit": 1})).json()
    assert page["items"] == [newest]
    assert (await ana.get(POLICIES, params={"limit": 1, "cursor": page["next"]})).json()["items"] == [before]
    foreign = await ana.get(POLICIES, params={"cursor": cursor_of(NOW, "jrn-1")})
    assert (foreign.status_code, foreign.json()["field"]) == (422, "cursor")


async def test_a_bundle_is_shown_as_it_was(later: str, ana: httpx2.AsyncClient) -> None:
    shown = (await ana.get(f"{POLICIES}/{later}")).json()
    assert (shown["hash"], shown["intact"]) == (later, True)
    policy = next(each for each in shown["policies"] if each["id"] == "never-at-night")
    assert (policy["effect"], policy["serves"], policy["file"]) == ("forbid", "our own rule", "night.cedar")
    assert (await ana.get(f"{POLICIES}/{'0' * 64}")).status_code == 404


async def test_what_differs_between_two_is_told_policy_by_policy(later: str, ana: httpx2.AsyncClient) -> None:
    first = AUTHORIZER.bundle.hash
    [added] = (await ana.get(f"{POLICIES}/{later}/changes", params={"since": first})).json()["items"]
    assert (added["name"], added["how"], added["before"]) == ("never-at-night", "added", "")
    [removed] = (await ana.get(f"{POLICIES}/{first}/changes", params={"since": later})).json()["items"]
    assert (removed["name"], removed["how"]) == ("never-at-night", "removed")
    assert (await ana.get(f"{POLICIES}/{later}/changes", params={"since": later})).json()["items"] == []


async def test_an_intent_alone_that_is_worded_anew_is_a_change(site: Site, later: str, ana: httpx2.AsyncClient) -> None:
    reworded = Bundle.from_files({**AUTHORIZER.bundle.files, "night.cedar": MORE.replace("at night", "after dark")})
    async with recording(site.world.database, site.world.desk.keyring) as tx:
        await put_in_force(tx, reworded, (), CLI, NOW + timedelta(hours=2))
    [changed] = (await ana.get(f"{POLICIES}/{reworded.hash}/changes", params={"since": later})).json()["items"]
    assert (changed["name"], changed["how"]) == ("never-at-night", "changed")
    assert ("at night" in changed["before"], "after dark" in changed["after"]) == (True, True)


async def test_the_cases_are_asked_of_a_bundle(later: str, ana: httpx2.AsyncClient) -> None:
    cases = (await ana.get(f"{POLICIES}/{AUTHORIZER.bundle.hash}/cases")).json()["items"]
    assert len(cases) > 100
    assert all(case["passed"] for case in cases)
    assert {"file", "name", "about", "action", "expected", "allowed", "policies"} <= cases[0].keys()


async def test_a_bundle_that_was_altered_says_so(later: str, ana: httpx2.AsyncClient, owner_database: Database) -> None:
    async with owner_database.connection() as conn:
        await conn.execute(
            "update bundle set files = jsonb_set(files, '{night.cedar}', to_jsonb('// nothing'::text)) where hash = $1",
            later,
        )
    shown = (await ana.get(f"{POLICIES}/{later}")).json()
    assert (shown["intact"], "never-at-night" in {each["id"] for each in shown["policies"]}) == (False, False)


async def test_policies_are_shown_as_they_were(later: str, ana: httpx2.AsyncClient) -> None:
    first = AUTHORIZER.bundle.hash
    listed = (await ana.get("/policies")).text
    assert f"/policies/{later}?since={first}" in listed
    assert "in force</span>" in listed
    bundle = (await ana.get(f"/policies/{later}")).text
    assert "as it was published" in bundle
    assert "Nobody works at night &lt;b&gt;ever&lt;/b&gt;." in bundle
    assert "<b>ever" not in bundle
    changes = (await ana.get(f"/policies/{later}", params={"since": first})).text
    assert 'badge good">added</span> <code>never-at-night' in changes
    cases = (await ana.get(f"/policies/{first}/cases")).text
    assert "are decided as expected" in cases
    assert (await ana.get("/policies/none")).status_code == 404
