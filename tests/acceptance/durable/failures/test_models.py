"""The model fails in each of its ways: policy decides the route, which is a person, and no journey hangs."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from journeyman.agents.breaker import Breaker
from journeyman.agents.endpoint import Endpoint
from journeyman.testing import Rehearsal
from journeyman.testing.waiting import eventually
from tests.acceptance.durable.conftest import Rehearse
from tests.acceptance.durable.errand import Errand, Note
from tests.acceptance.durable.generations import build
from tests.acceptance.durable.starting import start

DONE = Note(text="done by me")


@asynccontextmanager
async def impatient(
    rehearsal: Rehearsal, breaker: Breaker, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[None]:
    """Workers whose endpoint gives up soon."""
    endpoint = Endpoint(
        rehearsal.engine.endpoint.base_url,
        "none",
        "stand-in",
        timeout=1.0,
        first_byte=0.5,
        retries=1,
        backoff=0.01,
        breaker=breaker,
        clock=clock,
    )
    try:
        async with build(rehearsal, Errand, endpoint=endpoint):
            yield
    finally:
        await endpoint.close()


async def fault(rehearsal: Rehearsal, **armed: Any) -> None:
    """Arm a fault of the stand-in; without one, disarm all."""
    url = rehearsal.engine.endpoint.base_url.removesuffix("/v1") + "/faults"
    async with httpx2.AsyncClient(trust_env=False) as client:
        answer = await (client.post(url, json=armed) if armed else client.delete(url))
        answer.raise_for_status()


def _asked(rehearsal: Rehearsal) -> int:
    return len(rehearsal.ai["runner"].requests)


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("timeout", "timeout"),
        ("429", "rate_limited"),
        ("500", "server_error"),
        ("truncated", "truncated"),
        ("malformed", "malformed"),
        ("cut", "stream_cut"),
        ("refusal", "refused"),
        ("overflow", "context_overflow"),
    ],
)
async def test_a_failing_model_is_followed_by_a_person(rehearse: Rehearse, kind: str, cause: str) -> None:
    async with rehearse(roles=()) as rehearsal, impatient(rehearsal, Breaker(threshold=100)):
        await fault(rehearsal, kind=kind, count=None)
        journey = await start(rehearsal, "think", "sign")
        ada = rehearsal.person("ada")
        task = await ada.takes("think")
        assert task.reason == "ai_failed"
        async with rehearsal.engine.database.connection() as conn:
            told = (
                "select convert_from(body, 'UTF8')::jsonb -> 'facts' ->> 'cause' from entry where type = 'agent.failed'"
            )
            assert await conn.fetchval(told) == cause
        await ada.completes(task, DONE)
        await ada.completes(await ada.takes("sign"), DONE)
        assert await journey.outcome() == "done"


@pytest.mark.parametrize("kind", ["429", "500", "cut", "malformed"])
async def test_a_failure_that_passes_is_not_noticed(rehearse: Rehearse, kind: str) -> None:
    async with rehearse(roles=()) as rehearsal, impatient(rehearsal, Breaker()):
        await fault(rehearsal, kind=kind, retry_after="0")
        journey = await start(rehearsal, "think")
        assert await journey.outcome() == "done"
        assert "agent.failed" not in await journey.entries()
        assert (await journey.entries()).count("agent.unfit") == (kind == "malformed")


async def test_an_open_breaker_sends_work_to_people_and_recovers_by_degrees(rehearse: Rehearse) -> None:
    now = 0.0  # the breaker's pause is time that nobody has to wait for
    breaker = Breaker(threshold=3, pause=30.0)
    async with rehearse(roles=()) as rehearsal, impatient(rehearsal, breaker, lambda: now):
        await fault(rehearsal, kind="500", count=None)
        ada = rehearsal.person("ada")
        await start(rehearsal, "think", address="one")
        assert (await ada.takes("think")).reason == "ai_failed"
        await start(rehearsal, "think", address="two")
        assert (await ada.takes("think")).reason == "ai_unavailable"
        assert breaker.snapshot().state == "open"
        asked = _asked(rehearsal)
        spared = await start(rehearsal, "think", address="three")
        assert (await ada.takes("think")).reason == "ai_unavailable"
        assert _asked(rehearsal) == asked
        assert "agent.failed" not in await spared.entries()

        await fault(rehearsal)
        now = 31.0
        routes: list[str] = []
        while breaker.snapshot().state != "closed" and len(routes) < 30:
            journey = await start(rehearsal, "think", address=f"customer-{len(routes)}")
            routes.append(await _route(rehearsal, journey.id))
        assert breaker.snapshot().state == "closed"
        assert set(routes) == {"done", "ai_failed"}, routes
        assert routes[0] == routes[-1] == "done"


async def _route(rehearsal: Rehearsal, journey: str) -> str:
    """How a journey ended, or why a person has it."""

    async def found() -> str | None:
        row = await rehearsal.journey(journey).row()
        async with rehearsal.engine.database.connection() as conn:
            reason: str | None = await conn.fetchval("select reason from task where journey_id = $1", journey)
        return row.outcome or reason

    return await eventually(found, f"the route of journey {journey}")
