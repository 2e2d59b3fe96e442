"""What customers are found by beside their addresses: names, policy and account numbers.

An identifier stands sealed, and beside it a keyed digest of its normal form: who has the database and not the key can neither
read nor try them. Several customers may share one, so that a search lists all of them.
"""

import re
import unicodedata
from contextlib import suppress
from datetime import datetime
from typing import Final

from journeyman.conversation.masking import scrub
from journeyman.customers.keys import Keyring
from journeyman.customers.record import hold, sql
from journeyman.errors import ConflictError, ErasedError, InputError, NotFoundError
from journeyman.ledger.entry import Actor, Entry
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection

NAME: Final = "name"
"""The kind whose words may stand in any order; all other kinds are numbers and codes."""

LONGEST: Final = 200
"""Characters of an identifier, and of a search."""

MOST: Final = 20
"""Customers that a search finds."""

_KIND: Final = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_WORDS: Final = re.compile(r"[^\W_]+")


def normal(kind: str, text: str) -> str:
    """What two writings of the same identifier have in common, without case, accents and punctuation.

    Of a name the words, in the order of the alphabet: `García, Ana` is `ana garcia`. Of anything else what is left: `P-12 3` is
    `p123`.
    """
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    words = _WORDS.findall("".join(char for char in folded if not unicodedata.combining(char)))
    return " ".join(sorted(words)) if kind == NAME else "".join(words)


async def identify(tx: Recording, customer_id: str, kind: str, text: str, *, by: Actor, now: datetime) -> bool:
    """Let a customer be found by this; False if they are already.

    Raises InputError for a kind or a text that cannot be one, NotFoundError, and ConflictError if they are erased.
    """
    digest = await _digest(tx.conn, tx.keyring, _checked(kind), _readable(text), kind)
    await _hold(tx, customer_id)
    sealed = await tx.seal(customer_id, text.strip())
    if await tx.conn.fetchval(sql["add_identifier"], customer_id, kind, digest, sealed, now) is None:
        return False
    _record(tx, "customer.identified", customer_id, kind, text, by, now)
    return True


async def forget(tx: Recording, customer_id: str, kind: str, text: str, *, by: Actor, now: datetime) -> None:
    """Let a customer no longer be found by this. Raises NotFoundError if they are not, InputError, ConflictError."""
    digest = await _digest(tx.conn, tx.keyring, _checked(kind), _readable(text), kind)
    await _hold(tx, customer_id)
    if await tx.conn.fetchval(sql["remove_identifier"], customer_id, kind, digest) is None:
        raise NotFoundError(
            f"customer `{customer_id}` is not found by this `{kind}`; nothing was changed", field="text"
        )
    _record(tx, "customer.identifier_removed", customer_id, kind, text, by, now)


async def of_customer(conn: Connection, keyring: Keyring, customer_id: str) -> dict[str, list[dict[str, str]]]:
    """A customer's `identifiers`, `{kind, text}`, by kind and age, and `addresses`, `{channel, text}`; none of who is erased."""
    found: dict[str, list[dict[str, str]]] = {"identifiers": [], "addresses": []}
    for row in await conn.fetch(sql["contacts"], customer_id):
        with suppress(ErasedError):
            text = str(await keyring.open(conn, customer_id, row["sealed"]))
            found[row["field"]].append(
                {"kind" if row["field"] == "identifiers" else "channel": row["kind"], "text": text}
            )
    return found


async def kinds(conn: Connection) -> tuple[list[str], list[str]]:
    """By what customers are found: the kinds of identifiers, names first, and the channels of addresses."""
    known = [NAME, *(row["kind"] for row in await conn.fetch(sql["identifier_kinds"]) if row["kind"] != NAME)]
    return known, [row["channel"] for row in await conn.fetch(sql["channels"])]


async def found_by(
    conn: Connection, keyring: Keyring, text: str, *, kind: str | None = None, limit: int = MOST
) -> dict[str, frozenset[str]]:
    """The customers found by this text, each with the kinds that it is of them: identifiers and channels of addresses.

    `kind` may be one of these; None looks through all. Raises InputError.
    """
    _readable(text)
    numbered, channels = await kinds(conn)
    if kind is not None and kind not in numbered and kind not in channels:  # it will stand in the record of the search
        known = ", ".join(f"`{each}`" for each in dict.fromkeys(numbered + channels))
        raise InputError(f"nobody is found by a kind of that name; give one of {known}, or none", field="kind")
    asked = [channel for channel in channels if kind in (None, channel)]
    address = "".join(text.split()).casefold()
    rows = await conn.fetch(
        sql["found_by"],
        [each for each in numbered if kind in (None, each)],
        [await _digest(conn, keyring, form, text, kind) for form in (NAME, "number")],
        asked,
        [await keyring.index(conn, f"{channel}\0{address}") for channel in asked],
        limit,
    )
    return {row["customer_id"]: frozenset(row["kinds"]) for row in rows}


async def _digest(conn: Connection, keyring: Keyring, form: str, text: str, kind: str | None = None) -> bytes:
    """Of the normal form, not of the kind: one search finds a number whatever it is a number of."""
    normalised = normal(form, text)
    if not normalised:
        raise InputError(f"there is no letter and no digit in it; give a {kind or 'name or number'}", field="text")
    return await keyring.index(conn, f"identifier\0{'words' if form == NAME else 'code'}\0{normalised}")


async def _hold(tx: Recording, customer_id: str) -> None:
    if await hold(tx, customer_id) is not None:
        raise ConflictError(f"customer `{customer_id}` is erased, and is found by nothing any more", field="customer")


def _checked(kind: str) -> str:
    if not _KIND.fullmatch(kind):
        raise InputError(
            f"`{kind}` is no kind; write a lower-case word such as `name`, `policy`, `account`", field="kind"
        )
    return kind


def _readable(text: str) -> str:
    if len(text) > LONGEST:
        raise InputError(f"{len(text)} characters are too many; give up to {LONGEST}", field="text")
    if scrub(text) != text:
        raise InputError("it looks like a card number or a password, which is never kept; give another", field="text")
    return text


def _record(tx: Recording, type: str, customer_id: str, kind: str, text: str, by: Actor, now: datetime) -> None:
    tx.record(
        Entry(
            type=type,
            at=now,
            actor=by,
            subject=customer_id,
            refs={"customer": customer_id},
            facts={"kind": kind},
            values={"text": text.strip()},
        )
    )
