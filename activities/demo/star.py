"""Recorded customers of STAR (RasaHQ/STAR) as scenes: their own turns, as they typed them."""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from activities.providers.bank_accounts import Account, accounts_of, rows_of
from activities.providers.journal import fingerprint
from journeyman.errors import InputError
from journeyman.testing.simulation import Act, Scene

KINDS = {"bank": "bank-service"}
"""The journey kind that customers of each domain are played through."""

_WAYS = (("FullName", "AccountNumber", "PIN"), ("FullName", "DateOfBirth", "SecurityAnswer1", "SecurityAnswer2"))
_LONGEST_PIN = 6
_PIN = re.compile(r"\bPIN\W{0,3}(\d{3,6})\b", re.IGNORECASE)
_OFFERS_PINS = re.compile(
    r"\bpins?\b|\beither\b|\b(?:could|might|may) be\b|\b\d{4} or \d{4}\b|^\W*(?:it'?s )?\d{4}(?!\d| *credits)",
    re.IGNORECASE,
)
_TYPED_PIN = re.compile(r"(?<![\d$])(?!19|20)\d{4}(?!\d)")
"""Four digits that are no year and no amount."""


def conversations(file: Path, domain: str, limit: int | None) -> list[dict[str, Any]]:
    """The rows of one domain, in the file's order. Raises InputError."""
    if domain not in KINDS:
        raise InputError(f"`{domain}` is no domain that can be played; there are {', '.join(KINDS)}", field="domain")
    try:
        found = [row for row in rows_of(file) if domain in row["flow"]]
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"`{file}` cannot be read as STAR conversations ({error}); give JSON lines, gzip or not",
            field="conversations",
        ) from error
    if not found:
        raise InputError(f"`{file}` has no conversation of domain `{domain}`", field="conversations")
    return found[:limit]


def act(rows: Iterable[dict[str, Any]], domain: str) -> Act:
    """All of them, several at a time."""
    scenes = tuple(_scene(row, KINDS[domain]) for row in rows)
    return Act(title=f"{len(scenes)} recorded customers", scenes=scenes)


def accounts(rows: Iterable[dict[str, Any]]) -> list[Account]:
    """The accounts that the recorded bank accepted."""
    return accounts_of(rows)


def _scene(row: dict[str, Any], kind: str) -> Scene:
    texts = [turn.get("text") for turn in row["turns"] if turn["speaker"] == "customer"]
    return Scene(
        id=row["id"],
        kind=kind,
        says=tuple(text for text in texts if text and text.strip()),
        secrets=tuple(sorted(pins(row))),
    )


def pins(row: dict[str, Any]) -> set[str]:
    """The PINs of a recording: of the customer's profile, of the recorded calls, and those that the customer tries.

    Recorded as a number, a PIN lost its leading zero; and an account number that an agent typed into the PIN's field is none.
    """
    found = set(_PIN.findall(row["customer"].get("profile_text") or ""))
    for action in row["actions"]:
        pin = str((action.get("args") or {}).get("PIN", ""))
        if pin.isdigit() and len(pin) <= _LONGEST_PIN:
            found |= {pin, pin.zfill(4)}
    for turn in row["turns"]:
        text = turn.get("text") or ""
        if turn["speaker"] == "customer" and _OFFERS_PINS.search(text):
            found |= set(_TYPED_PIN.findall(text))
    return found


def compare(
    rows: Iterable[dict[str, Any]], journeys: Mapping[str, str], bank: Iterable[Mapping[str, Any]]
) -> dict[str, int]:
    """What the bank's own log says of customers whose recorded calls went through.

    Of those who were told a balance by a complete set of proofs: how many were told one now, after a verification by exactly
    these proofs. Of those who filed a report with a complete set: how many did so now. `journeys` are ids by conversation.
    """
    log = list(bank)
    counts = {"recorded_balances": 0, "balances_by_recorded_proofs": 0, "recorded_reports": 0, "reports_filed": 0}
    for row in rows:
        conversation = fingerprint(journeys.get(row["id"], ""))
        mine = [line for line in log if conversation in (line.get("conversation"), line.get("session"))]
        events = {line["event"] for line in mine}
        shown = [set(line["fingerprints"].values()) for line in mine if line["event"] == "verified"]
        for told, event, all_of_them in (
            ("BankBalance", "balance", "recorded_balances"),
            ("Confirmation", "fraud_report", "recorded_reports"),
        ):
            proofs = [way for way in _proofs(row, told) if way]
            if not proofs:
                continue
            counts[all_of_them] += 1
            if event in events and (event == "fraud_report" or any(way <= proof for way in proofs for proof in shown)):
                counts["balances_by_recorded_proofs" if event == "balance" else "reports_filed"] += 1
    return counts


def _proofs(row: dict[str, Any], told: str) -> Iterator[set[str]]:
    """The fingerprints of each complete set of proofs by which a recorded call went through."""
    for action in row["actions"]:
        if told in (action.get("result") or {}) and (action.get("api") or "").startswith("bank"):
            args = {name: str(value) for name, value in (action.get("args") or {}).items()}
            for way in _WAYS:
                if all(args.get(name) for name in way):
                    yield {fingerprint(args[name].zfill(4) if name == "PIN" else args[name]) for name in way}
