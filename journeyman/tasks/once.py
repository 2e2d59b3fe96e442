"""A request that carries a key is carried out once, however often it is sent.

The key is claimed in the transaction of the deed itself: if that commits, so does the claim; if it fails, the key is free again.
"""

from dataclasses import dataclass
from datetime import datetime

from journeyman.errors import ConflictError, RepeatedError
from journeyman.store.database import Connection
from journeyman.store.sql import load

sql = load("requests")


@dataclass(frozen=True)
class Once:
    """The key that a person's request came with, and what it asks for."""

    person: str
    key: str
    fingerprint: bytes
    at: datetime

    async def claim(self, conn: Connection) -> None:
        """Raises RepeatedError if it was carried out before, ConflictError if its key was another request's."""
        if await conn.fetchval(sql["claim"], self.person, self.key, self.fingerprint, self.at) is not None:
            return
        before = await conn.fetchval(sql["fingerprint"], self.person, self.key)
        if before == self.fingerprint:
            raise RepeatedError(f"the request `{self.key}` was carried out before")
        raise ConflictError(
            f"the key `{self.key}` was used for another request; use a new one for each", field="Idempotency-Key"
        )
