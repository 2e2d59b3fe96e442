"""The real stand-in server on a socket, and endpoints on it with the real openai client."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from journeyman.agents.endpoint import Endpoint
from journeyman.agents.standin.app import Standin
from journeyman.agents.standin.faults import Fault
from journeyman.agents.standin.server import ServedStandin, serve_standin

EndpointFactory = Callable[..., Endpoint]
Arm = Callable[..., None]


@pytest.fixture(scope="session")
async def served() -> AsyncIterator[ServedStandin]:
    """One stand-in for all tests."""
    async with serve_standin() as standin:
        yield standin


@pytest.fixture
def standin(served: ServedStandin) -> Standin:
    """It, without faults and requests of other tests."""
    served.standin.faults.clear()
    served.standin.requests.clear()
    return served.standin


@pytest.fixture
def arm(standin: Standin) -> Arm:
    """Arms a fault."""

    def add(kind: str, **members: Any) -> None:
        standin.faults.add(Fault.model_validate({"kind": kind, **members}))

    return add


@pytest.fixture
async def pauses() -> list[float]:
    """The pauses that endpoints made between attempts: recorded, not slept."""
    return []


@pytest.fixture
async def endpoint(served: ServedStandin, standin: Standin, pauses: list[float]) -> AsyncIterator[EndpointFactory]:
    """Makes endpoints on the stand-in, and closes them."""
    made: list[Endpoint] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    def make(model: str = "stand-in", **members: Any) -> Endpoint:
        members = members | {"base_url": members.get("base_url", served.base_url), "api_key": "key"}
        members.setdefault("sleep", pause)
        made.append(Endpoint(model=model, **members))
        return made[-1]

    yield make
    for each in made:
        await each.close()
