"""A provider's own record of what was asked of it: JSON lines, only ever appended, without personal data in clear."""

import hashlib
import hmac
import json
import os
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DEFAULT_KEY = "journeyman-doubles"
"""The key of the fingerprints, unless another is given: tests make the same fingerprints of what they expect."""


def normalised(value: object) -> str:
    """`value` as providers compare it: without regard to case, spaces and punctuation ("john  smith" is "John Smith")."""
    folded = unicodedata.normalize("NFKC", str(value)).casefold()
    return "".join(char for char in folded if char.isalnum() or char == "/")


def fingerprint(value: object, key: str = DEFAULT_KEY) -> str:
    """A keyed hash of the normalised `value` (HMAC-SHA-256, 32 hexadecimal digits)."""
    return hmac.new(key.encode(), normalised(value).encode(), hashlib.sha256).hexdigest()[:32]


class Journal:
    """The log file of one provider process."""

    def __init__(self, path: Path, provider: str, key: str = DEFAULT_KEY) -> None:
        self.provider = provider
        self.key = key
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, event: str, **facts: Any) -> None:
        """Append one line. It is on its way to the disk before the answer is on its way to the caller."""
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "provider": self.provider, "event": event}
        os.write(self._file, (json.dumps(line | facts, sort_keys=True) + "\n").encode())

    def fingerprints(self, values: Mapping[str, object]) -> dict[str, str]:
        """The fields that are present, each as its fingerprint."""
        return {name: fingerprint(value, self.key) for name, value in sorted(values.items()) if value not in (None, "")}

    def close(self) -> None:
        os.close(self._file)


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a log, oldest first; none if there is no file yet."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
