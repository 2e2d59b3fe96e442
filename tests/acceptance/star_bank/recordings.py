"""The recordings: what each customer typed, and what the bank of that time was asked and answered."""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from activities.providers.bank_accounts import Account, accounts_of

DATA = Path(__file__).parents[4] / "shared/data/star/star.open.jsonl.gz"


@dataclass(frozen=True)
class Recording:
    """One recorded conversation: what the customer typed, and what the bank of that time was asked and answered."""

    id: str
    turns: tuple[str, ...]
    balances: tuple[dict[str, str], ...]
    """Arguments of the calls that returned a balance."""
    reports: tuple[dict[str, str], ...]
    """Arguments of the calls that filed a report."""
    accounts: tuple[Account, ...]
    """The accounts that its accepted calls show: what the double knows of this conversation."""

    @property
    def complete(self) -> bool:
        """Whether any call went through."""
        return bool(self.balances or self.reports)


@cache
def recordings() -> tuple[Recording, ...]:
    """All conversations of the bank."""
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return tuple(_recording(row) for row in rows if "bank" in row["flow"])


def _recording(row: dict[str, Any]) -> Recording:
    turns = [turn.get("text") or "" for turn in row["turns"] if turn["speaker"] in ("customer", "user", "User")]
    balances, reports = [], []
    for action in row["actions"]:
        result = action.get("result") or {}
        args = {name: str(value) for name, value in (action.get("args") or {}).items()}
        if "BankBalance" in result:
            balances.append(args)
        elif action.get("api") == "bank_fraud_report" and "Confirmation" in result:
            reports.append(args)
    return Recording(
        id=row["id"],
        turns=tuple(turn for turn in turns if turn.strip()),
        balances=tuple(balances),
        reports=tuple(reports),
        accounts=tuple(accounts_of([row])),
    )
