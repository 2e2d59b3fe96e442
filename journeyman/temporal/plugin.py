"""`JourneymanPlugin`: adds all of Journeyman to anyone's client and worker."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio.converter import DataConverter
from temporalio.plugin import SimplePlugin

from journeyman.temporal.activities.tool import ToolActivity
from journeyman.temporal.activities.turn import TurnActivity
from journeyman.temporal.activities.work import WorkActivities
from journeyman.temporal.codec import data_converter
from journeyman.temporal.engine import Engine
from journeyman.temporal.sandbox import runner


def activities_of(
    engine: Engine, roles: frozenset[str] = frozenset({"journeys", "agents", "engine"})
) -> list[Callable[..., Any]]:
    """The activities that a worker of these roles runs."""
    work = WorkActivities(engine)
    found: list[Callable[..., Any]] = []
    if roles & {"journeys", "engine"}:
        found += [work.open_task, work.settle_task, work.settle_events, work.open_linked, work.close_journey]
    if "agents" in roles:
        found += [TurnActivity(engine).agent_turn, ToolActivity(engine).call_tool]
    return found


class JourneymanPlugin(SimplePlugin):
    """Give it to `Client.connect(plugins=[...])`, which hands it on to its workers, or to a `Worker` of your own; not to both.

    It brings the project's journeys, the engine's activities, the encrypting data converter, and a sandbox in which
    contracts are passed through. `roles` says what a worker with it does: `journeys`, `agents`, `engine`.
    """

    def __init__(self, engine: Engine, *, roles: Sequence[str] = ("journeys", "agents", "engine")) -> None:
        wanted = frozenset(roles)
        super().__init__(
            "journeyman.JourneymanPlugin",
            data_converter=lambda _: converter(engine),
            activities=activities_of(engine, wanted),
            workflows=list(engine.project.journeys.values()) if "journeys" in wanted else [],
            workflow_runner=runner,
        )


def converter(engine: Engine) -> DataConverter:
    """Payloads as pydantic JSON, encrypted under the key of the journey's customer."""
    return data_converter(engine.database, engine.keyring)
