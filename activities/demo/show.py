"""The demo of this project: what `[tool.journeyman] demo` names."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2

from activities.demo import people, provider_logs, scenarios, star
from activities.providers import journal
from activities.providers.bank_accounts import Account
from activities.providers.process import running
from journeyman.conversation.transcript import Message
from journeyman.errors import InputError
from journeyman.testing.simulation import Act, Case, Demo, Handling, ProviderCounts, Resolution, Scene

BANK_LOG, PAYMENTS_LOG = "bank.jsonl", "payments.jsonl"

TEST_CARD = "4242424242424242"
"""What customers pay with: typed at the payment provider, and nowhere else."""

_LINK = re.compile(r"https?://\S+/pay/[\w-]+")
_CUT_OFF = frozenset({"cut_off", "unreachable"})


class ShippedDemo(Demo):
    """The bank and the insurer."""

    account_tools = frozenset({"get_balance", "file_fraud_report"})

    def __init__(self) -> None:
        self._accounts: list[Account] = []
        self._recorded: list[dict[str, Any]] = []

    def scenarios(self) -> Sequence[Act]:
        self._accounts = scenarios.accounts()
        return scenarios.acts()

    def conversations(self, file: Path, domain: str, limit: int | None) -> Sequence[Act]:
        rows = self._recorded = star.conversations(file, domain, limit)
        self._accounts = star.accounts(rows)
        return [star.act(rows, domain)]

    def staff(self) -> dict[str, Any]:
        return scenarios.staff()

    @contextmanager
    def doubles(self, folder: Path, acts: Sequence[Act]) -> Iterator[Mapping[str, str]]:
        known = folder / "accounts.json"
        known.write_text(json.dumps([account.model_dump() for account in self._accounts]), encoding="utf-8")
        with ExitStack() as stack:
            bank = stack.enter_context(running("bank", "--log", str(folder / BANK_LOG), "--accounts", str(known)))
            payments = stack.enter_context(running("payments", "--log", str(folder / PAYMENTS_LOG)))
            yield {"BANK_URL": bank, "PAYMENTS_URL": payments}

    async def handle(self, case: Case) -> Handling:
        return people.handle(case)

    async def do(self, deed: str, scene: Scene, conversation: Sequence[Message]) -> None:
        if deed != "pay":
            raise InputError(f"`{deed}` is no deed that customers here know; there is `pay`", field="does")
        links = [
            match[0] for line in conversation if line.author_kind != "customer" for match in _LINK.finditer(line.text)
        ]
        if not links:
            return  # nobody has sent one: they only say that they have paid
        address, _, token = links[-1].rpartition("/pay/")
        async with httpx2.AsyncClient(trust_env=False) as browser:
            await browser.post(f"{address}/links/{token}/pay", json={"card": TEST_CARD})

    def resolve(self, kind: str, outcome: str | None, by_person: bool) -> Resolution:
        if outcome in _CUT_OFF:
            return "cut_off"
        if outcome == "out_of_scope":
            return "out_of_scope"
        return "resolved_by_person" if by_person or outcome == "handled" else "resolved_by_ai"

    def count(self, folder: Path) -> ProviderCounts:
        return provider_logs.count(journal.read(folder / BANK_LOG), journal.read(folder / PAYMENTS_LOG))

    def compare(self, folder: Path, journeys: Mapping[str, str]) -> dict[str, int]:
        return star.compare(self._recorded, journeys, journal.read(folder / BANK_LOG)) if self._recorded else {}


DEMO = ShippedDemo()
