"""Events on their way to journeys: written with the effect that they tell of, delivered at least once and in order."""

from datetime import datetime

from journeyman.identifiers import new_id
from journeyman.store.database import Connection
from journeyman.store.sql import load

sql = load("outbox")


async def settle(conn: Connection, journey_id: str, applied: int, now: datetime) -> None:
    """A journey has applied its events up to this sequence."""
    await conn.execute(sql["settle"], journey_id, applied, now)


async def enqueue_start(conn: Connection, journey_id: str, now: datetime) -> None:
    """Add the start of a journey: event 0."""
    await conn.execute(sql["enqueue_start"], journey_id, new_id("evt"), now)


async def enqueue_end(conn: Connection, journey_id: str, now: datetime) -> None:
    """Have the run of a journey terminated that has been closed here, and that may not go on by itself."""
    await conn.execute(sql["enqueue_end"], journey_id, new_id("evt"), now)
