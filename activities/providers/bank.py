"""A bank, as other systems see it: it verifies a customer, tells a balance, files a fraud report.

    python -m activities.providers.bank --port 0 --log bank.jsonl --accounts accounts.json

It trusts nobody: it verifies on its own, and without a session of a verified customer it answers 401. Balances are whole
credits, as recorded; a tool that tells them turns them into minor units.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from activities.providers.bank_accounts import Account, by_answers, by_pin
from activities.providers.journal import DEFAULT_KEY, Journal, fingerprint, read
from activities.providers.serving import Desk, application, error, listen, serve

WITH_PIN = ("full_name", "account_number", "pin")
WITH_ANSWERS = ("full_name", "date_of_birth", "security_answer_1", "security_answer_2")
FIELDS = tuple(dict.fromkeys(WITH_PIN + WITH_ANSWERS))


@dataclass
class Bank:
    """The accounts, and the sessions of those who proved that one is theirs."""

    desk: Desk
    accounts: list[Account]
    sessions: dict[str, Account] = field(default_factory=dict)  # by the fingerprints of their tokens
    reports: int = 0

    def __post_init__(self) -> None:
        self._by_pin = {key: account for account in reversed(self.accounts) if (key := by_pin(account))}
        self._by_answers = {key: account for account in reversed(self.accounts) if (key := by_answers(account))}

    def recall(self, lines: Iterable[dict[str, Any]]) -> None:
        """Go on from the log: whoever was verified still is, and what was filed is not filed again."""
        known = {self._identity(account): account for account in self.accounts}
        for line in lines:
            if line["event"] == "verified" and (account := known.get(line.get("account", ""))):
                self.sessions |= {line[name]: account for name in ("session", "conversation") if name in line}
            elif line["event"] == "fraud_report":
                self.reports += 1
                self.desk.recall("/fraud-reports", line, 201, {"reference": line["reference"]})

    def check(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Who this is: 200 with a session, or 403 and what is missing or that it does not match.

        A caller that names its `conversation` may use that in the session's place: it has no token to carry about.
        """
        given = {name: str(body[name]) for name in FIELDS if body.get(name) not in (None, "")}
        claimed = Account.model_validate(given)
        key_pin, key_answers = by_pin(claimed), by_answers(claimed)
        account = self._by_pin.get(key_pin) if key_pin else None
        if account is None and key_answers:
            account = self._by_answers.get(key_answers)
        facts = {
            "key": body["_key"],
            "content": body["_content"],
            "fields": sorted(given),
            "fingerprints": self.desk.journal.fingerprints(given),
        }
        if account is None:
            missing = [] if key_pin or key_answers else _missing(given)
            code = "incomplete" if missing else "no_match"
            self.desk.journal.write("refused", reason=code, missing=missing, **facts)
            return 403, {
                "error": code,
                "message": "give full name, account number and PIN; or full name, date of birth and both answers",
                "missing": missing,
            }
        session = f"ses-{secrets.token_hex(16)}"
        self.sessions[self._shown(session)] = account
        if conversation := body.get("conversation"):
            facts["conversation"] = self._shown(str(conversation))
            self.sessions[facts["conversation"]] = account
        by = "pin" if key_pin and key_pin in self._by_pin else "answers"
        self.desk.journal.write(
            "verified", by=by, session=self._shown(session), account=self._identity(account), **facts
        )
        return 200, {"session": session, "customer": {"full_name": account.full_name, "bank_name": account.bank_name}}

    def file(self, body: dict[str, Any], session: str) -> tuple[int, dict[str, Any]]:
        """A fraud report of a verified customer."""
        text, amount = body.get("text"), body.get("amount")
        if not isinstance(text, str) or not text.strip() or not isinstance(amount, int | None):
            self.desk.journal.write("malformed", path="/fraud-reports", key=body["_key"])
            return 400, {"error": "malformed", "message": "`text` is needed; `amount` is an integer in minor units"}
        self.reports += 1
        reference = f"FR-{self.reports:06}"
        self.desk.journal.write(
            "fraud_report",
            key=body["_key"],
            content=body["_content"],
            session=session,
            reference=reference,
            amount=amount,
            fingerprints=self.desk.journal.fingerprints({"text": text}),
        )
        return 201, {"reference": reference}

    def session_of(self, request: Request, path: str) -> str | None:
        """The fingerprint of a request's valid session, or None: written down as unauthenticated."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and (session := self._shown(token)) in self.sessions:
            return session
        self.desk.journal.write("unauthenticated", path=path)
        return None

    def tell_balance(self, session: str) -> Response:
        account = self.sessions[session]
        self.desk.journal.write("balance", session=session)
        if account.balance is None:
            return error(404, "no_balance", "no balance is recorded for this account")
        return JSONResponse({"bank_name": account.bank_name, "balance": account.balance})

    def _identity(self, account: Account) -> str:
        return fingerprint(account.model_dump_json(), self.desk.journal.key)

    def _shown(self, session: str) -> str:
        return self.desk.journal.fingerprints({"session": session})["session"]


def _missing(given: dict[str, str]) -> list[str]:
    """What the nearer of the two complete sets still lacks."""
    return min(([name for name in names if name not in given] for names in (WITH_PIN, WITH_ANSWERS)), key=len)


def app(bank: Bank) -> Starlette:
    """The bank's HTTP interface."""
    refused = error(401, "unauthenticated", "verify the customer first and send the session as a bearer token")

    async def verify(request: Request) -> Response:
        return await bank.desk.once(request, "/verify", bank.check)

    async def balance(request: Request) -> Response:
        session = bank.session_of(request, "/balance")
        return bank.tell_balance(session) if session else refused

    async def report(request: Request) -> Response:
        session = bank.session_of(request, "/fraud-reports")
        if session is None:
            return refused
        return await bank.desk.once(request, "/fraud-reports", lambda body: bank.file(body, session))

    return application(
        bank.desk,
        [
            Route("/verify", verify, methods=["POST"]),
            Route("/balance", balance, methods=["GET"]),
            Route("/fraud-reports", report, methods=["POST"]),
        ],
    )


def main(
    log: Annotated[Path, typer.Option(help="its log: JSON lines, appended")],
    accounts: Annotated[Path, typer.Option(help="a JSON list of accounts, as bank_accounts writes it")],
    port: Annotated[int, typer.Option(help="0: a free one")] = 0,
    hash_key: Annotated[str, typer.Option(help="the key of the fingerprints in the log")] = DEFAULT_KEY,
) -> None:
    """Run the bank on loopback until terminated."""
    known = [Account.model_validate(row) for row in json.loads(accounts.read_text(encoding="utf-8"))]
    bank = Bank(Desk(Journal(log, "bank", hash_key)), known)
    bank.recall(read(log))
    serve(app(bank), listen(port), {"provider": "bank", "accounts": len(known)})


if __name__ == "__main__":
    typer.run(main)
