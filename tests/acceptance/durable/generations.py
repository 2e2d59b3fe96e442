"""Workers of one build after another on the same journeys, as deployments go."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from temporalio.worker import Worker

from journeyman.agents.endpoint import Endpoint
from journeyman.journey import Journey
from journeyman.journey.names import QUEUES
from journeyman.project import Project
from journeyman.temporal.plugin import JourneymanPlugin
from journeyman.testing import Rehearsal


@asynccontextmanager
async def build(
    rehearsal: Rehearsal,
    *journeys: type[Journey[Any]],
    endpoint: Endpoint | None = None,
    roles: Iterable[str] = tuple(QUEUES),
) -> AsyncIterator[Project]:
    """Run workers of these roles that know these journeys while the block runs; without a cache, so that each task replays."""
    old = rehearsal.engine.project
    project = Project.of(
        list(journeys), list(old.agents.values()), folder=old.folder, policies=old.policies, notices=old.notices
    )
    engine = replace(rehearsal.engine, project=project, endpoint=endpoint or rehearsal.engine.endpoint)
    workers = [
        Worker(
            rehearsal.temporal,
            task_queue=QUEUES[role],
            plugins=[JourneymanPlugin(engine, roles=(role,))],
            max_cached_workflows=0,
        )
        for role in roles
    ]
    running = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield project
    finally:
        await asyncio.gather(*(worker.shutdown() for worker in workers))
        await asyncio.gather(*running)
