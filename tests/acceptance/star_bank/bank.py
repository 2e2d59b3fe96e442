"""The bank's double, in this process."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from activities.providers.bank_accounts import Account, by_answers, by_pin


@dataclass
class Bank:
    """The bank's double in this process: the same accounts and the same comparison, one session a conversation."""

    accounts: list[Account]
    secrets: dict[str, str] = field(default_factory=dict)
    account: Account | None = None
    checks: list[dict[str, Any]] = field(default_factory=list)
    """The arguments of every check, the PIN in clear."""
    early: int = 0
    told: list[int] = field(default_factory=list)
    reports: list[dict[str, Any]] = field(default_factory=list)

    def call(self, tool: str, args: dict[str, JsonValue]) -> JsonValue:
        """What the tool returns."""
        if tool == "verify_identity":
            return self._verify({name: str(value) for name, value in args.items()})
        if self.account is None:
            self.early += 1
            return {"error": "refused: `unauthenticated`"}
        if tool == "get_balance":
            if self.account.balance is None:
                return {"error": "refused: `no_balance`"}
            self.told.append(self.account.balance)
            return {"balance_minor": self.account.balance * 100, "bank_name": self.account.bank_name}
        self.reports.append(dict(args))
        return {"reference": f"FR-{len(self.reports):06}"}

    def _verify(self, args: dict[str, str]) -> JsonValue:
        if "pin" in args:
            handle = args["pin"].removeprefix("[pin:").removesuffix("]")
            if handle not in self.secrets:
                return {"error": f"`{handle}` is no pin of this conversation, or it was used; ask the customer anew"}
            args["pin"] = self.secrets.pop(handle)
        self.checks.append(args)
        claimed = Account.model_validate(args)
        keys = [key(claimed) for key in (by_pin, by_answers)]
        found = next((one for one in self.accounts if keys[0] and by_pin(one) == keys[0]), None)
        found = found or next((one for one in self.accounts if keys[1] and by_answers(one) == keys[1]), None)
        if found is None:
            return {"verification": "none", "missing": [], "reason": "no_match" if any(keys) else "incomplete"}
        self.account = found
        return {"verification": "strong" if keys[0] else "basic", "missing": [], "reason": ""}
