"""Opaque identifiers that sort by time of creation."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: nothing that a person misreads


def new_id(prefix: str) -> str:
    """A fresh id such as `task-01jd2m7k3w0a9x5b2c4d6e8f1g`: 48 bits of milliseconds, then 80 random bits (as a ULID).

    Not for workflow code: it reads a clock. There, ids come from activities.
    """
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return f"{prefix}-" + "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -5, -5))
