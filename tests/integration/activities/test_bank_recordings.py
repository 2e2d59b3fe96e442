"""The bank's double against every call that recorded agents made of theirs: 258, of which 52 lacked a complete proof."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from activities.providers.bank_accounts import accounts_of, rows_of
from activities.providers.client import BankClient, ProviderRefusedError
from activities.providers.journal import fingerprint, read
from activities.providers.process import running
from tests.acceptance.star_bank.measure import FIELDS

STAR = Path(os.environ.get("JOURNEYMAN_DATA", Path(__file__).parents[4] / "shared/data")) / "star/star.open.jsonl.gz"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not STAR.exists(),
        reason=f"no recorded conversations at {STAR}: set JOURNEYMAN_DATA to the folder that holds star/",
    ),
]


async def test_complete_proofs_are_verified_and_incomplete_ones_refused(tmp_path: Path) -> None:
    rows = list(rows_of(STAR))
    log, accounts = tmp_path / "bank.jsonl", tmp_path / "accounts.json"
    accounts.write_text(json.dumps([account.model_dump() for account in accounts_of(rows)]))
    outcomes: Counter[str] = Counter()
    let_through_then: set[str] = set()
    with running("bank", "--log", str(log), "--accounts", str(accounts)) as address:
        async with BankClient(address) as bank:
            for row in rows:
                for index, action in enumerate(row["actions"]):
                    if not (action.get("api") or "").startswith("bank"):
                        continue
                    args = action.get("args") or {}
                    given = {
                        ours: str(args[name])
                        for name, ours in FIELDS.items()
                        if args.get(name) not in (None, "", "None")
                    }
                    if given.get("pin", "").isdigit():
                        given["pin"] = given["pin"].zfill(4)
                    outcome = await _verify(bank, f"{row['id']}:{index}", given)
                    outcomes[outcome] += 1
                    result = action.get("result") or {}
                    accepted = "BankBalance" in result or "submitted" in str(result.get("Confirmation", ""))
                    if outcome == "incomplete" and accepted:
                        let_through_then.add(row["id"])
    assert outcomes == {"verified": 206, "incomplete": 52}
    assert let_through_then == {"star-5253", "star-1187", "star-4288"}
    lines = read(log)
    assert Counter(line["event"] for line in lines) == {"verified": 206, "refused": 52}
    assert sum(line["fingerprints"].get("pin") == fingerprint("1596") for line in lines) >= 20


async def _verify(bank: BankClient, key: str, given: dict[str, str]) -> str:
    try:
        await bank.verify(key=key, full_name=given.pop("full_name", ""), **given)
    except ProviderRefusedError as refused:
        return refused.code
    return "verified"
