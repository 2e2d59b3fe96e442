"""Keys of data subjects: what is sealed under them is gone for good once they are destroyed.

Every subject (a customer, a person of the staff, `system` for what concerns nobody) has one random data key. It is stored
wrapped under the deployment's master key, which never enters the database. Both layers are AES-256-GCM with random nonces;
the subject is authenticated with the text, so nothing sealed for one can pass as another's.

    wrapped key:  version (1) | master key id (8) | nonce (12) | ciphertext and tag
    sealed value: version (1) | nonce (12) | ciphertext and tag
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import time
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import JsonValue

from journeyman.errors import ConfigurationError, ErasedError, InputError, UnreadableError
from journeyman.store import sql
from journeyman.store.database import Connection

SYSTEM = "system"
CACHED_FOR = 60.0  # seconds: within this time a destroyed key stops being readable in every process

_VERSION = b"\x01"
_NONCE = 12
_ID = 8
_CACHED_MOST = 10_000
MAKE_ONE = "python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'"


@dataclass(frozen=True)
class DataKey:
    """The opened key of one subject: pure cryptography, no input or output."""

    subject: str
    cipher: AESGCM
    index_key: bytes = field(repr=False)

    def index(self, text: str) -> bytes:
        """A keyed digest: finds what was indexed before, and without the key nobody can try texts against it."""
        return hmac.digest(self.index_key, text.encode(), "sha256")

    def encrypt(self, plain: bytes) -> bytes:
        """Seal bytes."""
        nonce = os.urandom(_NONCE)
        return _VERSION + nonce + self.cipher.encrypt(nonce, plain, self._context())

    def decrypt(self, sealed: bytes) -> bytes:
        """The bytes again; `UnreadableError` if they were altered or sealed for another subject."""
        if sealed[:1] != _VERSION:
            raise UnreadableError(
                f"a sealed value of `{self.subject}` has an unknown version; was it written by a newer one?"
            )
        try:
            return self.cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], self._context())
        except (InvalidTag, ValueError) as error:
            raise UnreadableError(
                f"a sealed value of `{self.subject}` was altered or belongs to another subject; restore it from a backup"
            ) from error

    def _context(self) -> bytes:
        return b"journeyman value\0" + self.subject.encode()


class Keyring:
    """Makes, caches and destroys data keys. `previous` are master keys of before, still good for reading."""

    def __init__(self, master_key: bytes, *, previous: Sequence[bytes] = ()) -> None:
        keys = [master_key, *previous]
        for key in keys:
            if len(key) != 32:
                raise ConfigurationError(f"a master key has {len(key)} bytes and needs 32; make one with: {MAKE_ONE}")
        self._master = {_key_id(key): AESGCM(key) for key in keys}
        self._current = _key_id(master_key)
        self._cache: OrderedDict[str, tuple[DataKey, float]] = OrderedDict()
        self._sql = sql.load("keys")

    async def ensure(self, conn: Connection, subject: str, now: datetime) -> None:
        """Create the subject's key if there is none; safe against others who do the same. `ErasedError` once destroyed."""
        await self.key(conn, subject, create=now)

    async def seal(self, conn: Connection, subject: str, value: JsonValue) -> bytes:
        """Encrypt a JSON value under the subject's key, making the key if there is none."""
        key = await self.obtain(conn, subject)
        try:
            # ASCII escapes: text that no encoding can hold (lone surrogates) still comes back as it was
            plain = json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")
        except (TypeError, ValueError) as error:
            raise InputError(f"a value of `{subject}` is no JSON: {error}") from error
        return key.encrypt(plain)

    async def open(self, conn: Connection, subject: str, sealed: bytes) -> JsonValue:
        """The value again. `ErasedError` once the key is destroyed, `UnreadableError` if it was altered."""
        key = self.cached(subject) or await self.key(conn, subject)
        value: JsonValue = json.loads(key.decrypt(sealed))
        return value

    async def index(self, conn: Connection, text: str) -> bytes:
        """The digest by which something is found that stands sealed, such as an address; under the key of `system`."""
        key = self.cached(SYSTEM) or await self.key(conn, SYSTEM, create=datetime.now(UTC))
        return key.index(text)

    async def destroy(self, conn: Connection, subject: str, now: datetime) -> None:
        """Destroy the key. Nothing sealed under it can be read again, here at once, elsewhere within `CACHED_FOR`."""
        if subject == SYSTEM:
            raise InputError("the key of `system` concerns nobody and is never destroyed", field="subject")
        await conn.execute(self._sql["destroy"], subject, now)
        self._cache.pop(subject, None)

    async def rewrap(self, conn: Connection, limit: int = 1000) -> int:
        """Wrap keys that are under a previous master key under the current one; returns how many it did (0: all done)."""
        rows = await conn.fetch(self._sql["outdated"], self._current, limit)
        for row in rows:
            plain = self._unwrap(row["subject"], row["wrapped"])
            await conn.execute(self._sql["rewrap"], row["subject"], self._wrap(row["subject"], plain))
        return len(rows)

    def cached(self, subject: str) -> DataKey | None:
        """The key if it was read within `CACHED_FOR` seconds; works while Postgres is away."""
        if (found := self._cache.get(subject)) is None:
            return None
        key, read_at = found
        if time.monotonic() - read_at < CACHED_FOR:
            return key
        self._cache.pop(subject, None)
        return None

    async def obtain(self, conn: Connection, subject: str) -> DataKey:
        """The key to seal with: cached, read, or made."""
        return self.cached(subject) or await self.key(conn, subject, create=datetime.now(UTC))

    async def read_ahead(self, conn: Connection, subjects: Collection[str]) -> None:
        """Cache the keys of these subjects, in one statement: what is sealed under them is then opened without another."""
        unknown = [subject for subject in subjects if self.cached(subject) is None]
        read_at = time.monotonic()
        for row in await conn.fetch(self._sql["read_ahead"], unknown) if unknown else ():
            if row["settled"]:
                self._remember(self._data_key(row["subject"], row["wrapped"]), read_at)

    async def key(self, conn: Connection, subject: str, *, create: datetime | None = None) -> DataKey:
        """Read the subject's key, past the cache; make it where `create` gives the time.

        Raises `ErasedError` if it was destroyed and `InputError` if there is none.
        """
        read_at = time.monotonic()
        row = await conn.fetchrow(self._sql["read"], subject)
        if row is None and create is not None:
            await conn.execute(self._sql["create"], subject, self._wrap(subject, os.urandom(32)), create)
            # READ COMMITTED: sees our key, or that of whoever was first
            row = await conn.fetchrow(self._sql["read"], subject)
        if row is None:
            raise InputError(f"subject `{subject}` has no key, so nothing was sealed for it", field="subject")
        if row["wrapped"] is None:
            self._cache.pop(subject, None)
            raise ErasedError(f"the data of `{subject}` were erased")
        key = self._data_key(subject, row["wrapped"])
        if row["settled"]:
            self._remember(key, read_at)
        return key

    def _data_key(self, subject: str, wrapped: bytes) -> DataKey:
        plain = self._unwrap(subject, wrapped)
        return DataKey(subject, AESGCM(plain), hmac.digest(plain, b"journeyman index key", "sha256"))

    def _remember(self, key: DataKey, read_at: float) -> None:
        self._cache[key.subject] = (key, read_at)
        self._cache.move_to_end(key.subject)
        if len(self._cache) > _CACHED_MOST:
            self._cache.popitem(last=False)

    def _wrap(self, subject: str, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        sealed = self._master[self._current].encrypt(nonce, plain, _wrapping_context(subject))
        return _VERSION + self._current + nonce + sealed

    def _unwrap(self, subject: str, wrapped: bytes) -> bytes:
        version, key_id, rest = wrapped[:1], wrapped[1 : 1 + _ID], wrapped[1 + _ID :]
        if version != _VERSION:
            raise UnreadableError(f"the key of `{subject}` has an unknown version; was it written by a newer one?")
        if (master := self._master.get(key_id)) is None:
            raise ConfigurationError(
                f"the key of `{subject}` is under the master key `{key_id.hex()}`, which is not configured; "
                "add that key to the previous ones"
            )
        try:
            return master.decrypt(rest[:_NONCE], rest[_NONCE:], _wrapping_context(subject))
        except (InvalidTag, ValueError) as error:
            raise UnreadableError(f"the key of `{subject}` was altered; restore it from a backup") from error


def load_master_key(text: str) -> bytes:
    """A master key from its text (base64url of 32 bytes); `ConfigurationError` tells how to make one. Never echoes it."""
    stripped = text.strip()
    try:
        key = base64.b64decode(stripped + "=" * (-len(stripped) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConfigurationError(f"the master key is not base64url; make one with: {MAKE_ONE}") from error
    if len(key) != 32:
        raise ConfigurationError(f"the master key has {len(key)} bytes and needs 32; make one with: {MAKE_ONE}")
    return key


def new_master_key() -> str:
    """The text of a fresh master key."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _key_id(master_key: bytes) -> bytes:
    return hashlib.sha256(b"journeyman master key id\0" + master_key).digest()[:_ID]


def _wrapping_context(subject: str) -> bytes:
    return b"journeyman key\0" + subject.encode()
