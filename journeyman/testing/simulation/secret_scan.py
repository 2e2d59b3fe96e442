"""Whether secrets that simulated customers typed stand anywhere: in Postgres, in Temporal's histories, in logs.

What counts as a hit:
- A card number counts wherever it can be read, with separators or encoded.
- A PIN of a customer counts in everything that belongs to that customer's journey, where it stands as a whole run of
  digits in a *text*: values that are numbers (amounts, sequence numbers, times in milliseconds) are not texts, nor are
  ids, hashes and timestamps, which have letters or signs grown together with their digits.
- In logs, which belong to no customer, every PIN counts, after timestamps, process ids, ports and numeric fields were cut.
- In sealed payloads, the secret's very bytes count.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from journeyman.conversation.masking import find_secrets
from journeyman.customers.keys import SYSTEM, Keyring
from journeyman.ledger.pack import Pack
from journeyman.store.database import Database
from journeyman.store.sql import load
from journeyman.tasks.desk import CLOCK
from journeyman.testing.simulation.histories import History

sql = load("simulation")

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_NUMBERED = re.compile(
    r"\[\d+\]|(?<=:)\d{4,5}\b|\b(?:pid|port|line|lsn|oid)\W{0,3}\d+|(?<=\":)\s?-?\d+(?:\.\d+)?(?=[,}\s])"
    r"|\d+(?:\.\d+)? ?(?:ms|s|kB|MB|bytes|buffers)\b",
    re.IGNORECASE,
)
_LONG = 9  # digits: a shorter secret is a PIN


@dataclass(frozen=True)
class Text:
    """One text, where it stands, and whose it is (None: nobody's in particular)."""

    where: str
    journey: str | None
    text: str


@dataclass(frozen=True)
class Leak:
    """A secret that was found. It says where, and not the secret."""

    where: str
    journey: str | None
    secret: str

    def __str__(self) -> str:
        return f"{self.where}{f' of journey {self.journey}' if self.journey else ''}: a secret of {len(self.secret)} characters"


def scan(texts: Iterable[Text], secrets: Mapping[str, Iterable[str]]) -> list[Leak]:
    """Search texts for secrets by journey; long ones everywhere."""
    everywhere = frozenset(secret for known in secrets.values() for secret in known if is_long(secret))
    own = {journey: frozenset(known) | everywhere for journey, known in secrets.items()}
    all_of_them = everywhere.union(*own.values()) if own else everywhere
    found: dict[Leak, None] = {}
    for text in texts:
        wanted = own.get(text.journey, everywhere) if text.journey is not None else all_of_them
        words = plain(text.text) if text.journey is None else _UUID.sub(" ", _MOMENT.sub(" ", text.text))
        if wanted and any(map(str.isdigit, words)):
            for secret in find_secrets(words, wanted):
                found[Leak(text.where, text.journey, secret)] = None
    return list(found)


def scan_sealed(histories: Iterable[History], secrets: Mapping[str, Iterable[str]]) -> list[Leak]:
    """Search sealed payloads for the very bytes of secrets: what is sealed shows none of them."""
    everywhere = {secret for known in secrets.values() for secret in known if is_long(secret)}
    found: dict[Leak, None] = {}
    for history in histories:
        for secret in everywhere | set(secrets.get(history.journey, ())):
            wanted = re.compile(rb"(?<![0-9A-Za-z])" + re.escape(secret.encode()) + rb"(?![0-9A-Za-z])")
            if any(wanted.search(data) for data in history.sealed):
                found[Leak("Temporal's sealed payloads", history.journey, secret)] = None
    return list(found)


def is_long(secret: str) -> bool:
    """Whether it is too long to stand somewhere by chance."""
    return sum(map(str.isalnum, secret)) >= _LONG


def plain(line: str) -> str:
    """A log line without its times, process ids, ports and numeric fields."""
    return _NUMBERED.sub(" ", _UUID.sub(" ", _MOMENT.sub(" ", line)))


def texts_in(value: Any) -> Iterator[str]:
    """The texts in a JSON value, names of fields among them."""
    match value:
        case str():
            yield value
        case dict():
            for name, member in value.items():
                yield name
                yield from texts_in(member)
        case list() | tuple():
            for member in value:
                yield from texts_in(member)


def of_pack(pack: Pack) -> Iterator[Text]:
    """The ledger: bodies of entries and their opened values."""
    for place in pack.places:
        if place.entry is not None:
            for text in texts_in(from_json(place.entry.text or "null")):
                yield Text("ledger bodies", place.entry.journey_id, text)
            for value in place.values:
                for text in texts_in(value.value):
                    yield Text("ledger values", place.entry.journey_id, text)


def of_histories(histories: Iterable[History]) -> Iterator[Text]:
    """Temporal: what stands in it unsealed, and its payloads decoded."""
    for history in histories:
        for text in history.strings:
            yield Text("Temporal's histories, unsealed", history.journey, text)
        for value in history.values:
            for text in texts_in(value):
                yield Text("Temporal's histories, decoded", history.journey, text)


def of_logs(files: Iterable[Path]) -> Iterator[Text]:
    """What processes wrote, line by line."""
    for file in files:
        with file.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                yield Text(f"log {file.name}", None, line)


async def of_database(database: Database, keyring: Keyring, journeys: list[str]) -> list[Text]:
    """Postgres, opened: messages, tool calls, tasks with their comments, and stored effects."""
    found: list[Text] = []
    async with database.connection() as conn:
        for name, (where, *columns) in _SEALED.items():
            for row in await conn.fetch(sql[name], journeys):
                subject = SYSTEM if dict(row).get("author") == CLOCK.id else row["customer_id"]
                for column in columns:
                    if row[column] is not None:
                        opened = await keyring.open(conn, subject, row[column])
                        found += [Text(f"{where}: {column}", row["journey_id"], text) for text in texts_in(opened)]
    return found


_SEALED = {
    "bodies": ("messages", "body"),
    "tool_arguments": ("tool calls", "args", "result"),
    "effects": ("effects", "result"),
    "task_comments": ("comments", "body"),
    "task_contents": ("tasks", "input", "draft", "output", "packet"),
}
