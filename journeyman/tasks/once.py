"""A request that carries a key is carried out once, however often it is sent.

The key is claimed in the transaction of the deed itself: if that commits, so does the claim; if it fails, the key is free again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from journeyman.errors import ConflictError, RepeatedError
from journeyman.ledger.log import Recording
from journeyman.store.database import Connection
from journeyman.store.sql import Part, joined, load

sql = load("requests")

KEPT: Final = timedelta(days=7)
"""How long a key is known. Sent again after that, a request is a new one."""


@dataclass(frozen=True)
class Once:
    """The key that a request came with, of a person or of anyone (`person` is empty), and what it asks for. `about`: what was
    chosen for it, where it names none."""

    person: str
    key: str
    fingerprint: bytes
    at: datetime
    about: str | None = None

    async def claim(self, tx: Recording) -> None:
        """Raises RepeatedError if it was carried out before, ConflictError if its key was another request's.

        It comes first in its transaction: whoever waits for a key holds nothing else. Where nothing is held, it is claimed with
        what is recorded, and never waited for: where it cannot be claimed, the block raises JourneyMovedError.
        """
        claimed: Part = sql["claimed"], (self.person, self.key, self.fingerprint, self.at, self.about)
        if tx.at_once:
            tx.claims(claimed)
            return
        turn: Part = sql["turn"], (self.person, self.key)
        statement, arguments = joined([turn, claimed], "select key from claimed")
        if await tx.conn.fetchval(statement, *arguments) is None:
            about = await self.chosen(tx.conn)
            raise RepeatedError(f"the request `{self.key}` was carried out before", about=about)

    async def chosen(self, conn: Connection) -> str | None:
        """What was chosen for this request when it was carried out. Raises ConflictError if its key was another request's."""
        before = await conn.fetchrow(sql["before"], self.person, self.key)
        if before is None:
            return None
        if before["fingerprint"] != self.fingerprint:
            raise ConflictError(
                f"the key `{self.key}` was used for another request; use a new one for each", field="Idempotency-Key"
            )
        about: str | None = before["about"]
        return about
