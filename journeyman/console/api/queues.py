"""Queues: what waits in each and for how long, who is there, and what will be late."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from journeyman.console.asked import Reads, asks
from journeyman.console.cursor import Listed, PageSize, page_of
from journeyman.console.words import Moment, Name
from journeyman.tasks import callbacks
from journeyman.views import queues
from journeyman.views.queues import Overview

router = APIRouter(prefix="/queues", tags=["queues"])

QueueId = Annotated[Name, Path(description="The queue's id.")]


@router.get("", **asks("view", "Queue", narrows=True))
async def overviews(asked: Reads, cursor: str | None = None, limit: PageSize = 50) -> Listed[Overview]:
    """The queues that the person may view, by id, as they are at this moment."""
    found = await queues.overviews(asked.desk, asked.person, now=asked.now)
    return page_of(found, lambda each: each.id, cursor, limit)


@router.get("/{queue}", **asks("view", "Queue"))
async def overview(asked: Reads, queue: QueueId) -> Overview:
    """One of them."""
    return await queues.overview(asked.desk, asked.person, queue, now=asked.now)


@router.get("/{queue}/slots", **asks("view", "Queue"))
async def slots(
    asked: Reads, queue: QueueId, since: Moment | None = None, limit: Annotated[int, Query(ge=1, le=50)] = 20
) -> Listed[datetime]:
    """The next quarters of an hour of it in which a callback may be agreed."""
    found = await callbacks.slots(asked.desk, asked.person, queue, since=since, now=asked.now, limit=limit)
    return Listed(items=found)
