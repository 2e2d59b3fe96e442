"""Erasing a customer: the key is destroyed, and with it everything that was sealed for them; what stood in clear is removed.

The pseudonym stays, and every proof. Open journeys end, without compensations: nobody could perform them on data that is gone.
Their runs in Temporal are terminated by the dispatcher, so whoever calls this dispatches those journeys afterwards.
"""

from datetime import datetime
from typing import Final

from pydantic import BaseModel

from journeyman.customers import journeys
from journeyman.customers.record import hold_all, sql
from journeyman.errors import ConflictError
from journeyman.governance import Resource
from journeyman.ledger.entry import ERASURE
from journeyman.ledger.log import recording
from journeyman.store import outbox
from journeyman.tasks import opening
from journeyman.tasks.desk import Desk
from journeyman.tasks.permission import permission
from journeyman.words import stable

OUTCOME: Final = "customer_erased"
"""How an open journey ends, and why its tasks were withdrawn."""


class Erasure(BaseModel):
    """What was ended. Everything else of the customer is gone."""

    customer: str
    journeys: list[str]
    tasks: list[str]


async def erase(
    desk: Desk,
    customer_id: str,
    *,
    reason: str = "customer_request",
    person: str | None,
    auth: str = "cli",
    now: datetime,
) -> Erasure:
    """Erase a customer in one transaction. It cannot be undone; within a minute no process can read what was sealed.

    `reason` is a stable word: it stays readable. Raises NotFoundError, ConflictError if they are erased already, InputError,
    DeniedError.
    """
    stable(reason, "and nothing of the customer: it stays readable")
    async with recording(desk.database, desk.keyring) as tx:
        erased_at, held = await hold_all(tx, customer_id)
        if erased_at is not None:
            raise ConflictError(f"customer `{customer_id}` was erased at {erased_at:%Y-%m-%d %H:%M} already")
        permitted = await permission(desk, tx.conn, person, "erase", Resource.customer(customer_id), auth=auth)
        ended: list[str] = []
        withdrawn: list[str] = []
        for journey in held:
            withdrawn += await opening.withdraw(tx, journey, OUTCOME, now)
            if await journeys.retire(tx, journey, "cancelled", OUTCOME, now):
                await outbox.enqueue_end(tx.conn, journey, now)
                ended.append(journey)
        await tx.conn.execute(sql["erase"], customer_id, now)
        await tx.keyring.destroy(tx.conn, customer_id, now)
        tx.record(
            permitted.entry(
                ERASURE,
                now,
                subject=customer_id,
                refs={"customer": customer_id},
                facts={"reason": reason, "journeys_ended": len(ended), "tasks_withdrawn": len(withdrawn)},
            )
        )
    return Erasure(customer=customer_id, journeys=ended, tasks=withdrawn)
