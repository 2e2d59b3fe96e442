"""Checkpoints: signed statements of what the whole tree is.

A checkpoint is the text of C2SP tlog-checkpoint (origin, size, root, extension lines) in a C2SP signed note, signed with
Ed25519. Keys are written as that specification's key strings (`vkey`, and Go's `skey`), so that any of its verifiers reads
our checkpoints, and a witness can cosign them. Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from journeyman.errors import ConfigurationError, InputError, LedgerError

_ED25519 = b"\x01"
_SECRET_PREFIX = "PRIVATE+KEY+"
_MAX_SIGNATURES = 100
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]*")


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: the root over its first `size` leaves, and lines of our own (`extensions`)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """What is signed: one line each, the last one ended too."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions]
        if any(not line or _CONTROL.search(line) or "\n" in line for line in lines):
            raise InputError("a line of a checkpoint may be neither empty nor hold control characters")
        return "\n".join(lines) + "\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `text()` wrote. Raises InputError."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
            raise InputError("not a checkpoint: its lines are the origin, the size, the root in base64, and extensions")
        root = _unbase64(lines[2])
        if root is None or len(root) != 32:
            raise InputError(f"the root `{lines[2]}` is not 32 bytes in base64")
        return cls(lines[0], int(lines[1]), root, tuple(lines[3:-1]))

    def extension(self, word: str) -> str | None:
        """What follows `word` and a space in the first extension line that begins so."""
        return next((line[len(word) + 1 :] for line in self.extensions if line.startswith(word + " ")), None)


@dataclass(frozen=True)
class VerifierKey:
    """A name and an Ed25519 public key: `NAME+HASH+BASE64`."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _check_key(self.name, self.public)

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature line names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key string. Raises ConfigurationError."""
        name, identity, key = _split_key(text)
        parsed = cls(name, key)
        if parsed.id.hex() != identity:
            raise ConfigurationError(f"the verifier key `{text}` is mistyped: its hash is not that of its name and key")
        return parsed

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether this key signed `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, repr=False)
class SigningKey:
    """A name and an Ed25519 seed: `PRIVATE+KEY+NAME+HASH+BASE64`. Its `repr` does not show it."""

    name: str
    seed: bytes

    def __post_init__(self) -> None:
        _check_key(self.name, self.seed)

    def __repr__(self) -> str:
        return f"SigningKey({self.verifier})"

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> Self:
        """A fresh key. `name` is the log's origin: unique to it, such as a host name and a path."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    def secret(self) -> str:
        """The key string. It is a secret."""
        encoded = base64.b64encode(_ED25519 + self.seed).decode()
        return f"{_SECRET_PREFIX}{self.name}+{self.verifier.id.hex()}+{encoded}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key string. Raises ConfigurationError, which does not show it."""
        if not text.startswith(_SECRET_PREFIX):
            raise ConfigurationError(f"a signing key begins with `{_SECRET_PREFIX}`")
        name, identity, seed = _split_key(text.removeprefix(_SECRET_PREFIX), secret=True)
        parsed = cls(name, seed)
        if parsed.verifier.id.hex() != identity:
            raise ConfigurationError(
                f"the signing key of `{name}` is mistyped: its hash is not that of its name and key"
            )
        return parsed

    def sign(self, message: bytes) -> bytes:
        """64 bytes; the same for the same message (RFC 8032)."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


def sign_text(text: str, key: SigningKey) -> str:
    """`text` as a note with one signature."""
    _check_text(text)
    signature = base64.b64encode(key.verifier.id + key.sign(text.encode())).decode()
    return f"{text}\n— {key.name} {signature}\n"


def sign(checkpoint: Checkpoint, key: SigningKey) -> str:
    """The checkpoint as a signed note."""
    return sign_text(checkpoint.text(), key)


def split_note(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """The text of a note and its signatures as (name, key id, signature), none of them verified. Raises InputError."""
    text, separator, block = note.rpartition("\n\n")
    if not separator or not block.endswith("\n"):
        raise InputError("not a signed note: a text, an empty line and lines of signatures, each line ended")
    text += "\n"
    _check_text(text)
    signatures = []
    for line in block[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        blob = _unbase64(encoded)
        if dash != "—" or not _NAME.fullmatch(name) or blob is None or len(blob) < 5:
            raise InputError(f"not a signed note: `{line}` is not a line of a signature")
        signatures.append((name, blob[:4], blob[4:]))
    if len(signatures) > _MAX_SIGNATURES:
        raise InputError(f"not a signed note: it has more than {_MAX_SIGNATURES} signatures")
    return text, signatures


def open_text(note: str, key: VerifierKey) -> str:
    """The text of a note that `key` signed; other keys' signatures are ignored, as the specification asks.

    Raises InputError if it is no note, LedgerError if `key` did not sign it.
    """
    text, signatures = split_note(note)
    mine = [signature for name, identity, signature in signatures if (name, identity) == (key.name, key.id)]
    if not mine:
        raise LedgerError(f"the note is not signed by `{key}`")
    if not key.verify(text.encode(), mine[0]):
        raise LedgerError(f"the note's signature by `{key}` is not valid: its text or signature was altered")
    return text


def open_note(note: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint in a note that `key` signed. Raises InputError or LedgerError."""
    return Checkpoint.parse(open_text(note, key))


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise InputError("the text of a note ends with a newline and holds no other control characters")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError("the text of a note is not Unicode") from error


def _check_key(name: str, key: bytes) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"`{name}` cannot name a key: it may hold neither spaces nor `+`, and not be empty")
    if len(key) != 32:
        raise ConfigurationError(f"the Ed25519 key of `{name}` must have 32 bytes, not {len(key)}")


def _split_key(text: str, *, secret: bool = False) -> tuple[str, str, bytes]:
    shown = "the signing key" if secret else f"the verifier key `{text}`"
    name, _, rest = text.partition("+")
    identity, _, encoded = rest.partition("+")
    blob = _unbase64(encoded)
    if not blob or not re.fullmatch(r"[0-9a-f]{8}", identity):
        raise ConfigurationError(f"{shown} is malformed: it is a name, a hash of 8 hex digits and a key in base64")
    if blob[:1] != _ED25519:
        raise ConfigurationError(f"{shown} is not an Ed25519 key")
    return name, identity, blob[1:]


def _unbase64(text: str) -> bytes | None:
    """Decodes only the one right way to write it: an encoding with stray bits would be a second form of one note."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None
