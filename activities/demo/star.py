"""Recorded customers of STAR (RasaHQ/STAR) as scenes: their own turns, as they typed them."""

import re
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from activities.providers.bank_accounts import Account, accounts_of, rows_of
from journeyman.errors import InputError
from journeyman.testing.simulation import Act, Scene

KINDS = {"bank": "bank-service"}
"""The journey kind that customers of each domain are played through."""

_PIN = re.compile(r"\bPIN\W{0,3}(\d{3,6})\b", re.IGNORECASE)


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
    """The PINs of a recording: of the customer's profile, and of the recorded calls. Recorded as a number, one lost its zero."""
    found = set(_PIN.findall(row["customer"].get("profile_text") or ""))
    for action in row["actions"]:
        pin = (action.get("args") or {}).get("PIN")
        if pin not in (None, ""):
            found.add(str(pin).zfill(4))
    return {pin for pin in found if pin.isdigit()}
