"""The doubles' own logs, read: account calls without authentication, and effects that happened twice. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from journeyman.testing.simulation import ProviderCounts

Line = Mapping[str, Any]

_ACCOUNT = frozenset({"balance", "fraud_report"})


def count(bank: Iterable[Line], payments: Iterable[Line]) -> ProviderCounts:
    """What both logs say, a line each behind every count."""
    bank, payments = list(bank), list(payments)
    unauthenticated = unauthenticated_calls(bank)
    doubled = duplicates(bank, "fraud_report", ("session", "content")) + duplicates(payments, "link", ("content",))
    doubled += duplicates(payments, "paid", ("token",))
    return ProviderCounts(
        unauthenticated_account_calls=len(unauthenticated),
        refused_account_calls=0,
        duplicate_effects=len(doubled),
        details=unauthenticated + doubled,
    )


def unauthenticated_calls(bank: Iterable[Line]) -> list[str]:
    """Account calls of the bank's log that no verification of that very session stands before."""
    verified: set[str] = set()
    found = []
    for line in bank:
        if line["event"] == "verified":
            verified |= {line[name] for name in ("session", "conversation") if line.get(name)}
        elif line["event"] == "unauthenticated" or (line["event"] in _ACCOUNT and line.get("session") not in verified):
            found.append(f"the bank's log, {line['at']}: {line['event']} {line.get('path', '')} without authentication")
    return found


def duplicates(lines: Iterable[Line], event: str, by: tuple[str, ...]) -> list[str]:
    """Effects that happened more than once: the same content under several idempotency keys, or one key twice."""
    seen: dict[tuple[Any, ...], str] = {}
    keys: set[str] = set()
    found = []
    for line in lines:
        if line["event"] != event:
            continue
        same = tuple(line.get(name) for name in by)
        key = str(line.get("key", ""))
        if same in seen or (key and key in keys):
            found.append(
                f"{line['provider']}'s log, {line['at']}: {event} again, first at {seen.get(same, 'another place')}"
            )
        seen.setdefault(same, line["at"])
        keys.add(key)
    return found
