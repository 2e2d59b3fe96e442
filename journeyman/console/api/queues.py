"""Queues: what waits in each and for how long, who is there, and what will be late."""

from typing import Annotated

from fastapi import APIRouter, Path

from journeyman.console.asked import Reads, asks
from journeyman.console.cursor import Listed
from journeyman.console.words import Name
from journeyman.tasks import queues
from journeyman.tasks.queues import Overview

router = APIRouter(prefix="/queues", tags=["queues"])

QueueId = Annotated[Name, Path(description="The queue's id.")]


@router.get("", **asks("view", "Queue", narrows=True))
async def overviews(asked: Reads) -> Listed[Overview]:
    """The queues that the person may view, as they are at this moment."""
    return Listed(items=await queues.overviews(asked.desk, asked.person, now=asked.now))


@router.get("/{queue}", **asks("view", "Queue"))
async def overview(asked: Reads, queue: QueueId) -> Overview:
    """One of them."""
    return await queues.overview(asked.desk, asked.person, queue, now=asked.now)
