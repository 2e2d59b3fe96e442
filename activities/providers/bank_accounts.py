"""The bank's accounts, taken from recorded conversations of STAR: every complete set of proofs that was accepted.

    python -m activities.providers.bank_accounts star.open.jsonl.gz > accounts.json

The recordings' own bank made up a balance at each call, so one set can have several: the first stands, and the others are
listed; `--only` takes the accounts of some conversations alone, with exactly their balances.
"""

import gzip
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from activities.providers.journal import normalised

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIELDS = {
    "FullName": "full_name",
    "AccountNumber": "account_number",
    "PIN": "pin",
    "DateOfBirth": "date_of_birth",
    "SecurityAnswer1": "security_answer_1",
    "SecurityAnswer2": "security_answer_2",
}


class Account(BaseModel):
    """One account and the proofs that open it. Birth dates are text as customers write them ("31/06/1996")."""

    full_name: str = ""
    account_number: str | None = None
    pin: str | None = None
    date_of_birth: str | None = None
    security_answer_1: str | None = None
    security_answer_2: str | None = None
    bank_name: str = ""
    balance: int | None = None
    """Whole credits, as recorded; None where only a fraud report was recorded."""
    other_balances: list[int] = []
    conversations: list[str] = []


Key = tuple[str, ...]


def by_pin(account: Account) -> Key | None:
    """What name, account number and PIN are compared by; None if one is not given."""
    return _key(account.full_name, account.account_number, _pin(account.pin))


def by_answers(account: Account) -> Key | None:
    """What name, birth date and both answers are compared by; None if one is not given."""
    answers = (account.security_answer_1, account.security_answer_2)
    return _key(account.full_name, account.date_of_birth and _day(account.date_of_birth), *answers)


def _key(*values: str | None) -> Key | None:
    key = tuple(normalised(value or "") for value in values)
    return key if all(key) else None


def _day(written: str) -> str:
    """A date as its numbers, in any order: "October 3, 1931" is "10/03/1931", and a day that never was stays what it is."""
    numbers = [int(number) for number in re.findall(r"\d+", written)]
    numbers += [at for at, name in enumerate(_MONTHS, start=1) if re.search(rf"\b{name}", written.casefold())]
    return "/".join(map(str, sorted(numbers))) if len(numbers) == 3 else written


def _pin(pin: str | None) -> str | None:
    """Recorded as a number, a PIN lost its leading zero."""
    return pin.zfill(4) if pin and pin.isdigit() else pin


def accounts_of(rows: Iterable[dict[str, Any]]) -> list[Account]:
    """The accounts of recorded conversations (rows of STAR), merged by their proofs."""
    found: dict[tuple[str, Key], Account] = {}
    for row in rows:
        for account in _recorded(row):
            for kind, key in (("pin", by_pin(account)), ("answers", by_answers(account))):
                if key is not None:
                    _merge(found, (kind, key), account)
    return list({id(account): account for account in found.values()}.values())


def _recorded(row: dict[str, Any]) -> Iterator[Account]:
    """The accounts that one conversation's accepted calls of the bank's API show."""
    for action in row["actions"]:
        args, result = action.get("args") or {}, action.get("result") or {}
        accepted = result.get("BankBalance") is not None or "submitted" in str(result.get("Confirmation", ""))
        if not (action.get("api") or "").startswith("bank") or not accepted:
            continue
        given = {
            ours: str(args[theirs]) for theirs, ours in _FIELDS.items() if args.get(theirs) not in (None, "", "None")
        }
        account = Account.model_validate(given)
        account.pin = _pin(account.pin)
        account.bank_name = str(result.get("BankName") or args.get("BankName") or "")
        account.balance = result.get("BankBalance")
        account.conversations = [row["id"]]
        yield account


def _merge(found: dict[tuple[str, Key], Account], key: tuple[str, Key], account: Account) -> None:
    known = found.setdefault(key, account)
    if known is account:
        return
    if known.balance is None:
        known.balance, known.bank_name = account.balance, known.bank_name or account.bank_name
    elif account.balance is not None and account.balance != known.balance:
        known.other_balances.append(account.balance)
    known.conversations += [one for one in account.conversations if one not in known.conversations]


def rows_of(star_file: Path) -> Iterator[dict[str, Any]]:
    """The conversations in a file of STAR rows (JSON lines, gzip or not)."""
    content = star_file.read_bytes()
    text = gzip.decompress(content) if star_file.suffix == ".gz" else content
    for line in text.decode().splitlines():
        yield json.loads(line)


def main(
    star_file: Annotated[Path, typer.Argument(help="JSON lines, gzip or not")],
    only: Annotated[list[str] | None, typer.Option(help="ids of the conversations to take")] = None,
) -> None:
    """Write the accounts as a JSON list to standard output."""
    rows = (row for row in rows_of(star_file) if not only or row["id"] in only)
    json.dump([account.model_dump() for account in accounts_of(rows)], sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    typer.run(main)
