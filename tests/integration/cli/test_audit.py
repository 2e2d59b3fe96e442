"""The record, from the command line: the story, the verification, the comparison with Temporal."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from journeyman.cli.session import Session
from journeyman.customers.keys import load_master_key
from journeyman.ledger.checkpoint import SigningKey
from tests.integration.cli.conftest import Cli
from tests.integration.cli.waiting import until

pytestmark = pytest.mark.slow


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def text_of(file: Path) -> str:
    return file.read_text()


def put(file: Path, text: str) -> None:
    file.write_text(text)


@pytest.fixture
async def journey(cli: Cli) -> str:
    """A journey with a conversation, all of it integrated."""
    told = await cli.data("say", "audrey", "hello", "--kind", "bank-service", "--wait", "20")
    await cli.data("audit", "checkpoint")
    return str(told["journey"])


@pytest.fixture
async def superuser(session: Session) -> Any:
    """Postgres as one whom no grant binds."""
    conn = await asyncpg.connect(session.settings.need("owner_url"))
    yield conn
    await conn.close()


async def test_a_journey_is_told_as_a_story(cli: Cli, journey: str) -> None:
    story = (await cli("trace", journey)).out
    for told in (
        "journey: opened",
        "message: said",
        "ai:receptionist",
        "decision: perform",
        "decision: say",
        "allowed by",
    ):
        assert told in story
    lines = await cli.data("trace", journey)
    assert lines[0]["what"] == "journey: opened"
    assert "there is no journey `nope`" in await cli.refused("trace", "nope")


async def test_an_untouched_ledger_verifies_whole_and_in_part(cli: Cli, journey: str) -> None:
    async def is_published() -> bool:
        return bool((await cli.data("audit", "verify"))["kept"])

    await until(is_published)
    whole = await cli.data("audit", "verify")
    assert (whole["ok"], whole["faults"]) == (True, [])
    part = await cli.data("audit", "verify", "--journey", journey)
    assert (part["ok"], part["journey"]) == (True, journey)
    assert 0 < part["integrated"] < whole["integrated"]
    assert "there is no journey `nope`" in await cli.refused("audit", "verify", "--journey", "nope")


async def test_an_altered_entry_is_found_with_its_place(cli: Cli, journey: str, superuser: asyncpg.Connection) -> None:
    row = await superuser.fetchrow("select id, body from entry where journey_id = $1 order by id limit 1", journey)
    await superuser.execute("update entry set body = body || ' '::bytea where id = $1", row["id"])
    try:
        printed = await cli("audit", "verify", "--json")
        assert printed.code == 1
        assert [fault["entry"] for fault in printed.json["faults"]] == [row["id"]]
        shown = await cli("audit", "verify", "--journey", journey, "--no-witnesses")
        assert shown.code == 1
        assert f"entry {row['id']}" in shown.out
    finally:
        await superuser.execute("update entry set body = $2 where id = $1", row["id"], row["body"])
    assert (await cli("audit", "verify")).code == 0


async def test_a_checkpoint_kept_outside_is_what_the_ledger_is_held_against(
    cli: Cli, journey: str, tmp_path: Path
) -> None:
    kept = await cli.data("audit", "checkpoint", "--out", str(tmp_path / "kept"))
    file = Path(kept["file"])
    assert text_of(file) == kept["note"]
    assert (await cli("audit", "checkpoint")).out.startswith("journeyman.local/")
    verified = await cli.data("audit", "verify", "--against", str(file))
    assert verified["kept"] == [kept["size"]]
    assert (await cli.data("audit", "verify", "--against", str(file.parent)))["kept"] == [kept["size"]]
    put(file, kept["note"].replace("\nat ", "\nat 1"))
    forged = await cli("audit", "verify", "--against", str(file), "--json")
    assert (forged.code, forged.json["ok"]) == (1, False)
    (tmp_path / "empty").mkdir()
    assert "there is no checkpoint in" in await cli.refused("audit", "verify", "--against", str(tmp_path / "empty"))
    assert "cannot be read" in await cli.refused("audit", "verify", "--against", str(tmp_path / "missing"))


@pytest.mark.parametrize("values", ["--values", "--no-values"])
async def test_a_pack_is_verified_by_one_who_has_nothing_else(
    cli: Cli, session: Session, journey: str, values: str, tmp_path: Path
) -> None:
    kept = (await cli.data("audit", "checkpoint", "--out", str(tmp_path)))["file"]
    assert session.dev_folder is not None
    key = f"@{session.dev_folder / 'ledger.vkey'}"
    elsewhere = Cli(tmp_path / "elsewhere")
    nothing = {"JOURNEYMAN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing", "JOURNEYMAN_MASTER_KEY": ""}
    for of, file in (((), tmp_path / "whole.pack"), (("--journey", journey), tmp_path / "one.pack")):
        told = await cli.data("audit", "export", "--out", str(file), values, "--against", kept, *of)
        assert told["entries"] > 1
        given = ("audit", "verify", str(file), "--key", key, "--against", kept)
        verified = await elsewhere(*given, "--json", environment=nothing)
        assert verified.code == 0, verified.out + verified.err
        assert verified.json["kept"]
        text = text_of(file)
        assert ('"with_values":true' in text) == (values == "--values")
        put(file, text.replace('"type":"journey.opened"', '"type":"journey.closed"', 1))
        assert (await elsewhere(*given, environment=nothing)).code == 1
    assert "give the ledger's public one" in await elsewhere.refused("audit", "verify", str(file))
    assert "name a file that" in await elsewhere.refused("audit", "verify", str(tmp_path / "none"), "--key", key)
    assert "verified as it is" in await elsewhere.refused("audit", "verify", str(file), "--journey", journey)


async def test_an_export_is_asked_of_policy_and_on_the_record(cli: Cli, journey: str, tmp_path: Path) -> None:
    file = str(tmp_path / "one.pack")
    assert "may not `export`" in await cli.refused("audit", "export", "--out", file, "--as", "bea")
    assert names_in(tmp_path) == []
    await cli.data("audit", "export", "--out", file, "--journey", journey)
    assert "ledger: exported" in (await cli("trace", journey)).out


async def test_without_a_key_nothing_is_taken_on_trust(cli: Cli, away: dict[str, str]) -> None:
    printed = await cli("audit", "verify", environment=away)
    assert (printed.code, printed.out) == (1, "")
    assert "give the ledger's public one with `--key`" in printed.err


async def test_the_keys_of_a_new_deployment_are_made_and_kept_nowhere(cli: Cli) -> None:
    first, second = await cli.data("keys"), await cli.data("keys", "--origin", "ledger.example.org/claims")
    assert first["JOURNEYMAN_MASTER_KEY"] != second["JOURNEYMAN_MASTER_KEY"]
    key = SigningKey.parse(second["JOURNEYMAN_LEDGER_KEY"])
    assert (key.name, str(key.verifier)) == ("ledger.example.org/claims", second["JOURNEYMAN_LEDGER_PUBLIC_KEY"])
    assert len(load_master_key(first["JOURNEYMAN_MASTER_KEY"])) == 32


async def test_the_master_key_is_exchanged(cli: Cli, session: Session, journey: str, away: dict[str, str]) -> None:
    old, new = session.settings.need("master_key"), (await cli.data("keys"))["JOURNEYMAN_MASTER_KEY"]
    both = {"JOURNEYMAN_MASTER_KEY": new, "JOURNEYMAN_PREVIOUS_MASTER_KEYS": f'["{old}"]'}
    back = {"JOURNEYMAN_MASTER_KEY": old, "JOURNEYMAN_PREVIOUS_MASTER_KEYS": f'["{new}"]'}
    wrapped = await cli("rewrap", "--json", environment=away | both)
    try:
        assert wrapped.code == 0, wrapped.err
        assert wrapped.json["rewrapped"] > 1
        assert (await cli("rewrap", "--json", environment=away | both)).json == {"rewrapped": 0}
        assert "message: said" in (await cli("trace", journey, environment=away | {"JOURNEYMAN_MASTER_KEY": new})).out
    finally:
        assert (await cli("rewrap", environment=away | back)).code == 0


async def test_the_ledgers_key_is_exchanged(cli: Cli, session: Session, journey: str, away: dict[str, str]) -> None:
    old = SigningKey.parse(session.settings.need("ledger_key"))
    new = {"JOURNEYMAN_LEDGER_KEY": SigningKey.generate(old.name).secret()}
    assert (await cli("audit", "verify", environment=away | new)).code == 1
    known = new | {"JOURNEYMAN_PREVIOUS_LEDGER_KEYS": f'["{old.verifier}"]'}
    verified = await cli("audit", "verify", environment=away | known)
    assert verified.code == 0, verified.out + verified.err


async def test_a_key_that_is_not_the_ledgers_is_told(cli: Cli, session: Session) -> None:
    other = "journeyman.local/other+1a2b3c4d+AAAA"
    assert (await cli("audit", "verify", "--key", other)).code == 1
    assert session.dev_folder is not None
    key = f"@{session.dev_folder / 'ledger.vkey'}"
    assert (await cli.data("audit", "verify", "--key", key))["ok"]


async def test_what_temporal_has_seen_recorded_and_is_gone_is_found(
    cli: Cli, journey: str, superuser: asyncpg.Connection
) -> None:
    async def is_witnessed() -> bool:
        compared = await cli.data("audit", "reconcile", "--journey", journey)
        return bool(compared["counts"]["leaves"] >= 5 and not compared["discrepancies"])

    await until(is_witnessed)
    row = await superuser.fetchrow(
        "select id, leaf_hash from entry where journey_id = $1 and type = 'decision.say' limit 1", journey
    )
    await superuser.execute("update entry set leaf_hash = sha256(leaf_hash) where id = $1", row["id"])
    try:
        printed = await cli("audit", "reconcile", "--journey", journey, "--json")
        assert printed.code == 1
        found = [(each[0], each[1], each[2]) for each in printed.json["discrepancies"]]
        assert found == [("entry_missing", journey, row["leaf_hash"].hex())]
        assert "it was deleted or altered" in (await cli("audit", "reconcile", "--journey", journey)).out
    finally:
        await superuser.execute("update entry set leaf_hash = $2 where id = $1", row["id"], row["leaf_hash"])


async def test_journeys_open_in_one_and_closed_in_the_other_are_found(
    cli: Cli, session: Session, superuser: asyncpg.Connection
) -> None:
    await cli.data("start", "bank-service", "--address", "lost", "--id", "audit-lost")
    handle = (await session.temporal()).get_workflow_handle("audit-lost")

    async def runs() -> bool:
        return bool((await cli.data("show", "audit-lost"))["waiting_for"] == "customer")

    await until(runs)
    await handle.terminate("as an operator might")

    async def is_found() -> bool:
        printed = await cli("audit", "reconcile", "--journey", "audit-lost", "--grace", "1s", "--json")
        return [each[0] for each in printed.json["discrepancies"]] == ["lost"]

    await until(is_found)
    await superuser.execute("update journey set status = 'failed', closed_at = now() where id = 'audit-lost'")
    assert (await cli("audit", "reconcile", "--journey", "audit-lost", "--grace", "1s")).code == 0


async def test_of_a_history_that_was_not_read_only_its_entries_are_not_compared(cli: Cli, journey: str) -> None:
    for name in ("audit-other", "audit-newest"):
        await cli.data("start", "bank-service", "--address", name, "--id", name)

    async def is_known() -> bool:
        counts = (await cli.data("audit", "reconcile", "--journey", "audit-newest"))["counts"]
        return bool(counts["executions"])

    await until(is_known)
    printed = await cli("audit", "reconcile", "--limit", "1", "--grace", "1s", "--json")
    assert printed.json["counts"]["unread"] >= 2
    assert not {(each[0], each[1]) for each in printed.json["discrepancies"]} & {
        (kind, id) for kind in ("not_started", "lost") for id in (journey, "audit-other", "audit-newest")
    }
    assert "histories were not read" in (await cli("audit", "reconcile", "--limit", "1")).out


async def test_temporal_away_is_told_and_nothing_is_compared(cli: Cli, away: dict[str, str]) -> None:
    key = text_of(cli.folder / "ledger.vkey").strip()
    for command in ("reconcile",), ("verify", "--witnesses", "--key", key):
        printed = await cli("audit", *command, environment=away)
        assert (printed.code, printed.out) == (1, "")
        assert "error: Temporal at `127.0.0.1:1` does not answer" in printed.err
